// SPDX-License-Identifier: MIT
// SecKey; see key.h. Facts: Apple's SecKey.h (representations: RFC 8017 A.1, SEC 1 2.3.3: 04 X Y, and K of a private key), SecItem.h.
#include "key.h"

#include "keychain.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

struct dictionary *darwin_CFDictionaryCreateMutableCopy(const void *allocator, int64_t most,
							const struct dictionary *dictionary);
int32_t darwin_SecItemAdd(const struct dictionary *words, const void **result);

static const struct curve {
	int nid, bits, bytes;
	const char *name;
} curves[] = {
	{NID_X9_62_prime256v1, 256, 32, "P-256"}, {NID_secp384r1, 384, 48, "P-384"}, {NID_secp521r1, 521, 66, "P-521"}};

static void key_destroy(struct object *object)
{
	struct key *key = (struct key *)object;
	EVP_PKEY_free(key->key);
	darwin_CFRelease(key->attributes);
}

static bool key_equal(const struct object *left, const struct object *right)
{
	const struct key *one = (const struct key *)left, *other = (const struct key *)right;
	return one->class == other->class && EVP_PKEY_eq(one->key, other->key) == 1;
}

static uint64_t key_hash_of(const struct object *object)
{
	uint8_t hash[KEY_HASH] = {0};
	key_hash((const struct key *)object, hash);
	return object_hash_bytes(hash, sizeof(hash));
}

const struct object_type key_type = {.name = "SecKey", .destroy = key_destroy, .equal = key_equal, .hash = key_hash_of};

uint64_t darwin_SecKeyGetTypeID(void)
{
	return (uintptr_t)&key_type;
}

void *key_fail(struct object **error, int32_t status, const char *text)
{
	ERR_clear_error();
	if (error)
		*error = error_make("NSOSStatusErrorDomain", status, text);
	return NULL;
}

static const struct curve *curve_of(EVP_PKEY *key)
{
	char name[32];
	if (!EVP_PKEY_is_a(key, "EC") || !EVP_PKEY_get_group_name(key, name, sizeof(name), NULL))
		return NULL;
	int nid = OBJ_txt2nid(name);
	for (size_t i = 0; i < sizeof(curves) / sizeof(*curves); i++)
		if (curves[i].nid == nid)
			return &curves[i];
	return NULL;
}

struct key *key_make(EVP_PKEY *key, enum key_class class)
{
	if (!key || (!EVP_PKEY_is_a(key, "RSA") && !curve_of(key))) {
		EVP_PKEY_free(key);
		ERR_clear_error();
		return NULL;
	}
	struct key *made = object_make(&key_type, sizeof(*made));
	made->key = key;
	made->class = class;
	return made;
}

bool key_is_rsa(const struct key *key)
{
	return EVP_PKEY_is_a(key->key, "RSA");
}

int key_bits(const struct key *key)
{
	return EVP_PKEY_get_bits(key->key);
}

// ---- bytes ----------------------------------------------------------------------------------------------------------

// 04 X Y, and K.
static struct data *external_ec(const struct key *key)
{
	uint8_t bytes[3 * 66 + 1];
	size_t size = 0;
	const struct curve *curve = curve_of(key->key);
	BIGNUM *secret = NULL;
	if (!EVP_PKEY_set_utf8_string_param(key->key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") ||
	    !EVP_PKEY_get_octet_string_param(key->key, OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof(bytes), &size) ||
	    size != 1 + 2 * (size_t)curve->bytes)
		return NULL;
	if (key->class == KEY_PRIVATE) {
		if (!EVP_PKEY_get_bn_param(key->key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) ||
		    BN_bn2binpad(secret, bytes + size, curve->bytes) < 0)
			return NULL;
		size += (size_t)curve->bytes;
		BN_clear_free(secret);
	}
	struct data *data = darwin_CFDataCreate(NULL, bytes, (int64_t)size);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return data;
}

struct data *key_external(const struct key *key)
{
	unsigned char *bytes = NULL;
	if (!key_is_rsa(key))
		return external_ec(key);
	int size = key->class == KEY_PRIVATE ? i2d_PrivateKey(key->key, &bytes) : i2d_PublicKey(key->key, &bytes);
	struct data *data = size > 0 ? darwin_CFDataCreate(NULL, bytes, size) : NULL;
	OPENSSL_clear_free(bytes, size > 0 ? (size_t)size : 0);
	return data;
}

// A private one from its two parts, which are checked.
static EVP_PKEY *read_ec(const uint8_t *bytes, size_t size, enum key_class class)
{
	const struct curve *curve = NULL;
	for (size_t i = 0; i < sizeof(curves) / sizeof(*curves); i++)
		if (size == 1 + (size_t)curves[i].bytes * (class == KEY_PRIVATE ? 3 : 2))
			curve = &curves[i];
	if (!curve || bytes[0] != 4)
		return NULL;
	size_t point = 1 + 2 * (size_t)curve->bytes;
	BIGNUM *secret = class == KEY_PRIVATE ? BN_bin2bn(bytes + point, curve->bytes, NULL) : NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *parameters = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL), *check = NULL;
	EVP_PKEY *key = NULL;
	OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0);
	OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, bytes, point);
	if (secret)
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, secret);
	parameters = OSSL_PARAM_BLD_to_param(builder);
	if (EVP_PKEY_fromdata_init(context) <= 0 ||
	    EVP_PKEY_fromdata(context, &key, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
		key = NULL;
	if (key && (check = EVP_PKEY_CTX_new(key, NULL)) &&
	    (secret ? EVP_PKEY_pairwise_check(check) : EVP_PKEY_public_check_quick(check)) <= 0) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_CTX_free(check);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	BN_clear_free(secret);
	return key;
}

// Public ones may also come as SubjectPublicKeyInfo, as on macOS.
struct key *key_read(const uint8_t *bytes, size_t size, bool rsa, enum key_class class)
{
	const unsigned char *at = bytes;
	EVP_PKEY *key = NULL;
	if (size == 0 || size > 1 << 20)
		return NULL;
	if (!rsa)
		key = read_ec(bytes, size, class);
	else if (class == KEY_PRIVATE)
		key = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, (long)size);
	else
		key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)size);
	if (!key && class == KEY_PUBLIC) {
		at = bytes;
		key = d2i_PUBKEY(NULL, &at, (long)size);
	}
	struct key *made = key_make(key, class);
	if (made && key_is_rsa(made) == rsa)
		return made;
	darwin_CFRelease(made);
	return NULL;
}

struct key *key_public(const struct key *key)
{
	if (key->class == KEY_PUBLIC) {
		darwin_CFRetain(key);
		return (struct key *)(uintptr_t)key;
	}
	struct key like = *key;
	like.class = KEY_PUBLIC;
	struct data *data = key_external(&like);
	struct key *public = data ? key_read(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data),
					     key_is_rsa(key), KEY_PUBLIC)
				  : NULL;
	darwin_CFRelease(data);
	return public;
}

bool key_hash(const struct key *key, uint8_t to[KEY_HASH])
{
	struct key like = *key;
	like.class = KEY_PUBLIC;
	struct data *data = key_external(&like);
	bool fine = data && EVP_Digest(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data), to, NULL,
				       EVP_sha1(), NULL);
	darwin_CFRelease(data);
	return fine;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

struct key *darwin_SecKeyCopyPublicKey(const struct key *key)
{
	return key_public(key);
}

struct data *darwin_SecKeyCopyExternalRepresentation(const struct key *key, struct object **error)
{
	struct data *data = key_external(key);
	return data ? data : key_fail(error, SEC_PARAM, "The key cannot be exported.");
}

size_t darwin_SecKeyGetBlockSize(const struct key *key)
{
	return (size_t)(key_bits(key) + 7) / 8;
}

// A value that may be a number, or text of one.
static int64_t number_in(const struct dictionary *from, const char *key, int64_t otherwise)
{
	const void *value = from ? dictionary_get(from, key) : NULL;
	if (value && object_type(value) == &number_type)
		return number_whole(value);
	char *text = value && object_type(value) == &string_type ? string_to_utf8(value) : NULL;
	int64_t number = text ? strtoll(text, NULL, 10) : otherwise;
	free(text);
	return number;
}

enum { TYPE_RSA = 42, TYPE_EC = 73 };

struct key *darwin_SecKeyCreateWithData(const struct data *data, const struct dictionary *attributes,
					struct object **error)
{
	int64_t type = number_in(attributes, "type", 0), class = number_in(attributes, "kcls", -1);
	if (!libcrypto_there() || (type != TYPE_RSA && type != TYPE_EC) || class < 0 || class > 1 || !data)
		return key_fail(error, SEC_PARAM, "The type or class of the key is not supported.");
	struct key *key = key_read(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data),
				   type == TYPE_RSA, (enum key_class) class);
	return key ? key : key_fail(error, SEC_PARAM, "The key cannot be read.");
}

struct dictionary *darwin_SecKeyCopyAttributes(const struct key *key)
{
	static const struct {
		const char *name;
		bool public, private, rsa_only;
	} uses[] = {{"encr", true, false, false}, {"decr", false, true, false}, {"drve", false, true, false},
		    {"sign", false, true, false}, {"vrfy", true, false, false}, {"wrap", true, false, true},
		    {"unwp", false, true, true}};
	struct dictionary *attributes =
		key->attributes ? darwin_CFDictionaryCreateMutableCopy(NULL, 0, key->attributes) : dictionary_make();
	uint8_t hash[KEY_HASH];
	struct data *data = key_external(key);
	dictionary_put(attributes, "class", string_from_text("keys"));
	dictionary_put(attributes, "type", string_format("%d", key_is_rsa(key) ? TYPE_RSA : TYPE_EC));
	dictionary_put(attributes, "kcls", string_from_text(key->class == KEY_PRIVATE ? "1" : "0"));
	dictionary_put(attributes, "bsiz", number_make(key_bits(key)));
	dictionary_put(attributes, "esiz", number_make(key_bits(key)));
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		bool can = (key->class == KEY_PRIVATE ? uses[i].private : uses[i].public) &&
			   (!uses[i].rsa_only || key_is_rsa(key));
		dictionary_put(attributes, uses[i].name, can ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse);
	}
	if (key_hash(key, hash))
		dictionary_put(attributes, "klbl", darwin_CFDataCreate(NULL, hash, KEY_HASH));
	if (data)
		dictionary_put(attributes, "v_Data", data);
	return attributes;
}

// ---- new ones -------------------------------------------------------------------------------------------------------

static EVP_PKEY *generate(int64_t type, int64_t bits)
{
	if (type == TYPE_RSA && bits >= 1024 && bits <= 8192 && bits % 8 == 0)
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	for (size_t i = 0; type == TYPE_EC && i < sizeof(curves) / sizeof(*curves); i++)
		if (curves[i].bits == bits)
			return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curves[i].name);
	return NULL;
}

// Label and tag are beside the others, or those of the private key have their own.
static void labels_copy(const struct dictionary *from, struct dictionary *to)
{
	static const char *const names[] = {"labl", "atag", "perm"};
	for (size_t i = 0; from && i < sizeof(names) / sizeof(*names); i++) {
		const void *value = dictionary_get(from, names[i]);
		if (value)
			dictionary_put(to, names[i], darwin_CFRetain(value));
	}
}

static bool is_permanent(const struct dictionary *attributes)
{
	const void *value = dictionary_get(attributes, "perm");
	return value && object_type(value) == &boolean_type && darwin_CFBooleanGetValue(value);
}

static int32_t key_keep(const struct key *key)
{
	struct dictionary *words = darwin_CFDictionaryCreateMutableCopy(NULL, 0, key->attributes);
	dictionary_put(words, "v_Ref", darwin_CFRetain(key));
	int32_t status = darwin_SecItemAdd(words, NULL);
	darwin_CFRelease(words);
	return status;
}

struct key *darwin_SecKeyCreateRandomKey(const struct dictionary *parameters, struct object **error)
{
	int64_t type = number_in(parameters, "type", 0),
		bits = number_in(parameters, "bsiz", type == TYPE_EC ? 256 : 2048);
	const void *own = dictionary_get(parameters, "private");
	if (dictionary_get(parameters, "tkid"))
		return key_fail(error, SEC_UNIMPLEMENTED, "There is no secure enclave.");
	struct key *key = libcrypto_there() ? key_make(generate(type, bits), KEY_PRIVATE) : NULL;
	if (!key)
		return key_fail(error, SEC_PARAM, "A key of this type and size cannot be made.");
	key->attributes = dictionary_make();
	labels_copy(parameters, key->attributes);
	labels_copy(own && object_type(own) == &dictionary_type ? own : NULL, key->attributes);
	int32_t status = is_permanent(key->attributes) ? key_keep(key) : SEC_SUCCESS;
	if (!status)
		return key;
	darwin_CFRelease(key);
	return key_fail(error, status, "The key cannot be kept in a keychain.");
}

int32_t darwin_SecKeyGeneratePair(const struct dictionary *parameters, struct key **public, struct key **private)
{
	struct key *made = darwin_SecKeyCreateRandomKey(parameters, NULL);
	if (public)
		*public = made ? key_public(made) : NULL;
	if (private)
		*private = made;
	else
		darwin_CFRelease(made);
	return made ? SEC_SUCCESS : SEC_PARAM;
}
