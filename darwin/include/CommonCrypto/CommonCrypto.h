// SPDX-License-Identifier: MIT
// CommonCrypto, what test programs call of it. Facts: CommonDigest.h, CommonHMAC.h, CommonCryptor.h, CommonKeyDerivation.h,
// CommonSymmetricKeywrap.h, CommonCryptorSPI.h.
#ifndef DARWIN_INCLUDE_COMMONCRYPTO_H
#define DARWIN_INCLUDE_COMMONCRYPTO_H

typedef struct {
	unsigned words[23];
} CC_MD5_CTX;
typedef struct {
	unsigned words[24];
} CC_SHA1_CTX;
typedef struct {
	unsigned count[2], hash[8], wbuf[16];
} CC_SHA256_CTX;
typedef struct {
	unsigned long count[2], hash[8], wbuf[16];
} CC_SHA512_CTX;
int CC_MD5_Init(CC_MD5_CTX *);
int CC_MD5_Update(CC_MD5_CTX *, const void *, unsigned);
int CC_MD5_Final(unsigned char *, CC_MD5_CTX *);
int CC_SHA256_Init(CC_SHA256_CTX *);
int CC_SHA256_Update(CC_SHA256_CTX *, const void *, unsigned);
int CC_SHA256_Final(unsigned char *, CC_SHA256_CTX *);
int CC_SHA512_Init(CC_SHA512_CTX *);
int CC_SHA512_Update(CC_SHA512_CTX *, const void *, unsigned);
int CC_SHA512_Final(unsigned char *, CC_SHA512_CTX *);
unsigned char *CC_SHA1(const void *, unsigned, unsigned char *);
unsigned char *CC_SHA224(const void *, unsigned, unsigned char *);
unsigned char *CC_SHA384(const void *, unsigned, unsigned char *);
void CCHmac(unsigned, const void *, unsigned long, const void *, unsigned long, void *);
int CCCrypt(unsigned, unsigned, unsigned, const void *, unsigned long, const void *, const void *, unsigned long,
	    void *, unsigned long, unsigned long *);
typedef struct _CCCryptor *CCCryptorRef;
int CCCryptorCreateWithMode(unsigned, unsigned, unsigned, unsigned, const void *, const void *, unsigned long,
			    const void *, unsigned long, int, unsigned, CCCryptorRef *);
int CCCryptorUpdate(CCCryptorRef, const void *, unsigned long, void *, unsigned long, unsigned long *);
int CCCryptorFinal(CCCryptorRef, void *, unsigned long, unsigned long *);
int CCCryptorRelease(CCCryptorRef);
int CCKeyDerivationPBKDF(unsigned, const char *, unsigned long, const unsigned char *, unsigned long, unsigned,
			 unsigned, unsigned char *, unsigned long);
unsigned CCCalibratePBKDF(unsigned, unsigned long, unsigned long, unsigned, unsigned long, unsigned);
extern const unsigned char *const CCrfc3394_iv;
extern const unsigned long CCrfc3394_ivLen;
int CCSymmetricKeyWrap(unsigned, const unsigned char *, unsigned long, const unsigned char *, unsigned long,
		       const unsigned char *, unsigned long, unsigned char *, unsigned long *);
int CCSymmetricKeyUnwrap(unsigned, const unsigned char *, unsigned long, const unsigned char *, unsigned long,
			 const unsigned char *, unsigned long, unsigned char *, unsigned long *);
unsigned long CCSymmetricWrappedSize(unsigned, unsigned long);
int CCCryptorGCMOneshotEncrypt(unsigned, const void *, unsigned long, const void *, unsigned long, const void *, unsigned long,
			       const void *, unsigned long, void *, void *, unsigned long);
int CCCryptorGCMOneshotDecrypt(unsigned, const void *, unsigned long, const void *, unsigned long, const void *, unsigned long,
			       const void *, unsigned long, void *, const void *, unsigned long);

#endif
