// SPDX-License-Identifier: MIT
// Security, what test programs call of it. Facts: Apple's SecCertificate.h, SecTrustSettings.h, SecItem.h, SecRandom.h.
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

#endif
