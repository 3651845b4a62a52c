// SPDX-License-Identifier: MIT
// Keychains: keychains               items of each class: added, found, changed, removed, by both sets of calls
//            keychains add N NAME    N passwords, services NAME.0 to NAME.N-1; says how many were added
//            keychains get NAME      one, by its service
//            keychains sealed PATH WORD make|read   a keychain with a password
//            keychains identity P12  a certificate and its key
#include "check.h"

#include <Security/Security.h>
#include <string.h>

#define LENGTH(text) (unsigned)strlen(text), text

static CFMutableDictionaryRef dictionary(void)
{
	return CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
}

static CFDataRef text_data(const char *text)
{
	return CFDataCreate(NULL, (const UInt8 *)text, (CFIndex)strlen(text));
}

static int is(CFTypeRef string, const char *text)
{
	char got[128];
	return string && CFStringGetCString(string, got, sizeof(got), kCFStringEncodingUTF8) && strcmp(got, text) == 0;
}

static CFMutableDictionaryRef query(CFStringRef class, CFStringRef service, CFStringRef account)
{
	CFMutableDictionaryRef words = dictionary();
	CFDictionarySetValue(words, kSecClass, class);
	if (service)
		CFDictionarySetValue(words, kSecAttrService, service);
	if (account)
		CFDictionarySetValue(words, kSecAttrAccount, account);
	return words;
}

// ---- SecItem --------------------------------------------------------------------------------------------------------

static void check_items(void)
{
	CFTypeRef result = NULL;
	CFMutableDictionaryRef words = query(kSecClassGenericPassword, CFSTR("mail"), CFSTR("b\u00f6b"));
	CHECK(SecItemCopyMatching(words, &result) == -25300 && !result);
	CFDictionarySetValue(words, kSecValueData, text_data("first"));
	CFDictionarySetValue(words, kSecReturnPersistentRef, kCFBooleanTrue);
	CFTypeRef number = NULL;
	CHECK(SecItemAdd(words, &number) == 0 && CFGetTypeID(number) == CFGetTypeID(text_data("")));
	CHECK(SecItemAdd(words, NULL) == -25299);
	CFMutableDictionaryRef by_number = dictionary();
	CFDictionarySetValue(by_number, kSecValuePersistentRef, number);
	CFDictionarySetValue(by_number, kSecReturnData, kCFBooleanTrue);
	CHECK(SecItemCopyMatching(by_number, &result) == 0 && CFEqual(result, text_data("first")));

	CFMutableDictionaryRef wanted = query(kSecClassGenericPassword, CFSTR("mail"), NULL), change = dictionary();
	CFDictionarySetValue(change, kSecValueData, text_data("second"));
	CFDictionarySetValue(change, kSecAttrLabel, CFSTR("a label"));
	CHECK(SecItemUpdate(wanted, change) == 0);
	CFDictionarySetValue(wanted, kSecReturnData, kCFBooleanTrue);
	CFDictionarySetValue(wanted, kSecReturnAttributes, kCFBooleanTrue);
	CHECK(SecItemCopyMatching(wanted, &result) == 0);
	CHECK(is(CFDictionaryGetValue(result, kSecAttrAccount), "b\xc3\xb6"
								"b") &&
	      is(CFDictionaryGetValue(result, kSecAttrLabel), "a label") &&
	      CFEqual(CFDictionaryGetValue(result, kSecValueData), text_data("second")));

	words = query(kSecClassGenericPassword, CFSTR("mail"), CFSTR("alice"));
	CFDictionarySetValue(words, kSecValueData, text_data("third"));
	CHECK(SecItemAdd(words, NULL) == 0);
	CFDictionarySetValue(wanted, kSecMatchLimit, kSecMatchLimitAll);
	CHECK(SecItemCopyMatching(wanted, &result) == 0 && CFArrayGetCount(result) == 2);
	CHECK(SecItemDelete(query(kSecClassGenericPassword, CFSTR("mail"), NULL)) == 0 &&
	      SecItemDelete(query(kSecClassGenericPassword, CFSTR("mail"), NULL)) == -25300);
	CHECK(SecItemAdd(dictionary(), NULL) == -50);
}

static void check_internet(void)
{
	int port = 8443;
	CFTypeRef result = NULL;
	unsigned size = 0;
	void *password = NULL;
	CFMutableDictionaryRef words = query(kSecClassInternetPassword, NULL, CFSTR("me"));
	CFDictionarySetValue(words, kSecAttrServer, CFSTR("host.example"));
	CFDictionarySetValue(words, kSecAttrProtocol, kSecAttrProtocolHTTPS);
	CFDictionarySetValue(words, kSecAttrPort, CFNumberCreate(NULL, kCFNumberSInt32Type, &port));
	CFDictionarySetValue(words, kSecValueData, text_data("secret"));
	CHECK(SecItemAdd(words, NULL) == 0);
	// The other calls find it: protocol and port are numbers there.
	CHECK(SecKeychainFindInternetPassword(NULL, LENGTH("host.example"), 0, NULL, LENGTH("me"), 0, NULL, 8443,
					      'htps', 0, &size, &password, NULL) == 0);
	CHECK(size == 6 && memcmp(password, "secret", 6) == 0 && SecKeychainItemFreeContent(NULL, password) == 0);
	CHECK(SecKeychainFindInternetPassword(NULL, LENGTH("host.example"), 0, NULL, LENGTH("me"), 0, NULL, 443, 'htps',
					      0, &size, &password, NULL) == -25300);
	CHECK(SecKeychainAddInternetPassword(NULL, LENGTH("other.example"), 0, NULL, LENGTH("me"), LENGTH("/path"), 0,
					     'http', 'tlfd', LENGTH("two"), NULL) == 0);
	CFMutableDictionaryRef other = query(kSecClassInternetPassword, NULL, NULL);
	CFDictionarySetValue(other, kSecAttrServer, CFSTR("other.example"));
	CFDictionarySetValue(other, kSecReturnAttributes, kCFBooleanTrue);
	CHECK(SecItemCopyMatching(other, &result) == 0);
	CHECK(is(CFDictionaryGetValue(result, kSecAttrProtocol), "http") &&
	      is(CFDictionaryGetValue(result, CFSTR("atyp")), "dflt") &&
	      is(CFDictionaryGetValue(result, CFSTR("path")), "/path"));
	CFRelease(words);
}

// ---- SecKeychainItem ------------------------------------------------------------------------------------------------

static void check_access(SecKeychainItemRef item)
{
	CFTypeRef application = NULL, access = NULL;
	CFDataRef path = NULL;
	CHECK(SecTrustedApplicationCreateFromPath("/bin/sh", &application) == 0 &&
	      SecTrustedApplicationCopyData(application, &path) == 0);
	CHECK(CFDataGetLength(path) == 8 && memcmp(CFDataGetBytePtr(path), "/bin/sh", 8) == 0);
	CHECK(SecAccessCreate(CFSTR("an item"), NULL, &access) == 0 && SecKeychainItemSetAccess(item, access) == 0);
	CHECK(SecAccessCreate(NULL, NULL, &access) == -50);
}

static void check_content(void)
{
	SecKeychainItemRef item = NULL;
	unsigned class = 0, size = 0;
	void *password = NULL;
	CHECK(SecKeychainAddGenericPassword(NULL, LENGTH("disk"), LENGTH("root"), LENGTH("x"), &item) == 0 && item);
	CHECK(SecKeychainAddGenericPassword(NULL, LENGTH("disk"), LENGTH("root"), LENGTH("x"), NULL) == -25299);
	check_access(item);
	SecKeychainAttribute changed[] = {{'icmt', 7, "comment"}};
	SecKeychainAttributeList changes = {1, changed};
	CHECK(SecKeychainItemModifyAttributesAndData(item, &changes, 3, "new") == 0);
	SecKeychainAttribute asked[] = {{'acct', 0, NULL}, {'icmt', 0, NULL}, {'mdat', 0, NULL}, {'labl', 0, NULL}};
	SecKeychainAttributeList list = {4, asked};
	CHECK(SecKeychainItemCopyContent(item, &class, &list, &size, &password) == 0);
	CHECK(class == 'genp' && size == 3 && memcmp(password, "new", 3) == 0);
	CHECK(asked[0].length == 4 && memcmp(asked[0].data, "root", 4) == 0 && asked[1].length == 7 &&
	      memcmp(asked[3].data, "disk", 4) == 0);
	CHECK(asked[2].length == 16 && ((char *)asked[2].data)[14] == 'Z' && ((char *)asked[2].data)[0] == '2');
	CHECK(SecKeychainItemFreeContent(&list, password) == 0);
	CHECK(SecKeychainFindGenericPassword(NULL, LENGTH("disk"), 0, NULL, &size, NULL, NULL) == 0 && size == 3);
	CHECK(SecKeychainItemDelete(item) == 0 && SecKeychainItemDelete(item) == -25300);
	CHECK(SecKeychainItemCopyContent(item, &class, NULL, &size, &password) == -25300);
}

// ---- keys -----------------------------------------------------------------------------------------------------------

static void check_keys(void)
{
	int bits = 256;
	CFTypeRef result = NULL;
	CFMutableDictionaryRef parameters = dictionary(), own = dictionary(), wanted = query(kSecClassKey, NULL, NULL);
	CFDictionarySetValue(own, kSecAttrIsPermanent, kCFBooleanTrue);
	CFDictionarySetValue(own, kSecAttrApplicationTag, text_data("org.example.key"));
	CFDictionarySetValue(parameters, kSecPrivateKeyAttrs, own);
	CFDictionarySetValue(parameters, kSecAttrKeyType, kSecAttrKeyTypeECSECPrimeRandom);
	CFDictionarySetValue(parameters, kSecAttrKeySizeInBits, CFNumberCreate(NULL, kCFNumberSInt32Type, &bits));
	SecKeyRef key = SecKeyCreateRandomKey(parameters, NULL);
	CHECK(key);
	CFDictionarySetValue(wanted, kSecAttrApplicationTag, text_data("org.example.key"));
	CFDictionarySetValue(wanted, kSecReturnRef, kCFBooleanTrue);
	CHECK(SecItemCopyMatching(wanted, &result) == 0 && CFEqual(result, key));
	CHECK(SecItemDelete(wanted) == 0 && SecItemCopyMatching(wanted, &result) == -25300);
}

static void check_identity(const char *path)
{
	static UInt8 bytes[65536];
	FILE *file = fopen(path, "r");
	CHECK(file);
	CFDataRef data = CFDataCreate(NULL, bytes, (CFIndex)fread(bytes, 1, sizeof(bytes), file));
	CFMutableDictionaryRef options = dictionary(), words = dictionary(),
			       wanted = query(kSecClassIdentity, NULL, NULL);
	CFArrayRef items = NULL;
	CFTypeRef found = NULL;
	SecKeyRef key = NULL, same = NULL;
	CFDictionarySetValue(options, kSecImportExportPassphrase, CFSTR("wrong"));
	CHECK(SecPKCS12Import(data, options, &items) == -25264);
	CFDictionarySetValue(options, kSecImportExportPassphrase, CFSTR("secret"));
	CHECK(SecPKCS12Import(data, options, &items) == 0);
	CFTypeRef identity = CFDictionaryGetValue(CFArrayGetValueAtIndex(items, 0), kSecImportItemIdentity);
	CFDictionarySetValue(words, kSecValueRef, identity);
	CFDictionarySetValue(wanted, kSecReturnRef, kCFBooleanTrue);
	CHECK(SecItemCopyMatching(wanted, &found) == -25300 && SecItemAdd(words, NULL) == 0);
	CHECK(SecItemCopyMatching(wanted, &found) == 0 && CFEqual(found, identity));
	CHECK(SecIdentityCopyPrivateKey(identity, &key) == 0 && SecIdentityCopyPrivateKey(found, &same) == 0 &&
	      CFEqual(key, same));
	wanted = query(kSecClassCertificate, NULL, NULL);
	CFDictionarySetValue(wanted, CFSTR("m_SubjectContains"), CFSTR("host"));
	CHECK(SecItemCopyMatching(wanted, NULL) == 0);
	CFDictionarySetValue(wanted, CFSTR("m_SubjectContains"), CFSTR("nobody"));
	CHECK(SecItemCopyMatching(wanted, NULL) == -25300);
	printf("an identity\n");
}

// ---- others ---------------------------------------------------------------------------------------------------------

static void check_sealed(const char *path, const char *word, int makes)
{
	SecKeychainRef keychain = NULL;
	unsigned size = 0;
	void *password = NULL;
	if (makes) {
		CHECK(SecKeychainCreate(path, LENGTH(word), 0, NULL, &keychain) == 0);
		CHECK(SecKeychainCreate(path, LENGTH(word), 0, NULL, NULL) == -25296);
		CHECK(SecKeychainAddGenericPassword(keychain, LENGTH("sealed"), LENGTH("me"), LENGTH("hidden words"),
						    NULL) == 0);
		CHECK(SecKeychainLock(keychain) == 0);
	} else {
		CHECK(SecKeychainOpen(path, &keychain) == 0);
	}
	CHECK(SecKeychainFindGenericPassword(keychain, LENGTH("sealed"), 0, NULL, &size, &password, NULL) == -25308);
	CHECK(SecKeychainUnlock(keychain, LENGTH("wrong"), 1) == -25293);
	CHECK(SecKeychainUnlock(keychain, LENGTH(word), 1) == 0);
	CHECK(SecKeychainFindGenericPassword(keychain, LENGTH("sealed"), 0, NULL, &size, &password, NULL) == 0);
	CHECK(size == 12 && memcmp(password, "hidden words", 12) == 0);
	CHECK(SecKeychainFindGenericPassword(NULL, LENGTH("sealed"), 0, NULL, &size, &password, NULL) == -25300);
	printf("sealed\n");
}

static void add_many(int count, const char *name)
{
	char service[64];
	int added = 0;
	for (int i = 0; i < count; i++) {
		snprintf(service, sizeof(service), "%s.%d", name, i);
		added += SecKeychainAddGenericPassword(NULL, LENGTH(service), LENGTH("many"), LENGTH(service), NULL) ==
			 0;
	}
	printf("added %d\n", added);
}

int main(int count, char **words)
{
	const char *what = count > 1 ? words[1] : "";
	if (strcmp(what, "add") == 0) {
		add_many((int)strtol(words[2], NULL, 10), words[3]);
	} else if (strcmp(what, "get") == 0) {
		unsigned size = 0;
		void *password = NULL;
		int status = SecKeychainFindGenericPassword(NULL, LENGTH(words[2]), 0, NULL, &size, &password, NULL);
		printf("%d %.*s\n", status, (int)size, password ? (char *)password : "");
	} else if (strcmp(what, "sealed") == 0) {
		check_sealed(words[2], words[3], strcmp(words[4], "make") == 0);
	} else if (strcmp(what, "identity") == 0) {
		check_identity(words[2]);
	} else {
		check_items();
		check_internet();
		check_content();
		check_keys();
		printf("keychains are fine\n");
	}
	return 0;
}
