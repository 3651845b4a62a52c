// SPDX-License-Identifier: MIT
// What Linux knows of the network: interfaces, the default route, name servers, proxies.
// Facts: getifaddrs(3), resolv.conf(5), proc(5) (/proc/net/route), the *_proxy variables as curl(1) reads them.
#ifndef DARWIN_NETWORK_H
#define DARWIN_NETWORK_H

#include "../corefoundation/object.h"

#include <net/if.h>
#include <netinet/in.h>

struct route {
	char interface[IFNAMSIZ];
	struct in_addr router;
};
// The default route of IPv4. False: there is none.
bool network_default_route(struct route *route);
// Adds the servers' addresses and the domains to search.
void network_resolvers(struct array *servers, struct array *domains);
// The dictionary of proxies, as SCDynamicStoreCopyProxies gives it.
struct dictionary *network_proxies(void);
// A proxy as a variable names it: [scheme://][user@]host[:port][/]. False: it is none.
struct proxy {
	char scheme[16], host[256];
	int port; // 0: it names none
};
bool proxy_read(const char *text, struct proxy *proxy);

// SCError's number for this thread. Returns false, or NULL by `? :`.
bool sc_fail(int error);
enum { SC_OK = 0, SC_FAILED = 1001, SC_INVALID_ARGUMENT = 1002, SC_ACCESS = 1003, SC_NO_KEY = 1004, SC_KEY_EXISTS = 1005,
       SC_LOCKED = 1006, SC_NEED_LOCK = 1007, SC_STALE = 3003, SC_BUSY = 3001 };

#endif
