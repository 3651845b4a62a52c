// SPDX-License-Identifier: MIT
// Addresses of sockets of both systems.
#ifndef DARWIN_SOCKET_H
#define DARWIN_SOCKET_H

#include "abi.h"

#include <stdbool.h>
#include <sys/socket.h>

int socket_family_to_host(int darwin); // -1: there is none
int socket_family_to_darwin(int host);
// False (and errno is set): it is no address that can be translated.
bool socket_address_to_host(const struct darwin_sockaddr *from, uint32_t size, struct sockaddr_storage *to,
			    socklen_t *to_size);
// As the host's functions do: writes as much as there is room for, and how long the address is.
void socket_address_to_darwin(const struct sockaddr_storage *from, socklen_t size, struct darwin_sockaddr *to,
			      uint32_t *to_size);
int socket_flags_to_host(int darwin); // MSG_*
int socket_flags_to_darwin(int host);

#endif
