// SPDX-License-Identifier: MIT
// Files of keychains: read, sealed, written; see keychain.h, and keychain_format.h for what is in them.
#include "keychain_format.h"
#include "keychain.h"

#include "libcrypto.h"

#include "../corefoundation/plist.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void darwin_arc4random_buf(void *to, size_t size);

enum { ROUNDS = 100000, IV = KEYCHAIN_IV, TAG = KEYCHAIN_TAG, FILE_MOST = KEYCHAIN_FILE_MOST };

// Of this process: keys and states of keychains, and two of its threads at one file.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// ---- sealed items ---------------------------------------------------------------------------------------------------

static bool key_make(const void *password, size_t size, const uint8_t *salt, int64_t rounds, uint8_t *key)
{
	return libcrypto_there() && size <= INT32_MAX &&
	       PKCS5_PBKDF2_HMAC(password, (int)size, salt, KEYCHAIN_SALT, (int)rounds, EVP_sha256(), KEYCHAIN_KEY,
				 key);
}

static struct data *seal(const uint8_t *key, const uint8_t *iv, const struct bytes *plain)
{
	uint8_t *box = malloc(plain->count + TAG);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int given = 0, last = 0;
	bool fine = box && context && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, iv) &&
		    EVP_EncryptUpdate(context, box, &given, plain->at, (int)plain->count) &&
		    EVP_EncryptFinal_ex(context, box + given, &last) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, box + plain->count) > 0;
	struct data *data = fine ? darwin_CFDataCreate(NULL, box, (int64_t)plain->count + TAG) : NULL;
	EVP_CIPHER_CTX_free(context);
	free(box);
	return data;
}

// The items, or NULL: the key is another, or the box is damaged.
static const void *unseal(const uint8_t *key, const struct data *iv, const struct data *box)
{
	size_t size = (size_t)darwin_CFDataGetLength(box) - TAG;
	const uint8_t *bytes = darwin_CFDataGetBytePtr(box);
	uint8_t *plain = malloc(size + TAG), tag[TAG];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int given = 0, last = 0;
	memcpy(tag, bytes + size, TAG);
	bool fine = plain && context &&
		    EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, darwin_CFDataGetBytePtr(iv)) &&
		    EVP_DecryptUpdate(context, plain, &given, bytes, (int)size) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) > 0 &&
		    EVP_DecryptFinal_ex(context, plain + given, &last);
	struct plist_failure failure;
	enum plist_format format;
	const void *items = fine ? plist_read(plain, size, &format, &failure) : NULL;
	EVP_CIPHER_CTX_free(context);
	if (plain)
		OPENSSL_cleanse(plain, size);
	free(plain);
	return items;
}

// ---- reading --------------------------------------------------------------------------------------------------------

static int32_t bytes_read(const char *path, struct bytes *to)
{
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT || errno == ENOTDIR ? SEC_NO_SUCH_KEYCHAIN : SEC_IO;
	int32_t result = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size < FILE_MOST
				 ? SEC_SUCCESS
				 : SEC_IO;
	uint8_t part[16384];
	ssize_t got = 0;
	while (!result && (got = read(file, part, sizeof(part))) > 0 && to->count < FILE_MOST)
		bytes_add(to, part, (size_t)got);
	close(file);
	return result ? result : got < 0 ? SEC_IO : SEC_SUCCESS;
}

static int32_t file_read(const char *path, struct keychain_format *file)
{
	struct bytes bytes = {0};
	*file = (struct keychain_format){0};
	int32_t result = bytes_read(path, &bytes);
	if (!result && !keychain_format_read(bytes.at, bytes.count, file))
		result = SEC_DECODE;
	free(bytes.at);
	return result;
}

// The items: the caller's reference.
static int32_t items_of(struct keychain *keychain, const struct keychain_format *file, const void **items)
{
	if (!file->box) {
		keychain->state = KEYCHAIN_PLAIN;
		*items = darwin_CFRetain(file->items);
		return SEC_SUCCESS;
	}
	if (keychain->state != KEYCHAIN_OPEN) {
		keychain->state = KEYCHAIN_LOCKED;
		return SEC_INTERACTION_NOT_ALLOWED;
	}
	*items = unseal(keychain->key, file->iv, file->box);
	if (keychain_items_valid(*items))
		return SEC_SUCCESS;
	darwin_CFRelease(*items);
	*items = NULL;
	return SEC_DECODE;
}

static int32_t read_locked(struct keychain *keychain, struct array **items)
{
	struct keychain_format file;
	const void *found = NULL;
	int32_t result = file_read(keychain->path, &file);
	if (result == SEC_NO_SUCH_KEYCHAIN && keychain->own) {
		*items = array_make(true);
		return SEC_SUCCESS;
	}
	if (!result)
		result = items_of(keychain, &file, &found);
	darwin_CFRelease(file.list);
	*items = (struct array *)(uintptr_t)found;
	return result;
}

int32_t keychain_read(struct keychain *keychain, struct array **items)
{
	pthread_mutex_lock(&lock);
	int32_t result = read_locked(keychain, items);
	pthread_mutex_unlock(&lock);
	return result;
}

// ---- writing --------------------------------------------------------------------------------------------------------

static struct dictionary *file_make(struct keychain *keychain, const struct array *items)
{
	struct dictionary *file = dictionary_make();
	dictionary_put(file, "version", number_make(KEYCHAIN_VERSION));
	if (keychain->state == KEYCHAIN_PLAIN) {
		dictionary_put(file, "items", darwin_CFRetain(items));
		return file;
	}
	uint8_t iv[IV];
	struct bytes plain = {0};
	darwin_arc4random_buf(iv, sizeof(iv));
	plist_write(items, PLIST_BINARY, &plain);
	struct data *box = plain.count < FILE_MOST ? seal(keychain->key, iv, &plain) : NULL;
	OPENSSL_cleanse(plain.at, plain.count);
	free(plain.at);
	if (!box) {
		darwin_CFRelease(file);
		return NULL;
	}
	dictionary_put(file, "salt", darwin_CFDataCreate(NULL, keychain->salt, KEYCHAIN_SALT));
	dictionary_put(file, "rounds", number_make(keychain->rounds));
	dictionary_put(file, "iv", darwin_CFDataCreate(NULL, iv, IV));
	dictionary_put(file, "box", box);
	return file;
}

static bool bytes_write(int file, const struct bytes *bytes)
{
	size_t done = 0;
	for (ssize_t wrote; done < bytes->count; done += (size_t)wrote)
		if ((wrote = write(file, bytes->at + done, bytes->count - done)) < 0)
			return false;
	return fsync(file) == 0;
}

// Beside the old file, then in its place.
static int32_t write_locked(struct keychain *keychain, const struct array *items)
{
	struct dictionary *file = file_make(keychain, items);
	struct bytes bytes = {0};
	char *beside = NULL;
	if (!file || !plist_write(file, PLIST_BINARY, &bytes) || asprintf(&beside, "%s.XXXXXX", keychain->path) < 0) {
		darwin_CFRelease(file);
		free(bytes.at);
		return SEC_PARAM;
	}
	darwin_CFRelease(file);
	int out = mkostemp(beside, O_CLOEXEC); // 0600
	bool fine = out >= 0 && bytes_write(out, &bytes);
	if (out >= 0)
		fine = close(out) == 0 && fine && rename(beside, keychain->path) == 0;
	if (out >= 0 && !fine)
		unlink(beside);
	free(beside);
	free(bytes.at);
	return fine ? SEC_SUCCESS : SEC_IO;
}

// Folders that are not there, for the user alone.
static void folders_make(const char *path)
{
	char *copy = strdup(path);
	for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

// The file whose lock writers hold; -1: it cannot be made.
static int writer_lock(const struct keychain *keychain)
{
	char *path = NULL;
	if (asprintf(&path, "%s.lock", keychain->path) < 0)
		return -1;
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 && errno == ENOENT && keychain->own) {
		folders_make(path);
		file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
	free(path);
	while (file >= 0 && flock(file, LOCK_EX) < 0)
		if (errno != EINTR) {
			close(file);
			return -1;
		}
	return file;
}

// Said aloud: a child that was forked meanwhile has the file, too.
static void writer_unlock(int file)
{
	if (file < 0)
		return;
	flock(file, LOCK_UN);
	close(file);
}

int32_t keychain_change(struct keychain *keychain, int32_t (*change)(struct array *items, void *context), void *context)
{
	struct array *items = NULL;
	pthread_mutex_lock(&lock);
	int writer = writer_lock(keychain);
	int32_t result = writer < 0 ? SEC_OPEN_FOR_WRITING : read_locked(keychain, &items);
	if (!result)
		result = change(items, context);
	if (!result)
		result = write_locked(keychain, items);
	writer_unlock(writer);
	pthread_mutex_unlock(&lock);
	darwin_CFRelease(items);
	return result;
}

// ---- passwords ------------------------------------------------------------------------------------------------------

int32_t keychain_make_file(struct keychain *keychain, const void *password, size_t size)
{
	struct array *none = array_make(true);
	int32_t result = SEC_SUCCESS;
	pthread_mutex_lock(&lock);
	int writer = writer_lock(keychain);
	if (writer < 0)
		result = SEC_OPEN_FOR_WRITING;
	else if (access(keychain->path, F_OK) == 0)
		result = SEC_DUPLICATE_KEYCHAIN;
	if (!result) { // from here on it is another keychain than what may have been there
		darwin_arc4random_buf(keychain->salt, KEYCHAIN_SALT);
		keychain->rounds = ROUNDS;
		keychain->state = size ? KEYCHAIN_OPEN : KEYCHAIN_PLAIN;
		result = size && !key_make(password, size, keychain->salt, ROUNDS, keychain->key)
				 ? SEC_NOT_AVAILABLE
				 : write_locked(keychain, none);
	}
	writer_unlock(writer);
	pthread_mutex_unlock(&lock);
	darwin_CFRelease(none);
	return result;
}

static int32_t unlock_locked(struct keychain *keychain, const struct keychain_format *file, const void *password,
			     size_t size)
{
	if (!file->box) {
		keychain->state = KEYCHAIN_PLAIN;
		return SEC_SUCCESS;
	}
	memcpy(keychain->salt, darwin_CFDataGetBytePtr(file->salt), KEYCHAIN_SALT);
	keychain->rounds = file->rounds;
	if (!key_make(password, size, keychain->salt, file->rounds, keychain->key))
		return SEC_NOT_AVAILABLE;
	const void *items = unseal(keychain->key, file->iv, file->box);
	keychain->state = items ? KEYCHAIN_OPEN : KEYCHAIN_LOCKED;
	darwin_CFRelease(items);
	return items ? SEC_SUCCESS : SEC_AUTH_FAILED;
}

int32_t keychain_unlock(struct keychain *keychain, const void *password, size_t size)
{
	struct keychain_format file;
	pthread_mutex_lock(&lock);
	int32_t result = file_read(keychain->path, &file);
	if (result == SEC_NO_SUCH_KEYCHAIN && keychain->own)
		result = SEC_SUCCESS;
	else if (!result)
		result = unlock_locked(keychain, &file, password ? password : "", size);
	pthread_mutex_unlock(&lock);
	darwin_CFRelease(file.list);
	return result;
}

void keychain_lock(struct keychain *keychain)
{
	pthread_mutex_lock(&lock);
	if (keychain->state == KEYCHAIN_OPEN) {
		memset(keychain->key, 0, KEYCHAIN_KEY);
		keychain->state = KEYCHAIN_LOCKED;
	}
	pthread_mutex_unlock(&lock);
}
