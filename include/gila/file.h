// SPDX-License-Identifier: MIT
// Files by path: finds the file server that a path belongs to and talks to it (abi/file.defs).
//
// Paths are absolute. The mounts say which seat serves what lies below a path: they come from the `mounts` of init's
// configuration, which init puts into the environment of everything it starts: GILA_MOUNTS=/boot=fs/boot:/tmp=fs/tmp (this
// is also what holds without it). "/" itself is a directory of the mounts, unless something is mounted there.
// An open file is a send right; gila_file_close drops it. Any size may be read or written: little goes in the message, much
// through a memory object. A call that a dying server left unanswered is repeated where that does no harm, else it
// returns MIG_SERVER_DIED. Every function may be called by any thread.
#ifndef GILA_FILE_H
#define GILA_FILE_H

#include <gila/file_name.h>
#include <gila/gila.h>

#define GILA_MOUNTS_DEFAULT "/boot=fs/boot:/tmp=fs/tmp"
#define GILA_MOUNTS_MAX 32u

// Where a path leads.
struct gila_place {
	char seat[SEAT_NAME_MAX + 1]; // "": the directory of mounts itself
	const char *rest;             // within that file system; points into `path`
	char path[FILE_PATH_MAX + 1]; // cleaned
};

// flags: enum file_open_flags. `info` may be NULL.
kern_return_t gila_file_open(const char *path, uint32_t flags, mach_port_t *file, struct file_info *info) GILA_CHECKED;
// Makes a file that must not exist.
kern_return_t gila_file_create(const char *path, uint32_t flags, mach_port_t *file) GILA_CHECKED;
void gila_file_close(mach_port_t file);

// Reads until `size` bytes or the end of the file; *got may be NULL when the caller knows the size.
kern_return_t gila_file_read(mach_port_t file, uint64_t offset, void *to, size_t size, size_t *got) GILA_CHECKED;
// Writes everything; after an error an unknown part is written.
kern_return_t gila_file_write(mach_port_t file, uint64_t offset, const void *from, size_t size) GILA_CHECKED;

// Memory for reads and writes without a copy in this program, and without one in the file server if it is made for one whose disk reaches
// it (ext2: whole blocks, at starts that are whole pages; docs/ext2.md). It may be used with any file. While a call works
// with a part of it, that part is the server's; after an error the part's contents are unknown and may still change for a while, so
// drop it then if that matters. Of one thread, or of several with parts of their own.
struct gila_file_buffer {
	mach_port_t memory;
	uint8_t *data;
	size_t size; // whole pages
};
#define GILA_FILE_BUFFER_MAX ((size_t)1 << 20)
// For files of the file system of `file` above all. KERN_INVALID_ARGUMENT: 0 or more than GILA_FILE_BUFFER_MAX; KERN_RESOURCE_SHORTAGE.
kern_return_t gila_file_buffer_make(mach_port_t file, size_t size, struct gila_file_buffer *buffer) GILA_CHECKED;
void gila_file_buffer_drop(struct gila_file_buffer *buffer);
// As gila_file_read and gila_file_write, into and from buffer->data + start. KERN_INVALID_ARGUMENT: outside of the buffer.
kern_return_t gila_file_read_in_place(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size,
				      size_t *got) GILA_CHECKED;
kern_return_t gila_file_write_in_place(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start,
				       size_t size) GILA_CHECKED;

// The same in two steps, so that one thread has several under way. Those of one file may be carried out in any order; that part of the
// buffer is the server's until the end. Each that was begun must be ended, before its file is closed and its buffer dropped. What the
// server does not look for goes by message, and is over when `begin` returns.
struct file_lane_flight { // the library's
	struct client_lane *lane;
	uint32_t place, operation;
	uint64_t size;
};
struct gila_file_flight {
	mach_port_t file, memory;
	uint64_t offset;
	size_t start, size, got;
	bool write, is_over;
	kern_return_t error;
	struct file_lane_flight lane;
};
// KERN_INVALID_ARGUMENT: outside of the buffer; nothing was begun. Other errors come with the end.
kern_return_t gila_file_read_begin(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size,
				   struct gila_file_flight *flight) GILA_CHECKED;
kern_return_t gila_file_write_begin(mach_port_t file, uint64_t offset, const struct gila_file_buffer *buffer, size_t start, size_t size,
				    struct gila_file_flight *flight) GILA_CHECKED;
bool gila_file_flight_is_over(const struct gila_file_flight *flight); // so that the end does not wait
kern_return_t gila_file_flight_end(struct gila_file_flight *flight, size_t *got) GILA_CHECKED; // got may be NULL

// At the end of the file, wherever that is; pieces of up to FILE_INLINE_MAX bytes are written in one go each.
kern_return_t gila_file_append(mach_port_t file, const void *from, size_t size) GILA_CHECKED;
kern_return_t gila_file_resize(mach_port_t file, uint64_t size) GILA_CHECKED;
kern_return_t gila_file_sync(mach_port_t file) GILA_CHECKED;
kern_return_t gila_file_info(mach_port_t file, struct file_info *info) GILA_CHECKED;

kern_return_t gila_path_info(const char *path, struct file_info *info) GILA_CHECKED;
kern_return_t gila_path_rename(const char *from, const char *to) GILA_CHECKED; // FILE_OTHER_SYSTEM as well
kern_return_t gila_path_remove(const char *path) GILA_CHECKED;
kern_return_t gila_path_make_directory(const char *path) GILA_CHECKED;
// The whole file in memory that the caller frees, with a NUL behind it. FILE_TOO_LARGE: more than `most` bytes.
kern_return_t gila_path_load(const char *path, size_t most, char **data, size_t *size) GILA_CHECKED;

// Walks a directory: gila_list_begin; while (!(e = gila_list_next(&list)) && !list.done) use list.entry, list.name;
// gila_list_end.
struct gila_list {
	struct file_entry entry;
	char name[FILE_NAME_MAX + 1];
	bool done;
	mach_port_t directory; // MACH_PORT_NULL: the mounts
	uint64_t cookie;
	bool last;             // the server has no more than what is in `bytes`
	size_t used, size;
	uint8_t bytes[FILE_LIST_MAX];
};
kern_return_t gila_list_begin(struct gila_list *list, const char *path) GILA_CHECKED;
kern_return_t gila_list_next(struct gila_list *list) GILA_CHECKED;
void gila_list_end(struct gila_list *list);

// Finds the mount of a path. FILE_NOT_MOUNTED, and those of file_path_clean.
kern_return_t gila_place_find(const char *path, struct gila_place *place) GILA_CHECKED;
// Mount `index` of the table, its path without the leading "/": false when there are no more.
bool gila_mount_at(unsigned index, char name[FILE_PATH_MAX + 1], char seat[SEAT_NAME_MAX + 1]);

#endif
