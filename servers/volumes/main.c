// SPDX-License-Identifier: MIT
// volumes: reads disks as a client of their drivers, with one thread: who asks while it reads waits. Disks are the devices of the kind
// "blk". A disk that cannot be read is tried again when somebody asks next, but not more than once a second.
#include "volumes.h"

#include <abi/device.h>
#include <abi/monitor.h>
#include <abi/seat.h>
#include <abi/volume_server.h>
#include <block/client.h>
#include <gila/device.h>
#include <gila/monitor.h>
#include <gila/recipe.h>
#include <serve/serve.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISK_PREFIX "blk/"
#define PROGRAM "/system/bin/partition"
#define DATA_SIZE (128u << 10) // of a session
#define TRY_AGAIN UINT64_C(1000000000)
#define MS UINT64_C(1000000)

// A disk that the kernel told of.
struct known_disk {
	struct known_disk *next;
	char seat[SEAT_NAME_MAX + 1];
	bool read;
	uint64_t tried; // when it could not be read
};

static struct volumes volumes;
static struct known_disk *disks;

// ---- Seats of partitions -----------------------------------------------------------------------------------------------

static size_t make_recipe(const struct volume_record *partition, struct gila_recipe *recipe)
{
	// Drivers are the ground that others stand on: back at once, and a short run is enough to be trusted again.
	const struct seat_recipe_head head = {.flags = SEAT_RESTART_DEMAND | SEAT_PROGRAM_FILE,
					      .backoff_initial = 5 * MS,
					      .backoff_cap = 1000 * MS,
					      .backoff_reset = 20 * MS};
	char word[SEAT_NAME_MAX + 16];
	gila_recipe_begin(recipe, &head, partition->seat, PROGRAM);
	snprintf(word, sizeof(word), "disk=%s", partition->disk);
	gila_recipe_argument(recipe, word);
	snprintf(word, sizeof(word), "first=%llu", (unsigned long long)partition->first);
	gila_recipe_argument(recipe, word);
	snprintf(word, sizeof(word), "count=%llu", (unsigned long long)partition->sectors);
	gila_recipe_argument(recipe, word);
	gila_recipe_use(recipe, partition->disk);
	return gila_recipe_end(recipe);
}

// The program of the seat with that name; "": there is no such seat, or the kernel does not tell.
static const char *program_of(const char *seat)
{
	static struct monitor_seat records[24];
	mach_port_t monitor;
	uint32_t after = 0;
	if (gila_seat(MONITOR_NAME, &monitor))
		return "";
	for (;;) {
		mach_msg_type_number_t count = 24;
		if (monitor_seats(monitor, after, records, &count) || count == 0)
			return "";
		for (mach_msg_type_number_t i = 0; i < count; i++)
			if (strncmp(records[i].name, seat, sizeof(records[i].name)) == 0)
				return records[i].program;
		after = records[count - 1].id;
	}
}

bool volumes_add_seat(const struct volume_record *partition)
{
	static struct gila_recipe recipe;
	char complaint[160] = "";
	kern_return_t code = KERN_SUCCESS;
	mach_port_t seats;
	mach_msg_type_number_t size = (mach_msg_type_number_t)make_recipe(partition, &recipe);
	kern_return_t error = gila_seat(SEAT_GRANT_MANAGE, &seats);
	if (!error)
		error = gila_seat_add(seats, recipe.bytes, size, false, &code, complaint);
	// One from the life of this server before, or one that moved: nobody else's.
	if (!error && code == KERN_NAME_EXISTS && strncmp(program_of(partition->seat), PROGRAM, sizeof(PROGRAM)) == 0)
		error = gila_seat_add(seats, recipe.bytes, size, true, &code, complaint);
	if (!error && !code)
		return true;
	gila_logf("the seat %s cannot be made: %s", partition->seat, *complaint ? complaint : gila_error_text(error ? error : code));
	return false;
}

// ---- Reading -----------------------------------------------------------------------------------------------------------

static bool read_disk(struct disk *disk, uint64_t sector, void *to, uint32_t size)
{
	struct block_client *client = disk->context;
	for (uint32_t done = 0; done < size;) {
		uint32_t piece = size - done < DATA_SIZE ? size - done : DATA_SIZE;
		if (block_read(client, sector + done / DISK_SECTOR, 0, piece))
			return false;
		memcpy((uint8_t *)to + done, client->data, piece);
		done += piece;
	}
	return true;
}

static bool scan_open(struct block_client *client, const char *seat)
{
	uint32_t block_size = client->info.block_size;
	struct disk disk = {.name = seat, .sectors = client->info.sectors, .block_size = block_size, .read = read_disk, .context = client};
	if (block_size < DISK_SECTOR || block_size > DISK_BLOCK_MAX || block_size & (block_size - 1)) {
		gila_logf("%s has blocks of %u bytes: its table is looked for as with %u", seat, block_size, DISK_SECTOR);
		disk.block_size = DISK_SECTOR;
	}
	return volumes_scan(&volumes, &disk);
}

static void scan(struct known_disk *known)
{
	static struct block_client client;
	const struct block_open how = {.seat = known->seat, .data_size = DATA_SIZE};
	memset(&client, 0, sizeof(client));
	kern_return_t error = block_open(&client, &how);
	bool read = !error && scan_open(&client, known->seat);
	if (!error)
		block_close(&client);
	if (!read)
		gila_logf("%s cannot be read%s%s", known->seat, error ? ": " : "", error ? gila_error_text(error) : "");
	known->read |= read;
	known->tried = read ? 0 : gila_time();
}

static void know(const char *seat)
{
	struct known_disk **end = &disks;
	for (; *end; end = &(*end)->next)
		if (strcmp((*end)->seat, seat) == 0)
			return;
	*end = calloc(1, sizeof(**end));
	if (*end)
		snprintf((*end)->seat, sizeof((*end)->seat), "%s", seat);
}

static void list_devices(void)
{
	static struct device_record records[32];
	mach_port_t devices;
	uint32_t after = 0;
	if (gila_seat(DEVICE_SERVICE, &devices))
		return;
	for (;;) {
		mach_msg_type_number_t count = 32;
		if (gila_device_list(devices, after, records, &count) || count == 0)
			return;
		for (mach_msg_type_number_t i = 0; i < count; i++) {
			records[i].seat[SEAT_NAME_MAX] = 0;
			if (strncmp(records[i].seat, DISK_PREFIX, strlen(DISK_PREFIX)) == 0)
				know(records[i].seat);
		}
		after = records[count - 1].id;
	}
}

// Reads the disks that were not read yet, or all of them.
static void update(bool all)
{
	list_devices();
	for (struct known_disk *disk = disks; disk; disk = disk->next) {
		bool again = disk->tried && gila_time() - disk->tried < TRY_AGAIN;
		if (!again && (all || !disk->read))
			scan(disk);
	}
}

// ---- The interface -----------------------------------------------------------------------------------------------------

kern_return_t volume_serve_find(struct lpc_request *rq, const char *spec, char name[64], kern_return_t *code, char complaint[160])
{
	const struct volume *found;
	update(false);
	*code = volumes_find(&volumes, spec, &found, complaint);
	if (*code == KERN_NOT_FOUND) {
		update(true);
		*code = volumes_find(&volumes, spec, &found, complaint);
	}
	if (!*code)
		snprintf(name, SEAT_NAME_MAX + 1, "%s", found->record.seat);
	// A block device that is none of the kernel's devices is known by its name alone.
	else if (*code == KERN_NOT_FOUND && !strchr(spec, '=') && strlen(spec) <= SEAT_NAME_MAX && *program_of(spec)) {
		snprintf(name, SEAT_NAME_MAX + 1, "%s", spec);
		complaint[0] = 0;
		*code = KERN_SUCCESS;
	}
	return KERN_SUCCESS;
}

kern_return_t volume_serve_list(struct lpc_request *rq, uint32_t after, volume_record_at4 *records,
				mach_msg_type_number_t *recordsCnt)
{
	struct volume_record some[24];
	if (after == 0)
		update(true);
	unsigned count = volumes_list(&volumes, after, some, *recordsCnt < 24 ? *recordsCnt : 24);
	for (unsigned i = 0; i < count; i++)
		records[i] = some[i];
	*recordsCnt = count;
	return KERN_SUCCESS;
}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {volume_demux, NULL};
	struct serve serve = {.demux = demux};
	return serve_main(&serve);
}
