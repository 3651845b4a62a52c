// SPDX-License-Identifier: MIT
// libresolv's state. Facts: Libresolv's <resolv.h> (struct __res_state); what it asks and how it reads answers are Debian's libresolv,
// found by name when a program wants it (struct ns_msg and ns_rr are the same), with the settings of /etc/resolv.conf.

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

struct darwin_res_state { // the beginning of struct __res_state, which has 552 bytes
	int32_t retransmit, retry;
	uint64_t options;
	int32_t servers;
	uint8_t addresses[3][16];
	uint16_t id;
	char *search[7];
	char domain[256];
	uint64_t protocols;
	uint32_t dots : 4, sorts : 4, unused : 24;
	uint8_t sort_list[80];
	void *query_hook, *answer_hook;
	int32_t error, socket;
	uint32_t flags, pad;
	uint8_t more[40];
};
_Static_assert(sizeof(struct darwin_res_state) == 552, "struct __res_state");
enum { OPTION_INIT = 1 };

struct darwin_res_state darwin_res; // _res

static void server_to_darwin(const struct sockaddr_in *from, uint8_t to[16])
{
	memcpy(to, from, 16);
	to[0] = 16; // sin_len, sin_family
	to[1] = 2;
}

int darwin_res_ninit(struct darwin_res_state *state)
{
	struct __res_state host;
	memset(&host, 0, sizeof(host));
	memset(state, 0, sizeof(*state));
	if (res_ninit(&host) < 0)
		return -1;
	state->retransmit = host.retrans;
	state->retry = host.retry;
	state->options = OPTION_INIT | (host.options & 0x2c0); // RECURSE 0x40, DEFNAMES 0x80, DNSRCH 0x200
	state->servers = host.nscount;
	for (int i = 0; i < host.nscount && i < 3; i++)
		server_to_darwin(&host.nsaddr_list[i], state->addresses[i]);
	size_t used = 0;
	for (int i = 0; i < 6 && host.dnsrch[i]; i++) {
		size_t length = strlen(host.dnsrch[i]) + 1;
		if (used + length > sizeof(state->domain))
			break;
		state->search[i] = memcpy(state->domain + used, host.dnsrch[i], length);
		used += length;
	}
	state->dots = host.ndots & 15;
	state->socket = -1;
	res_nclose(&host);
	return 0;
}

int darwin_res_init(void)
{
	return darwin_res_ninit(&darwin_res);
}

void darwin_res_ndestroy(struct darwin_res_state *state)
{
	state->options &= ~(uint64_t)OPTION_INIT;
}

void darwin_res_close(void)
{
	darwin_res_ndestroy(&darwin_res);
}

// union res_sockaddr_union has 128 bytes.
int darwin_res_getservers(struct darwin_res_state *state, void *to, int count)
{
	int copied = state->servers < count ? state->servers : count;
	memset(to, 0, (size_t)(copied > 0 ? copied : 0) * 128);
	for (int i = 0; i < copied; i++)
		memcpy((char *)to + i * 128, state->addresses[i], 16);
	return copied;
}

extern int darwin_h_errno;

static int answer(struct darwin_res_state *state, int size)
{
	if (size < 0)
		state->error = darwin_h_errno = h_errno;
	return size;
}

int darwin_res_nquery(struct darwin_res_state *state, const char *name, int class, int type, unsigned char *to, int room)
{
	return answer(state, res_query(name, class, type, to, room));
}

int darwin_res_nsearch(struct darwin_res_state *state, const char *name, int class, int type, unsigned char *to, int room)
{
	return answer(state, res_search(name, class, type, to, room));
}

int darwin_res_query(const char *name, int class, int type, unsigned char *to, int room)
{
	return darwin_res_nquery(&darwin_res, name, class, type, to, room);
}

int darwin_res_search(const char *name, int class, int type, unsigned char *to, int room)
{
	return darwin_res_nsearch(&darwin_res, name, class, type, to, room);
}

int darwin_res_mkquery(int operation, const char *name, int class, int type, const unsigned char *data, int size,
		       const unsigned char *more, unsigned char *to, int room)
{
	return res_mkquery(operation, name, class, type, data, size, more, to, room);
}

int darwin_res_nmkquery(struct darwin_res_state *state, int operation, const char *name, int class, int type,
			const unsigned char *data, int size, const unsigned char *more, unsigned char *to, int room)
{
	(void)state;
	return res_mkquery(operation, name, class, type, data, size, more, to, room);
}

int darwin_res_send(const unsigned char *query, int size, unsigned char *to, int room)
{
	return answer(&darwin_res, res_send(query, size, to, room));
}

int darwin_res_nsend(struct darwin_res_state *state, const unsigned char *query, int size, unsigned char *to, int room)
{
	return answer(state, res_send(query, size, to, room));
}
