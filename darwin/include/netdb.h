// SPDX-License-Identifier: MIT
// Names of hosts, interfaces. Facts: Libinfo's <netdb.h>, <ifaddrs.h>; xnu's bsd/net/if_dl.h.
#ifndef DARWIN_INCLUDE_NETDB_H
#define DARWIN_INCLUDE_NETDB_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#include <sys/socket.h>
struct addrinfo {
	int ai_flags, ai_family, ai_socktype, ai_protocol;
	socklen_t ai_addrlen;
	char *ai_canonname;
	struct sockaddr *ai_addr;
	struct addrinfo *ai_next;
};
struct hostent {
	char *h_name, **h_aliases;
	int h_addrtype, h_length;
	char **h_addr_list;
};
struct servent {
	char *s_name, **s_aliases;
	int s_port;
	char *s_proto;
};
extern int h_errno;
int getaddrinfo(const char *, const char *, const struct addrinfo *, struct addrinfo **);
void freeaddrinfo(struct addrinfo *);
struct hostent *gethostbyname(const char *);
struct hostent *gethostbyname2(const char *, int);
struct servent *getservbyname(const char *, const char *);
const char *inet_ntop(int, const void *, char *, socklen_t);
int inet_pton(int, const char *, void *);
struct ifaddrs {
	struct ifaddrs *ifa_next;
	char *ifa_name;
	unsigned ifa_flags;
	struct sockaddr *ifa_addr, *ifa_netmask, *ifa_dstaddr;
	void *ifa_data;
};
struct sockaddr_dl {
	unsigned char sdl_len, sdl_family;
	unsigned short sdl_index;
	unsigned char sdl_type, sdl_nlen, sdl_alen, sdl_slen;
	char sdl_data[12];
};
enum { AF_LINK = 18, IFF_UP = 1, IFF_LOOPBACK = 8 };
int getifaddrs(struct ifaddrs **);
void freeifaddrs(struct ifaddrs *);
unsigned if_nametoindex(const char *);
char *if_indextoname(unsigned, char *);
#ifdef __cplusplus
}
#endif

#endif
