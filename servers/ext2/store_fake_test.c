// SPDX-License-Identifier: MIT
// The disk of store_fake.h: <block/client.h> over an image in memory.
#include "store_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

uint64_t fake_until, fake_steps;
bool (*fake_when)(void);
jmp_buf fake_killed;

void fake_step(void)
{
	if (!fake_when || fake_when())
		fake_steps++;
	if (fake_until && fake_steps >= fake_until)
		longjmp(fake_killed, 1);
}

uint64_t fake_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	uint64_t value = *state ^ *state >> 33;
	return value * UINT64_C(0xff51afd7ed558ccd) ^ value >> 29;
}

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

// ---- The disk ---------------------------------------------------------------------------------------------

void fake_disk_make(struct fake_disk *disk, uint64_t size, uint64_t seed)
{
	*disk = (struct fake_disk){.size = size, .random = seed, .bad_sector = UINT64_MAX};
	disk->image = need(calloc(1, size));
	disk->medium = need(calloc(1, size));
}

bool fake_disk_load(struct fake_disk *disk, const char *path, uint64_t seed)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	fseek(file, 0, SEEK_END);
	fake_disk_make(disk, (uint64_t)ftell(file), seed);
	rewind(file);
	bool good = fread(disk->image, 1, disk->size, file) == disk->size;
	fclose(file);
	memcpy(disk->medium, disk->image, disk->size);
	return good;
}

bool fake_disk_save(const struct fake_disk *disk, const char *path)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		return false;
	bool good = fwrite(disk->image, 1, disk->size, file) == disk->size;
	return fclose(file) == 0 && good;
}

void fake_disk_copy(struct fake_disk *to, const struct fake_disk *from)
{
	*to = *from;
	to->image = need(malloc(from->size));
	to->medium = need(malloc(from->size));
	memcpy(to->image, from->image, from->size);
	memcpy(to->medium, from->medium, from->size);
	to->unflushed = need(malloc((from->unflushed_room + 1) * sizeof(*to->unflushed)));
	if (from->unflushed_count)
		memcpy(to->unflushed, from->unflushed, from->unflushed_count * sizeof(*to->unflushed));
}

void fake_disk_free(struct fake_disk *disk)
{
	free(disk->image);
	free(disk->medium);
	free(disk->unflushed);
}

static void remember(struct fake_disk *disk, uint64_t sector, const uint8_t *bytes)
{
	if (disk->unflushed_count == disk->unflushed_room) {
		disk->unflushed_room = disk->unflushed_room ? disk->unflushed_room * 2 : 256;
		disk->unflushed = need(realloc(disk->unflushed, disk->unflushed_room * sizeof(*disk->unflushed)));
	}
	disk->unflushed[disk->unflushed_count].sector = sector;
	memcpy(disk->unflushed[disk->unflushed_count++].bytes, bytes, BLOCK_SECTOR);
}

static void flush(struct fake_disk *disk)
{
	for (size_t i = 0; i < disk->unflushed_count; i++)
		memcpy(disk->medium + disk->unflushed[i].sector * BLOCK_SECTOR, disk->unflushed[i].bytes, BLOCK_SECTOR);
	disk->unflushed_count = 0;
	disk->flushes++;
}

void fake_power_loss(struct fake_disk *disk)
{
	// Sometimes everything or nothing, mostly each with the same chance.
	uint64_t chance = fake_random(&disk->random) % 5 * 25;
	for (size_t i = 0; i < disk->unflushed_count; i++)
		if (fake_random(&disk->random) % 100 < chance)
			memcpy(disk->medium + disk->unflushed[i].sector * BLOCK_SECTOR, disk->unflushed[i].bytes, BLOCK_SECTOR);
	for (size_t i = 0; i < disk->unflushed_count; i++) {
		uint64_t at = disk->unflushed[i].sector * BLOCK_SECTOR;
		memcpy(disk->image + at, disk->medium + at, BLOCK_SECTOR);
	}
	disk->unflushed_count = 0;
}

// ---- Its client -------------------------------------------------------------------------------------------

// One is enough: the disk of a client is in the field that the library has for its own.
static struct fake_disk *disk_of(const struct block_client *client) { return (struct fake_disk *)(void *)client->ring; }

// Mapped, so that it can move without a copy, and that nobody gets away with a pointer to where it was.
static uint8_t *map(uint8_t *from, uint64_t size)
{
	void *place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (from && place != MAP_FAILED)
		place = mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	return need(place == MAP_FAILED ? NULL : place);
}

void fake_client_make(struct block_client *client, struct fake_disk *disk, uint64_t data_size)
{
	*client = (struct block_client){.data_size = data_size, .ring = (struct block_ring *)(void *)disk};
	client->data = map(NULL, data_size);
	client->waiting_end = &client->waiting;
	client->info = (struct block_info){
		.sectors = disk->size / BLOCK_SECTOR,
		.block_size = BLOCK_SECTOR,
		.transfer = BLOCK_TRANSFER_MAX,
		.pieces = BLOCK_PAGES_MAX,
		.features = BLOCK_CAN_WRITE | (disk->no_flush ? 0 : BLOCK_CAN_FLUSH),
	};
}

void fake_client_free(struct block_client *client) { munmap(client->data, client->data_size); }

void fake_client_forget(struct block_client *client)
{
	fake_client_free(client);
	client->data = map(NULL, client->data_size);
}

// ---- Areas ------------------------------------------------------------------------------------------------

#define MADE_MAX 64u

mach_port_t (*fake_area_make)(uint64_t size);
uint8_t *(*fake_area_bytes)(mach_port_t memory);
unsigned fake_area_takes;
bool fake_areas_refused;
static mach_port_t made[MADE_MAX]; // that the device reaches
static unsigned made_next;
static uint8_t plain[BLOCK_AREAS][BLOCK_AREA_MAX]; // without a kernel

static bool is_made(mach_port_t memory)
{
	for (unsigned i = 0; i < MADE_MAX; i++)
		if (made[i] == memory)
			return true;
	return false;
}

uint8_t *fake_area(const struct block_client *client, uint32_t area)
{
	mach_port_t memory = client->areas[area - 1].memory;
	return memory == MACH_PORT_NULL ? plain[area - 1] : fake_area_bytes(memory);
}

static kern_return_t area_find(const struct block_client *client, uint32_t *area)
{
	for (uint32_t i = 0; i < BLOCK_AREAS; i++) {
		*area = i + 1;
		if (client->areas[i].state == BLOCK_AREA_FREE)
			return fake_areas_refused ? KERN_NOT_SUPPORTED : KERN_SUCCESS;
	}
	return KERN_RESOURCE_SHORTAGE;
}

kern_return_t block_area_make(struct block_client *client, uint64_t size, uint32_t *area)
{
	kern_return_t error = area_find(client, area);
	if (error)
		return error;
	mach_port_t memory = fake_area_make ? fake_area_make(size) : MACH_PORT_NULL;
	made[made_next++ % MADE_MAX] = memory;
	client->areas[*area - 1] = (struct block_area){BLOCK_AREA_SHARED, memory, size};
	return KERN_SUCCESS;
}

kern_return_t block_area_take(struct block_client *client, mach_port_t memory, uint64_t size, uint32_t *area)
{
	fake_area_takes++;
	kern_return_t error = area_find(client, area);
	if (!error && !is_made(memory))
		error = KERN_INVALID_CAPABILITY;
	if (!error)
		error = gila_port_copy(memory);
	if (!error)
		client->areas[*area - 1] = (struct block_area){BLOCK_AREA_SHARED, memory, size};
	return error;
}

void block_area_drop(struct block_client *client, uint32_t area)
{
	gila_port_drop(client->areas[area - 1].memory);
	client->areas[area - 1] = (struct block_area){.state = BLOCK_AREA_FREE};
}

static uint8_t *piece(const struct block_client *client, const struct block_io *io, uint64_t offset)
{
	uint32_t area = (uint32_t)(io->place >> BLOCK_AREA_SHIFT);
	if (io->pieces == 1 && area)
		return fake_area(client, area) + (uint32_t)io->place + offset;
	if (io->pieces == 1)
		return client->data + io->place + offset;
	return client->data + (uint64_t)io->pages[offset / io->piece_size] * BLOCK_PAGE + offset % io->piece_size;
}

static bool fails(uint64_t *count)
{
	if (*count == 0)
		return false;
	if (*count != UINT64_MAX)
		--*count;
	return true;
}

static kern_return_t carry_out(struct block_client *client, const struct block_io *io)
{
	struct fake_disk *disk = disk_of(client);
	if (io->operation == BLOCK_FLUSH) {
		flush(disk);
		return KERN_SUCCESS;
	}
	if (io->sector + io->count > disk->size / BLOCK_SECTOR || io->count == 0)
		return BLOCK_OUT_OF_RANGE;
	if (io->pieces == 1 && io->place >> BLOCK_AREA_SHIFT && fake_areas_refused)
		return BLOCK_FAILED; // it is lost
	bool write = io->operation == BLOCK_WRITE;
	*(write ? &disk->writes : &disk->reads) += 1;
	if (fails(write ? &disk->fail_writes : &disk->fail_reads))
		return BLOCK_FAILED;
	for (uint64_t i = 0; i < io->count; i++) {
		uint64_t sector = io->sector + i;
		uint8_t *bytes = piece(client, io, i * BLOCK_SECTOR), *there = disk->image + sector * BLOCK_SECTOR;
		if (sector == disk->bad_sector)
			return BLOCK_FAILED;
		if (!write) {
			memcpy(bytes, there, BLOCK_SECTOR);
			continue;
		}
		disk->guard_hits += sector >= disk->guard_from && sector < disk->guard_to;
		memcpy(there, bytes, BLOCK_SECTOR);
		remember(disk, sector, bytes);
	}
	if (disk->no_flush)
		flush(disk);
	return KERN_SUCCESS;
}

// Takes the request out of the list that is to be carried out next: the first, or any that no barrier keeps.
static struct block_io *next(struct block_client *client)
{
	struct fake_disk *disk = disk_of(client);
	struct block_io **link = &client->waiting;
	if (disk->shuffle && *link && !((*link)->flags & BLOCK_BARRIER)) {
		size_t count = 0;
		for (struct block_io *io = client->waiting; io && !(io->flags & BLOCK_BARRIER); io = io->next)
			count++;
		for (uint64_t skip = fake_random(&disk->random) % count; skip > 0; skip--)
			link = &(*link)->next;
	}
	struct block_io *io = *link;
	if (io) {
		*link = io->next;
		if (!*link)
			client->waiting_end = link;
	}
	return io;
}

static bool step(struct block_client *client)
{
	struct block_io *io = next(client);
	if (!io)
		return false;
	client->under_way--;
	io->error = carry_out(client, io);
	fake_step(); // it is on the disk, but nobody knows
	io->done = true;
	if (io->done_call)
		io->done_call(io);
	fake_step();
	return true;
}

void fake_client_killed(struct block_client *client)
{
	struct fake_disk *disk = disk_of(client);
	for (struct block_io *io; (io = next(client));)
		if (fake_random(&disk->random) % 2)
			(void)carry_out(client, io);
	client->data = map(client->data, client->data_size);
	client->under_way = 0;
	client->waiting = NULL;
	client->waiting_end = &client->waiting;
}

// ---- <block/client.h> -------------------------------------------------------------------------------------

kern_return_t block_open(struct block_client *client, const struct block_open *how) { return KERN_NOT_SUPPORTED; }
void block_close(struct block_client *client) {}

void block_submit(struct block_client *client, struct block_io *io)
{
	fake_step();
	io->done = false;
	io->next = NULL;
	*client->waiting_end = io;
	client->waiting_end = &io->next;
	client->under_way++;
}

void block_poll(struct block_client *client)
{
	if (client->under_way && fake_random(&disk_of(client)->random) % 2)
		step(client);
}

void block_look(struct block_client *client) { block_poll(client); }

uint64_t block_due(const struct block_client *client) { return UINT64_MAX; }

kern_return_t block_wait(struct block_client *client, struct block_io *io)
{
	while (!io->done)
		if (!step(client))
			abort(); // it was never submitted
	return io->error;
}

void block_wait_all(struct block_client *client)
{
	while (step(client))
		;
}

static kern_return_t whole(struct block_client *client, enum block_operation operation, uint64_t sector, uint64_t place,
			   uint64_t size)
{
	struct block_io io = {.operation = (uint16_t)operation, .sector = sector, .pieces = 1, .place = place};
	io.count = (uint32_t)(size / BLOCK_SECTOR);
	block_submit(client, &io);
	return block_wait(client, &io);
}

kern_return_t block_read(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size)
{
	return whole(client, BLOCK_READ, sector, place, size);
}

kern_return_t block_write(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size)
{
	return whole(client, BLOCK_WRITE, sector, place, size);
}

kern_return_t block_flush(struct block_client *client) { return whole(client, BLOCK_FLUSH, 0, 0, 0); }

void block_message(struct block_client *client, const mach_msg_header_t *message) { block_poll(client); }
