// SPDX-License-Identifier: MIT
// Variables of the system, and answers about processes.
#ifndef DARWIN_SYSCTL_H
#define DARWIN_SYSCTL_H

#include <stddef.h>
#include <stdint.h>

#define SYSCTL_RELEASE "23.6.0"
#define SYSCTL_PRODUCT 0x000e0600u // macOS 14.6, as LC_BUILD_VERSION has it
#define SYSCTL_VERSION "Darwin Kernel Version 23.6.0: root:xnu/RELEASE_X86_64"

struct sysctl_variable {
	const char *name;
	int8_t group, number;	   // 0: only by name
	uint8_t size;		   // of a number: 4 or 8; 0: text
	int64_t (*compute)(void);  // or
	int64_t value;		   // or
	const char *text;	   // NULL: the name of the host; or
	size_t (*write)(char *to); // a structure or a text of at most 1024 bytes: its size
};
extern const struct sysctl_variable sysctl_variables[];
extern const size_t sysctl_count;

int64_t sysctl_cpus(void);
int64_t sysctl_memory(void);
// Names of the processor's features with a blank between them, in 1024 bytes: of leaf 1, leaf 7 and the extended leaf.
size_t sysctl_write_features(char *to);
size_t sysctl_write_leaf7_features(char *to);
size_t sysctl_write_more_features(char *to);
// What Linux has by another name (sysctl_linux.c).
int64_t sysctl_keep_idle(void), sysctl_keep_interval(void), sysctl_keep_count(void), sysctl_forwarding(void), sysctl_forwarding6(void), sysctl_ttl(void);
int64_t sysctl_first_port(void), sysctl_socket_buffer(void), sysctl_backlog(void), sysctl_internal_pages(void), sysctl_external_pages(void), sysctl_ptys(void);
// As sysctl answers: to NULL, how much it is; ENOMEM with as much as there is room for.
int sysctl_answer(const void *from, size_t size, void *to, size_t *room);
// KERN_PROC: struct kinfo_proc of the processes that `kind` and `value` ask for.
int sysctl_process(int kind, int value, void *to, size_t *room);
// KERN_PROCARGS2: the count of arguments, the path, arguments and environment.
int sysctl_arguments(int process, void *to, size_t *room);
// PF_ROUTE: interfaces and routes (routes.c).
int sysctl_route(const int numbers[6], void *to, size_t *room);

#endif
