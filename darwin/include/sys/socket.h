// SPDX-License-Identifier: MIT
// Sockets. Facts: xnu's bsd/sys/socket.h, bsd/netinet/in.h.
#ifndef DARWIN_INCLUDE_SYS_SOCKET_H
#define DARWIN_INCLUDE_SYS_SOCKET_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { AF_UNIX = 1, AF_INET = 2, AF_INET6 = 30, SOCK_STREAM = 1, SOL_SOCKET = 0xffff, SO_REUSEADDR = 4, SO_ERROR = 0x1007, SO_TYPE = 0x1008, SO_NOSIGPIPE = 0x1022, SCM_RIGHTS = 1 };
struct sockaddr {
	unsigned char sa_len, sa_family;
	char sa_data[14];
};
struct sockaddr_in {
	unsigned char sin_len, sin_family;
	unsigned short sin_port;
	unsigned sin_addr;
	char sin_zero[8];
};
struct iovec {
	void *iov_base;
	size_t iov_len;
};
struct msghdr {
	void *msg_name;
	socklen_t msg_namelen;
	struct iovec *msg_iov;
	int msg_iovlen;
	void *msg_control;
	socklen_t msg_controllen;
	int msg_flags;
};
struct cmsghdr {
	socklen_t cmsg_len;
	int cmsg_level, cmsg_type;
};
int socket(int, int, int);
int socketpair(int, int, int, int[2]);
int bind(int, const struct sockaddr *, socklen_t);
int listen(int, int);
int accept(int, struct sockaddr *, socklen_t *);
int connect(int, const struct sockaddr *, socklen_t);
int getsockname(int, struct sockaddr *, socklen_t *);
int setsockopt(int, int, int, const void *, socklen_t);
int getsockopt(int, int, int, void *, socklen_t *);
ssize_t send(int, const void *, size_t, int);
struct msghdr_x {
	struct msghdr message;
	size_t msg_datalen;
};
ssize_t sendmsg_x(int, const struct msghdr_x *, unsigned, int);
ssize_t recvmsg_x(int, const struct msghdr_x *, unsigned, int);
typedef struct {
	unsigned sae_srcif;
	const struct sockaddr *sae_srcaddr;
	socklen_t sae_srcaddrlen;
	const struct sockaddr *sae_dstaddr;
	socklen_t sae_dstaddrlen;
} sa_endpoints_t;
int connectx(int, const sa_endpoints_t *, unsigned, unsigned, const struct iovec *, unsigned, size_t *, unsigned *);
ssize_t sendmsg(int, const struct msghdr *, int);
ssize_t recvmsg(int, struct msghdr *, int);
#ifdef __cplusplus
}
#endif

#endif
