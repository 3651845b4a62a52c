// SPDX-License-Identifier: MIT
// The loader's requests, one by one, against a kernel that is asked and told; and the request as the kernel makes it.
#include "loader.h"

#include <abi/loader_server.h>
#include <gila/file.h>
#include <gila/loader.h>
#include <serve/serve_fake.h>

static kern_return_t from_result, read_result, set_result;
#define MOUNTS "/=fs/root:/boot=fs/boot"
static const char *mounts = MOUNTS;
static char said[512]; // what the kernel was asked and told, in order

static void say(const char *what, const char *more)
{
	size_t used = strlen(said);
	snprintf(said + used, sizeof(said) - used, "%s %s;", what, more);
}

kern_return_t loader_image_from(const struct loader_job *job, const char *source, char complaint[GILA_REASON_MAX])
{
	say("from", source);
	snprintf(complaint, GILA_REASON_MAX, "%s", from_result == KERN_ALREADY_WAITING ? "a -> b -> a" : "");
	return from_result;
}

kern_return_t loader_read(const char *path, mach_port_t *memory, char reason[GILA_REASON_MAX])
{
	say("read", path);
	snprintf(reason, GILA_REASON_MAX, "%s", read_result ? "cannot be read" : "");
	return read_result ? read_result : gila_memory_make(100, memory);
}

kern_return_t loader_set_image(const struct loader_job *job, mach_port_t memory)
{
	say("set", fake_ports[memory].memory ? "memory" : "nothing");
	return set_result;
}

kern_return_t loader_image_failed(const struct loader_job *job, kern_return_t why, const char *reason)
{
	say("failed", reason);
	return KERN_SUCCESS;
}

static struct lpc_request seen;
static char seen_seat[64], seen_program[256];
static uint32_t seen_request;

kern_return_t loader_serve_fetch(struct lpc_request *rq, const char *seat, const char *program, uint32_t request,
				 uint32_t *answered)
{
	seen = *rq;
	strcpy(seen_seat, seat);
	strcpy(seen_program, program);
	*answered = seen_request = request;
	return KERN_SUCCESS;
}

static bool (*const demux[])(struct lpc_request *) = {loader_demux, NULL};
static struct serve serve = {.seat = "loader", .demux = demux};

static bool runs(const char *program, const char *expected)
{
	struct loader_job job = {.seat = "blk/0", .request = 3};
	strcpy(job.program, program);
	setenv("GILA_MOUNTS", mounts, 1);
	fake_begin(&serve);
	said[0] = 0;
	loader_run(&job);
	if (strcmp(said, expected) != 0)
		printf("said: %s\n", said);
	return strcmp(said, expected) == 0 && fake_rights() == 0;
}

TEST(loader_asks_reads_and_gives)
{
	from_result = read_result = set_result = KERN_SUCCESS;
	CHECK(runs("/system/bin/x", "from fs/root;read /system/bin/x;set memory;"));
	CHECK(runs("/boot/x", "from fs/boot;read /boot/x;set memory;"));
}

TEST(loader_tells_every_failure)
{
	from_result = read_result = set_result = KERN_SUCCESS;
	CHECK(runs("/", "from fs/root;read /;set memory;")); // gila_program_load will say what it is
	from_result = KERN_ALREADY_WAITING;
	CHECK(runs("/x", "from fs/root;failed servers would wait for each other: a -> b -> a;"));
	from_result = KERN_NOT_FOUND;
	CHECK(runs("/x", "from fs/root;failed it is in the files of the seat fs/root, which is not there;"));
	from_result = KERN_SUCCESS;
	read_result = FILE_NOT_FOUND;
	CHECK(runs("/x", "from fs/root;read /x;failed cannot be read;"));
	read_result = KERN_SUCCESS;
	set_result = KERN_RESOURCE_SHORTAGE;
	CHECK(runs("/x", "from fs/root;read /x;set memory;"
			 "failed the kernel does not take it: out of memory or over a limit;"));
	set_result = KERN_SUCCESS;
	mounts = "/boot=fs/boot";
	CHECK(runs("/x", "failed nothing is mounted there;"));
	CHECK(runs("/", "failed it is a directory;"));
	mounts = MOUNTS;
}

TEST(loader_is_quiet_when_nobody_waits)
{
	from_result = KERN_NOT_WAITING;
	CHECK(runs("/x", "from fs/root;"));
	from_result = KERN_SUCCESS;
	set_result = KERN_NOT_WAITING;
	CHECK(runs("/x", "from fs/root;read /x;set memory;"));
}

// What the kernel writes by hand is what the interface says.
TEST(loader_understands_the_kernel)
{
	struct loader_fetch fetch = {
		.head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND),
			 .msgh_size = sizeof(fetch),
			 .msgh_remote_port = FAKE_REPLY,
			 .msgh_local_port = FAKE_SEAT,
			 .msgh_id = LOADER_FETCH_ID},
		.ndr = NDR_record,
		.seat = "blk/0",
		.program = "/system/bin/virtio-blk",
		.request = 7};
	union {
		mach_msg_header_t head;
		struct loader_answered answered;
		uint8_t bytes[SERVE_MESSAGE_MAX];
	} reply;
	fake_begin(&serve);
	CHECK(serve_dispatch(&serve, &fetch.head, sizeof(fetch), 0, &reply.head));
	CHECK(strcmp(seen_seat, "blk/0") == 0 && strcmp(seen_program, "/system/bin/virtio-blk") == 0);
	CHECK_EQ(seen_request, 7);
	CHECK_EQ(reply.head.msgh_id, LOADER_ANSWERED_ID);
	CHECK_EQ(reply.head.msgh_size, sizeof(struct loader_answered));
	CHECK_EQ(reply.answered.code, KERN_SUCCESS);
	CHECK_EQ(reply.answered.request, 7);
}
