// SPDX-License-Identifier: MIT
// The table of mounts; see file.h.
#include <gila/file.h>

#include <stdlib.h>
#include <string.h>

// The mount at *at: path [path, path + path_length), seat likewise. Malformed ones are skipped. False: no more.
struct mount {
	const char *path, *seat;
	size_t path_length, seat_length;
};

static bool next_mount(const char **at, struct mount *mount)
{
	while (**at) {
		size_t length = strcspn(*at, ":");
		const char *text = *at, *equals = memchr(text, '=', length);
		*at += length;
		*at += **at == ':';
		if (!equals || text[0] != '/')
			continue;
		*mount = (struct mount){
			.path = text,
			.path_length = (size_t)(equals - text),
			.seat = equals + 1,
			.seat_length = length - (size_t)(equals + 1 - text),
		};
		if (mount->path_length == 1)
			mount->path_length = 0; // "/" is a prefix of everything
		if (mount->seat_length > 0 && mount->seat_length <= SEAT_NAME_MAX && mount->path_length <= FILE_PATH_MAX)
			return true;
	}
	return false;
}

static const char *mounts(void)
{
	const char *table = getenv("GILA_MOUNTS");
	return table ? table : GILA_MOUNTS_DEFAULT;
}

kern_return_t gila_place_find(const char *path, struct gila_place *place)
{
	struct mount mount, best = {.seat_length = 0};
	const char *at = mounts();
	kern_return_t error = file_path_clean("/", path, place->path);
	if (error)
		return error;
	while (next_mount(&at, &mount)) {
		char after = strlen(place->path) >= mount.path_length ? place->path[mount.path_length] : 'x';
		bool below = strncmp(place->path, mount.path, mount.path_length) == 0 && (after == '/' || after == 0);
		if (below && (best.seat_length == 0 || mount.path_length > best.path_length))
			best = mount;
	}
	memcpy(place->seat, best.seat_length ? best.seat : "", best.seat_length);
	place->seat[best.seat_length] = 0;
	place->rest = place->path + best.path_length;
	place->rest += *place->rest == '/';
	return best.seat_length || !*place->rest ? KERN_SUCCESS : FILE_NOT_MOUNTED;
}

bool gila_mount_at(unsigned index, char name[FILE_PATH_MAX + 1], char seat[SEAT_NAME_MAX + 1])
{
	struct mount mount;
	const char *at = mounts();
	while (next_mount(&at, &mount)) {
		if (index-- > 0)
			continue;
		size_t skip = mount.path_length > 0;
		memcpy(name, mount.path + skip, mount.path_length - skip);
		name[mount.path_length - skip] = 0;
		memcpy(seat, mount.seat, mount.seat_length);
		seat[mount.seat_length] = 0;
		return true;
	}
	return false;
}
