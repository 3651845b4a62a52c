// SPDX-License-Identifier: MIT
// CCCrypt and CCCryptor: AES and triple DES by libcrypto. What is older (DES, RC4, RC2, CAST, Blowfish) is kCCUnimplemented: libcrypto 3 keeps
// it in a provider that is not loaded. Facts: CommonCrypto's CommonCryptor.h, CommonCryptoError.h; EVP_EncryptInit(3).
#include "../security/libcrypto.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CC_SUCCESS = 0,
	CC_PARAM_ERROR = -4300,
	CC_BUFFER_TOO_SMALL = -4301,
	CC_MEMORY_FAILURE = -4302,
	CC_ALIGNMENT_ERROR = -4303,
	CC_DECODE_ERROR = -4304,
	CC_UNIMPLEMENTED = -4305
};
enum { ALGORITHM_AES = 0, ALGORITHM_3DES = 2 };
enum { OPTION_PADDING = 1, OPTION_ECB = 2 };
enum { MODE_ECB = 1, MODE_CBC = 2, MODE_CFB = 3, MODE_CTR = 4, MODE_OFB = 7, MODE_CFB8 = 10 };

static struct {
	const void *(*get_cipherbyname)(const char *name);
	void *(*ctx_new)(void);
	void (*ctx_free)(void *context);
	int (*init)(void *context, const void *cipher, void *engine, const uint8_t *key, const uint8_t *iv,
		    int encrypt);
	int (*set_padding)(void *context, int padding);
	int (*update)(void *context, uint8_t *to, int *written, const uint8_t *from, int size);
	int (*final)(void *context, uint8_t *to, int *written);
} evp;
static bool evp_there;

static void evp_load(void)
{
	static const char *const names[] = {"EVP_get_cipherbyname", "EVP_CIPHER_CTX_new",	  "EVP_CIPHER_CTX_free",
					    "EVP_CipherInit_ex",    "EVP_CIPHER_CTX_set_padding", "EVP_CipherUpdate",
					    "EVP_CipherFinal_ex"};
	evp_there = libcrypto_find((void **)&evp, names, sizeof(names) / sizeof(*names));
}

struct cryptor {
	void *context;
	size_t block;	// 1: a stream
	size_t waiting; // bytes that were taken and not given
	uint32_t decrypts, pads;
};

static const char *const mode_names[] = {[MODE_ECB] = "ecb", [MODE_CBC] = "cbc", [MODE_CFB] = "cfb",
					 [MODE_CTR] = "ctr", [MODE_OFB] = "ofb", [MODE_CFB8] = "cfb8"};

// NULL: there is none such.
static const void *cipher_of(uint32_t algorithm, uint32_t mode, size_t key_size)
{
	char name[32];
	const char *text = mode < sizeof(mode_names) / sizeof(*mode_names) ? mode_names[mode] : NULL;
	if (!text)
		return NULL;
	if (algorithm == ALGORITHM_AES)
		snprintf(name, sizeof(name), "aes-%zu-%s", key_size * 8, text);
	else
		snprintf(name, sizeof(name), "des-ede3%s%s", mode == MODE_ECB ? "" : "-", mode == MODE_ECB ? "" : text);
	return evp.get_cipherbyname(name);
}

static void cryptor_free(struct cryptor *cryptor)
{
	if (cryptor)
		evp.ctx_free(cryptor->context);
	free(cryptor);
}

int32_t darwin_CCCryptorRelease(struct cryptor *cryptor)
{
	cryptor_free(cryptor);
	return CC_SUCCESS;
}

static int32_t cryptor_make(uint32_t operation, uint32_t mode, uint32_t algorithm, bool pads, const void *iv,
			    const void *key, size_t key_size, struct cryptor **made)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static const uint8_t zeros[16];
	pthread_once(&once, evp_load);
	if (algorithm > 6 || operation > 1 || !key || !made)
		return CC_PARAM_ERROR;
	if (!evp_there || (algorithm != ALGORITHM_AES && algorithm != ALGORITHM_3DES))
		return CC_UNIMPLEMENTED;
	if (algorithm == ALGORITHM_AES ? key_size != 16 && key_size != 24 && key_size != 32 : key_size != 24)
		return CC_PARAM_ERROR;
	const void *cipher = cipher_of(algorithm, mode, key_size);
	if (!cipher)
		return CC_UNIMPLEMENTED;
	struct cryptor *cryptor = calloc(1, sizeof(*cryptor));
	if (!cryptor || !(cryptor->context = evp.ctx_new())) {
		free(cryptor);
		return CC_MEMORY_FAILURE;
	}
	bool blocks = mode == MODE_ECB || mode == MODE_CBC;
	cryptor->block = !blocks ? 1 : algorithm == ALGORITHM_AES ? 16 : 8;
	cryptor->pads = pads && blocks;
	cryptor->decrypts = operation;
	if (!evp.init(cryptor->context, cipher, NULL, key, iv ? iv : zeros, !operation)) {
		cryptor_free(cryptor);
		return CC_PARAM_ERROR;
	}
	evp.set_padding(cryptor->context, (int)cryptor->pads);
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
		if (!evp.update(cryptor->context, to + written, &given, (const uint8_t *)from + done, part))
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
	if (!evp.final(cryptor->context, last, &given))
		return CC_DECODE_ERROR;
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
	return evp.init(cryptor->context, NULL, NULL, NULL, iv ? iv : zeros, -1) ? CC_SUCCESS : CC_PARAM_ERROR;
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
