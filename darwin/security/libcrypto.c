// SPDX-License-Identifier: MIT
// OpenSSL; see libcrypto.h.
#include "libcrypto.h"

#include "../libsystem/report.h"

#include <dlfcn.h>
#include <openssl/provider.h>
#include <pthread.h>

enum library_state { LIBRARY_UNKNOWN, LIBRARY_THERE, LIBRARY_MISSING };

// The library stays loaded. Two threads may both look: they find the same.
static bool library_there(const char *name, _Atomic enum library_state *state)
{
	if (*state == LIBRARY_UNKNOWN) {
		*state = dlopen(name, RTLD_NOW | RTLD_LOCAL) ? LIBRARY_THERE : LIBRARY_MISSING;
		if (*state == LIBRARY_MISSING)
			report("%s (Debian's package libssl3)", dlerror());
	}
	return *state == LIBRARY_THERE;
}

bool libcrypto_there(void)
{
	static _Atomic enum library_state state;
	return library_there("libcrypto.so.3", &state);
}

bool libssl_there(void)
{
	static _Atomic enum library_state state;
	return libcrypto_there() && library_there("libssl.so.3", &state);
}

static OSSL_LIB_CTX *legacy;

static void legacy_make(void)
{
	legacy = OSSL_LIB_CTX_new();
	if (legacy && OSSL_PROVIDER_load(legacy, "default") && OSSL_PROVIDER_load(legacy, "legacy"))
		return;
	report("OpenSSL's legacy provider is not there: ossl-modules/legacy.so (Debian's package libssl3)");
	OSSL_LIB_CTX_free(legacy);
	legacy = NULL;
}

OSSL_LIB_CTX *libcrypto_legacy(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, legacy_make);
	return legacy;
}
