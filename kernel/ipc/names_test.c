// SPDX-License-Identifier: MIT
#include "ipc_test.h"
#include <abi/mach_port.h>

CLIENT_TEST(names_of_new_ports_are_fresh)
{
	mach_port_t a = test_port(), b = test_port();
	CHECK(a && b && a != b);
	CHECK_EQ(test_type(a), MACH_PORT_TYPE_RECEIVE);
	CHECK_EQ(a & 3, 3);
	CHECK_EQ(test_end_port(a), KERN_SUCCESS);
	CHECK_EQ(test_type(a), 0);
	CHECK_EQ(test_end_port(a), KERN_INVALID_NAME);
	mach_port_t c = test_port();
	CHECK_EQ(MACH_PORT_INDEX(c), MACH_PORT_INDEX(a)); // the place is used again
	CHECK(c != a);                                    // under another generation
}

CLIENT_TEST(names_count_user_references)
{
	uint32_t refs = 0;
	mach_port_t a = test_port(), self = test_self();
	CHECK_EQ(test_insert_send(a), KERN_SUCCESS);
	CHECK_EQ(test_type(a), MACH_PORT_TYPE_SEND_RECEIVE);
	CHECK_EQ(test_insert_send(a), KERN_SUCCESS);
	CHECK_EQ(mach_port_get_refs(self, a, MACH_PORT_RIGHT_SEND, &refs), KERN_SUCCESS);
	CHECK_EQ(refs, 2);
	CHECK_EQ(test_mod_refs(a, MACH_PORT_RIGHT_SEND, 0xffff - 2), KERN_SUCCESS);
	CHECK_EQ(test_mod_refs(a, MACH_PORT_RIGHT_SEND, 1), KERN_UREFS_OVERFLOW);
	CHECK_EQ(test_insert_send(a), KERN_UREFS_OVERFLOW);
	CHECK_EQ(test_mod_refs(a, MACH_PORT_RIGHT_SEND, -0x10000), KERN_INVALID_VALUE);
	CHECK_EQ(test_mod_refs(a, MACH_PORT_RIGHT_SEND, -0xfffe), KERN_SUCCESS);
	CHECK_EQ(test_deallocate(a), KERN_SUCCESS);
	CHECK_EQ(test_deallocate(a), KERN_INVALID_RIGHT);
	CHECK_EQ(test_type(a), MACH_PORT_TYPE_RECEIVE);
	CHECK_EQ(test_mod_refs(a, MACH_PORT_RIGHT_RECEIVE, 1), KERN_INVALID_VALUE);
	CHECK_EQ(test_mod_refs(a, MACH_PORT_RIGHT_SEND_ONCE, -1), KERN_INVALID_RIGHT);
	CHECK_EQ(test_mod_refs(a, 5, -1), KERN_INVALID_VALUE);
}

CLIENT_TEST(names_can_be_chosen)
{
	mach_port_t self = test_self();
	mach_port_type_t type;
	CHECK_EQ(mach_port_allocate_name(self, MACH_PORT_RIGHT_RECEIVE, 0x123457), KERN_SUCCESS);
	CHECK_EQ(mach_port_allocate_name(self, MACH_PORT_RIGHT_RECEIVE, 0x123457), KERN_NAME_EXISTS);
	CHECK_EQ(mach_port_allocate_name(self, MACH_PORT_RIGHT_RECEIVE, 0x123453), KERN_FAILURE);
	CHECK_EQ(mach_port_allocate_name(self, MACH_PORT_RIGHT_RECEIVE, 0xffff0003), KERN_NO_SPACE);
	CHECK_EQ(mach_port_allocate_name(self, MACH_PORT_RIGHT_RECEIVE, 0), KERN_INVALID_VALUE);
	CHECK_EQ(mach_port_allocate_name(self, MACH_PORT_RIGHT_RECEIVE, 0x33), KERN_INVALID_VALUE);
	CHECK_EQ(mach_port_allocate_name(self, MACH_PORT_RIGHT_DEAD_NAME, 0xfff00003), KERN_SUCCESS);
	CHECK_EQ(mach_port_rename(self, 0x123457, 0x654303), KERN_SUCCESS);
	CHECK_EQ(test_type(0x123457), 0);
	CHECK_EQ(mach_port_type(self, 0x654303, &type), KERN_SUCCESS);
	CHECK_EQ(type, MACH_PORT_TYPE_RECEIVE);
	CHECK_EQ(mach_port_rename(self, 0x654303, 0xfff00003), KERN_NAME_EXISTS);
	struct word_message m;
	CHECK_EQ(test_send_word(0x654303, MAKE_SEND, 0, 0, 7, 1, 0, 0), 0);
	CHECK_EQ(test_poll(0x654303, &m), 7);
	CHECK_EQ(m.head.msgh_local_port, 0x654303);
	CHECK_EQ(test_type(0xfff00003), MACH_PORT_TYPE_DEAD_NAME);
}

CLIENT_TEST(names_grow_and_shrink_by_thousands)
{
	enum { COUNT = 3000 };
	mach_port_t *ports = sim_alloc(COUNT * sizeof(*ports));
	for (unsigned i = 0; i < COUNT; i++) {
		ports[i] = test_port();
		CHECK(ports[i]);
		CHECK_EQ(test_insert_send(ports[i]), KERN_SUCCESS);
	}
	for (unsigned i = 0; i < COUNT; i++)
		CHECK_EQ(test_type(ports[i]), MACH_PORT_TYPE_SEND_RECEIVE);
	mach_port_name_t *names;
	mach_port_type_t *types;
	mach_msg_type_number_t count, type_count;
	CHECK_EQ(mach_port_names(test_self(), &names, &count, &types, &type_count), KERN_SUCCESS);
	CHECK(count >= COUNT && count == type_count);
	unsigned both = 0;
	for (unsigned i = 0; i < count; i++)
		both += types[i] == MACH_PORT_TYPE_SEND_RECEIVE;
	CHECK_EQ(both, COUNT);
	for (unsigned i = 0; i < COUNT; i += 2)
		CHECK_EQ(mach_port_destroy(test_self(), ports[i]), KERN_SUCCESS);
	for (unsigned i = 1; i < COUNT; i += 2)
		CHECK_EQ(test_type(ports[i]), MACH_PORT_TYPE_SEND_RECEIVE);
}

CLIENT_TEST(names_of_dead_ports_become_dead_names)
{
	mach_port_t a = test_port();
	uint32_t refs;
	CHECK_EQ(test_insert_send(a), KERN_SUCCESS);
	CHECK_EQ(test_insert_send(a), KERN_SUCCESS);
	CHECK_EQ(test_end_port(a), KERN_SUCCESS);
	CHECK_EQ(test_type(a), MACH_PORT_TYPE_DEAD_NAME);
	CHECK_EQ(mach_port_get_refs(test_self(), a, MACH_PORT_RIGHT_DEAD_NAME, &refs), KERN_SUCCESS);
	CHECK_EQ(refs, 2);
	CHECK_EQ(test_send_word(a, COPY_SEND, 0, 0, 1, 1, 0, 0), MACH_SEND_INVALID_DEST);
	CHECK_EQ(test_deallocate(a), KERN_SUCCESS);
	CHECK_EQ(test_mod_refs(a, MACH_PORT_RIGHT_DEAD_NAME, -1), KERN_SUCCESS);
	CHECK_EQ(test_type(a), 0);
}

CLIENT_TEST(names_obey_guards)
{
	mach_port_t self = test_self(), name = 0;
	mach_port_options_t options = {.flags = MPO_CONTEXT_AS_GUARD | MPO_STRICT | MPO_INSERT_SEND_RIGHT | MPO_QLIMIT,
				       .mpl = {17}};
	CHECK_EQ(kernelrpc_mach_port_construct_trap(self, &options, 99, &name), KERN_SUCCESS);
	CHECK_EQ(test_type(name), MACH_PORT_TYPE_SEND_RECEIVE);
	mach_port_status_t status;
	mach_msg_type_number_t count = MACH_PORT_RECEIVE_STATUS_COUNT;
	CHECK_EQ(mach_port_get_attributes(self, name, MACH_PORT_RECEIVE_STATUS, (integer_t *)&status, &count), KERN_SUCCESS);
	CHECK_EQ(status.mps_qlimit, 17);
	CHECK_EQ(status.mps_flags, MACH_PORT_STATUS_FLAG_GUARDED | MACH_PORT_STATUS_FLAG_STRICT_GUARD);
	CHECK_EQ(test_end_port(name), KERN_INVALID_RIGHT);
	CHECK_EQ(mach_port_destroy(self, name), KERN_INVALID_RIGHT);
	CHECK_EQ(mach_port_set_context(self, name, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(mach_port_guard(self, name, 5, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(mach_port_swap_guard(self, name, 99, 5), KERN_INVALID_ARGUMENT); // strict
	CHECK_EQ(mach_port_unguard(self, name, 5), KERN_INVALID_ARGUMENT);
	CHECK_EQ(mach_port_unguard(self, name, 99), KERN_SUCCESS);
	CHECK_EQ(mach_port_guard(self, name, 5, 0), KERN_SUCCESS);
	CHECK_EQ(mach_port_swap_guard(self, name, 5, 6), KERN_SUCCESS);
	CHECK_EQ(mach_port_destruct(self, name, -1, 5), KERN_INVALID_ARGUMENT);
	CHECK_EQ(mach_port_destruct(self, name, -2, 6), KERN_INVALID_VALUE);
	CHECK_EQ(mach_port_destruct(self, name, -1, 6), KERN_SUCCESS);
	CHECK_EQ(test_type(name), 0);
}

CLIENT_TEST(names_of_other_things_are_refused)
{
	mach_port_t port = test_port();
	CHECK_EQ(kernelrpc_mach_port_deallocate_trap(port, port), KERN_INVALID_TASK);
	CHECK_EQ(test_deallocate(port), KERN_INVALID_RIGHT);
	CHECK_EQ(test_deallocate(0x12303), KERN_INVALID_NAME);
	mach_port_name_t name;
	CHECK_EQ(kernelrpc_mach_port_allocate_trap(test_self(), MACH_PORT_RIGHT_SEND, &name), KERN_INVALID_VALUE);
	CHECK_EQ(kernelrpc_mach_port_allocate_trap(test_self(), MACH_PORT_RIGHT_RECEIVE, (void *)8), KERN_INVALID_ADDRESS);
	natural_t type;
	mach_vm_address_t address;
	char text[160];
	CHECK_EQ(mach_port_kobject_description(test_self(), test_self(), &type, &address, text), KERN_SUCCESS);
	CHECK_EQ(type, 2);
}
