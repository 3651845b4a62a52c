// SPDX-License-Identifier: MIT
// Keychains: there is none. What looks for an item finds nothing, what wants to keep one is told that there is no place for it.
// Random bytes, messages. Facts: Apple's SecItem.h, SecKeychain.h, SecBase.h, SecRandom.h; texts of keys: open source Security's SecItemConstants.c.
#include "certificate.h"

#include "../corefoundation/constant.h"

#include <stdlib.h>

CONSTANT(darwin_kSecClass, "class");
CONSTANT(darwin_kSecClassGenericPassword, "genp");
CONSTANT(darwin_kSecClassInternetPassword, "inet");
CONSTANT(darwin_kSecClassCertificate, "cert");
CONSTANT(darwin_kSecClassKey, "keys");
CONSTANT(darwin_kSecClassIdentity, "idnt");
CONSTANT(darwin_kSecAttrAccessible, "pdmn");
CONSTANT(darwin_kSecAttrAccessibleWhenUnlocked, "ak");
CONSTANT(darwin_kSecAttrAccessibleAfterFirstUnlock, "ck");
CONSTANT(darwin_kSecAttrAccessGroup, "agrp");
CONSTANT(darwin_kSecAttrAccount, "acct");
CONSTANT(darwin_kSecAttrService, "svce");
CONSTANT(darwin_kSecAttrServer, "srvr");
CONSTANT(darwin_kSecAttrProtocol, "ptcl");
CONSTANT(darwin_kSecAttrPort, "port");
CONSTANT(darwin_kSecAttrPath, "path");
CONSTANT(darwin_kSecAttrLabel, "labl");
CONSTANT(darwin_kSecAttrComment, "icmt");
CONSTANT(darwin_kSecAttrDescription, "desc");
CONSTANT(darwin_kSecAttrSynchronizable, "sync");
CONSTANT(darwin_kSecAttrIssuer, "issr");
CONSTANT(darwin_kSecAttrSerialNumber, "slnr");
CONSTANT(darwin_kSecValueData, "v_Data");
CONSTANT(darwin_kSecValueRef, "v_Ref");
CONSTANT(darwin_kSecValuePersistentRef, "v_PersistentRef");
CONSTANT(darwin_kSecReturnData, "r_Data");
CONSTANT(darwin_kSecReturnAttributes, "r_Attributes");
CONSTANT(darwin_kSecReturnRef, "r_Ref");
CONSTANT(darwin_kSecReturnPersistentRef, "r_PersistentRef");
CONSTANT(darwin_kSecMatchLimit, "m_Limit");
CONSTANT(darwin_kSecMatchLimitOne, "m_LimitOne");
CONSTANT(darwin_kSecMatchLimitAll, "m_LimitAll");
CONSTANT(darwin_kSecMatchTrustedOnly, "m_TrustedOnly");
CONSTANT(darwin_kSecMatchSearchList, "m_SearchList");
CONSTANT(darwin_kSecUseKeychain, "u_Keychain");
CONSTANT(darwin_kSecUseDataProtectionKeychain, "nleg");

const void *const darwin_kSecRandomDefault = NULL;

void darwin_arc4random_buf(void *to, size_t size);

int32_t darwin_SecRandomCopyBytes(const void *source, size_t size, void *to)
{
	darwin_arc4random_buf(to, size);
	return SEC_SUCCESS;
}

int32_t darwin_SecItemCopyMatching(const void *query, const void **result)
{
	if (result)
		*result = NULL;
	return SEC_ITEM_NOT_FOUND;
}

int32_t darwin_SecItemAdd(const void *attributes, const void **result)
{
	return SEC_NOT_AVAILABLE;
}

int32_t darwin_SecItemUpdate(const void *query, const void *changes)
{
	return SEC_ITEM_NOT_FOUND;
}

int32_t darwin_SecItemDelete(const void *query)
{
	return SEC_ITEM_NOT_FOUND;
}

int32_t darwin_SecKeychainCopyDefault(const void **keychain)
{
	*keychain = NULL;
	return SEC_NO_DEFAULT_KEYCHAIN;
}

int32_t darwin_SecKeychainCopySearchList(struct array **list)
{
	*list = array_make(true);
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainFindGenericPassword(const void *keychains, uint32_t service_size, const void *service,
					      uint32_t account_size, const void *account, uint32_t *size,
					      void **password, void **item)
{
	return SEC_ITEM_NOT_FOUND;
}

int32_t darwin_SecKeychainFindInternetPassword(const void *keychains, uint32_t server_size, const void *server,
					       uint32_t domain_size, const void *domain, uint32_t account_size,
					       const void *account, uint32_t path_size, const void *path, uint16_t port,
					       uint32_t protocol, uint32_t authentication, uint32_t *size,
					       void **password, void **item)
{
	return SEC_ITEM_NOT_FOUND;
}

int32_t darwin_SecKeychainAddGenericPassword(const void *keychain, uint32_t service_size, const void *service,
					     uint32_t account_size, const void *account, uint32_t size,
					     const void *password, void **item)
{
	return SEC_NO_DEFAULT_KEYCHAIN;
}

int32_t darwin_SecKeychainItemFreeContent(void *attributes, void *data)
{
	free(data);
	return SEC_SUCCESS;
}

struct string *darwin_SecCopyErrorMessageString(int32_t status, void *reserved)
{
	static const struct {
		int32_t status;
		const char *text;
	} messages[] = {
		{SEC_SUCCESS, "No error."},
		{-4, "Function or operation not implemented."},
		{SEC_PARAM, "One or more parameters passed to a function were not valid."},
		{-108, "Failed to allocate memory."},
		{-128, "User canceled the operation."},
		{-25257, "Unknown format."},
		{SEC_NO_TRUST_SETTINGS, "No trust settings were found."},
		{SEC_NOT_AVAILABLE, "No keychain is available."},
		{-25293, "The user name or passphrase is not correct."},
		{-25299, "The item already exists in the keychain."},
		{SEC_ITEM_NOT_FOUND, "The item could not be found in the keychain."},
		{SEC_NO_DEFAULT_KEYCHAIN, "A default keychain could not be found."},
		{-26275, "Unable to decode the data."},
		{-34018, "A required entitlement is not there."},
		{SEC_HOST_NAME, "The certificate is for another host."},
		{SEC_EXPIRED, "The certificate has expired."},
		{SEC_NOT_TRUSTED, "The certificate is not trusted."},
	};
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		if (messages[i].status == status)
			return string_format("%s", messages[i].text);
	return string_format("OSStatus %d", status);
}
