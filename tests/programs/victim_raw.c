// SPDX-License-Identifier: MIT
// Stages of a victim within the protocol of the trap channel, by hand; see victim.h.
#include "raw.h"
#include "victim.h"

#include <abi/trap_numbers.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct raw raw;

static void connected(void)
{
	(void)!raw_connect(&raw);
	victim_ready();
}

static void half_hello(void)
{
	struct channel_hello hello = {.kind = CHANNEL_HELLO, .version = CHANNEL_VERSION};
	if (raw_connect(&raw))
		raw_send(&raw, &hello, sizeof(hello) / 2);
	victim_ready();
}

static void said_hello(void)
{
	if (raw_connect(&raw))
		raw_hello(&raw, "said-hello");
	victim_ready();
}

static void welcome(void)
{
	raw_open(&raw, "welcome");
	victim_ready();
}

static void filled(void)
{
	raw_open(&raw, "filled");
	raw_fill(&raw, 0, TRAP_task_self_trap, NULL, 0);
	atomic_store(&raw_slot(&raw, 0)->state, CHANNEL_RUNG);
	victim_ready();
}

static void rung(void)
{
	raw_open(&raw, "rung");
	for (unsigned slot = 0; slot < 64; slot++) {
		raw_fill(&raw, slot, TRAP_task_self_trap, NULL, 0);
		raw_ring(&raw, slot, CHANNEL_RUNG);
	}
	victim_ready();
}

static void not_fetched(void)
{
	uint64_t arguments[] = {0, 1};
	raw_open(&raw, "not-fetched");
	raw_fill(&raw, 0, TRAP_mach_reply_port, arguments, 2);
	raw_ring(&raw, 0, CHANNEL_RUNG);
	uint32_t state;
	raw_wait(&raw, 0, 1000, &state);
	victim_ready();
}

// A trap that needs the client's help, which never comes.
static void asked_to_map(void)
{
	uint64_t address = 0, result = 0, arguments[] = {0, (uintptr_t)&address, 65536, 0, 3, 0};
	uint32_t state;
	raw_open(&raw, "asked-to-map");
	if (!raw_trap(&raw, 0, TRAP_null, NULL, 0, &result))
		return;
	raw_fill(&raw, 0, TRAP_memory_map, arguments, 6);
	raw_ring(&raw, 0, CHANNEL_RUNG);
	raw_wait(&raw, 0, 2000, &state);
	victim_ready();
}

static void leaving(void)
{
	uint64_t result;
	raw_open(&raw, "leaving");
	for (unsigned slot = 0; slot < 16; slot++)
		if (raw_trap(&raw, slot, TRAP_null, NULL, 0, &result))
			raw_ring(&raw, slot, CHANNEL_LEAVE);
	victim_ready();
}

static void socket_closed(void)
{
	uint64_t result;
	raw_open(&raw, "socket-closed");
	(void)!raw_trap(&raw, 0, TRAP_mach_reply_port, NULL, 0, &result);
	close(raw.socket);
	victim_ready();
}

static void descriptors_sent(void)
{
	raw_open(&raw, "descriptors-sent");
	for (unsigned i = 0; i < 20; i++) {
		struct channel_descriptor data = {CHANNEL_DESCRIPTOR, i};
		char control[CMSG_SPACE(sizeof(int))] = {0};
		struct iovec vector = {&data, sizeof(data)};
		struct msghdr message = {
			.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){
			.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
		memcpy(CMSG_DATA(header), &(int){1}, sizeof(int));
		(void)!sendmsg(raw.socket, &message, MSG_NOSIGNAL);
	}
	victim_ready();
}

const struct victim_stage victim_raw_stages[] = {
	{"connected", connected},         {"half-hello", half_hello}, {"said-hello", said_hello},
	{"welcome", welcome},             {"filled", filled},         {"rung", rung},
	{"not-fetched", not_fetched},     {"asked-to-map", asked_to_map}, {"leaving", leaving},
	{"socket-closed", socket_closed}, {"descriptors-sent", descriptors_sent}, {NULL, NULL},
};
