// SPDX-License-Identifier: MIT
// SystemConfiguration, what test programs call of it. Facts: SCDynamicStore.h, SCNetworkReachability.h, SCNetworkConfiguration.h.
#ifndef DARWIN_INCLUDE_SYSTEMCONFIGURATION_H
#define DARWIN_INCLUDE_SYSTEMCONFIGURATION_H

#include <CoreFoundation/CoreFoundation.h>

typedef const void *SCDynamicStoreRef, *SCNetworkReachabilityRef, *SCNetworkInterfaceRef;
SCDynamicStoreRef SCDynamicStoreCreate(CFAllocatorRef, CFStringRef, void *, void *);
CFPropertyListRef SCDynamicStoreCopyValue(SCDynamicStoreRef, CFStringRef);
CFArrayRef SCDynamicStoreCopyKeyList(SCDynamicStoreRef, CFStringRef);
CFDictionaryRef SCDynamicStoreCopyProxies(SCDynamicStoreRef);
CFStringRef SCDynamicStoreCopyComputerName(SCDynamicStoreRef, CFStringEncoding *);
CFStringRef SCDynamicStoreKeyCreateNetworkGlobalEntity(CFAllocatorRef, CFStringRef, CFStringRef);
extern const CFStringRef kSCDynamicStoreDomainState, kSCEntNetDNS, kSCPropNetProxiesHTTPProxy;
int SCError(void);
SCNetworkReachabilityRef SCNetworkReachabilityCreateWithName(CFAllocatorRef, const char *);
SCNetworkReachabilityRef SCNetworkReachabilityCreateWithAddress(CFAllocatorRef, const void *);
Boolean SCNetworkReachabilityGetFlags(SCNetworkReachabilityRef, unsigned *);
CFArrayRef SCNetworkInterfaceCopyAll(void);
CFStringRef SCNetworkInterfaceGetBSDName(SCNetworkInterfaceRef);

#endif
