// SPDX-License-Identifier: MIT
// What a network interface has counted, in Darwin's structures. Facts: xnu's bsd/net/if_var.h (struct if_data, if_data64).
#ifndef DARWIN_INTERFACE_DATA_H
#define DARWIN_INTERFACE_DATA_H

#include <stdint.h>

struct interface_data { // struct if_data
	uint8_t type, type_length, physical, address_length, header_length, receive_quota, send_quota, unused;
	uint32_t mtu, metric, speed, packets_in, errors_in, packets_out, errors_out, collisions, bytes_in, bytes_out, many_in, many_out, drops, unknown, receive_time, send_time;
	uint32_t changed[2], unused2, assist, reserved[2];
};
struct interface_data64 { // struct if_data64
	uint8_t type, type_length, physical, address_length, header_length, receive_quota, send_quota, unused;
	uint32_t mtu, metric;
	uint64_t speed, packets_in, errors_in, packets_out, errors_out, collisions, bytes_in, bytes_out, many_in, many_out, drops, unknown;
	uint32_t receive_time, send_time, changed[2];
};
_Static_assert(sizeof(struct interface_data) == 96 && sizeof(struct interface_data64) == 128, "<net/if_var.h>");

// All but the type and length of address, which the caller knows.
void interface_data_read(const char *name, struct interface_data64 *to);
struct interface_data interface_data_narrow(const struct interface_data64 *from);

#endif
