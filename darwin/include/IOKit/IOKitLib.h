// SPDX-License-Identifier: MIT
// IOKit, what test programs call of it. Facts: Apple's IOKitLib.h, IOPowerSources.h.
#ifndef DARWIN_INCLUDE_IOKITLIB_H
#define DARWIN_INCLUDE_IOKITLIB_H

#include <CoreFoundation/CoreFoundation.h>

typedef unsigned io_object_t, mach_port_t;
extern const mach_port_t kIOMasterPortDefault, kIOMainPortDefault;
CFMutableDictionaryRef IOServiceMatching(const char *);
io_object_t IOServiceGetMatchingService(mach_port_t, CFDictionaryRef);
int IOServiceGetMatchingServices(mach_port_t, CFDictionaryRef, io_object_t *);
io_object_t IOIteratorNext(io_object_t);
int IOObjectRelease(io_object_t);
int IOObjectGetClass(io_object_t, char *);
CFTypeRef IORegistryEntryCreateCFProperty(io_object_t, CFStringRef, CFAllocatorRef, unsigned);
CFTypeRef IOPSCopyPowerSourcesInfo(void);
CFArrayRef IOPSCopyPowerSourcesList(CFTypeRef);
CFDictionaryRef IOPSGetPowerSourceDescription(CFTypeRef, CFTypeRef);
CFStringRef IOPSGetProvidingPowerSourceType(CFTypeRef);
double IOPSGetTimeRemainingEstimate(void);
int IORegistryEntryGetName(io_object_t, char *);
typedef void *IONotificationPortRef;
IONotificationPortRef IONotificationPortCreate(mach_port_t);
void IONotificationPortDestroy(IONotificationPortRef);
CFRunLoopSourceRef IONotificationPortGetRunLoopSource(IONotificationPortRef);
int IOServiceAddMatchingNotification(IONotificationPortRef, const char *, CFDictionaryRef, void (*)(void *, io_object_t),
				     void *, io_object_t *);
int IOServiceAddInterestNotification(IONotificationPortRef, io_object_t, const char *,
				     void (*)(void *, io_object_t, unsigned, void *), void *, io_object_t *);
int IORegistryEntryGetChildIterator(io_object_t, const char *, io_object_t *);
int IORegistryEntryGetPath(io_object_t, const char *, char *);

#endif
