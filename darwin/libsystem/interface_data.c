// SPDX-License-Identifier: MIT
// What network interfaces have counted; see interface_data.h. Facts: proc(5): /proc/net/dev; netdevice(7).
#include "interface_data.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t mtu_of(const char *name)
{
	struct ifreq request = {0};
	int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	uint32_t mtu = file >= 0 && ioctl(file, SIOCGIFMTU, &request) == 0 ? (uint32_t)request.ifr_mtu : 0;
	if (file >= 0)
		close(file);
	return mtu;
}

void interface_data_read(const char *name, struct interface_data64 *to)
{
	char line[512];
	size_t length = strlen(name);
	FILE *table = fopen("/proc/net/dev", "re");
	memset(to, 0, sizeof(*to));
	to->mtu = mtu_of(name);
	to->speed = 1000000000;
	while (table && fgets(line, sizeof(line), table)) {
		const char *at = line + strspn(line, " ");
		unsigned long in[8], out[8];
		if (strncmp(at, name, length) != 0 || at[length] != ':' ||
		    sscanf(at + length + 1, "%lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu %lu", &in[0], &in[1], &in[2], &in[3],
			   &in[4], &in[5], &in[6], &in[7], &out[0], &out[1], &out[2], &out[3], &out[4], &out[5]) != 14)
			continue;
		to->bytes_in = in[0];
		to->packets_in = in[1];
		to->errors_in = in[2];
		to->drops = in[3];
		to->many_in = in[7];
		to->bytes_out = out[0];
		to->packets_out = out[1];
		to->errors_out = out[2];
		to->collisions = out[5];
		break;
	}
	if (table)
		fclose(table);
}

struct interface_data interface_data_narrow(const struct interface_data64 *from)
{
	return (struct interface_data){.type = from->type,
				       .address_length = from->address_length,
				       .mtu = from->mtu,
				       .metric = from->metric,
				       .speed = (uint32_t)from->speed,
				       .packets_in = (uint32_t)from->packets_in,
				       .errors_in = (uint32_t)from->errors_in,
				       .packets_out = (uint32_t)from->packets_out,
				       .errors_out = (uint32_t)from->errors_out,
				       .collisions = (uint32_t)from->collisions,
				       .bytes_in = (uint32_t)from->bytes_in,
				       .bytes_out = (uint32_t)from->bytes_out,
				       .many_in = (uint32_t)from->many_in,
				       .many_out = (uint32_t)from->many_out,
				       .drops = (uint32_t)from->drops};
}
