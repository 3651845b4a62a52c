// SPDX-License-Identifier: MIT
// What the test programs have in common; see client.h.
#include "client.h"

#include <abi/monitor.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <inttypes.h>
#include <serve/serve_buffer.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BYTES_SLACK 2048u

static _Atomic unsigned failures;

void client_fail(const char *format, ...)
{
	char line[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (failures++ < 20)
		printf("%s\n", line);
	fflush(stdout);
}

int client_status(void) { return failures > 0; }

void client_must(const char *what, int code)
{
	if (code == KERN_SUCCESS)
		return;
	printf("%s: %s (0x%x)\n", what, gila_error_text(code), (unsigned)code);
	exit(1);
}

mach_port_t client_seat(const char *name)
{
	mach_port_t handle = MACH_PORT_NULL;
	client_must(name, gila_seat(name, &handle));
	return handle;
}

mach_port_t client_port(void)
{
	mach_port_t port = MACH_PORT_NULL;
	client_must("a port", gila_port_make(&port));
	return port;
}

void client_drop_port(mach_port_t receive) { gila_port_drop_receive(receive); }

void client_limit(unsigned seconds) { alarm(seconds); }

uint64_t client_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t client_random(uint64_t *seed)
{
	uint64_t x = *seed;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*seed = x;
	return x * UINT64_C(0x2545f4914f6cdd1d);
}

// ---- Accounts ----------------------------------------------------------------------------------------------------------

static void accounts_read_once(struct client_accounts *accounts)
{
	struct monitor_count counts[CLIENT_KINDS];
	mach_msg_type_number_t count = CLIENT_KINDS;
	client_must("the accounts of the kernel", monitor_account(client_seat(MONITOR_NAME), 0, counts, &count));
	accounts->count = count;
	for (unsigned i = 0; i < count; i++) {
		memset(accounts->kind[i], 0, sizeof(accounts->kind[i]));
		memcpy(accounts->kind[i], counts[i].kind, sizeof(counts[i].kind));
		accounts->value[i] = counts[i].count;
		// Whoever asks is a task with a thread: counts that deny it prove nothing.
		if (counts[i].count == 0 && (strcmp(accounts->kind[i], "tasks") == 0 || strcmp(accounts->kind[i], "threads") == 0))
			client_must("the kernel counts no task or thread", KERN_FAILURE);
	}
}

// What came before may still be dying away (events on their way to watchers; memory that servers let go of after SERVE_BUFFER_TIME): counts
// that hold still for longer than that.
void client_accounts_read(struct client_accounts *accounts)
{
	struct client_accounts again;
	accounts_read_once(accounts);
	uint64_t now = client_now(), since = now, end = now + UINT64_C(10000000000);
	while (now < since + SERVE_BUFFER_TIME + UINT64_C(150000000) && now < end) {
		usleep(30000);
		accounts_read_once(&again);
		now = client_now();
		if (again.count != accounts->count || memcmp(again.value, accounts->value, again.count * sizeof(again.value[0])) != 0)
			since = now;
		*accounts = again;
	}
}

// Bytes of kernel memory may differ by BYTES_SLACK: the pool of processes grows with how many there are at once, and memory
// that outlives its maker keeps the account that pays for it.
static bool same(const struct client_accounts *a, const struct client_accounts *b, bool tell)
{
	bool equal = a->count == b->count;
	for (unsigned i = 0; i < a->count && i < b->count; i++) {
		uint64_t slack = strcmp(a->kind[i], "kernel bytes") == 0 ? BYTES_SLACK : 0;
		if (a->value[i] <= b->value[i] + slack && b->value[i] <= a->value[i] + slack)
			continue;
		equal = false;
		if (tell)
			client_fail("%s: %" PRIu64 " before, %" PRIu64 " after", a->kind[i], a->value[i], b->value[i]);
	}
	return equal;
}

bool client_accounts_await(const struct client_accounts *before, unsigned seconds)
{
	struct client_accounts now;
	uint64_t end = client_now() + seconds * UINT64_C(1000000000);
	do {
		accounts_read_once(&now);
		if (same(before, &now, false))
			return true;
		usleep(10000); // the kernel clears the dead in its own time and tells nobody when it is done
	} while (client_now() < end);
	return same(before, &now, true);
}
