// SPDX-License-Identifier: MIT
// Faults as messages: a thread of the same task repairs what was wrong, by the state in the answer, by
// thread_set_state, or by mapping what was not there; what it refuses becomes a signal.
#include "check.h"

#include <mach/mach.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OK(expression) CHECK((expression) == KERN_SUCCESS)

#pragma pack(push, 4)
struct request {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t thread, task;
	NDR_record_t ndr;
	exception_type_t exception;
	mach_msg_type_number_t code_count;
	int64_t code[2];
	int flavor;
	mach_msg_type_number_t state_count;
	x86_thread_state64_t state;
	char trailer[64];
};
struct reply {
	mach_msg_header_t head;
	NDR_record_t ndr;
	kern_return_t code;
	int flavor;
	mach_msg_type_number_t state_count;
	x86_thread_state64_t state;
};
#pragma pack(pop)

static mach_port_t port;
static struct request seen;
static int seen_count;
static enum { REPAIR_BY_REPLY, REPAIR_BY_CALL, REPAIR_MEMORY, REFUSE } how;
static vm_address_t hole;

static void repair(x86_thread_state64_t *state)
{
	state->__rip += 3; // mov %rax, (%rdi)
	state->__rdx = 77;
}

static void *receiver(void *argument)
{
	for (;;) {
		OK(mach_msg(&seen.head, MACH_RCV_MSG, 0, sizeof(seen), port, 0, 0));
		seen_count++;
		struct reply reply = {
			.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(seen.head.msgh_bits), 0),
				 .msgh_size = sizeof(reply),
				 .msgh_remote_port = seen.head.msgh_remote_port,
				 .msgh_id = seen.head.msgh_id + 100},
			.code = how == REFUSE ? KERN_FAILURE : KERN_SUCCESS,
			.flavor = x86_THREAD_STATE64,
			.state_count = x86_THREAD_STATE64_COUNT,
			.state = seen.state};
		if (how == REPAIR_BY_REPLY)
			repair(&reply.state);
		if (seen.head.msgh_id == 2405) // no state in either
			reply.head.msgh_size = __builtin_offsetof(struct reply, flavor);
		if (how == REPAIR_BY_CALL) {
			x86_thread_state64_t state;
			mach_msg_type_number_t count = x86_THREAD_STATE64_COUNT;
			OK(thread_get_state(seen.thread.name, x86_THREAD_STATE64, (natural_t *)&state, &count));
			repair(&state);
			OK(thread_set_state(seen.thread.name, x86_THREAD_STATE64, (natural_t *)&state, count));
		}
		if (how == REPAIR_MEMORY)
			OK(vm_allocate(mach_task_self(), &hole, 4096, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE));
		if (seen.head.msgh_bits & MACH_MSGH_BITS_COMPLEX) {
			OK(mach_port_deallocate(mach_task_self(), seen.thread.name));
			OK(mach_port_deallocate(mach_task_self(), seen.task.name));
		}
		OK(mach_msg_send(&reply.head));
	}
	return argument;
}

// Writes to the address; returns what the receiver put into rdx, or 1.
static long store(unsigned long address)
{
	long result = 1;
	__asm__ volatile("movq %%rax, (%%rdi)" : "+d"(result) : "a"(5l), "D"(address) : "memory");
	return result;
}

static _Atomic int may_fault;
static void *faults_when_told(void *argument)
{
	while (!may_fault)
		usleep(1000);
	return (void *)store(hole);
}

// The taker of a thread's exceptions, set by another thread.
static void set_for_another(void)
{
	pthread_t thread;
	void *result;
	how = REPAIR_BY_CALL;
	CHECK(pthread_create(&thread, NULL, faults_when_told, NULL) == 0);
	OK(thread_set_exception_ports(pthread_mach_thread_np(thread), EXC_MASK_BAD_ACCESS, port,
				      (int)(EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES), 0));
	may_fault = 1;
	CHECK(pthread_join(thread, &result) == 0 && result == (void *)77 && seen_count == 4);
	seen_count = 3;
}

static jmp_buf back; // with the mask, on Darwin
static void on_fault(int number)
{
	longjmp(back, number);
}

static void handle(void (*function)(int))
{
	struct sigaction action = {.sa_handler = function};
	CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
}

int main(void)
{
	pthread_t thread;
	exception_mask_t masks[EXC_TYPES_COUNT];
	mach_msg_type_number_t count = EXC_TYPES_COUNT;
	mach_port_t ports[EXC_TYPES_COUNT];
	exception_behavior_t behaviors[EXC_TYPES_COUNT];
	int flavors[EXC_TYPES_COUNT], status;
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &port));
	OK(mach_port_insert_right(mach_task_self(), port, port, MACH_MSG_TYPE_MAKE_SEND));
	CHECK(pthread_create(&thread, NULL, receiver, NULL) == 0);
	OK(vm_allocate(mach_task_self(), &hole, 4096, VM_FLAGS_ANYWHERE));
	OK(vm_deallocate(mach_task_self(), hole, 4096));

	OK(task_set_exception_ports(mach_task_self(), EXC_MASK_BAD_ACCESS | EXC_MASK_BREAKPOINT, port,
				    (int)(EXCEPTION_STATE_IDENTITY | MACH_EXCEPTION_CODES), x86_THREAD_STATE64));
	OK(task_get_exception_ports(mach_task_self(), EXC_MASK_ALL, masks, &count, ports, behaviors, flavors));
	CHECK(count == 2 && masks[0] == (EXC_MASK_BAD_ACCESS | EXC_MASK_BREAKPOINT) && ports[0] == port &&
	      flavors[0] == x86_THREAD_STATE64 && ports[1] == MACH_PORT_NULL);
	how = REPAIR_BY_REPLY;
	CHECK(store(hole) == 77 && seen_count == 1);
	CHECK(seen.head.msgh_id == 2407 && seen.exception == EXC_BAD_ACCESS && seen.code[0] == KERN_INVALID_ADDRESS &&
	      seen.code[1] == (int64_t)hole);
	CHECK(seen.state_count == x86_THREAD_STATE64_COUNT && seen.state.__rdi == hole &&
	      seen.task.name == mach_task_self());
	how = REPAIR_BY_CALL;
	OK(task_set_exception_ports(mach_task_self(), EXC_MASK_BAD_ACCESS, port,
				    (int)(EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES), 0));
	CHECK(store(hole) == 77 && seen_count == 2 && seen.head.msgh_id == 2405);
	how = REPAIR_MEMORY;
	CHECK(store(hole) == 1 && *(long *)hole == 5 && seen_count == 3);

	// A thread's own taker comes first, and refuses; the task's does not.
	mach_port_t nobody;
	OK(vm_deallocate(mach_task_self(), hole, 4096));
	OK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &nobody));
	OK(mach_port_insert_right(mach_task_self(), nobody, nobody, MACH_MSG_TYPE_MAKE_SEND));
	OK(thread_set_exception_ports(mach_thread_self(), EXC_MASK_BAD_ACCESS, nobody,
				      (int)(EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES), 0));
	OK(mach_port_mod_refs(mach_task_self(), nobody, MACH_PORT_RIGHT_RECEIVE, -1)); // it is gone, in fact
	CHECK(store(hole) == 1 && *(long *)hole == 5 && seen_count == 4);
	OK(thread_set_exception_ports(mach_thread_self(), EXC_MASK_BAD_ACCESS, port,
				      (int)(EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES), 0));
	OK(task_set_exception_ports(mach_task_self(), EXC_MASK_BAD_ACCESS, MACH_PORT_NULL, EXCEPTION_DEFAULT, 0));
	how = REPAIR_BY_CALL;
	OK(vm_deallocate(mach_task_self(), hole, 4096));
	CHECK(store(hole) == 77 && seen_count == 5);
	OK(thread_set_exception_ports(mach_thread_self(), EXC_MASK_BAD_ACCESS, MACH_PORT_NULL, EXCEPTION_DEFAULT, 0));
	OK(task_set_exception_ports(mach_task_self(), EXC_MASK_BAD_ACCESS, port,
				    (int)(EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES), 0));
	OK(vm_allocate(mach_task_self(), &hole, 4096, VM_FLAGS_FIXED));
	seen_count = 3;

	OK(task_set_exception_ports(mach_task_self(), EXC_MASK_BAD_ACCESS, MACH_PORT_NULL, EXCEPTION_DEFAULT, 0));
	OK(vm_deallocate(mach_task_self(), hole, 4096));
	set_for_another();
	OK(task_set_exception_ports(mach_task_self(), EXC_MASK_BAD_ACCESS, port,
				    (int)(EXCEPTION_DEFAULT | MACH_EXCEPTION_CODES), 0));

	// Refused: the program's handler, or the end.
	how = REFUSE;
	handle(on_fault);
	if (setjmp(back) == 0) {
		store(hole);
		CHECK(0);
	}
	CHECK(seen_count == 4);
	handle(SIG_DFL);
	pid_t child = fork();
	if (child == 0) { // where nobody has asked for exceptions of this task
		store(hole);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV &&
	      seen_count == 4);
	OK(task_set_exception_ports(mach_task_self(), EXC_MASK_BAD_ACCESS, MACH_PORT_NULL, EXCEPTION_DEFAULT, 0));
	handle(on_fault);
	if (setjmp(back) == 0)
		store(hole);
	CHECK(seen_count == 4);
	puts("exceptions are fine");
	return 0;
}
