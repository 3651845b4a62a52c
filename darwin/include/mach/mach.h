// SPDX-License-Identifier: MIT
// Mach's calls, for test programs. Types and numbers are in the project's own include/mach, which the compiler is to find after this folder.
#ifndef DARWIN_INCLUDE_MACH_H
#define DARWIN_INCLUDE_MACH_H

#include <mach/clock_types.h>
#include <mach/exception_types.h>
#include <mach/host_info.h>
#include <mach/kern_return.h>
#include <mach/mach_time.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/ndr.h>
#include <mach/notify.h>
#include <mach/port.h>
#include <mach/sync_policy.h>
#include <mach/task_info.h>
#include <mach/task_special_ports.h>
#include <mach/thread_info.h>
#include <mach/thread_status.h>
#include <mach/vm_region.h>
#include <mach/vm_statistics.h>

extern mach_port_t mach_task_self_, bootstrap_port;
#define mach_task_self() mach_task_self_
extern vm_size_t vm_page_size;

mach_port_t mach_thread_self(void);
mach_port_t mach_host_self(void);
mach_port_t mach_reply_port(void);

kern_return_t mach_port_allocate(mach_port_t task, mach_port_right_t right, mach_port_name_t *name);
kern_return_t mach_port_deallocate(mach_port_t task, mach_port_name_t name);
kern_return_t mach_port_destroy(mach_port_t task, mach_port_name_t name);
kern_return_t mach_port_mod_refs(mach_port_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta);
kern_return_t mach_port_get_refs(mach_port_t task, mach_port_name_t name, mach_port_right_t right, mach_port_urefs_t *references);
kern_return_t mach_port_insert_right(mach_port_t task, mach_port_name_t name, mach_port_t right, mach_msg_type_name_t type);
kern_return_t mach_port_extract_right(mach_port_t task, mach_port_name_t name, mach_msg_type_name_t how, mach_port_t *right,
				      mach_msg_type_name_t *type);
kern_return_t mach_port_type(mach_port_t task, mach_port_name_t name, mach_port_type_t *type);
kern_return_t mach_port_names(mach_port_t task, mach_port_name_t **names, mach_msg_type_number_t *name_count, mach_port_type_t **types,
			      mach_msg_type_number_t *type_count);
kern_return_t mach_port_move_member(mach_port_t task, mach_port_name_t member, mach_port_name_t set);
kern_return_t mach_port_insert_member(mach_port_t task, mach_port_name_t name, mach_port_name_t set);
kern_return_t mach_port_extract_member(mach_port_t task, mach_port_name_t name, mach_port_name_t set);
kern_return_t mach_port_get_set_status(mach_port_t task, mach_port_name_t name, mach_port_name_t **members, mach_msg_type_number_t *count);
kern_return_t mach_port_get_attributes(mach_port_t task, mach_port_name_t name, int flavor, integer_t *info, mach_msg_type_number_t *count);
kern_return_t mach_port_set_attributes(mach_port_t task, mach_port_name_t name, int flavor, const integer_t *info, mach_msg_type_number_t count);
kern_return_t mach_port_request_notification(mach_port_t task, mach_port_name_t name, mach_msg_id_t id, mach_port_mscount_t sync,
					     mach_port_t notify, mach_msg_type_name_t type, mach_port_t *previous);
kern_return_t mach_port_construct(mach_port_t task, const mach_port_options_t *options, uint64_t context, mach_port_name_t *name);
kern_return_t mach_port_destruct(mach_port_t task, mach_port_name_t name, mach_port_delta_t delta, uint64_t guard);
kern_return_t mach_port_get_context(mach_port_t task, mach_port_name_t name, mach_vm_address_t *context);

mach_msg_return_t mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size, mach_msg_size_t receive_size,
			   mach_port_name_t name, mach_msg_timeout_t timeout, mach_port_name_t notify);
mach_msg_return_t mach_msg_send(mach_msg_header_t *message);
mach_msg_return_t mach_msg2_internal(void *data, uint64_t options, uint64_t bits_and_send_size, uint64_t remote_and_local, uint64_t voucher_and_id,
				     uint64_t descriptors_and_receive_name, uint64_t receive_size_and_priority, uint64_t timeout);
kern_return_t exception_raise(mach_port_t port, mach_port_t thread, mach_port_t task, exception_type_t exception, const int *codes,
			      mach_msg_type_number_t count);
kern_return_t mach_exception_raise(mach_port_t port, mach_port_t thread, mach_port_t task, exception_type_t exception, const int64_t *codes,
				   mach_msg_type_number_t count);
kern_return_t mach_exception_raise_state_identity(mach_port_t port, mach_port_t thread, mach_port_t task, exception_type_t exception,
						  const int64_t *codes, mach_msg_type_number_t count, int *flavor, const natural_t *state,
						  mach_msg_type_number_t state_count, natural_t *new_state, mach_msg_type_number_t *new_count);
void mach_msg_destroy(mach_msg_header_t *message);
mach_msg_return_t mach_msg_server_once(boolean_t (*function)(mach_msg_header_t *, mach_msg_header_t *), mach_msg_size_t most, mach_port_t port,
				       mach_msg_option_t options);
char *mach_error_string(kern_return_t error);

kern_return_t semaphore_create(mach_port_t task, mach_port_t *semaphore, int policy, int value);
kern_return_t semaphore_destroy(mach_port_t task, mach_port_t semaphore);
kern_return_t semaphore_signal(mach_port_t semaphore);
kern_return_t semaphore_signal_all(mach_port_t semaphore);
kern_return_t semaphore_wait(mach_port_t semaphore);
kern_return_t semaphore_timedwait(mach_port_t semaphore, mach_timespec_t time);
kern_return_t semaphore_wait_signal(mach_port_t wait, mach_port_t signal);

kern_return_t host_get_clock_service(mach_port_t host, clock_id_t clock, mach_port_t *port);
kern_return_t clock_get_time(mach_port_t clock, mach_timespec_t *time);
mach_port_t mk_timer_create(void);
kern_return_t mk_timer_destroy(mach_port_t timer);
kern_return_t mk_timer_arm(mach_port_t timer, uint64_t deadline);
uint64_t mach_absolute_time(void);

kern_return_t task_info(mach_port_t task, task_flavor_t flavor, integer_t *info, mach_msg_type_number_t *count);
kern_return_t task_threads(mach_port_t task, mach_port_t **list, mach_msg_type_number_t *count);
kern_return_t task_get_special_port(mach_port_t task, int which, mach_port_t *port);
kern_return_t task_set_exception_ports(mach_port_t task, exception_mask_t mask, mach_port_t port, exception_behavior_t behavior, int flavor);
kern_return_t task_get_exception_ports(mach_port_t task, exception_mask_t mask, exception_mask_t *masks, mach_msg_type_number_t *count,
				       mach_port_t *ports, exception_behavior_t *behaviors, int *flavors);
kern_return_t thread_set_exception_ports(mach_port_t thread, exception_mask_t mask, mach_port_t port, exception_behavior_t behavior, int flavor);
kern_return_t thread_info(mach_port_t thread, thread_flavor_t flavor, integer_t *info, mach_msg_type_number_t *count);
kern_return_t thread_suspend(mach_port_t thread);
kern_return_t thread_resume(mach_port_t thread);
kern_return_t thread_get_state(mach_port_t thread, int flavor, natural_t *state, mach_msg_type_number_t *count);
kern_return_t thread_set_state(mach_port_t thread, int flavor, const natural_t *state, mach_msg_type_number_t count);
kern_return_t host_info(mach_port_t host, host_flavor_t flavor, integer_t *info, mach_msg_type_number_t *count);
kern_return_t host_page_size(mach_port_t host, vm_size_t *size);
kern_return_t host_statistics(mach_port_t host, host_flavor_t flavor, integer_t *info, mach_msg_type_number_t *count);
kern_return_t host_statistics64(mach_port_t host, host_flavor_t flavor, integer_t *info, mach_msg_type_number_t *count);
kern_return_t host_processor_info(mach_port_t host, int flavor, natural_t *processors, integer_t **info, mach_msg_type_number_t *count);

kern_return_t mach_vm_allocate(mach_port_t task, mach_vm_address_t *address, mach_vm_size_t size, int flags);
kern_return_t mach_vm_deallocate(mach_port_t task, mach_vm_address_t address, mach_vm_size_t size);
kern_return_t mach_vm_protect(mach_port_t task, mach_vm_address_t address, mach_vm_size_t size, boolean_t maximum, vm_prot_t protection);
kern_return_t mach_vm_map(mach_port_t task, mach_vm_address_t *address, mach_vm_size_t size, mach_vm_offset_t mask, int flags, mach_port_t object,
			  uint64_t offset, boolean_t copy, vm_prot_t protection, vm_prot_t most, vm_inherit_t inheritance);
kern_return_t mach_vm_remap(mach_port_t task, mach_vm_address_t *address, mach_vm_size_t size, mach_vm_offset_t mask, int flags, mach_port_t from,
			    mach_vm_address_t source, boolean_t copy, vm_prot_t *protection, vm_prot_t *most, vm_inherit_t inheritance);
kern_return_t mach_make_memory_entry_64(mach_port_t task, memory_object_size_t *size, memory_object_offset_t offset, vm_prot_t permission,
					mach_port_t *object, mach_port_t parent);
kern_return_t mach_vm_read_overwrite(mach_port_t task, mach_vm_address_t from, mach_vm_size_t size, mach_vm_address_t to, mach_vm_size_t *done);
kern_return_t mach_vm_read(mach_port_t task, mach_vm_address_t from, mach_vm_size_t size, vm_offset_t *data, mach_msg_type_number_t *count);
kern_return_t mach_vm_write(mach_port_t task, mach_vm_address_t to, vm_offset_t data, mach_msg_type_number_t count);
kern_return_t mach_vm_copy(mach_port_t task, mach_vm_address_t from, mach_vm_size_t size, mach_vm_address_t to);
kern_return_t mach_vm_region(mach_port_t task, mach_vm_address_t *address, mach_vm_size_t *size, vm_region_flavor_t flavor, vm_region_info_t info,
			     mach_msg_type_number_t *count, mach_port_t *object);
kern_return_t mach_vm_region_recurse(mach_port_t task, mach_vm_address_t *address, mach_vm_size_t *size, natural_t *depth, vm_region_info_t info,
				     mach_msg_type_number_t *count);
kern_return_t vm_allocate(mach_port_t task, vm_address_t *address, vm_size_t size, int flags);
kern_return_t vm_deallocate(mach_port_t task, vm_address_t address, vm_size_t size);

typedef char name_t[128];
kern_return_t bootstrap_look_up(mach_port_t bootstrap, const char *name, mach_port_t *port);
kern_return_t bootstrap_check_in(mach_port_t bootstrap, const char *name, mach_port_t *port);
kern_return_t bootstrap_register(mach_port_t bootstrap, char *name, mach_port_t port);
const char *bootstrap_strerror(kern_return_t error);
#define BOOTSTRAP_UNKNOWN_SERVICE 1102
#define BOOTSTRAP_SERVICE_ACTIVE 1103

#endif
