// SPDX-License-Identifier: MIT
// Names of what keys do: key_algorithm.c reads them. Facts: Apple's SecKey.h; texts: open source Security's SecKey.m, SecKeyAdaptors.m.
#include "../corefoundation/constant.h"

CONSTANT(darwin_kSecKeyKeyExchangeParameterRequestedSize, "requestedSize");
CONSTANT(darwin_kSecKeyKeyExchangeParameterSharedInfo, "sharedInfo");

CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeCofactor, "algid:keyexchange:ECDHC");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeCofactorX963SHA1, "algid:keyexchange:ECDHC:KDFX963:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeCofactorX963SHA224, "algid:keyexchange:ECDHC:KDFX963:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeCofactorX963SHA256, "algid:keyexchange:ECDHC:KDFX963:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeCofactorX963SHA384, "algid:keyexchange:ECDHC:KDFX963:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeCofactorX963SHA512, "algid:keyexchange:ECDHC:KDFX963:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeStandard, "algid:keyexchange:ECDH");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA1, "algid:keyexchange:ECDH:KDFX963:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA224, "algid:keyexchange:ECDH:KDFX963:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA256, "algid:keyexchange:ECDH:KDFX963:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA384, "algid:keyexchange:ECDH:KDFX963:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA512, "algid:keyexchange:ECDH:KDFX963:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestRFC4754, "algid:sign:ECDSA:digest-RFC4754");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestRFC4754SHA1, "algid:sign:ECDSA:digest-RFC4754:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestRFC4754SHA224, "algid:sign:ECDSA:digest-RFC4754:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestRFC4754SHA256, "algid:sign:ECDSA:digest-RFC4754:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestRFC4754SHA384, "algid:sign:ECDSA:digest-RFC4754:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestRFC4754SHA512, "algid:sign:ECDSA:digest-RFC4754:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestX962, "algid:sign:ECDSA:digest-X962");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestX962SHA1, "algid:sign:ECDSA:digest-X962:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestX962SHA224, "algid:sign:ECDSA:digest-X962:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestX962SHA256, "algid:sign:ECDSA:digest-X962:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestX962SHA384, "algid:sign:ECDSA:digest-X962:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureDigestX962SHA512, "algid:sign:ECDSA:digest-X962:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageRFC4754SHA1, "algid:sign:ECDSA:message-RFC4754:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageRFC4754SHA224, "algid:sign:ECDSA:message-RFC4754:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageRFC4754SHA256, "algid:sign:ECDSA:message-RFC4754:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageRFC4754SHA384, "algid:sign:ECDSA:message-RFC4754:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageRFC4754SHA512, "algid:sign:ECDSA:message-RFC4754:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageX962SHA1, "algid:sign:ECDSA:message-X962:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageX962SHA224, "algid:sign:ECDSA:message-X962:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageX962SHA256, "algid:sign:ECDSA:message-X962:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageX962SHA384, "algid:sign:ECDSA:message-X962:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureMessageX962SHA512, "algid:sign:ECDSA:message-X962:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmECDSASignatureRFC4754, "algid:sign:ECDSA:RFC4754");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorVariableIVX963SHA224AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA224:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorVariableIVX963SHA256AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA256:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorVariableIVX963SHA384AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA384:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorVariableIVX963SHA512AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA512:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorX963SHA1AESGCM, "algid:encrypt:ECIES:ECDHC:KDFX963:SHA1:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorX963SHA224AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA224:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorX963SHA256AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA256:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorX963SHA384AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA384:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionCofactorX963SHA512AESGCM,
	 "algid:encrypt:ECIES:ECDHC:KDFX963:SHA512:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardVariableIVX963SHA224AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA224:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardVariableIVX963SHA256AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA256:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardVariableIVX963SHA384AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA384:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardVariableIVX963SHA512AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA512:AESGCM-KDFIV");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardX963SHA1AESGCM, "algid:encrypt:ECIES:ECDH:KDFX963:SHA1:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardX963SHA224AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA224:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardX963SHA256AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA256:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardX963SHA384AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA384:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmECIESEncryptionStandardX963SHA512AESGCM,
	 "algid:encrypt:ECIES:ECDH:KDFX963:SHA512:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA1, "algid:encrypt:RSA:OAEP:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA1AESGCM, "algid:encrypt:RSA:OAEP:SHA1:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA224, "algid:encrypt:RSA:OAEP:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA224AESGCM, "algid:encrypt:RSA:OAEP:SHA224:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA256, "algid:encrypt:RSA:OAEP:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA256AESGCM, "algid:encrypt:RSA:OAEP:SHA256:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA384, "algid:encrypt:RSA:OAEP:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA384AESGCM, "algid:encrypt:RSA:OAEP:SHA384:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA512, "algid:encrypt:RSA:OAEP:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionOAEPSHA512AESGCM, "algid:encrypt:RSA:OAEP:SHA512:AESGCM");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionPKCS1, "algid:encrypt:RSA:PKCS1");
CONSTANT(darwin_kSecKeyAlgorithmRSAEncryptionRaw, "algid:encrypt:RSA:raw");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPKCS1v15Raw, "algid:sign:RSA:digest-PKCS1v15");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPKCS1v15SHA1, "algid:sign:RSA:digest-PKCS1v15:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPKCS1v15SHA224, "algid:sign:RSA:digest-PKCS1v15:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPKCS1v15SHA256, "algid:sign:RSA:digest-PKCS1v15:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPKCS1v15SHA384, "algid:sign:RSA:digest-PKCS1v15:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPKCS1v15SHA512, "algid:sign:RSA:digest-PKCS1v15:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPSSSHA1, "algid:sign:RSA:digest-PSS:SHA1:SHA1:20");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPSSSHA224, "algid:sign:RSA:digest-PSS:SHA224:SHA224:24");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPSSSHA256, "algid:sign:RSA:digest-PSS:SHA256:SHA256:32");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPSSSHA384, "algid:sign:RSA:digest-PSS:SHA384:SHA384:48");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureDigestPSSSHA512, "algid:sign:RSA:digest-PSS:SHA512:SHA512:64");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA1, "algid:sign:RSA:message-PKCS1v15:SHA1");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA224, "algid:sign:RSA:message-PKCS1v15:SHA224");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA256, "algid:sign:RSA:message-PKCS1v15:SHA256");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA384, "algid:sign:RSA:message-PKCS1v15:SHA384");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePKCS1v15SHA512, "algid:sign:RSA:message-PKCS1v15:SHA512");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePSSSHA1, "algid:sign:RSA:message-PSS:SHA1:SHA1:20");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePSSSHA224, "algid:sign:RSA:message-PSS:SHA224:SHA224:24");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePSSSHA256, "algid:sign:RSA:message-PSS:SHA256:SHA256:32");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePSSSHA384, "algid:sign:RSA:message-PSS:SHA384:SHA384:48");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureMessagePSSSHA512, "algid:sign:RSA:message-PSS:SHA512:SHA512:64");
CONSTANT(darwin_kSecKeyAlgorithmRSASignatureRaw, "algid:sign:RSA:raw");
