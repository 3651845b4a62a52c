// SPDX-License-Identifier: MIT
// Darwin's structures and numbers for x86_64, where they differ from Linux' (names here begin with darwin_ or DARWIN_).
//
// Facts: the headers that Apple publishes: xnu's bsd/sys/{stat,dirent,fcntl,mman,socket,time,resource,signal,_types}.h,
// bsd/i386/_mcontext.h, bsd/netinet/*.h; libpthread's pthread.h and sys/_pthread/*; Libc's stdio.h.
#ifndef DARWIN_ABI_H
#define DARWIN_ABI_H

#include <stdint.h>

// ---- files ----------------------------------------------------------------------------------------------------------
struct darwin_timespec {
	int64_t seconds, nanoseconds;
};
struct darwin_timeval {
	int64_t seconds;
	int32_t microseconds, pad;
};

struct darwin_stat { // with 64-bit inode numbers: stat$INODE64
	int32_t device;
	uint16_t mode, links;
	uint64_t inode;
	uint32_t user, group;
	int32_t special_device, pad;
	struct darwin_timespec accessed, modified, changed, born;
	int64_t size, blocks;
	int32_t block_size;
	uint32_t flags, generation;
	int32_t spare;
	int64_t spares[2];
};

struct darwin_dirent { // with 64-bit inode numbers
	uint64_t inode, seek;
	uint16_t record, name_length;
	uint8_t type;
	char name[1024];
};

struct darwin_statfs {
	uint32_t block_size;
	int32_t io_size;
	uint64_t blocks, free, available, files, files_free;
	int32_t id[2];
	uint32_t owner, type, flags, subtype;
	char type_name[16], mounted_on[1024], mounted_from[1024];
	uint32_t flags_ext, reserved[7];
};

struct darwin_flock {
	int64_t start, length;
	int32_t process;
	int16_t type, whence;
};

enum {
	DARWIN_O_NONBLOCK = 0x4,
	DARWIN_O_APPEND = 0x8,
	DARWIN_O_SHLOCK = 0x10,
	DARWIN_O_EXLOCK = 0x20,
	DARWIN_O_ASYNC = 0x40,
	DARWIN_O_SYNC = 0x80,
	DARWIN_O_NOFOLLOW = 0x100,
	DARWIN_O_CREAT = 0x200,
	DARWIN_O_TRUNC = 0x400,
	DARWIN_O_EXCL = 0x800,
	DARWIN_O_EVTONLY = 0x8000,
	DARWIN_O_NOCTTY = 0x20000,
	DARWIN_O_DIRECTORY = 0x100000,
	DARWIN_O_SYMLINK = 0x200000,
	DARWIN_O_DSYNC = 0x400000,
	DARWIN_O_CLOEXEC = 0x1000000,
};
enum {
	DARWIN_AT_FDCWD = -2,
	DARWIN_AT_EACCESS = 0x10,
	DARWIN_AT_SYMLINK_NOFOLLOW = 0x20,
	DARWIN_AT_SYMLINK_FOLLOW = 0x40,
	DARWIN_AT_REMOVEDIR = 0x80,
};

// ---- memory ---------------------------------------------------------------------------------------------------------
enum {
	DARWIN_MAP_SHARED = 0x1,
	DARWIN_MAP_PRIVATE = 0x2,
	DARWIN_MAP_FIXED = 0x10,
	DARWIN_MAP_NORESERVE = 0x40,
	DARWIN_MAP_NOCACHE = 0x400,
	DARWIN_MAP_JIT = 0x800,
	DARWIN_MAP_ANON = 0x1000,
};

// ---- sockets --------------------------------------------------------------------------------------------------------
struct darwin_sockaddr {
	uint8_t length, family;
	uint8_t data[126];
};
struct darwin_msghdr {
	void *name;
	uint32_t name_length, pad;
	struct iovec *vectors;
	int32_t vector_count, pad2;
	void *control;
	uint32_t control_length;
	int32_t flags;
};
struct darwin_cmsghdr {
	uint32_t length;
	int32_t level, type;
};
enum { DARWIN_AF_INET6 = 30, DARWIN_SOL_SOCKET = 0xffff };

struct darwin_addrinfo {
	int32_t flags, family, type, protocol;
	uint32_t length, pad;
	char *name;
	struct darwin_sockaddr *address;
	struct darwin_addrinfo *next;
};

// ---- signals --------------------------------------------------------------------------------------------------------
struct darwin_sigaction {
	void *handler;
	uint32_t mask;
	int32_t flags;
};
enum {
	DARWIN_SA_ONSTACK = 0x1,
	DARWIN_SA_RESTART = 0x2,
	DARWIN_SA_RESETHAND = 0x4,
	DARWIN_SA_NOCLDSTOP = 0x8,
	DARWIN_SA_NODEFER = 0x10,
	DARWIN_SA_NOCLDWAIT = 0x20,
	DARWIN_SA_SIGINFO = 0x40,
};
struct darwin_stack {
	void *address;
	uint64_t size;
	int32_t flags, pad;
};
enum { DARWIN_SS_ONSTACK = 1, DARWIN_SS_DISABLE = 4 };

struct darwin_siginfo {
	int32_t signal, error, code, process;
	uint32_t user;
	int32_t status;
	void *address;
	uint64_t value;
	int64_t band;
	uint64_t pad[7];
};

struct darwin_exception_state {
	uint16_t trap, cpu;
	uint32_t error;
	uint64_t address;
};
struct darwin_thread_state {
	uint64_t rax, rbx, rcx, rdx, rdi, rsi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15, rip, rflags, cs, fs, gs;
};
struct darwin_float_state {
	uint32_t reserved[2];
	uint8_t fxsave[416]; // as FXSAVE writes it: control words, 8 x87 and 16 SSE registers
	uint8_t reserved4[96];
	uint32_t reserved1;
} __attribute__((packed));
struct darwin_mcontext {
	struct darwin_exception_state exception;
	struct darwin_thread_state thread;
	struct darwin_float_state floats;
	uint32_t pad;
};
struct darwin_ucontext {
	int32_t on_stack;
	uint32_t mask;
	struct darwin_stack stack;
	struct darwin_ucontext *link;
	uint64_t mcontext_size;
	struct darwin_mcontext *mcontext;
};

// ---- processes ------------------------------------------------------------------------------------------------------
struct darwin_rusage {
	struct darwin_timeval user, system;
	int64_t most_resident, rest[13];
};
enum { // getrlimit
	DARWIN_RLIMIT_CPU,
	DARWIN_RLIMIT_FSIZE,
	DARWIN_RLIMIT_DATA,
	DARWIN_RLIMIT_STACK,
	DARWIN_RLIMIT_CORE,
	DARWIN_RLIMIT_AS,
	DARWIN_RLIMIT_MEMLOCK,
	DARWIN_RLIMIT_NPROC,
	DARWIN_RLIMIT_NOFILE,
};
#define DARWIN_RLIM_INFINITY 0x7fffffffffffffffull

struct darwin_passwd {
	char *name, *password;
	uint32_t user, group;
	int64_t change;
	char *class, *full_name, *home, *shell;
	int64_t expire;
};

// ---- kqueue ---------------------------------------------------------------------------------------------------------
struct darwin_kevent {
	uint64_t ident;
	int16_t filter;
	uint16_t flags;
	uint32_t fflags;
	int64_t data;
	void *udata;
};

// ---- terminals ------------------------------------------------------------------------------------------------------
struct darwin_termios {
	uint64_t input, output, control, local;
	uint8_t characters[20], pad[4];
	uint64_t input_speed, output_speed;
};

_Static_assert(sizeof(struct darwin_stat) == 144, "struct stat with 64-bit inodes");
_Static_assert(sizeof(struct darwin_siginfo) == 104, "siginfo_t");
_Static_assert(sizeof(struct darwin_thread_state) == 168, "x86_thread_state64_t");
_Static_assert(sizeof(struct darwin_mcontext) == 16 + 168 + 524 + 4, "mcontext64, rounded up");
_Static_assert(sizeof(struct darwin_ucontext) == 56, "ucontext64");
_Static_assert(sizeof(struct darwin_statfs) == 2168, "struct statfs with 64-bit inodes");
_Static_assert(sizeof(struct darwin_termios) == 72, "struct termios");

#endif
