// SPDX-License-Identifier: MIT
// CCCrypt and CCCryptor by libcrypto; DES, RC4, RC2, CAST and Blowfish are in OpenSSL's legacy provider.
//
// What OpenSSL has no cipher for (CTR of the old ones, XTS, LRW) is kCCUnimplemented. Facts: CommonCrypto's CommonCryptor.h, CommonCryptoError.h;
// EVP_EncryptInit(3), OSSL_PROVIDER-legacy(7). A key of RC2 counts in full (the effective bits of RFC 2268), as Apple's test vectors show.
#include "cryptor.h"

#include "../security/libcrypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALGORITHM_AES, ALGORITHM_DES, ALGORITHM_3DES, ALGORITHM_CAST, ALGORITHM_RC4, ALGORITHM_RC2, ALGORITHM_BLOWFISH };
enum { OPTION_PADDING = 1, OPTION_ECB = 2 };
enum { MODE_ECB = 1, MODE_CBC = 2, MODE_CFB = 3, MODE_CTR = 4, MODE_OFB = 7, MODE_RC4 = 9, MODE_CFB8 = 10 };

static const struct {
	const char *name;     // OpenSSL's
	uint16_t least, most; // bytes of a key
	uint8_t step, block;
	bool old;
} algorithms[] = {
	[ALGORITHM_AES] = {"AES", 16, 32, 8, 16, false},      [ALGORITHM_DES] = {"DES", 8, 8, 1, 8, true},
	[ALGORITHM_3DES] = {"DES-EDE3", 24, 24, 1, 8, false}, [ALGORITHM_CAST] = {"CAST5", 5, 16, 1, 8, true},
	[ALGORITHM_RC4] = {"RC4", 1, 512, 1, 1, true},	      [ALGORITHM_RC2] = {"RC2", 1, 128, 1, 8, true},
	[ALGORITHM_BLOWFISH] = {"BF", 8, 56, 1, 8, true},
};

struct cryptor {
	EVP_CIPHER_CTX *context;
	size_t block;	// 1: a stream
	size_t waiting; // bytes that were taken and not given
	uint32_t decrypts, pads;
};

static const char *const mode_names[] = {[MODE_ECB] = "ecb", [MODE_CBC] = "cbc", [MODE_CFB] = "cfb",
					 [MODE_CTR] = "ctr", [MODE_OFB] = "ofb", [MODE_CFB8] = "cfb8"};

// NULL: there is none such.
static EVP_CIPHER *cipher_of(uint32_t algorithm, uint32_t mode, size_t key_size)
{
	char name[32];
	const char *text = mode < sizeof(mode_names) / sizeof(*mode_names) ? mode_names[mode] : NULL;
	if (algorithm == ALGORITHM_RC4)
		snprintf(name, sizeof(name), "RC4");
	else if (!text)
		return NULL;
	else if (algorithm == ALGORITHM_AES)
		snprintf(name, sizeof(name), "AES-%zu-%s", key_size * 8, text);
	else
		snprintf(name, sizeof(name), "%s-%s", algorithms[algorithm].name, text);
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(algorithms[algorithm].old ? libcrypto_legacy() : NULL, name, NULL);
	if (!cipher)
		ERR_clear_error();
	return cipher;
}

static void cryptor_free(struct cryptor *cryptor)
{
	if (cryptor)
		EVP_CIPHER_CTX_free(cryptor->context);
	free(cryptor);
}

int32_t darwin_CCCryptorRelease(struct cryptor *cryptor)
{
	cryptor_free(cryptor);
	return CC_SUCCESS;
}

// The key's size has to be known before the key, and RC2's strength, too.
static bool cryptor_key(EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher, uint32_t algorithm, const void *key,
			size_t key_size, const void *iv, bool encrypts)
{
	static const uint8_t zeros[16];
	if (!EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, encrypts) ||
	    !EVP_CIPHER_CTX_set_key_length(context, (int)key_size))
		return false;
	if (algorithm == ALGORITHM_RC2 &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_SET_RC2_KEY_BITS, (int)key_size * 8, NULL) <= 0)
		return false;
	return EVP_CipherInit_ex(context, NULL, NULL, key, iv ? iv : zeros, encrypts);
}

static int32_t cryptor_check(uint32_t operation, uint32_t algorithm, const void *key, size_t key_size)
{
	if (algorithm >= sizeof(algorithms) / sizeof(*algorithms) || operation > 1 || !key)
		return CC_PARAM_ERROR;
	if (key_size < algorithms[algorithm].least || key_size > algorithms[algorithm].most ||
	    key_size % algorithms[algorithm].step)
		return CC_KEY_SIZE_ERROR;
	return libcrypto_there() ? CC_SUCCESS : CC_UNIMPLEMENTED;
}

static int32_t cryptor_make(uint32_t operation, uint32_t mode, uint32_t algorithm, bool pads, const void *iv,
			    const void *key, size_t key_size, struct cryptor **made)
{
	int32_t status = made ? cryptor_check(operation, algorithm, key, key_size) : CC_PARAM_ERROR;
	if (status)
		return status;
	EVP_CIPHER *cipher = cipher_of(algorithm, mode, key_size);
	if (!cipher)
		return CC_UNIMPLEMENTED;
	struct cryptor *cryptor = calloc(1, sizeof(*cryptor));
	if (!cryptor || !(cryptor->context = EVP_CIPHER_CTX_new())) {
		EVP_CIPHER_free(cipher);
		free(cryptor);
		return CC_MEMORY_FAILURE;
	}
	bool blocks = (mode == MODE_ECB || mode == MODE_CBC) && algorithm != ALGORITHM_RC4;
	cryptor->block = blocks ? algorithms[algorithm].block : 1;
	cryptor->pads = pads && blocks;
	cryptor->decrypts = operation;
	bool fine = cryptor_key(cryptor->context, cipher, algorithm, key, key_size, iv, !operation);
	EVP_CIPHER_free(cipher); // the context has it
	if (!fine) {
		ERR_clear_error();
		cryptor_free(cryptor);
		return CC_PARAM_ERROR;
	}
	EVP_CIPHER_CTX_set_padding(cryptor->context, (int)cryptor->pads);
	*made = cryptor;
	return CC_SUCCESS;
}

int32_t darwin_CCCryptorCreate(uint32_t operation, uint32_t algorithm, uint32_t options, const void *key,
			       size_t key_size, const void *iv, struct cryptor **made)
{
	return cryptor_make(operation, options & OPTION_ECB ? MODE_ECB : MODE_CBC, algorithm, options & OPTION_PADDING,
			    iv, key, key_size, made);
}

int32_t darwin_CCCryptorCreateWithMode(uint32_t operation, uint32_t mode, uint32_t algorithm, uint32_t padding,
				       const void *iv, const void *key, size_t key_size, const void *tweak,
				       size_t tweak_size, int32_t rounds, uint32_t options, struct cryptor **made)
{
	return cryptor_make(operation, mode, algorithm, padding, iv, key, key_size, made);
}

// The program's memory, which may be too small for a context of libcrypto's, is not used.
int32_t darwin_CCCryptorCreateFromData(uint32_t operation, uint32_t algorithm, uint32_t options, const void *key,
				       size_t key_size, const void *iv, const void *memory, size_t size,
				       struct cryptor **made, size_t *used)
{
	if (used)
		*used = 0;
	return darwin_CCCryptorCreate(operation, algorithm, options, key, key_size, iv, made);
}

// What the next update, or with `final` all that is still to come, can give at most.
size_t darwin_CCCryptorGetOutputLength(const struct cryptor *cryptor, size_t size, uint8_t final)
{
	size_t whole = cryptor->waiting + size;
	if (cryptor->block == 1)
		return size;
	if (final && cryptor->pads && !cryptor->decrypts)
		return (whole / cryptor->block + 1) * cryptor->block;
	return (whole + cryptor->block - 1) / cryptor->block * cryptor->block;
}

int32_t darwin_CCCryptorUpdate(struct cryptor *cryptor, const void *from, size_t size, uint8_t *to, size_t room,
			       size_t *moved)
{
	size_t done = 0, written = 0;
	bool holds_back = cryptor->pads && cryptor->decrypts; // the last block, for it may be padding
	size_t whole = cryptor->waiting + size, most = cryptor->block == 1 ? size
						       : holds_back && whole
							       ? (whole - 1) / cryptor->block * cryptor->block
							       : whole / cryptor->block * cryptor->block;
	if (room < most)
		return CC_BUFFER_TOO_SMALL;
	while (done < size) {
		int part = size - done > 1 << 30 ? 1 << 30 : (int)(size - done), given = 0;
		if (!EVP_CipherUpdate(cryptor->context, to + written, &given, (const uint8_t *)from + done, part))
			return CC_PARAM_ERROR;
		done += (size_t)part;
		written += (size_t)given;
	}
	cryptor->waiting = whole - written;
	if (moved)
		*moved = written;
	return CC_SUCCESS;
}

int32_t darwin_CCCryptorFinal(struct cryptor *cryptor, uint8_t *to, size_t room, size_t *moved)
{
	uint8_t last[32];
	int given = 0;
	if (moved)
		*moved = 0;
	if (cryptor->block == 1)
		return CC_SUCCESS;
	if (!cryptor->pads && cryptor->waiting)
		return CC_ALIGNMENT_ERROR;
	if (cryptor->pads && !cryptor->decrypts && room < cryptor->block)
		return CC_BUFFER_TOO_SMALL;
	if (!EVP_CipherFinal_ex(cryptor->context, last, &given)) {
		ERR_clear_error();
		return CC_DECODE_ERROR;
	}
	if ((size_t)given > room)
		return CC_BUFFER_TOO_SMALL;
	if (given)
		memcpy(to, last, (size_t)given);
	if (moved)
		*moved = (size_t)given;
	cryptor->waiting = 0;
	return CC_SUCCESS;
}

int32_t darwin_CCCryptorReset(struct cryptor *cryptor, const void *iv)
{
	static const uint8_t zeros[16];
	cryptor->waiting = 0;
	return EVP_CipherInit_ex(cryptor->context, NULL, NULL, NULL, iv ? iv : zeros, -1) ? CC_SUCCESS : CC_PARAM_ERROR;
}

int32_t darwin_CCCrypt(uint32_t operation, uint32_t algorithm, uint32_t options, const void *key, size_t key_size,
		       const void *iv, const void *from, size_t size, uint8_t *to, size_t room, size_t *moved)
{
	struct cryptor *cryptor = NULL;
	size_t first = 0, last = 0;
	int32_t status = darwin_CCCryptorCreate(operation, algorithm, options, key, key_size, iv, &cryptor);
	if (status)
		return status;
	size_t needed = darwin_CCCryptorGetOutputLength(cryptor, size, true);
	if (!cryptor->pads && size % cryptor->block)
		status = CC_ALIGNMENT_ERROR;
	else if (!cryptor->decrypts && room < needed)
		status = CC_BUFFER_TOO_SMALL;
	if (!status)
		status = darwin_CCCryptorUpdate(cryptor, from, size, to, room, &first);
	if (!status)
		status = darwin_CCCryptorFinal(cryptor, to + first, room - first, &last);
	if (moved)
		*moved = status == CC_BUFFER_TOO_SMALL ? needed : first + last;
	cryptor_free(cryptor);
	return status;
}
