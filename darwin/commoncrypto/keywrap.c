// SPDX-License-Identifier: MIT
// A key wrapped in another (RFC 3394), and AES-GCM at once. Facts: CommonCrypto's CommonSymmetricKeywrap.h, CommonCryptorSPI.h and the
// behaviour of its open source (NULL stands for the RFC's initial value, which unwrapping always tries); AES_wrap_key(3).
#include "cryptor.h"

#include "../security/libcrypto.h"

#include <openssl/aes.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t initial_value[8] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};
const uint8_t *const darwin_CCrfc3394_iv = initial_value;
const size_t darwin_CCrfc3394_ivLen = sizeof(initial_value);

size_t darwin_CCSymmetricWrappedSize(uint32_t algorithm, size_t size)
{
	return size + 8;
}

size_t darwin_CCSymmetricUnwrappedSize(uint32_t algorithm, size_t size)
{
	return size < 8 ? 0 : size - 8;
}

static bool sizes_fit(const void *iv, size_t iv_size, size_t key_size, size_t size)
{
	return (!iv || iv_size >= 8) && (key_size == 16 || key_size == 24 || key_size == 32) && size % 8 == 0 &&
	       size >= 16 && size < 1 << 20 && libcrypto_there();
}

int32_t darwin_CCSymmetricKeyWrap(uint32_t algorithm, const uint8_t *iv, size_t iv_size, const uint8_t *key,
				  size_t key_size, const uint8_t *from, size_t size, uint8_t *to, size_t *room)
{
	AES_KEY schedule;
	if (!room || !key || !from || !to || *room < size + 8 || !sizes_fit(iv, iv_size, key_size, size) ||
	    AES_set_encrypt_key(key, (int)key_size * 8, &schedule) != 0) {
		if (room)
			*room = 0;
		return CC_PARAM_ERROR;
	}
	int written = AES_wrap_key(&schedule, iv ? iv : initial_value, to, from, (unsigned)size);
	*room = written > 0 ? (size_t)written : 0;
	return written > 0 ? CC_SUCCESS : CC_PARAM_ERROR;
}

int32_t darwin_CCSymmetricKeyUnwrap(uint32_t algorithm, const uint8_t *iv, size_t iv_size, const uint8_t *key,
				    size_t key_size, const uint8_t *from, size_t size, uint8_t *to, size_t *room)
{
	AES_KEY schedule;
	if (!room || !key || !from || !to || size < 24 || *room < size - 8 ||
	    !sizes_fit(iv, iv_size, key_size, size - 8) ||
	    AES_set_decrypt_key(key, (int)key_size * 8, &schedule) != 0) {
		if (room)
			*room = 0;
		return CC_PARAM_ERROR;
	}
	uint8_t *plain = malloc(size); // what fails the check is not shown
	int written = plain && iv ? AES_unwrap_key(&schedule, iv, plain, from, (unsigned)size) : 0;
	if (plain && written <= 0)
		written = AES_unwrap_key(&schedule, initial_value, plain, from, (unsigned)size);
	if (written > 0)
		memcpy(to, plain, (size_t)written);
	free(plain);
	*room = written > 0 ? (size_t)written : 0;
	return written > 0 ? CC_SUCCESS : CC_DECODE_ERROR;
}

// ---- AES-GCM at once ------------------------------------------------------------------------------------------------

static const EVP_CIPHER *gcm_of(uint32_t algorithm, size_t key_size)
{
	if (algorithm != 0 || !libcrypto_there())
		return NULL;
	return key_size == 16	? EVP_aes_128_gcm()
	       : key_size == 24 ? EVP_aes_192_gcm()
	       : key_size == 32 ? EVP_aes_256_gcm()
				: NULL;
}

static bool gcm_begin(EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher, const void *key, const void *iv,
		      size_t iv_size, const void *more, size_t more_size, bool encrypts)
{
	int given = 0;
	return EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, encrypts) &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)iv_size, NULL) > 0 &&
	       EVP_CipherInit_ex(context, NULL, NULL, key, iv, encrypts) &&
	       (more_size == 0 || EVP_CipherUpdate(context, NULL, &given, more, (int)more_size));
}

int32_t darwin_CCCryptorGCMOneshotEncrypt(uint32_t algorithm, const void *key, size_t key_size, const void *iv,
					  size_t iv_size, const void *more, size_t more_size, const void *from,
					  size_t size, void *to, void *tag, size_t tag_size)
{
	const EVP_CIPHER *cipher = gcm_of(algorithm, key_size);
	int given = 0;
	uint8_t none[16];
	if (!cipher || !key || !iv || iv_size < 12 || iv_size > INT32_MAX || more_size > INT32_MAX ||
	    size > INT32_MAX || !tag || tag_size < 8 || tag_size > 16)
		return CC_PARAM_ERROR;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool fine = context && gcm_begin(context, cipher, key, iv, iv_size, more, more_size, true) &&
		    (size == 0 || EVP_CipherUpdate(context, to, &given, from, (int)size)) &&
		    EVP_CipherFinal_ex(context, none, &given) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, (int)tag_size, tag) > 0;
	EVP_CIPHER_CTX_free(context);
	return fine ? CC_SUCCESS : CC_UNSPECIFIED_ERROR;
}

int32_t darwin_CCCryptorGCMOneshotDecrypt(uint32_t algorithm, const void *key, size_t key_size, const void *iv,
					  size_t iv_size, const void *more, size_t more_size, const void *from,
					  size_t size, void *to, const void *tag, size_t tag_size)
{
	const EVP_CIPHER *cipher = gcm_of(algorithm, key_size);
	int given = 0;
	uint8_t none[16], wanted[16];
	if (!cipher || !key || !iv || iv_size < 12 || iv_size > INT32_MAX || more_size > INT32_MAX ||
	    size > INT32_MAX || !tag || tag_size < 8 || tag_size > 16)
		return CC_PARAM_ERROR;
	memcpy(wanted, tag, tag_size);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool fine = context && gcm_begin(context, cipher, key, iv, iv_size, more, more_size, false) &&
		    (size == 0 || EVP_CipherUpdate(context, to, &given, from, (int)size)) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)tag_size, wanted) > 0 &&
		    EVP_CipherFinal_ex(context, none, &given);
	EVP_CIPHER_CTX_free(context);
	if (!fine && size) // nothing that is not authentic is handed out
		memset(to, 0, size);
	return fine ? CC_SUCCESS : CC_UNSPECIFIED_ERROR;
}
