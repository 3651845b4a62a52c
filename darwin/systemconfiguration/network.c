// SPDX-License-Identifier: MIT
// What Linux knows of the network; see network.h.
#include "network.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool network_default_route(struct route *route)
{
	char line[256];
	unsigned destination, gateway, flags, metric, mask, best = UINT32_MAX;
	FILE *file = fopen("/proc/net/route", "re");
	char name[IFNAMSIZ];
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%15s %x %x %x %*d %*d %u %x", name, &destination, &gateway, &flags, &metric, &mask) !=
			    6 ||
		    destination || mask || !(flags & 1) || metric >= best) // RTF_UP
			continue;
		best = metric;
		strcpy(route->interface, name);
		route->router.s_addr = gateway;
	}
	if (file)
		fclose(file);
	return best != UINT32_MAX;
}

void network_resolvers(struct array *servers, struct array *domains)
{
	char line[1024];
	FILE *file = fopen("/etc/resolv.conf", "re");
	while (file && fgets(line, sizeof(line), file)) {
		char *rest = line, *key = strsep(&rest, " \t\n"), *word;
		bool server = strcmp(key, "nameserver") == 0;
		if (!server && strcmp(key, "search") != 0 && strcmp(key, "domain") != 0)
			continue;
		while ((word = strsep(&rest, " \t\n")))
			if (*word)
				array_add(server ? servers : domains, string_from_text(word));
	}
	if (file)
		fclose(file);
}

bool proxy_read(const char *text, struct proxy *proxy)
{
	const char *scheme = strstr(text, "://"), *at = scheme ? scheme + 3 : text, *end = at + strcspn(at, "/?#");
	const char *sign = memrchr(at, '@', (size_t)(end - at));
	*proxy = (struct proxy){.port = 0};
	if (scheme && (size_t)(scheme - text) >= sizeof(proxy->scheme))
		return false;
	if (scheme)
		memcpy(proxy->scheme, text, (size_t)(scheme - text));
	at = sign ? sign + 1 : at;
	bool bracket = at < end && *at == '[';
	const char *close = bracket ? memchr(at, ']', (size_t)(end - at)) : memrchr(at, ':', (size_t)(end - at));
	if (bracket && !close)
		return false;
	const char *host = at + bracket, *host_end = close ? close : end, *colon = bracket ? close + 1 : close;
	size_t length = (size_t)(host_end - host);
	if (length == 0 || length >= sizeof(proxy->host))
		return false;
	memcpy(proxy->host, host, length);
	if (!colon || colon >= end || *colon != ':')
		return true;
	for (const char *digit = colon + 1; digit < end; digit++) {
		if (!isdigit((unsigned char)*digit) || proxy->port > 6553)
			return false;
		proxy->port = proxy->port * 10 + *digit - '0';
	}
	return proxy->port <= 65535;
}

static const char *variable(const char *lower, const char *upper)
{
	const char *value = getenv(lower);
	value = value && *value ? value : upper ? getenv(upper) : NULL;
	return value && *value ? value : NULL;
}

static void put_proxy(struct dictionary *to, const char *kind, const char *text)
{
	struct proxy proxy;
	char key[32];
	if (!text || !proxy_read(text, &proxy))
		return;
	bool socks = strncmp(proxy.scheme, "socks", 5) == 0;
	kind = socks ? "SOCKS" : kind;
	int port = proxy.port ? proxy.port : socks ? 1080 : strcmp(proxy.scheme, "https") == 0 ? 443 : 80;
	snprintf(key, sizeof(key), "%sEnable", kind);
	dictionary_put(to, key, number_make(1));
	snprintf(key, sizeof(key), "%sProxy", kind);
	dictionary_put(to, key, string_format("%s", proxy.host));
	snprintf(key, sizeof(key), "%sPort", kind);
	dictionary_put(to, key, number_make(port));
}

// HTTP_PROXY in capitals is not heeded: a server's CGI programs get it from whoever asks (CVE-2016-5385).
struct dictionary *network_proxies(void)
{
	struct dictionary *proxies = dictionary_make();
	const char *all = variable("all_proxy", "ALL_PROXY"), *without = variable("no_proxy", "NO_PROXY");
	const char *http = variable("http_proxy", NULL), *https = variable("https_proxy", "HTTPS_PROXY");
	struct array *exceptions = array_make(true);
	put_proxy(proxies, "HTTP", http ? http : all);
	put_proxy(proxies, "HTTPS", https ? https : all);
	put_proxy(proxies, "FTP", variable("ftp_proxy", "FTP_PROXY"));
	for (const char *at = without; at && *at;) {
		at += strspn(at, ", ");
		size_t length = strcspn(at, ", ");
		if (length)
			array_add(exceptions, string_format("%s%.*s", *at == '.' ? "*" : "", (int)length, at));
		at += length;
	}
	if (darwin_CFArrayGetCount(exceptions))
		dictionary_put(proxies, "ExceptionsList", exceptions);
	else
		darwin_CFRelease(exceptions);
	dictionary_put(proxies, "FTPPassive", number_make(1));
	return proxies;
}

// ---- errors: each thread has its own --------------------------------------------------------------------------------

static __thread int last_error;

bool sc_fail(int error)
{
	last_error = error;
	return false;
}

int darwin_SCError(void)
{
	return last_error;
}

const char *darwin_SCErrorString(int error)
{
	return error == SC_OK		      ? "Success!"
	       : error == SC_FAILED	      ? "Failed!"
	       : error == SC_INVALID_ARGUMENT ? "Invalid argument"
	       : error == SC_ACCESS	      ? "Permission denied"
	       : error == SC_NO_KEY	      ? "No such key"
	       : error == SC_KEY_EXISTS	      ? "Key exists"
					      : "Unknown error";
}

struct object *darwin_SCCopyLastError(void)
{
	return error_make("com.apple.SystemConfiguration", last_error, darwin_SCErrorString(last_error));
}
