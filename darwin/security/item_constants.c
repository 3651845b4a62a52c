// SPDX-License-Identifier: MIT
// Constants of keychain items. Facts: Apple's SecItem.h, SecImportExport.h; texts: open source Security's SecItemConstants.c, SecImportExport.c.
#include "../corefoundation/constant.h"

// classes
CONSTANT(darwin_kSecClass, "class");
CONSTANT(darwin_kSecClassCertificate, "cert");
CONSTANT(darwin_kSecClassGenericPassword, "genp");
CONSTANT(darwin_kSecClassIdentity, "idnt");
CONSTANT(darwin_kSecClassInternetPassword, "inet");
CONSTANT(darwin_kSecClassKey, "keys");

// when an item may be read
CONSTANT(darwin_kSecAttrAccessible, "pdmn");
CONSTANT(darwin_kSecAttrAccessibleAfterFirstUnlock, "ck");
CONSTANT(darwin_kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, "cku");
CONSTANT(darwin_kSecAttrAccessibleAlways, "dk");
CONSTANT(darwin_kSecAttrAccessibleAlwaysThisDeviceOnly, "dku");
CONSTANT(darwin_kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly, "akpu");
CONSTANT(darwin_kSecAttrAccessibleWhenUnlocked, "ak");
CONSTANT(darwin_kSecAttrAccessibleWhenUnlockedThisDeviceOnly, "aku");

// protocols
CONSTANT(darwin_kSecAttrProtocol, "ptcl");
CONSTANT(darwin_kSecAttrProtocolAFP, "afp ");
CONSTANT(darwin_kSecAttrProtocolAppleTalk, "atlk");
CONSTANT(darwin_kSecAttrProtocolDAAP, "daap");
CONSTANT(darwin_kSecAttrProtocolEPPC, "eppc");
CONSTANT(darwin_kSecAttrProtocolFTP, "ftp ");
CONSTANT(darwin_kSecAttrProtocolFTPAccount, "ftpa");
CONSTANT(darwin_kSecAttrProtocolFTPProxy, "ftpx");
CONSTANT(darwin_kSecAttrProtocolFTPS, "ftps");
CONSTANT(darwin_kSecAttrProtocolHTTP, "http");
CONSTANT(darwin_kSecAttrProtocolHTTPProxy, "htpx");
CONSTANT(darwin_kSecAttrProtocolHTTPS, "htps");
CONSTANT(darwin_kSecAttrProtocolHTTPSProxy, "htsx");
CONSTANT(darwin_kSecAttrProtocolIMAP, "imap");
CONSTANT(darwin_kSecAttrProtocolIMAPS, "imps");
CONSTANT(darwin_kSecAttrProtocolIPP, "ipp ");
CONSTANT(darwin_kSecAttrProtocolIRC, "irc ");
CONSTANT(darwin_kSecAttrProtocolIRCS, "ircs");
CONSTANT(darwin_kSecAttrProtocolLDAP, "ldap");
CONSTANT(darwin_kSecAttrProtocolLDAPS, "ldps");
CONSTANT(darwin_kSecAttrProtocolNNTP, "nntp");
CONSTANT(darwin_kSecAttrProtocolNNTPS, "ntps");
CONSTANT(darwin_kSecAttrProtocolPOP3, "pop3");
CONSTANT(darwin_kSecAttrProtocolPOP3S, "pops");
CONSTANT(darwin_kSecAttrProtocolRTSP, "rtsp");
CONSTANT(darwin_kSecAttrProtocolRTSPProxy, "rtsx");
CONSTANT(darwin_kSecAttrProtocolSMB, "smb ");
CONSTANT(darwin_kSecAttrProtocolSMTP, "smtp");
CONSTANT(darwin_kSecAttrProtocolSOCKS, "sox ");
CONSTANT(darwin_kSecAttrProtocolSSH, "ssh ");
CONSTANT(darwin_kSecAttrProtocolTelnet, "teln");
CONSTANT(darwin_kSecAttrProtocolTelnetS, "tels");

// ways to say who one is
CONSTANT(darwin_kSecAttrAuthenticationType, "atyp");
CONSTANT(darwin_kSecAttrAuthenticationTypeDPA, "dpaa");
CONSTANT(darwin_kSecAttrAuthenticationTypeDefault, "dflt");
CONSTANT(darwin_kSecAttrAuthenticationTypeHTMLForm, "form");
CONSTANT(darwin_kSecAttrAuthenticationTypeHTTPBasic, "http");
CONSTANT(darwin_kSecAttrAuthenticationTypeHTTPDigest, "httd");
CONSTANT(darwin_kSecAttrAuthenticationTypeMSN, "msna");
CONSTANT(darwin_kSecAttrAuthenticationTypeNTLM, "ntlm");
CONSTANT(darwin_kSecAttrAuthenticationTypeRPA, "rpaa");

// classes of keys
CONSTANT(darwin_kSecAttrKeyClass, "kcls");
CONSTANT(darwin_kSecAttrKeyClassPrivate, "1");
CONSTANT(darwin_kSecAttrKeyClassPublic, "0");
CONSTANT(darwin_kSecAttrKeyClassSymmetric, "2");

// types of keys
CONSTANT(darwin_kSecAttrKeyType, "type");
CONSTANT(darwin_kSecAttrKeyType3DES, "17");
CONSTANT(darwin_kSecAttrKeyTypeAES, "2147483649");
CONSTANT(darwin_kSecAttrKeyTypeCAST, "56");
CONSTANT(darwin_kSecAttrKeyTypeDES, "14");
CONSTANT(darwin_kSecAttrKeyTypeDSA, "43");
CONSTANT(darwin_kSecAttrKeyTypeEC, "73");
CONSTANT(darwin_kSecAttrKeyTypeECDSA, "73");
CONSTANT(darwin_kSecAttrKeyTypeECSECPrimeRandom, "73");
CONSTANT(darwin_kSecAttrKeyTypeRC2, "23");
CONSTANT(darwin_kSecAttrKeyTypeRC4, "25");
CONSTANT(darwin_kSecAttrKeyTypeRSA, "42");

// functions of key derivation
CONSTANT(darwin_kSecAttrPRF, "prf");
CONSTANT(darwin_kSecAttrPRFHmacAlgSHA1, "hsha1");
CONSTANT(darwin_kSecAttrPRFHmacAlgSHA224, "hsha224");
CONSTANT(darwin_kSecAttrPRFHmacAlgSHA256, "hsha256");
CONSTANT(darwin_kSecAttrPRFHmacAlgSHA384, "hsha384");
CONSTANT(darwin_kSecAttrPRFHmacAlgSHA512, "hsha512");

// attributes
CONSTANT(darwin_kSecAttrAccess, "acls");
CONSTANT(darwin_kSecAttrAccessControl, "accc");
CONSTANT(darwin_kSecAttrAccessGroup, "agrp");
CONSTANT(darwin_kSecAttrAccessGroupToken, "com.apple.token");
CONSTANT(darwin_kSecAttrAccount, "acct");
CONSTANT(darwin_kSecAttrApplicationLabel, "klbl");
CONSTANT(darwin_kSecAttrApplicationTag, "atag");
CONSTANT(darwin_kSecAttrCanDecrypt, "decr");
CONSTANT(darwin_kSecAttrCanDerive, "drve");
CONSTANT(darwin_kSecAttrCanEncrypt, "encr");
CONSTANT(darwin_kSecAttrCanSign, "sign");
CONSTANT(darwin_kSecAttrCanUnwrap, "unwp");
CONSTANT(darwin_kSecAttrCanVerify, "vrfy");
CONSTANT(darwin_kSecAttrCanWrap, "wrap");
CONSTANT(darwin_kSecAttrCertificateEncoding, "cenc");
CONSTANT(darwin_kSecAttrCertificateType, "ctyp");
CONSTANT(darwin_kSecAttrComment, "icmt");
CONSTANT(darwin_kSecAttrCreationDate, "cdat");
CONSTANT(darwin_kSecAttrCreator, "crtr");
CONSTANT(darwin_kSecAttrDescription, "desc");
CONSTANT(darwin_kSecAttrEffectiveKeySize, "esiz");
CONSTANT(darwin_kSecAttrGeneric, "gena");
CONSTANT(darwin_kSecAttrIsExtractable, "extr");
CONSTANT(darwin_kSecAttrIsInvisible, "invi");
CONSTANT(darwin_kSecAttrIsNegative, "nega");
CONSTANT(darwin_kSecAttrIsPermanent, "perm");
CONSTANT(darwin_kSecAttrIsSensitive, "sens");
CONSTANT(darwin_kSecAttrIssuer, "issr");
CONSTANT(darwin_kSecAttrKeySizeInBits, "bsiz");
CONSTANT(darwin_kSecAttrLabel, "labl");
CONSTANT(darwin_kSecAttrModificationDate, "mdat");
CONSTANT(darwin_kSecAttrPath, "path");
CONSTANT(darwin_kSecAttrPersistantReference, "persistref");
CONSTANT(darwin_kSecAttrPersistentReference, "persistref");
CONSTANT(darwin_kSecAttrPort, "port");
CONSTANT(darwin_kSecAttrPublicKeyHash, "pkhh");
CONSTANT(darwin_kSecAttrRounds, "rounds");
CONSTANT(darwin_kSecAttrSalt, "salt");
CONSTANT(darwin_kSecAttrSecurityDomain, "sdmn");
CONSTANT(darwin_kSecAttrSerialNumber, "slnr");
CONSTANT(darwin_kSecAttrServer, "srvr");
CONSTANT(darwin_kSecAttrService, "svce");
CONSTANT(darwin_kSecAttrSubject, "subj");
CONSTANT(darwin_kSecAttrSubjectKeyID, "skid");
CONSTANT(darwin_kSecAttrSyncViewHint, "vwht");
CONSTANT(darwin_kSecAttrSynchronizable, "sync");
CONSTANT(darwin_kSecAttrSynchronizableAny, "syna");
CONSTANT(darwin_kSecAttrTokenID, "tkid");
CONSTANT(darwin_kSecAttrTokenIDSecureEnclave, "com.apple.setoken");
CONSTANT(darwin_kSecAttrType, "type");

// what a search looks for
CONSTANT(darwin_kSecMatchCaseInsensitive, "m_CaseInsensitive");
CONSTANT(darwin_kSecMatchDiacriticInsensitive, "m_DiacriticInsensitive");
CONSTANT(darwin_kSecMatchEmailAddressIfPresent, "m_EmailAddressIfPresent");
CONSTANT(darwin_kSecMatchHostOrSubdomainOfHost, "m_HostOrSubdomainOfHost");
CONSTANT(darwin_kSecMatchIssuers, "m_Issuers");
CONSTANT(darwin_kSecMatchItemList, "m_ItemList");
CONSTANT(darwin_kSecMatchLimit, "m_Limit");
CONSTANT(darwin_kSecMatchLimitAll, "m_LimitAll");
CONSTANT(darwin_kSecMatchLimitOne, "m_LimitOne");
CONSTANT(darwin_kSecMatchPolicy, "m_Policy");
CONSTANT(darwin_kSecMatchSearchList, "m_SearchList");
CONSTANT(darwin_kSecMatchSubjectContains, "m_SubjectContains");
CONSTANT(darwin_kSecMatchSubjectEndsWith, "m_SubjectEndsWith");
CONSTANT(darwin_kSecMatchSubjectStartsWith, "m_SubjectStartsWith");
CONSTANT(darwin_kSecMatchSubjectWholeString, "m_SubjectWholeString");
CONSTANT(darwin_kSecMatchTrustedOnly, "m_TrustedOnly");
CONSTANT(darwin_kSecMatchValidOnDate, "m_ValidOnDate");
CONSTANT(darwin_kSecMatchWidthInsensitive, "m_WidthInsensitive");

// what it gives
CONSTANT(darwin_kSecReturnAttributes, "r_Attributes");
CONSTANT(darwin_kSecReturnData, "r_Data");
CONSTANT(darwin_kSecReturnPersistentRef, "r_PersistentRef");
CONSTANT(darwin_kSecReturnRef, "r_Ref");

// values
CONSTANT(darwin_kSecValueData, "v_Data");
CONSTANT(darwin_kSecValuePersistentRef, "v_PersistentRef");
CONSTANT(darwin_kSecValueRef, "v_Ref");

// what it uses
CONSTANT(darwin_kSecUseAuthenticationContext, "u_AuthCtx");
CONSTANT(darwin_kSecUseAuthenticationUI, "u_AuthUI");
CONSTANT(darwin_kSecUseAuthenticationUIAllow, "u_AuthUIA");
CONSTANT(darwin_kSecUseAuthenticationUIFail, "u_AuthUIF");
CONSTANT(darwin_kSecUseAuthenticationUISkip, "u_AuthUIS");
CONSTANT(darwin_kSecUseDataProtectionKeychain, "nleg");
CONSTANT(darwin_kSecUseItemList, "u_ItemList");
CONSTANT(darwin_kSecUseKeychain, "u_Keychain");
CONSTANT(darwin_kSecUseNoAuthenticationUI, "u_NoAuthUI");
CONSTANT(darwin_kSecUseOperationPrompt, "u_OpPrompt");
CONSTANT(darwin_kSecUseUserIndependentKeychain, "u_UserIndependentKeychain");

// keys, imports, passwords
CONSTANT(darwin_kSecImportExportAccess, "access");
CONSTANT(darwin_kSecImportExportKeychain, "keychain");
CONSTANT(darwin_kSecImportExportPassphrase, "passphrase");
CONSTANT(darwin_kSecImportItemCertChain, "chain");
CONSTANT(darwin_kSecImportItemIdentity, "identity");
CONSTANT(darwin_kSecImportItemKeyID, "keyid");
CONSTANT(darwin_kSecImportItemLabel, "label");
CONSTANT(darwin_kSecImportItemTrust, "trust");
CONSTANT(darwin_kSecImportToMemoryOnly, "memory");
CONSTANT(darwin_kSecPrivateKeyAttrs, "private");
CONSTANT(darwin_kSecPublicKeyAttrs, "public");
