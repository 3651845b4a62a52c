// SPDX-License-Identifier: MIT
// SecCopyErrorMessageString, SecRandomCopyBytes. Facts: Apple's SecBase.h, SecRandom.h.
#include "certificate.h"

void darwin_arc4random_buf(void *to, size_t size);

const void *const darwin_kSecRandomDefault = NULL;

int32_t darwin_SecRandomCopyBytes(const void *source, size_t size, void *to)
{
	darwin_arc4random_buf(to, size);
	return SEC_SUCCESS;
}

struct string *darwin_SecCopyErrorMessageString(int32_t status, void *reserved)
{
	static const struct {
		int32_t status;
		const char *text;
	} messages[] = {
		{SEC_SUCCESS, "No error."},
		{SEC_UNIMPLEMENTED, "Function or operation not implemented."},
		{SEC_PARAM, "One or more parameters passed to a function were not valid."},
		{SEC_ALLOCATE, "Failed to allocate memory."},
		{-128, "User canceled the operation."},
		{SEC_UNKNOWN_FORMAT, "Unknown format."},
		{SEC_NO_TRUST_SETTINGS, "No trust settings were found."},
		{SEC_PKCS12_VERIFY, "MAC verification failed during PKCS12 import (wrong password?)"},
		{SEC_NOT_AVAILABLE, "No keychain is available."},
		{SEC_AUTH_FAILED, "The user name or passphrase is not correct."},
		{SEC_DUPLICATE_ITEM, "The item already exists in the keychain."},
		{SEC_NO_SUCH_KEYCHAIN, "The keychain could not be found."},
		{SEC_DUPLICATE_KEYCHAIN, "A keychain of that name is there already."},
		{SEC_INTERACTION_NOT_ALLOWED, "User interaction is not allowed."},
		{SEC_IO, "I/O error."},
		{SEC_OPEN_FOR_WRITING, "The file cannot be opened for writing."},
		{SEC_VERIFY_FAILED, "The signature does not fit."},
		{SEC_REVOKED, "The certificate is revoked."},
		{SEC_ITEM_NOT_FOUND, "The item could not be found in the keychain."},
		{SEC_NO_DEFAULT_KEYCHAIN, "A default keychain could not be found."},
		{SEC_DECODE, "Unable to decode the data."},
		{-34018, "A required entitlement is not there."},
		{SEC_HOST_NAME, "The certificate is for another host."},
		{SEC_NOT_YET_VALID, "The certificate is not valid yet."},
		{SEC_EXPIRED, "The certificate has expired."},
		{SEC_NOT_TRUSTED, "The certificate is not trusted."},
	};
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		if (messages[i].status == status)
			return string_format("%s", messages[i].text);
	return string_format("OSStatus %d", status);
}
