// SPDX-License-Identifier: MIT
// darling short-hello | short-request | unknown-call | identity | self-end: what takes darlingserver down, tried on Gila.
// Each mode checks what the client is told; that everybody else goes on is checked by tests/system/darlingserver.sh.
#include "client.h"
#include "raw.h"

#include <abi/probe.h>
#include <abi/task.h>
#include <abi/thread_act.h>
#include <abi/trap_numbers.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <gila/trap.h>
#include <mach/mig_errors.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEAT "probe/serve"

// ---- Requests that are too short ---------------------------------------------------------------------------------------

static void short_hello(void)
{
	struct channel_hello hello = {.kind = CHANNEL_HELLO, .version = CHANNEL_VERSION};
	for (size_t size = 0; size < sizeof(hello); size++) {
		struct raw raw;
		if (!raw_connect(&raw)) {
			client_fail("no connection for a hello of %zu bytes", size);
			return;
		}
		raw_send(&raw, &hello, size);
		if (size == 0)
			shutdown(raw.socket, SHUT_WR);
		if (raw_welcome(&raw))
			client_fail("a hello of %zu bytes is welcome", size);
		raw_close(&raw);
	}
}

struct exchange {
	mach_msg_header_t head;
	char rest[1024];
};

// Sends the first `size` bytes of a request; the code of mach_msg, or the one in the reply.
static int ask(mach_port_t to, mach_msg_id_t id, mach_msg_size_t size)
{
	static mach_port_t reply;
	struct exchange exchange;
	if (!reply)
		reply = client_port();
	memset(&exchange, 0, sizeof(exchange));
	exchange.head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_size = size,
		.msgh_remote_port = to,
		.msgh_local_port = reply,
		.msgh_id = id,
	};
	int error = mach_msg(&exchange.head, MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT, size, sizeof(exchange), reply,
			     5000, MACH_PORT_NULL);
	return error ? error : ((mig_reply_error_t *)&exchange)->RetCode;
}

static void short_request(void)
{
	mach_port_t probe = client_seat(SEAT), task = mach_task_self();
	for (mach_msg_size_t size = 0; size < sizeof(mach_msg_header_t); size++)
		if (ask(probe, PROBE_BASE, size) != MACH_SEND_MSG_TOO_SMALL)
			client_fail("mach_msg takes a message of %u bytes", size);
	for (mach_msg_size_t size = sizeof(mach_msg_header_t); size < 40; size += 4) {
		int code = ask(probe, PROBE_BASE, size); // echo has 24 + 8 + 8
		if (code != MIG_BAD_ARGUMENTS)
			client_fail("the probe answers a request of %u bytes with %s", size, gila_error_text(code));
		code = ask(task, TASK_BASE + 5, 24 + (size & 4)); // task_info has 36
		if (code != MIG_BAD_ARGUMENTS)
			client_fail("the kernel answers a request of %u bytes with %s", size, gila_error_text(code));
	}
}

// ---- Unknown calls --------------------------------------------------------------------------------------------------------

static void unknown_call(void)
{
	static const unsigned traps[] = {2, 9, 30, 58, 99, 119, 126, 200, 255, 256, 1000, 4096, 65536, 0x7fffffff, 0x80000000,
					 0xffffffff};
	static const mach_msg_id_t ids[] = {0, 1, -1, 3399, 3499, 71999, 72999, 2000000000, (mach_msg_id_t)0x80000000};
	for (unsigned i = 0; i < sizeof(traps) / sizeof(*traps); i++) {
		uint64_t result = gila_trap(traps[i], 1, 2, 3, 4, 5, 6, 7, 8, 9);
		if (result != KERN_INVALID_ARGUMENT)
			client_fail("trap %u gives 0x%llx", traps[i], (unsigned long long)result);
	}
	const char *const names[] = {SEAT, "kernel/monitor", "kernel/seats", "fs/tmp"};
	for (unsigned i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		int code = ask(mach_task_self(), ids[i], 64);
		if (code != MIG_BAD_ID)
			client_fail("the task's port answers id %d with %s", ids[i], gila_error_text(code));
		for (unsigned j = 0; j < sizeof(names) / sizeof(*names); j++) {
			code = ask(client_seat(names[j]), ids[i], 64);
			if (code != MIG_BAD_ID)
				client_fail("%s answers id %d with %s", names[j], ids[i], gila_error_text(code));
		}
	}
}

// ---- Another process's identity -------------------------------------------------------------------------------------------

static void claim_thread(struct raw *raw, unsigned slot, uint32_t tid, uint32_t token)
{
	uint32_t state = 0;
	raw_fill(raw, slot, TRAP_task_id, NULL, 0);
	raw_slot(raw, slot)->tid = tid;
	raw_slot(raw, slot)->token = token;
	raw_ring(raw, slot, CHANNEL_RUNG);
	if (!raw_wait(raw, slot, 2000, &state))
		return; // no answer at all: as good as a refusal
	if ((state & CHANNEL_STATE_MASK) == CHANNEL_DONE && raw_slot(raw, slot)->result != KERN_RESOURCE_SHORTAGE)
		client_fail("thread %u (token %u) is taken for one of this process", tid, token);
}

static void identity(void)
{
	struct raw raw;
	uint64_t result;
	struct channel_hello hello = {.kind = CHANNEL_HELLO, .version = CHANNEL_VERSION, .token = 12345, .name = "clone"};
	if (raw_connect(&raw) && raw_send(&raw, &hello, sizeof(hello)) && raw_welcome(&raw))
		client_fail("a made-up token is welcome");
	raw_close(&raw);
	raw_open(&raw, "identity");
	claim_thread(&raw, 0, raw.welcome.server, 0);
	claim_thread(&raw, 1, (uint32_t)getppid(), 0);
	claim_thread(&raw, 2, 1, 0);
	claim_thread(&raw, 3, 0, 0);
	claim_thread(&raw, 4, UINT32_MAX, 0);
	claim_thread(&raw, 5, (uint32_t)getpid(), 4711);
	if (!raw_trap(&raw, 6, TRAP_task_id, NULL, 0, &result) || result == 0)
		client_fail("afterwards its own thread is refused");
	raw_close(&raw);
}

// ---- Tasks that end themselves -------------------------------------------------------------------------------------------

static void end_by_message(void) { (void)!gila_task_terminate(mach_task_self()); }
static void end_by_trap(void) { gila_task_exit(5); }
static void end_its_thread(void) { (void)!gila_thread_terminate(mach_thread_self()); }
static void drop_its_port(void)
{
	for (int i = 0; i < 3; i++)
		kernelrpc_mach_port_deallocate_trap(mach_task_self(), mach_task_self());
	_exit(0);
}

static void check_end(const char *what, void (*end)(void))
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		alarm(10);
		gila_null();
		end();
		_exit(77);
	}
	if (waitpid(pid, &status, 0) != pid || (WIFEXITED(status) && WEXITSTATUS(status) == 77) ||
	    (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM))
		client_fail("%s: it did not end (status 0x%x)", what, (unsigned)status);
}

static void self_end(void)
{
	check_end("task_terminate of itself", end_by_message);
	check_end("task_exit", end_by_trap);
	check_end("thread_terminate of its only thread", end_its_thread);
	check_end("dropping its own task port", drop_its_port);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	client_limit(60);
	if (strcmp(mode, "short-hello") == 0)
		short_hello();
	else if (strcmp(mode, "short-request") == 0)
		short_request();
	else if (strcmp(mode, "unknown-call") == 0)
		unknown_call();
	else if (strcmp(mode, "identity") == 0)
		identity();
	else if (strcmp(mode, "self-end") == 0)
		self_end();
	else
		return 2;
	return client_status();
}
