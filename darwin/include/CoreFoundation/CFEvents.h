// SPDX-License-Identifier: MIT
// CoreFoundation: what comes to run loops, as test programs call it. Facts: Apple's CFSocket.h, CFStream.h, CFMachPort.h, ...
#ifndef DARWIN_INCLUDE_CFEVENTS_H
#define DARWIN_INCLUDE_CFEVENTS_H

#include <CoreFoundation/CoreFoundation.h>

typedef CFRunLoopTimerContext CFFileDescriptorContext, CFSocketContext, CFMachPortContext, CFMessagePortContext,
	CFStreamClientContext, CFTreeContext;
typedef void *CFFileDescriptorRef, *CFSocketRef, *CFMachPortRef, *CFMessagePortRef, *CFReadStreamRef, *CFWriteStreamRef,
	*CFNotificationCenterRef, *CFTreeRef, *CFMutableBitVectorRef;
typedef const void *CFBitVectorRef;
CFStringRef CFRunLoopCopyCurrentMode(CFRunLoopRef);
CFArrayRef CFRunLoopCopyAllModes(CFRunLoopRef);
void CFRunLoopPerformBlock(CFRunLoopRef, CFTypeRef, void (^)(void));
CFRunLoopTimerRef CFRunLoopTimerCreateWithHandler(CFAllocatorRef, CFAbsoluteTime, CFTimeInterval, CFOptionFlags,
						  CFIndex, void (^)(CFRunLoopTimerRef));
void CFRunLoopRemoveSource(CFRunLoopRef, CFRunLoopSourceRef, CFStringRef);

// ---- descriptors, sockets -------------------------------------------------------------------------------------------
enum { kCFFileDescriptorReadCallBack = 1, kCFFileDescriptorWriteCallBack = 2 };
CFFileDescriptorRef CFFileDescriptorCreate(CFAllocatorRef, int, Boolean,
					   void (*)(CFFileDescriptorRef, CFOptionFlags, void *),
					   const CFFileDescriptorContext *);
void CFFileDescriptorEnableCallBacks(CFFileDescriptorRef, CFOptionFlags);
void CFFileDescriptorDisableCallBacks(CFFileDescriptorRef, CFOptionFlags);
void CFFileDescriptorInvalidate(CFFileDescriptorRef);
Boolean CFFileDescriptorIsValid(CFFileDescriptorRef);
int CFFileDescriptorGetNativeDescriptor(CFFileDescriptorRef);
CFRunLoopSourceRef CFFileDescriptorCreateRunLoopSource(CFAllocatorRef, CFFileDescriptorRef, CFIndex);
enum {
	kCFSocketReadCallBack = 1,
	kCFSocketAcceptCallBack = 2,
	kCFSocketDataCallBack = 3,
	kCFSocketConnectCallBack = 4,
	kCFSocketWriteCallBack = 8
};
typedef void (*CFSocketCallBack)(CFSocketRef, CFOptionFlags, CFDataRef, const void *, void *);
CFSocketRef CFSocketCreate(CFAllocatorRef, int, int, int, CFOptionFlags, CFSocketCallBack, const CFSocketContext *);
CFSocketRef CFSocketCreateWithNative(CFAllocatorRef, int, CFOptionFlags, CFSocketCallBack, const CFSocketContext *);
CFIndex CFSocketSetAddress(CFSocketRef, CFDataRef);
CFIndex CFSocketConnectToAddress(CFSocketRef, CFDataRef, CFTimeInterval);
CFDataRef CFSocketCopyAddress(CFSocketRef);
CFDataRef CFSocketCopyPeerAddress(CFSocketRef);
CFIndex CFSocketSendData(CFSocketRef, CFDataRef, CFDataRef, CFTimeInterval);
int CFSocketGetNative(CFSocketRef);
void CFSocketEnableCallBacks(CFSocketRef, CFOptionFlags);
void CFSocketInvalidate(CFSocketRef);
Boolean CFSocketIsValid(CFSocketRef);
CFRunLoopSourceRef CFSocketCreateRunLoopSource(CFAllocatorRef, CFSocketRef, CFIndex);

// ---- streams --------------------------------------------------------------------------------------------------------
enum {
	kCFStreamEventOpenCompleted = 1,
	kCFStreamEventHasBytesAvailable = 2,
	kCFStreamEventCanAcceptBytes = 4,
	kCFStreamEventErrorOccurred = 8,
	kCFStreamEventEndEncountered = 16
};
enum { kCFStreamStatusOpen = 2, kCFStreamStatusAtEnd = 5, kCFStreamStatusClosed = 6, kCFStreamStatusError = 7 };
extern const CFStringRef kCFStreamPropertyDataWritten, kCFStreamPropertyAppendToFile,
	kCFStreamPropertyShouldCloseNativeSocket;
CFReadStreamRef CFReadStreamCreateWithBytesNoCopy(CFAllocatorRef, const UInt8 *, CFIndex, CFAllocatorRef);
CFReadStreamRef CFReadStreamCreateWithFile(CFAllocatorRef, CFURLRef);
CFWriteStreamRef CFWriteStreamCreateWithBuffer(CFAllocatorRef, UInt8 *, CFIndex);
CFWriteStreamRef CFWriteStreamCreateWithAllocatedBuffers(CFAllocatorRef, CFAllocatorRef);
CFWriteStreamRef CFWriteStreamCreateWithFile(CFAllocatorRef, CFURLRef);
void CFStreamCreateBoundPair(CFAllocatorRef, CFReadStreamRef *, CFWriteStreamRef *, CFIndex);
void CFStreamCreatePairWithSocketToHost(CFAllocatorRef, CFStringRef, unsigned, CFReadStreamRef *, CFWriteStreamRef *);
void CFStreamCreatePairWithSocket(CFAllocatorRef, int, CFReadStreamRef *, CFWriteStreamRef *);
Boolean CFReadStreamOpen(CFReadStreamRef);
Boolean CFWriteStreamOpen(CFWriteStreamRef);
void CFReadStreamClose(CFReadStreamRef);
void CFWriteStreamClose(CFWriteStreamRef);
CFIndex CFReadStreamGetStatus(CFReadStreamRef);
CFIndex CFWriteStreamGetStatus(CFWriteStreamRef);
CFErrorRef CFReadStreamCopyError(CFReadStreamRef);
CFErrorRef CFWriteStreamCopyError(CFWriteStreamRef);
Boolean CFReadStreamHasBytesAvailable(CFReadStreamRef);
Boolean CFWriteStreamCanAcceptBytes(CFWriteStreamRef);
CFIndex CFReadStreamRead(CFReadStreamRef, UInt8 *, CFIndex);
CFIndex CFWriteStreamWrite(CFWriteStreamRef, const UInt8 *, CFIndex);
CFTypeRef CFWriteStreamCopyProperty(CFWriteStreamRef, CFStringRef);
Boolean CFWriteStreamSetProperty(CFWriteStreamRef, CFStringRef, CFTypeRef);
Boolean CFReadStreamSetProperty(CFReadStreamRef, CFStringRef, CFTypeRef);
Boolean CFReadStreamSetClient(CFReadStreamRef, CFOptionFlags, void (*)(CFReadStreamRef, CFOptionFlags, void *),
			      CFStreamClientContext *);
Boolean CFWriteStreamSetClient(CFWriteStreamRef, CFOptionFlags, void (*)(CFWriteStreamRef, CFOptionFlags, void *),
			       CFStreamClientContext *);
void CFReadStreamScheduleWithRunLoop(CFReadStreamRef, CFRunLoopRef, CFStringRef);
void CFWriteStreamScheduleWithRunLoop(CFWriteStreamRef, CFRunLoopRef, CFStringRef);

// ---- ports, notifications -------------------------------------------------------------------------------------------
CFMachPortRef CFMachPortCreate(CFAllocatorRef, void (*)(CFMachPortRef, void *, CFIndex, void *), CFMachPortContext *,
			       Boolean *);
unsigned CFMachPortGetPort(CFMachPortRef);
CFRunLoopSourceRef CFMachPortCreateRunLoopSource(CFAllocatorRef, CFMachPortRef, CFIndex);
void CFMachPortInvalidate(CFMachPortRef);
Boolean CFMachPortIsValid(CFMachPortRef);
CFMessagePortRef CFMessagePortCreateLocal(CFAllocatorRef, CFStringRef,
					  CFDataRef (*)(CFMessagePortRef, int, CFDataRef, void *),
					  CFMessagePortContext *, Boolean *);
CFMessagePortRef CFMessagePortCreateRemote(CFAllocatorRef, CFStringRef);
int CFMessagePortSendRequest(CFMessagePortRef, int, CFDataRef, CFTimeInterval, CFTimeInterval, CFStringRef,
			     CFDataRef *);
CFRunLoopSourceRef CFMessagePortCreateRunLoopSource(CFAllocatorRef, CFMessagePortRef, CFIndex);
struct dispatch_queue_s;
void CFMessagePortSetDispatchQueue(CFMessagePortRef, struct dispatch_queue_s *);
void CFMessagePortInvalidate(CFMessagePortRef);
Boolean CFMessagePortIsValid(CFMessagePortRef);
typedef void (*CFNotificationCallback)(CFNotificationCenterRef, void *, CFStringRef, const void *, CFDictionaryRef);
CFNotificationCenterRef CFNotificationCenterGetLocalCenter(void);
CFNotificationCenterRef CFNotificationCenterGetDarwinNotifyCenter(void);
CFNotificationCenterRef CFNotificationCenterGetDistributedCenter(void);
void CFNotificationCenterAddObserver(CFNotificationCenterRef, const void *, CFNotificationCallback, CFStringRef,
				     const void *, CFIndex);
void CFNotificationCenterRemoveObserver(CFNotificationCenterRef, const void *, CFStringRef, const void *);
void CFNotificationCenterPostNotification(CFNotificationCenterRef, CFStringRef, const void *, CFDictionaryRef, Boolean);

// ---- trees, bits ----------------------------------------------------------------------------------------------------
CFTreeRef CFTreeCreate(CFAllocatorRef, const CFTreeContext *);
void CFTreeAppendChild(CFTreeRef, CFTreeRef);
void CFTreePrependChild(CFTreeRef, CFTreeRef);
void CFTreeInsertSibling(CFTreeRef, CFTreeRef);
void CFTreeRemove(CFTreeRef);
CFIndex CFTreeGetChildCount(CFTreeRef);
CFTreeRef CFTreeGetChildAtIndex(CFTreeRef, CFIndex);
CFTreeRef CFTreeGetParent(CFTreeRef);
CFTreeRef CFTreeFindRoot(CFTreeRef);
void CFTreeGetContext(CFTreeRef, CFTreeContext *);
void CFTreeSortChildren(CFTreeRef, CFIndex (*)(const void *, const void *, void *), void *);
CFMutableBitVectorRef CFBitVectorCreateMutable(CFAllocatorRef, CFIndex);
CFBitVectorRef CFBitVectorCreate(CFAllocatorRef, const UInt8 *, CFIndex);
void CFBitVectorSetCount(CFMutableBitVectorRef, CFIndex);
void CFBitVectorSetBits(CFMutableBitVectorRef, CFRange, unsigned);
void CFBitVectorFlipBitAtIndex(CFMutableBitVectorRef, CFIndex);
CFIndex CFBitVectorGetCountOfBit(CFBitVectorRef, CFRange, unsigned);
CFIndex CFBitVectorGetLastIndexOfBit(CFBitVectorRef, CFRange, unsigned);
void CFBitVectorGetBits(CFBitVectorRef, CFRange, UInt8 *);

#endif
