// SPDX-License-Identifier: MIT
// proc_pidfdinfo, proc_listpidspath: what the descriptors of a process are. Facts: xnu's bsd/sys/proc_info.h (struct vnode_fdinfo and its
// kin, PROC_PIDFD*, SOCKINFO_*, TSI_S_*); proc(5): /proc/PID/fd, fdinfo and net.
#include "abi.h"
#include "errno.h"
#include "proc_info.h"
#include "socket.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct file_information { // struct proc_fileinfo
	uint32_t open_flags, status;
	int64_t offset;
	int32_t type;
	uint32_t guard;
};
struct buffer_information { // struct sockbuf_info
	uint32_t used, most, memory, memory_most, least;
	int16_t flags, timeout;
};
struct internet_information { // struct in_sockinfo
	int32_t their_port, our_port;
	uint64_t generation;
	uint32_t flags, flow;
	uint8_t version, ttl;
	uint32_t unused;
	uint8_t their_address[16], our_address[16]; // of IPv4 the last four bytes
	uint8_t service, limit;
	int32_t checksum;
	uint16_t interface;
	int16_t hops;
};
struct tcp_information { // struct tcp_sockinfo
	struct internet_information internet;
	int32_t state, timers[4], segment;
	uint32_t flags, unused;
	uint64_t control;
};
struct local_information { // struct un_sockinfo
	uint64_t peer, peer_control;
	uint8_t address[255], peer_address[255];
};
struct socket_information { // struct socket_info
	struct vnode_status status;
	uint64_t socket, control;
	int32_t type, protocol, family;
	int16_t options, linger, state, queued, incoming, queue_most, timeout;
	uint16_t error;
	uint32_t mark;
	struct buffer_information receive, send;
	int32_t kind;
	uint32_t unused;
	union {
		struct internet_information internet;
		struct tcp_information tcp;
		struct local_information local;
	};
};
struct pipe_information { // struct pipe_info
	struct vnode_status status;
	uint64_t handle, peer;
	int32_t state, unused;
};
_Static_assert(sizeof(struct file_information) == 24 && sizeof(struct internet_information) == 80 && sizeof(struct tcp_information) == 120,
	       "<sys/proc_info.h>");
_Static_assert(sizeof(struct socket_information) == 768 && sizeof(struct pipe_information) == 160 &&
		       sizeof(struct vnode_information) == 152,
	       "<sys/proc_info.h>");

enum { FD_VNODE = 1, FD_VNODE_PATH, FD_SOCKET, FD_PIPE = 6, FD_KQUEUE };
enum { KIND_GENERIC, KIND_INTERNET, KIND_TCP, KIND_LOCAL };

void proc_status_of(const struct stat *from, struct vnode_status *to)
{
	*to = (struct vnode_status){.device = (uint32_t)(major(from->st_dev) << 24 | (minor(from->st_dev) & 0xffffff)),
				    .mode = (uint16_t)from->st_mode,
				    .links = (uint16_t)from->st_nlink,
				    .inode = from->st_ino,
				    .user = from->st_uid,
				    .group = from->st_gid,
				    .times = {from->st_atim.tv_sec, from->st_atim.tv_nsec, from->st_mtim.tv_sec, from->st_mtim.tv_nsec, from->st_ctim.tv_sec,
					      from->st_ctim.tv_nsec, from->st_ctim.tv_sec, from->st_ctim.tv_nsec},
				    .size = from->st_size,
				    .blocks = from->st_blocks,
				    .block_size = (int32_t)from->st_blksize,
				    .special = (uint32_t)(major(from->st_rdev) << 24 | (minor(from->st_rdev) & 0xffffff))};
}

void proc_vnode_of(const struct stat *from, struct vnode_information *to)
{
	static const uint8_t types[] = {[1] = 7 /* VFIFO */, [2] = 4, [4] = 2, [6] = 3, [8] = 1, [10] = 5, [12] = 6}; // by S_IFMT
	memset(to, 0, sizeof(*to));
	proc_status_of(from, &to->status);
	to->type = types[from->st_mode >> 12 & 15];
	to->volume[0] = (int32_t)to->status.device;
}

// ---- sockets: the line of the tables in /proc/PID/net that has the inode's number -----------------------------------

static const uint8_t tcp_states[] = {0, 4, 2, 3, 6, 9, 10, 0, 5, 8, 1, 7}; // by Linux' number: include/net/tcp_states.h

// Addresses are words in the machine's order, in hexadecimal.
static void read_address(const char *text, uint8_t to[16])
{
	size_t words = strlen(text) / 8;
	memset(to, 0, 16);
	for (size_t i = 0; i < words && i < 4; i++) {
		char part[9] = "";
		memcpy(part, text + i * 8, 8);
		uint32_t word = (uint32_t)strtoul(part, NULL, 16);
		memcpy(to + (words == 1 ? 12 : i * 4), &word, 4);
	}
}

static bool read_internet(const char *line, uint64_t inode, bool tcp, struct socket_information *to)
{
	char ours[40], theirs[40];
	unsigned our_port, their_port, state, sent, received;
	unsigned long number;
	if (sscanf(line, " %*d: %39[0-9A-F]:%x %39[0-9A-F]:%x %x %x:%x %*s %*s %*u %*u %lu", ours, &our_port, theirs, &their_port, &state,
		   &sent, &received, &number) != 8 ||
	    number != inode)
		return false;
	struct internet_information *internet = &to->internet;
	internet->our_port = __builtin_bswap16((uint16_t)our_port);
	internet->their_port = __builtin_bswap16((uint16_t)their_port);
	read_address(ours, internet->our_address);
	read_address(theirs, internet->their_address);
	internet->version = strlen(ours) == 8 ? 1 : 2; // INI_IPV4, INI_IPV6
	internet->ttl = 64;
	to->family = strlen(ours) == 8 ? AF_INET : DARWIN_AF_INET6;
	to->type = tcp ? SOCK_STREAM : SOCK_DGRAM;
	to->protocol = tcp ? 6 : 17;
	to->kind = tcp ? KIND_TCP : KIND_INTERNET;
	to->receive.used = received;
	to->send.used = sent;
	if (tcp)
		to->tcp.state = state < sizeof(tcp_states) ? tcp_states[state] : 0;
	if (tcp && state == 10) // listening
		to->options |= 2; // SO_ACCEPTCONN
	return true;
}

static bool read_local(const char *line, uint64_t inode, struct socket_information *to)
{
	unsigned flags, type;
	unsigned long number;
	char path[109] = "";
	if (sscanf(line, "%*s %*x %*x %x %x %*x %lu %108s", &flags, &type, &number, path) < 3 || number != inode)
		return false;
	to->family = AF_UNIX;
	to->type = (int32_t)type;
	to->kind = KIND_LOCAL;
	to->options = flags & 0x10000 ? 2 : 0; // SO_ACCEPTCONN
	size_t length = strnlen(path, 104);
	to->local.address[0] = (uint8_t)(2 + length + 1);
	to->local.address[1] = AF_UNIX;
	memcpy(to->local.address + 2, path, length);
	return true;
}

static void socket_describe(int id, uint64_t inode, struct socket_information *to)
{
	static const char *const tables[] = {"tcp", "tcp6", "udp", "udp6", "unix"};
	char path[48], line[512];
	bool found = false;
	to->socket = to->control = inode; // handles: only to be compared
	for (int i = 0; i < 5 && !found; i++) {
		snprintf(path, sizeof(path), "/proc/%d/net/%s", id, tables[i]);
		FILE *file = fopen(path, "re");
		while (file && !found && fgets(line, sizeof(line), file))
			found = i < 4 ? read_internet(line, inode, i < 2, to) : read_local(line, inode, to);
		if (file)
			fclose(file);
	}
}

// ---- descriptors ----------------------------------------------------------------------------------------------------

// FREAD 1, FWRITE 2 and Darwin's O_* of what /proc/PID/fdinfo/N says.
static void file_describe(int id, int number, int type, struct file_information *to)
{
	char path[48], line[128];
	unsigned flags;
	long offset;
	*to = (struct file_information){.type = type};
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", id, number);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "pos: %ld", &offset) == 1)
			to->offset = offset;
		if (sscanf(line, "flags: %o", &flags) == 1) {
			to->open_flags = (flags & 3) + 1;
			to->open_flags |= flags & 02000 ? DARWIN_O_APPEND : 0;
			to->open_flags |= flags & 04000 ? DARWIN_O_NONBLOCK : 0;
			to->status = flags & 02000000 ? 2 : 0; // PROC_FP_CLEXEC
		}
	}
	if (file)
		fclose(file);
}

int proc_descriptor_type(const char *target)
{
	return strncmp(target, "socket:", 7) == 0	       ? FILE_SOCKET
	       : strncmp(target, "pipe:", 5) == 0	       ? FILE_PIPE
	       : strcmp(target, "anon_inode:[eventpoll]") == 0 ? FILE_KQUEUE
							       : FILE_VNODE;
}

static int answer(void *to, int room, const struct file_information *file, const void *rest, size_t size)
{
	if (room < (int)(sizeof(*file) + size))
		return errno_set(DARWIN_ENOMEM), 0;
	memcpy(to, file, sizeof(*file));
	memcpy((char *)to + sizeof(*file), rest, size);
	return (int)(sizeof(*file) + size);
}

int darwin_proc_pidfdinfo(int id, int number, int flavor, void *to, int room)
{
	char link[48], target[1024];
	struct stat status;
	struct file_information file;
	static const uint8_t wanted[] = {[FD_VNODE] = FILE_VNODE,
					 [FD_VNODE_PATH] = FILE_VNODE,
					 [FD_SOCKET] = FILE_SOCKET,
					 [FD_PIPE] = FILE_PIPE,
					 [FD_KQUEUE] = FILE_KQUEUE};
	snprintf(link, sizeof(link), "/proc/%d/fd/%d", id, number);
	ssize_t length = readlink(link, target, sizeof(target) - 1);
	if (length < 0 || stat(link, &status) < 0)
		return errno_set(errno == ENOENT ? kill(id, 0) == 0 ? DARWIN_EBADF : DARWIN_ESRCH : errno_to_darwin(errno)), 0;
	target[length] = '\0';
	int type = proc_descriptor_type(target);
	if (flavor < 1 || flavor >= (int)sizeof(wanted) || !wanted[flavor])
		return errno_set(DARWIN_EINVAL), 0;
	if (wanted[flavor] != type)
		return errno_set(DARWIN_EBADF), 0;
	file_describe(id, number, type, &file);
	if (flavor == FD_SOCKET) {
		struct socket_information information = {0};
		proc_status_of(&status, &information.status);
		socket_describe(id, status.st_ino, &information);
		return answer(to, room, &file, &information, sizeof(information));
	}
	if (flavor == FD_PIPE) {
		struct pipe_information information = {.handle = status.st_ino, .peer = status.st_ino};
		proc_status_of(&status, &information.status);
		return answer(to, room, &file, &information, sizeof(information));
	}
	if (flavor == FD_KQUEUE) {
		struct {
			struct vnode_status status;
			uint32_t state, unused;
		} information = {0};
		return answer(to, room, &file, &information, sizeof(information));
	}
	struct vnode_path information;
	memset(&information, 0, sizeof(information));
	proc_vnode_of(&status, &information.vnode);
	memcpy(information.path, target, strlen(target));
	return answer(to, room, &file, &information, flavor == FD_VNODE ? sizeof(information.vnode) : sizeof(information));
}

// ---- who has a file open --------------------------------------------------------------------------------------------

static bool process_has(int id, const struct stat *wanted, bool volume)
{
	static const char *const others[] = {"cwd", "root", "exe"};
	char path[64];
	struct stat status;
	bool found = false;
	for (int i = 0; i < 3 && !found; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", id, others[i]);
		found = stat(path, &status) == 0 && status.st_dev == wanted->st_dev && (volume || status.st_ino == wanted->st_ino);
	}
	snprintf(path, sizeof(path), "/proc/%d/fd", id);
	DIR *folder = found ? NULL : opendir(path);
	for (const struct dirent *entry; folder && !found && (entry = readdir(folder));)
		found = isdigit((unsigned char)entry->d_name[0]) && fstatat(dirfd(folder), entry->d_name, &status, 0) == 0 && status.st_dev == wanted->st_dev &&
			(volume || status.st_ino == wanted->st_ino);
	if (folder)
		closedir(folder);
	return found;
}

int darwin_proc_listpids(uint32_t kind, uint32_t value, int *to, int size);

int darwin_proc_listpidspath(uint32_t kind, uint32_t value, const char *path, uint32_t flags, int *to, int size)
{
	struct stat wanted;
	if (stat(path, &wanted) < 0)
		return (int)errno_result(-1);
	int room = darwin_proc_listpids(kind, value, NULL, 0) + 64 * (int)sizeof(int);
	if (!to) // as much as there may be
		return room;
	int *all = malloc((size_t)room), count = all ? darwin_proc_listpids(kind, value, all, room) / (int)sizeof(int) : 0, found = 0;
	for (int i = 0; i < count && (found + 1) * (int)sizeof(int) <= size; i++)
		if (process_has(all[i], &wanted, flags & 1)) // PROC_LISTPIDSPATH_PATH_IS_VOLUME
			to[found++] = all[i];
	free(all);
	return found * (int)sizeof(int);
}
