// SPDX-License-Identifier: MIT
// SystemConfiguration, what test programs call of it. Facts: SCDynamicStore.h, SCNetworkReachability.h, SCNetworkConfiguration.h.
#ifndef DARWIN_INCLUDE_SYSTEMCONFIGURATION_H
#define DARWIN_INCLUDE_SYSTEMCONFIGURATION_H

#include <CoreFoundation/CoreFoundation.h>

typedef const void *SCDynamicStoreRef, *SCNetworkReachabilityRef, *SCNetworkInterfaceRef;
SCDynamicStoreRef SCDynamicStoreCreate(CFAllocatorRef, CFStringRef, void (*)(SCDynamicStoreRef, CFArrayRef, void *),
				       void *);
Boolean SCDynamicStoreSetNotificationKeys(SCDynamicStoreRef, CFArrayRef, CFArrayRef);
CFRunLoopSourceRef SCDynamicStoreCreateRunLoopSource(CFAllocatorRef, SCDynamicStoreRef, CFIndex);
Boolean SCDynamicStoreSetValue(SCDynamicStoreRef, CFStringRef, CFPropertyListRef);
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
Boolean SCNetworkReachabilitySetCallback(SCNetworkReachabilityRef, void (*)(SCNetworkReachabilityRef, unsigned, void *),
					 CFRunLoopTimerContext *);
Boolean SCNetworkReachabilityScheduleWithRunLoop(SCNetworkReachabilityRef, CFRunLoopRef, CFStringRef);
typedef const void *SCPreferencesRef, *SCNetworkServiceRef;
SCPreferencesRef SCPreferencesCreate(CFAllocatorRef, CFStringRef, CFStringRef);
CFPropertyListRef SCPreferencesGetValue(SCPreferencesRef, CFStringRef);
Boolean SCPreferencesSetValue(SCPreferencesRef, CFStringRef, CFPropertyListRef);
Boolean SCPreferencesAddValue(SCPreferencesRef, CFStringRef, CFPropertyListRef);
Boolean SCPreferencesLock(SCPreferencesRef, Boolean);
Boolean SCPreferencesUnlock(SCPreferencesRef);
Boolean SCPreferencesCommitChanges(SCPreferencesRef);
void SCPreferencesSynchronize(SCPreferencesRef);
CFDictionaryRef SCPreferencesPathGetValue(SCPreferencesRef, CFStringRef);
CFArrayRef SCNetworkServiceCopyAll(SCPreferencesRef);
CFStringRef SCNetworkServiceGetServiceID(SCNetworkServiceRef);
const void *SCNetworkServiceGetInterface(SCNetworkServiceRef);
CFArrayRef SCNetworkInterfaceCopyAll(void);
CFStringRef SCNetworkInterfaceGetBSDName(SCNetworkInterfaceRef);

#endif
