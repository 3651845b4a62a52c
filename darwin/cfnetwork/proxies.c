// SPDX-License-Identifier: MIT
// CFNetwork, of which only the question for proxies is here. Facts: CFProxySupport.h.
//
// The answer for a URL is a list of what to try: one proxy of the *_proxy variables, or none at all.
#include "../corefoundation/constant.h"
#include "../corefoundation/url.h"
#include "../systemconfiguration/network.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CONSTANT_NAMED(kCFProxyTypeKey);
CONSTANT_NAMED(kCFProxyHostNameKey);
CONSTANT_NAMED(kCFProxyPortNumberKey);
CONSTANT_NAMED(kCFProxyUsernameKey);
CONSTANT_NAMED(kCFProxyPasswordKey);
CONSTANT_NAMED(kCFProxyAutoConfigurationURLKey);
CONSTANT_NAMED(kCFProxyTypeNone);
CONSTANT_NAMED(kCFProxyTypeHTTP);
CONSTANT_NAMED(kCFProxyTypeHTTPS);
CONSTANT_NAMED(kCFProxyTypeSOCKS);
CONSTANT_NAMED(kCFProxyTypeFTP);
CONSTANT_NAMED(kCFProxyTypeAutoConfigurationURL);
CONSTANT_NAMED(kCFProxyTypeAutoConfigurationJavaScript);
CONSTANT(darwin_kCFNetworkProxiesHTTPEnable, "HTTPEnable");
CONSTANT(darwin_kCFNetworkProxiesHTTPProxy, "HTTPProxy");
CONSTANT(darwin_kCFNetworkProxiesHTTPPort, "HTTPPort");
CONSTANT(darwin_kCFNetworkProxiesHTTPSEnable, "HTTPSEnable");
CONSTANT(darwin_kCFNetworkProxiesHTTPSProxy, "HTTPSProxy");
CONSTANT(darwin_kCFNetworkProxiesHTTPSPort, "HTTPSPort");
CONSTANT(darwin_kCFNetworkProxiesSOCKSEnable, "SOCKSEnable");
CONSTANT(darwin_kCFNetworkProxiesSOCKSProxy, "SOCKSProxy");
CONSTANT(darwin_kCFNetworkProxiesSOCKSPort, "SOCKSPort");
CONSTANT(darwin_kCFNetworkProxiesExceptionsList, "ExceptionsList");

struct dictionary *darwin_CFNetworkCopySystemProxySettings(void)
{
	return network_proxies();
}

static bool is_exception(const struct dictionary *settings, const char *host)
{
	const void *list = dictionary_get(settings, "ExceptionsList");
	bool found = false;
	for (int64_t i = 0; list && object_type(list) == &array_type && i < darwin_CFArrayGetCount(list) && !found;
	     i++) {
		char *pattern = string_to_utf8(darwin_CFArrayGetValueAtIndex(list, i));
		found = fnmatch(pattern, host, FNM_CASEFOLD) == 0;
		free(pattern);
	}
	return found;
}

// The settings' proxy of that kind. NULL: there is none.
static struct dictionary *proxy_of(const struct dictionary *settings, const char *kind, const void *type)
{
	char key[32];
	snprintf(key, sizeof(key), "%sEnable", kind);
	const void *enabled = dictionary_get(settings, key);
	snprintf(key, sizeof(key), "%sProxy", kind);
	const void *host = dictionary_get(settings, key);
	snprintf(key, sizeof(key), "%sPort", kind);
	const void *port = dictionary_get(settings, key);
	if (!enabled || !host || !darwin_CFBooleanGetValue(enabled))
		return NULL;
	struct dictionary *proxy = dictionary_make();
	darwin_CFDictionarySetValue(proxy, darwin_kCFProxyTypeKey, type);
	darwin_CFDictionarySetValue(proxy, darwin_kCFProxyHostNameKey, host);
	if (port)
		darwin_CFDictionarySetValue(proxy, darwin_kCFProxyPortNumberKey, port);
	return proxy;
}

struct string *darwin_CFURLCopyHostName(const struct url *url);
struct string *darwin_CFURLCopyScheme(const struct url *url);

struct array *darwin_CFNetworkCopyProxiesForURL(const struct url *url, const struct dictionary *settings)
{
	struct string *scheme_string = darwin_CFURLCopyScheme(url), *host_string = darwin_CFURLCopyHostName(url);
	char *scheme = scheme_string ? string_to_utf8(scheme_string) : strdup(""),
	     *host = host_string ? string_to_utf8(host_string) : strdup("");
	struct dictionary *proxy = NULL;
	struct array *list = array_make(true);
	if (!is_exception(settings, host)) {
		if (strcasecmp(scheme, "https") == 0)
			proxy = proxy_of(settings, "HTTPS", darwin_kCFProxyTypeHTTPS);
		else if (strcasecmp(scheme, "http") == 0)
			proxy = proxy_of(settings, "HTTP", darwin_kCFProxyTypeHTTP);
		else if (strcasecmp(scheme, "ftp") == 0)
			proxy = proxy_of(settings, "FTP", darwin_kCFProxyTypeFTP);
		proxy = proxy ? proxy : proxy_of(settings, "SOCKS", darwin_kCFProxyTypeSOCKS);
	}
	if (!proxy) {
		proxy = dictionary_make();
		darwin_CFDictionarySetValue(proxy, darwin_kCFProxyTypeKey, darwin_kCFProxyTypeNone);
	}
	array_add(list, proxy);
	free(scheme);
	free(host);
	darwin_CFRelease(scheme_string);
	darwin_CFRelease(host_string);
	return list;
}
