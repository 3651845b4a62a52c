// SPDX-License-Identifier: MIT
// The wire between the real client and the real sessions of lib/block, in one process (lib/block/block_fake.h): what is written must be
// read and be on the disk, whatever happens on the way; and each fault does happen.
#define block_serve_attach below_serve_attach // the device's handlers beside the wire's
#define block_serve_ring below_serve_ring
#define block_serve_info below_serve_info
#define block_serve_share below_serve_share
#include <lib/block/session.c>
#include <lib/block/session_area.c>
#undef block_serve_attach
#undef block_serve_ring
#undef block_serve_info
#undef block_serve_share

#include <block/block_fake.h>

#include "wire.h"

#include <abi/inject_server.h>
#include <inttypes.h>

static struct wire wire;
static struct block_client client;
static bool (*const wire_demux[])(struct lpc_request *) = {block_serve, inject_demux, NULL};
static unsigned late; // attaches that were answered later, to nobody: a session's and a memory's right stay

// Badges of the wire's sessions have the highest bit.
static void gone(struct serve *serve, uint64_t badge)
{
	if (badge >> 63)
		wire_gone(serve, badge);
	else
		block_serve_gone(&fake_serve, badge);
}

static struct serve wire_serve = {.seat = "wire/0", .demux = wire_demux, .gone = gone, .message = wire_message, .context = &wire};

static kern_return_t attach_below(mach_port_t device, uint64_t first, uint64_t count, uint32_t flags, mach_port_t memory,
				  uint64_t data_size, uint64_t sequence, mach_port_t notify, mach_port_t *session,
				  mach_port_t *shared, struct block_info *info, mach_msg_timeout_t timeout)
{
	mach_msg_header_t head = {0};
	struct lpc_request rq = {.context = &fake_serve, .message = &head};
	if (gila_port_copy(notify) || (memory != MACH_PORT_NULL && gila_port_copy(memory)))
		return KERN_FAILURE;
	kern_return_t error = below_serve_attach(&rq, first, count, flags, memory, data_size, sequence, notify, session, shared, info);
	late += error == LPC_NO_REPLY;
	if (error == LPC_NO_REPLY)
		return KERN_OPERATION_TIMED_OUT;
	if (error) {
		gila_port_drop(notify);
		gila_port_drop(memory);
	}
	return error;
}

// What came to the wire's port.
static void take_messages(void)
{
	struct {
		mach_msg_header_t head;
		uint8_t rest[512];
	} __attribute__((aligned(8))) message;
	bool (*idle)(void) = fake_idle;
	fake_idle = NULL;
	while (mach_msg(&message.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message), wire.listen, 0, MACH_PORT_NULL) == 0)
		wire_message(&wire_serve, &message.head, message.head.msgh_size);
	fake_idle = idle;
}

static bool step(void)
{
	fake_step();
	take_messages();
	wire_work(&wire_serve);
	return true;
}

static void wire_begin(uint64_t seed)
{
	fake_disk_begin(seed);
	fake_begin(&wire_serve);
	fake_serve.port = wire_serve.port;
	fake_serve.notify = wire_serve.notify;
	fake_disk.device.serve = &fake_serve;
	fake_now = UINT64_C(1000000000);
	memset(&wire, 0, sizeof(wire));
	wire = (struct wire){.device = "wire/0", .attach = attach_below, .random = seed};
	if (wire_start(&wire_serve))
		abort();
	fake_idle = step;
	fake_lose = NULL;
	late = 0;
}

static bool open_client(void)
{
	struct block_open how = {.seat = "wire/0", .writable = true, .data_size = FAKE_DATA_PAGES * BLOCK_PAGE};
	return block_open(&client, &how) == KERN_SUCCESS;
}

// True: everything was given back but what the seat keeps, in the kernel and here.
static bool close_client(void)
{
	block_close(&client);
	fake_settle();
	wire_sweep(&wire);
	fake_settle();
	block_sessions_poll(&fake_disk.device);
	fake_now += SESSION_SPARE_TIME; // what the last session had is let go then
	block_sessions_poll(&fake_disk.device);
	gila_port_drop_receive(wire.listen);
	return wire.sessions == NULL && fake_disk.device.sessions == NULL && fake_rights() == 1 + 2 * late;
}

TEST(wire_passes_everything_on)
{
	wire_begin(1);
	CHECK(open_client());
	for (unsigned i = 0; i < 65536; i++)
		client.data[i] = (uint8_t)(i * 7 + i / 256);
	CHECK_EQ(block_write(&client, 8, 0, 65536), KERN_SUCCESS);
	CHECK(memcmp(fake_disk.sectors[8], client.data, 65536) == 0);
	CHECK_EQ(block_read(&client, 8, 65536, 65536), KERN_SUCCESS);
	CHECK(memcmp(client.data, client.data + 65536, 65536) == 0);
	CHECK_EQ(block_flush(&client), KERN_SUCCESS);
	CHECK(client.resent == 0 && client.reattached == 0 && client.damaged == 0);
	CHECK(wire.passed >= 6);
	CHECK_EQ(block_write(&client, FAKE_SECTORS, 0, 512), BLOCK_OUT_OF_RANGE);
	CHECK(close_client());
}

// ---- A life with faults ------------------------------------------------------------------------------------------------

enum { PLACES = 8, PLACE_PAGES = 8 };

static uint8_t mirror[FAKE_SECTORS][BLOCK_SECTOR]; // what the disk must hold

struct user {
	struct block_io io;
	uint32_t pages[PLACE_PAGES];
	unsigned place;
	bool busy;
} users[PLACES];

static uint8_t *user_byte(struct user *user, uint32_t at)
{
	if (user->io.pieces == 1)
		return client.data + user->io.place + at;
	return client.data + (size_t)user->pages[at / user->io.piece_size] * BLOCK_PAGE + at % user->io.piece_size;
}

// True: the sectors are nobody else's just now.
static bool is_free(uint64_t sector, uint32_t count)
{
	for (unsigned i = 0; i < PLACES; i++)
		if (users[i].busy && sector < users[i].io.sector + users[i].io.count && users[i].io.sector < sector + count)
			return false;
	return true;
}

static void submit(struct user *user, unsigned index)
{
	uint32_t count = 1 + (uint32_t)fake_random(PLACE_PAGES * 8);
	uint64_t sector = fake_random(FAKE_SECTORS - count);
	if (!is_free(sector, count))
		return;
	user->io = (struct block_io){.operation = fake_random(2) ? BLOCK_READ : BLOCK_WRITE, .sector = sector, .count = count};
	user->io.pieces = fake_random(2) ? 1 : (count + 7) / 8;
	user->io.piece_size = BLOCK_PAGE;
	user->io.place = (uint64_t)index * PLACE_PAGES * BLOCK_PAGE;
	for (uint32_t i = 0; i < PLACE_PAGES; i++)
		user->pages[i] = index * PLACE_PAGES + (i + 3) % PLACE_PAGES;
	user->io.pages = user->pages;
	for (uint32_t at = 0; user->io.operation == BLOCK_WRITE && at < count * BLOCK_SECTOR; at++) {
		*user_byte(user, at) = (uint8_t)fake_random(256);
		(&mirror[sector][0])[at] = *user_byte(user, at);
	}
	user->busy = true;
	block_submit(&client, &user->io);
}

// What was read is what was written.
static bool end_of(struct user *user)
{
	bool good = user->io.error == KERN_SUCCESS;
	for (uint32_t at = 0; good && at < user->io.count * BLOCK_SECTOR; at++)
		good = *user_byte(user, at) == (&mirror[user->io.sector][0])[at];
	user->busy = false;
	return good;
}

static bool live(uint64_t seed, unsigned requests)
{
	bool good = open_client();
	memset(mirror, 0, sizeof(mirror));
	memset(users, 0, sizeof(users));
	memset(fake_disk.sectors, 0, sizeof(fake_disk.sectors));
	for (unsigned done = 0; good && done < requests;) {
		unsigned index = (unsigned)fake_random(PLACES);
		if (!users[index].busy) {
			submit(&users[index], index);
			continue;
		}
		good = block_wait(&client, &users[index].io) == KERN_SUCCESS && end_of(&users[index]);
		done++;
	}
	block_wait_all(&client);
	for (unsigned i = 0; i < PLACES; i++)
		good = good && (!users[i].busy || end_of(&users[i]));
	good = good && memcmp(mirror, fake_disk.sectors, sizeof(mirror)) == 0;
	good &= close_client();
	if (!good)
		printf("seed %" PRIu64 "\n", seed);
	return good;
}

static const char *const rates[] = {
	"drop-request=5000",   "drop-reply=5000",   "damage-request=20000", "damage-pages=20000",  "damage-write=20000",
	"damage-reply=20000",  "damage-read=20000", "repeat-request=50000", "repeat-late=50000",   "repeat-reply=50000",
	"delay-request=20000", "delay-reply=20000", "reorder=50000",	    "lose-ring=5000",	   "lose-wake=5000",
	"end-session=1000",
};

TEST(wire_damages_no_data_for_good)
{
	uint64_t total[INJECT_FAULTS] = {0}, seeds = getenv("SEEDS") ? strtoull(getenv("SEEDS"), NULL, 10) : 20;
	for (uint64_t seed = 1; seed <= seeds; seed++) {
		wire_begin(seed);
		for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
			CHECK(wire_set_rate(&wire, rates[i]));
		fake_disk.kills = seed % 4 == 0 ? 2 : 0;
		CHECK(live(seed, 300));
		for (unsigned fault = 0; fault < INJECT_FAULTS; fault++)
			total[fault] += wire.counts[fault];
	}
	for (unsigned fault = 0; fault < INJECT_FAULTS; fault++) {
		if (total[fault] == 0)
			printf("%s never happened\n", inject_fault_name(fault));
		CHECK(total[fault] > 0);
	}
}

TEST(wire_repeats_with_a_seed)
{
	uint64_t counts[INJECT_FAULTS];
	for (unsigned i = 0; i < 2; i++) {
		wire_begin(99);
		CHECK(wire_set_rate(&wire, "repeat-request=100000") && wire_set_rate(&wire, "damage-write=100000"));
		CHECK(live(99, 200));
		CHECK(wire.counts[INJECT_REPEAT_REQUEST] > 0 && wire.counts[INJECT_DAMAGE_WRITE] > 0);
		CHECK(i == 0 || memcmp(counts, wire.counts, sizeof(counts)) == 0);
		memcpy(counts, wire.counts, sizeof(counts));
	}
}

TEST(wire_rates_are_read)
{
	wire_begin(1);
	CHECK(wire_set_rate(&wire, "reorder=1000000") && wire.rates[INJECT_REORDER] == INJECT_MILLION);
	CHECK(!wire_set_rate(&wire, "reorder=") && !wire_set_rate(&wire, "reorder=1x") && !wire_set_rate(&wire, "reorder"));
	CHECK(!wire_set_rate(&wire, "reorde=1") && !wire_set_rate(&wire, "=1") && !wire_set_rate(&wire, ""));
}
