// SPDX-License-Identifier: MIT
// Variables of sysctl that Linux has by another name. Facts: proc(5), tcp(7), ip(7): /proc/sys/net, /proc/meminfo.
#include "sysctl.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int64_t file_number(const char *path, int64_t otherwise)
{
	FILE *file = fopen(path, "re");
	long value;
	bool read = file && fscanf(file, "%ld", &value) == 1;
	if (file)
		fclose(file);
	return read ? value : otherwise;
}

// In pages.
static int64_t memory_number(const char *word)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	long value = 0;
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, word, strlen(word)) == 0 && line[strlen(word)] == ':')
			sscanf(line + strlen(word) + 1, "%ld", &value);
	if (file)
		fclose(file);
	return value / 4;
}

int64_t sysctl_keep_idle(void) { return file_number("/proc/sys/net/ipv4/tcp_keepalive_time", 7200) * 1000; } // milliseconds
int64_t sysctl_keep_interval(void) { return file_number("/proc/sys/net/ipv4/tcp_keepalive_intvl", 75) * 1000; }
int64_t sysctl_keep_count(void) { return file_number("/proc/sys/net/ipv4/tcp_keepalive_probes", 8); }
int64_t sysctl_forwarding(void) { return file_number("/proc/sys/net/ipv4/ip_forward", 0); }
int64_t sysctl_forwarding6(void) { return file_number("/proc/sys/net/ipv6/conf/all/forwarding", 0); }
int64_t sysctl_ttl(void) { return file_number("/proc/sys/net/ipv4/ip_default_ttl", 64); }
int64_t sysctl_first_port(void) { return file_number("/proc/sys/net/ipv4/ip_local_port_range", 49152); }
int64_t sysctl_socket_buffer(void) { return file_number("/proc/sys/net/core/wmem_max", 8388608); }
int64_t sysctl_backlog(void) { return file_number("/proc/sys/net/core/somaxconn", 128); }
int64_t sysctl_internal_pages(void) { return memory_number("AnonPages"); }
int64_t sysctl_external_pages(void) { return memory_number("Cached"); }
int64_t sysctl_ptys(void) { return file_number("/proc/sys/kernel/pty/max", 511); }
