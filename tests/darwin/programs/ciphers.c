// SPDX-License-Identifier: MIT
// CommonCrypto's older ciphers, keys in keys, AES-GCM: known answers; and `ciphers ALGORITHM MODE KEYBYTES FILE` writes what a file
// becomes with the key 00 01 02 ..., to compare with openssl's.
#include "check.h"

#include <CommonCrypto/CommonCrypto.h>
#include <string.h>

enum { DES = 1, TRIPLE = 2, CAST = 3, RC4 = 4, RC2 = 5, BLOWFISH = 6 };

static unsigned long bytes_of(const char *text, unsigned char *to)
{
	unsigned long count = 0;
	for (unsigned value; text[2 * count]; count++) {
		char digits[3] = {text[2 * count], text[2 * count + 1], 0};
		value = (unsigned)strtol(digits, NULL, 16);
		to[count] = (unsigned char)value;
	}
	return count;
}

// One block by itself, there and back.
static void check_block(unsigned algorithm, const char *key, const char *plain, const char *sealed)
{
	unsigned char words[64], from[64], wanted[64], got[64], back[64];
	unsigned long size = bytes_of(key, words), count = bytes_of(plain, from), moved = 0;
	CHECK(bytes_of(sealed, wanted) == count);
	CHECK(CCCrypt(0, algorithm, 2, words, size, NULL, from, count, got, sizeof(got), &moved) == 0 &&
	      moved == count);
	CHECK(memcmp(got, wanted, count) == 0);
	CHECK(CCCrypt(1, algorithm, 2, words, size, NULL, got, count, back, sizeof(back), &moved) == 0 &&
	      memcmp(back, from, count) == 0);
}

static void check_blocks(void)
{
	// NBS Special Publication 500-20, appendix B; FIPS 46-3's three keys are the same one.
	check_block(DES, "10316e028c8f3b4a", "0000000000000000", "82dcbafbdeab6602");
	check_block(TRIPLE, "10316e028c8f3b4a10316e028c8f3b4a10316e028c8f3b4a", "0000000000000000", "82dcbafbdeab6602");
	// RFC 2144, appendix B.1: keys of 128, 80 and 40 bits.
	check_block(CAST, "0123456712345678234567893456789a", "0123456789abcdef", "238b4fe5847e44b2");
	check_block(CAST, "01234567123456782345", "0123456789abcdef", "eb6a711a2c02271b");
	check_block(CAST, "0123456712", "0123456789abcdef", "7ac816d16e9b302e");
	// RFC 2268, section 5, those whose effective bits are the key's.
	check_block(RC2, "ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49");
	check_block(RC2, "3000000000000000", "1000000000000001", "30649edf9be7d2c2");
	check_block(RC2, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6");
	// RFC 6229, section 2: the first bytes of the stream of a key of 40 bits.
	check_block(RC4, "0102030405", "00000000000000000000000000000000", "b2396305f03dc027ccc3524a0a1118a8");
	// B. Schneier's vectors of Blowfish (schneier.com/code/vectors.txt).
	check_block(BLOWFISH, "0123456789abcdef", "1111111111111111", "61f9c3802281b096");
	check_block(BLOWFISH, "fedcba9876543210", "0123456789abcdef", "0aceab0fc6a0a28d");
}

static void check_wrap(void)
{
	unsigned char key[32], plain[32], wanted[40], got[40], back[40];
	unsigned long room = sizeof(got);
	// RFC 3394, 4.1 and 4.3.
	static const char *const cases[][3] = {{"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
						"1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
					       {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
						"00112233445566778899aabbccddeeff",
						"64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"}};
	for (int i = 0; i < 2; i++) {
		unsigned long size = bytes_of(cases[i][0], key), count = bytes_of(cases[i][1], plain);
		bytes_of(cases[i][2], wanted);
		room = sizeof(got);
		CHECK(CCSymmetricKeyWrap(1, CCrfc3394_iv, CCrfc3394_ivLen, key, size, plain, count, got, &room) == 0);
		CHECK(room == CCSymmetricWrappedSize(1, count) && memcmp(got, wanted, room) == 0);
		unsigned long backed = sizeof(back);
		CHECK(CCSymmetricKeyUnwrap(1, NULL, 0, key, size, got, room, back, &backed) == 0 && backed == count &&
		      memcmp(back, plain, count) == 0);
		got[3] ^= 1;
		backed = sizeof(back);
		CHECK(CCSymmetricKeyUnwrap(1, NULL, 0, key, size, got, room, back, &backed) == -4304 && backed == 0);
	}
}

static void check_gcm(void)
{
	// D. McGrew, J. Viega, "The Galois/Counter Mode of Operation", appendix B, test case 4.
	unsigned char key[16], iv[12], plain[64], more[20], wanted[64], tag[16], got[64], got_tag[16];
	bytes_of("feffe9928665731c6d6a8f9467308308", key);
	bytes_of("cafebabefacedbaddecaf888", iv);
	unsigned long count = bytes_of(
		"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
		"b16aedf5aa0de657ba637b39",
		plain);
	bytes_of("feedfacedeadbeeffeedfacedeadbeefabaddad2", more);
	bytes_of("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30"
		 "b396a0aac973d58e091",
		 wanted);
	bytes_of("5bc94fbc3221a5db94fae95ae7121a47", tag);
	CHECK(CCCryptorGCMOneshotEncrypt(0, key, 16, iv, 12, more, 20, plain, count, got, got_tag, 16) == 0);
	CHECK(memcmp(got, wanted, count) == 0 && memcmp(got_tag, tag, 16) == 0);
	CHECK(CCCryptorGCMOneshotDecrypt(0, key, 16, iv, 12, more, 20, got, count, got, tag, 16) == 0 &&
	      memcmp(got, plain, count) == 0);
	tag[0] ^= 1;
	CHECK(CCCryptorGCMOneshotDecrypt(0, key, 16, iv, 12, more, 20, wanted, count, got, tag, 16) != 0);
}

static void check_refusals(void)
{
	unsigned char key[512] = {0}, bytes[64] = {0};
	unsigned long moved;
	CHECK(CCCrypt(0, RC4, 0, key, 512, NULL, bytes, 8, bytes, 64, &moved) == 0 && moved == 8);
	CHECK(CCCrypt(0, DES, 2, key, 7, NULL, bytes, 8, bytes, 64, &moved) == -4310);
	CHECK(CCCrypt(0, BLOWFISH, 2, key, 57, NULL, bytes, 8, bytes, 64, &moved) == -4310);
	CHECK(CCCrypt(0, 7, 2, key, 8, NULL, bytes, 8, bytes, 64, &moved) == -4300);
	CHECK(CCCrypt(0, DES, 2, key, 8, NULL, bytes, 7, bytes, 64, &moved) == -4303);
	CHECK(CCCrypt(0, CAST, 1, key, 16, NULL, bytes, 8, bytes, 8, &moved) == -4301 && moved == 16);
	CHECK(CCCalibratePBKDF(2, 8, 8, 3, 32, 1) >= 10000 && CCCalibratePBKDF(2, 8, 200, 3, 32, 1) == ~0u);
}

// A whole file, in parts of odd sizes.
static void seal_file(char **words)
{
	static unsigned char from[70000], to[70016], back[70016], key[512];
	unsigned algorithm = (unsigned)strtol(words[0], NULL, 10), mode = (unsigned)strtol(words[1], NULL, 10);
	unsigned long key_size = (unsigned long)strtol(words[2], NULL, 10), written = 0, moved = 0, read_back = 0;
	FILE *file = fopen(words[3], "r");
	CHECK(file);
	unsigned long size = fread(from, 1, sizeof(from), file);
	CCCryptorRef cryptor = NULL;
	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)i;
	for (unsigned decrypts = 0; decrypts < 2; decrypts++) {
		unsigned long whole = decrypts ? written : size, *end = decrypts ? &read_back : &written;
		CHECK(CCCryptorCreateWithMode(decrypts, mode, algorithm, 1, "fedcba9876543210", key, key_size, NULL, 0,
					      0, 0, &cryptor) == 0);
		for (unsigned long at = 0, part; at < whole; at += part) {
			part = whole - at < 777 ? whole - at : 777;
			CHECK(CCCryptorUpdate(cryptor, (decrypts ? to : from) + at, part, (decrypts ? back : to) + *end,
					      70016 - *end, &moved) == 0);
			*end += moved;
		}
		CHECK(CCCryptorFinal(cryptor, (decrypts ? back : to) + *end, 70016 - *end, &moved) == 0);
		*end += moved;
		CHECK(CCCryptorRelease(cryptor) == 0);
	}
	CHECK(read_back == size && memcmp(from, back, size) == 0);
	CHECK(fwrite(to, 1, written, stdout) == written);
}

int main(int count, char **words)
{
	if (count == 5) {
		seal_file(words + 1);
		return 0;
	}
	check_blocks();
	check_wrap();
	check_gcm();
	check_refusals();
	printf("ciphers are fine\n");
	return 0;
}
