// SPDX-License-Identifier: MIT
// Security, what test programs call of it. Facts: Apple's SecCertificate.h, SecTrustSettings.h, SecItem.h, SecRandom.h,
// SecKey.h, SecKeychain.h, SecKeychainItem.h, SecIdentity.h, SecImportExport.h, SecureTransport.h.
#ifndef DARWIN_INCLUDE_SECURITY_H
#define DARWIN_INCLUDE_SECURITY_H

#include <CoreFoundation/CoreFoundation.h>

typedef const void *SecCertificateRef, *SecTrustRef, *SecPolicyRef;
extern const void *const kSecRandomDefault;
int SecRandomCopyBytes(const void *, unsigned long, void *);
SecCertificateRef SecCertificateCreateWithData(CFAllocatorRef, CFDataRef);
CFStringRef SecCertificateCopySubjectSummary(SecCertificateRef);
int SecTrustSettingsCopyCertificates(unsigned, CFArrayRef *);
int SecTrustSettingsCopyTrustSettings(SecCertificateRef, unsigned, CFArrayRef *);
int SecItemCopyMatching(CFDictionaryRef, CFTypeRef *);
CFStringRef SecCopyErrorMessageString(int, void *);
extern const CFStringRef kSecClass, kSecClassGenericPassword;
SecPolicyRef SecPolicyCreateSSL(Boolean, CFStringRef);
int SecTrustCreateWithCertificates(CFTypeRef, CFTypeRef, SecTrustRef *);
int SecTrustSetAnchorCertificates(SecTrustRef, CFArrayRef);
Boolean SecTrustEvaluateWithError(SecTrustRef, CFErrorRef *);
int SecTrustSetAnchorCertificatesOnly(SecTrustRef, Boolean);
int SecTrustEvaluate(SecTrustRef, unsigned *);
#ifdef __BLOCKS__
struct dispatch_queue_s;
int SecTrustEvaluateAsyncWithError(SecTrustRef, struct dispatch_queue_s *, void (^)(SecTrustRef, _Bool, CFErrorRef));
#endif
CFDataRef SecTrustCopyExceptions(SecTrustRef);
Boolean SecTrustSetExceptions(SecTrustRef, CFDataRef);
CFIndex SecTrustGetCertificateCount(SecTrustRef);
SecCertificateRef SecTrustGetCertificateAtIndex(SecTrustRef, CFIndex);

// ---- keys -----------------------------------------------------------------------------------------------------------
typedef const void *SecKeyRef, *SecIdentityRef;
SecKeyRef SecCertificateCopyKey(SecCertificateRef);
SecKeyRef SecKeyCreateRandomKey(CFDictionaryRef, CFErrorRef *);
SecKeyRef SecKeyCreateWithData(CFDataRef, CFDictionaryRef, CFErrorRef *);
CFDataRef SecKeyCopyExternalRepresentation(SecKeyRef, CFErrorRef *);
CFDictionaryRef SecKeyCopyAttributes(SecKeyRef);
SecKeyRef SecKeyCopyPublicKey(SecKeyRef);
unsigned long SecKeyGetBlockSize(SecKeyRef);
CFDataRef SecKeyCreateSignature(SecKeyRef, CFStringRef, CFDataRef, CFErrorRef *);
Boolean SecKeyVerifySignature(SecKeyRef, CFStringRef, CFDataRef, CFDataRef, CFErrorRef *);
CFDataRef SecKeyCreateEncryptedData(SecKeyRef, CFStringRef, CFDataRef, CFErrorRef *);
CFDataRef SecKeyCreateDecryptedData(SecKeyRef, CFStringRef, CFDataRef, CFErrorRef *);
CFDataRef SecKeyCopyKeyExchangeResult(SecKeyRef, CFStringRef, SecKeyRef, CFDictionaryRef, CFErrorRef *);
Boolean SecKeyIsAlgorithmSupported(SecKeyRef, CFIndex, CFStringRef);
extern const CFStringRef kSecAttrKeyType, kSecAttrKeyTypeRSA, kSecAttrKeyTypeECSECPrimeRandom, kSecAttrKeyClass,
	kSecAttrKeyClassPublic, kSecAttrKeyClassPrivate, kSecAttrKeySizeInBits, kSecAttrIsPermanent,
	kSecAttrApplicationLabel, kSecAttrApplicationTag, kSecPrivateKeyAttrs;
extern const CFStringRef kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA256,
	kSecKeyAlgorithmRSASignatureMessagePSSSHA256, kSecKeyAlgorithmECDSASignatureMessageX962SHA256,
	kSecKeyAlgorithmECDSASignatureMessageRFC4754SHA256, kSecKeyAlgorithmRSAEncryptionOAEPSHA256,
	kSecKeyAlgorithmRSAEncryptionPKCS1, kSecKeyAlgorithmRSAEncryptionOAEPSHA256AESGCM,
	kSecKeyAlgorithmECIESEncryptionStandardX963SHA256AESGCM,
	kSecKeyAlgorithmECIESEncryptionCofactorVariableIVX963SHA256AESGCM, kSecKeyAlgorithmECDHKeyExchangeStandard,
	kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA256, kSecKeyKeyExchangeParameterRequestedSize,
	kSecKeyKeyExchangeParameterSharedInfo;
int SecIdentityCopyCertificate(SecIdentityRef, SecCertificateRef *);
int SecIdentityCopyPrivateKey(SecIdentityRef, SecKeyRef *);
int SecPKCS12Import(CFDataRef, CFDictionaryRef, CFArrayRef *);
int SecItemImport(CFDataRef, CFStringRef, unsigned *, unsigned *, unsigned, const void *, const void *, CFArrayRef *);
int SecItemExport(CFTypeRef, unsigned, unsigned, const void *, CFDataRef *);
extern const CFStringRef kSecImportExportPassphrase, kSecImportItemIdentity, kSecImportItemCertChain,
	kSecImportItemTrust;

// ---- keychains ------------------------------------------------------------------------------------------------------
typedef const void *SecKeychainRef, *SecKeychainItemRef;
typedef struct {
	unsigned tag, length;
	void *data;
} SecKeychainAttribute;
typedef struct {
	unsigned count;
	SecKeychainAttribute *attr;
} SecKeychainAttributeList;
int SecItemAdd(CFDictionaryRef, CFTypeRef *);
int SecItemUpdate(CFDictionaryRef, CFDictionaryRef);
int SecItemDelete(CFDictionaryRef);
extern const CFStringRef kSecClassInternetPassword, kSecClassKey, kSecClassCertificate, kSecClassIdentity,
	kSecAttrService, kSecAttrAccount, kSecAttrServer, kSecAttrPort, kSecAttrProtocol, kSecAttrProtocolHTTPS,
	kSecAttrLabel, kSecValueData, kSecValueRef, kSecReturnData, kSecReturnAttributes, kSecReturnRef,
	kSecReturnPersistentRef, kSecValuePersistentRef, kSecMatchLimit, kSecMatchLimitAll, kSecUseKeychain;
int SecKeychainCreate(const char *, unsigned, const void *, Boolean, const void *, SecKeychainRef *);
int SecKeychainOpen(const char *, SecKeychainRef *);
int SecKeychainUnlock(SecKeychainRef, unsigned, const void *, Boolean);
int SecKeychainLock(SecKeychainRef);
int SecKeychainGetPath(SecKeychainRef, unsigned *, char *);
int SecKeychainAddGenericPassword(SecKeychainRef, unsigned, const char *, unsigned, const char *, unsigned,
				  const void *, SecKeychainItemRef *);
int SecKeychainFindGenericPassword(const void *, unsigned, const char *, unsigned, const char *, unsigned *, void **,
				   SecKeychainItemRef *);
int SecKeychainAddInternetPassword(SecKeychainRef, unsigned, const char *, unsigned, const char *, unsigned,
				   const char *, unsigned, const char *, unsigned short, unsigned, unsigned, unsigned,
				   const void *, SecKeychainItemRef *);
int SecKeychainFindInternetPassword(const void *, unsigned, const char *, unsigned, const char *, unsigned,
				    const char *, unsigned, const char *, unsigned short, unsigned, unsigned,
				    unsigned *, void **, SecKeychainItemRef *);
int SecKeychainItemModifyAttributesAndData(SecKeychainItemRef, const SecKeychainAttributeList *, unsigned,
					   const void *);
int SecKeychainItemCopyContent(SecKeychainItemRef, unsigned *, SecKeychainAttributeList *, unsigned *, void **);
int SecKeychainItemFreeContent(SecKeychainAttributeList *, void *);
int SecKeychainItemDelete(SecKeychainItemRef);
int SecAccessCreate(CFStringRef, CFArrayRef, CFTypeRef *);
int SecKeychainItemSetAccess(SecKeychainItemRef, CFTypeRef);
int SecTrustedApplicationCreateFromPath(const char *, CFTypeRef *);
int SecTrustedApplicationCopyData(CFTypeRef, CFDataRef *);

// ---- SecureTransport ------------------------------------------------------------------------------------------------
typedef struct SSLContext *SSLContextRef;
typedef int (*SSLReadFunc)(const void *, void *, unsigned long *);
typedef int (*SSLWriteFunc)(const void *, const void *, unsigned long *);
enum { kSSLServerSide, kSSLClientSide };
enum {
	errSSLWouldBlock = -9803,
	errSSLClosedGraceful = -9805,
	errSSLClosedAbort = -9806,
	errSSLPeerAuthCompleted = -9841
};
SSLContextRef SSLCreateContext(CFAllocatorRef, int, int);
int SSLSetIOFuncs(SSLContextRef, SSLReadFunc, SSLWriteFunc);
int SSLSetConnection(SSLContextRef, const void *);
int SSLSetPeerDomainName(SSLContextRef, const char *, unsigned long);
int SSLSetSessionOption(SSLContextRef, int, Boolean);
int SSLSetProtocolVersionMin(SSLContextRef, int);
int SSLSetProtocolVersionMax(SSLContextRef, int);
int SSLSetALPNProtocols(SSLContextRef, CFArrayRef);
int SSLCopyALPNProtocols(SSLContextRef, CFArrayRef *);
int SSLSetCertificate(SSLContextRef, CFArrayRef);
int SSLSetClientSideAuthenticate(SSLContextRef, int);
int SSLGetClientCertificateState(SSLContextRef, int *);
int SSLCopyPeerTrust(SSLContextRef, SecTrustRef *);
int SSLGetNegotiatedProtocolVersion(SSLContextRef, int *);
int SSLGetNegotiatedCipher(SSLContextRef, unsigned *);
int SSLSetEnabledCiphers(SSLContextRef, const unsigned *, unsigned long);
int SSLGetNumberEnabledCiphers(SSLContextRef, unsigned long *);
int SSLGetSessionState(SSLContextRef, int *);
int SSLHandshake(SSLContextRef);
int SSLRead(SSLContextRef, void *, unsigned long, unsigned long *);
int SSLWrite(SSLContextRef, const void *, unsigned long, unsigned long *);
int SSLClose(SSLContextRef);
int SSLGetBufferedReadSize(SSLContextRef, unsigned long *);

// ---- CMS ------------------------------------------------------------------------------------------------------------
typedef struct CMSEncoder *CMSEncoderRef;
typedef struct CMSDecoder *CMSDecoderRef;
int CMSEncodeContent(CFTypeRef, CFTypeRef, CFTypeRef, Boolean, unsigned, const void *, unsigned long, CFDataRef *);
int CMSEncoderCreate(CMSEncoderRef *);
int CMSEncoderAddSigners(CMSEncoderRef, CFTypeRef);
int CMSEncoderSetSignerAlgorithm(CMSEncoderRef, CFStringRef);
int CMSEncoderAddSignedAttributes(CMSEncoderRef, unsigned);
int CMSEncoderSetHasDetachedContent(CMSEncoderRef, Boolean);
int CMSEncoderUpdateContent(CMSEncoderRef, const void *, unsigned long);
int CMSEncoderCopyEncodedContent(CMSEncoderRef, CFDataRef *);
int CMSDecoderCreate(CMSDecoderRef *);
int CMSDecoderUpdateMessage(CMSDecoderRef, const void *, unsigned long);
int CMSDecoderFinalizeMessage(CMSDecoderRef);
int CMSDecoderSetDetachedContent(CMSDecoderRef, CFDataRef);
int CMSDecoderGetNumSigners(CMSDecoderRef, unsigned long *);
int CMSDecoderCopySignerStatus(CMSDecoderRef, unsigned long, CFTypeRef, Boolean, unsigned *, SecTrustRef *, int *);
int CMSDecoderCopySignerCert(CMSDecoderRef, unsigned long, SecCertificateRef *);
int CMSDecoderCopySignerSigningTime(CMSDecoderRef, unsigned long, double *);
int CMSDecoderIsContentEncrypted(CMSDecoderRef, Boolean *);
int CMSDecoderCopyAllCerts(CMSDecoderRef, CFArrayRef *);
int CMSDecoderCopyContent(CMSDecoderRef, CFDataRef *);
SecPolicyRef SecPolicyCreateBasicX509(void);
extern const CFStringRef kCMSEncoderDigestAlgorithmSHA256;

#endif
