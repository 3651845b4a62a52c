// SPDX-License-Identifier: MIT
// CoreFoundation: descriptors, sockets, streams, ports and notifications in run loops.
// `cfevents serve NAME`, `queue NAME`, `ask NAME`, `observe`, `post`: two processes.
#include "check.h"

#include <CoreFoundation/CFEvents.h>
#include <Block.h>
#include <dispatch/dispatch.h>
#include <mach/mach.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char log_text[4096]; // what callbacks did, in order

static void note(const char *text)
{
	size_t at = strlen(log_text);
	snprintf(log_text + at, sizeof(log_text) - at, "%s ", text);
}

// Runs the loop until that was noted.
static int comes(const char *text)
{
	for (int i = 0; i < 300 && !strstr(log_text, text); i++)
		CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0.05, 1);
	if (!strstr(log_text, text))
		fprintf(stderr, "wanted %s, got %s\n", text, log_text);
	return strstr(log_text, text) != NULL;
}

static void add(CFRunLoopSourceRef source)
{
	CHECK(source);
	CFRunLoopAddSource(CFRunLoopGetCurrent(), source, kCFRunLoopDefaultMode);
	CFRelease(source);
}

static CFDataRef text_data(const char *text)
{
	return CFDataCreate(NULL, (const UInt8 *)text, (CFIndex)strlen(text));
}

static int data_is(CFDataRef data, const char *text)
{
	return data && CFDataGetLength(data) == (CFIndex)strlen(text) &&
	       memcmp(CFDataGetBytePtr(data), text, strlen(text)) == 0;
}

// ---- descriptors ----------------------------------------------------------------------------------------------------

static void descriptor_called(CFFileDescriptorRef descriptor, CFOptionFlags what, void *info)
{
	char byte;
	CHECK(strcmp(info, "context") == 0);
	if (what & kCFFileDescriptorReadCallBack) {
		CHECK(read(CFFileDescriptorGetNativeDescriptor(descriptor), &byte, 1) == 1);
		char word[] = {'r', byte, '\0'};
		note(word);
	}
	if (what & kCFFileDescriptorWriteCallBack)
		note("writable");
}

static void check_descriptors(void)
{
	int ends[2];
	CFFileDescriptorContext context = {0, "context", NULL, NULL, NULL};
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	CFFileDescriptorRef descriptor = CFFileDescriptorCreate(NULL, ends[0], 1, descriptor_called, &context);
	add(CFFileDescriptorCreateRunLoopSource(NULL, descriptor, 0));
	CHECK(write(ends[1], "abc", 3) == 3);
	CHECK(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0.02, 1) == 3 && !*log_text); // it was not enabled
	CFFileDescriptorEnableCallBacks(descriptor, kCFFileDescriptorReadCallBack);
	CHECK(comes("ra"));
	CHECK(CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0.02, 1) == 3 && !strstr(log_text, "rb")); // only once
	CFFileDescriptorEnableCallBacks(descriptor, kCFFileDescriptorReadCallBack | kCFFileDescriptorWriteCallBack);
	CHECK(comes("rb") && comes("writable"));
	CFFileDescriptorEnableCallBacks(descriptor, kCFFileDescriptorReadCallBack);
	CFFileDescriptorDisableCallBacks(descriptor, kCFFileDescriptorReadCallBack);
	// What was seen meanwhile may have woken the loop; nobody is called for it.
	for (int i = 0; i < 10 && CFRunLoopRunInMode(kCFRunLoopDefaultMode, 0.02, 1) != 3; i++)
		;
	CHECK(!strstr(log_text, "rc"));
	CFFileDescriptorInvalidate(descriptor);
	CHECK(!CFFileDescriptorIsValid(descriptor) && CFFileDescriptorGetNativeDescriptor(descriptor) == -1);
	CHECK(close(ends[0]) == -1 && CFGetRetainCount(descriptor) == 1);
	CFRelease(descriptor);
	close(ends[1]);
}

// ---- sockets --------------------------------------------------------------------------------------------------------

static CFSocketRef served; // the accepted one

static void socket_called(CFSocketRef socket, CFOptionFlags event, CFDataRef address, const void *data, void *info)
{
	if (event == kCFSocketAcceptCallBack) {
		CHECK(CFDataGetLength(address) == 16 && CFDataGetBytePtr(address)[1] == 2);
		served = CFSocketCreateWithNative(NULL, *(const int *)data, kCFSocketDataCallBack, socket_called, NULL);
		add(CFSocketCreateRunLoopSource(NULL, served, 0));
		note("accepted");
	}
	if (event == kCFSocketConnectCallBack)
		note(data ? "refused" : "connected");
	if (event == kCFSocketDataCallBack && CFDataGetLength(data) == 0)
		note("closed");
	else if (event == kCFSocketDataCallBack) {
		CHECK(data_is(data, "hello"));
		CHECK(CFSocketSendData(socket, NULL, text_data("world"), 1) == 0);
		note("data");
	}
	if (event == kCFSocketReadCallBack) {
		char text[8] = "";
		CHECK(read(CFSocketGetNative(socket), text, 7) == 5);
		note(text);
	}
	if (event == kCFSocketWriteCallBack)
		note("room");
}

static void check_sockets(void)
{
	UInt8 bytes[16] = {16, 2, 0, 0, 127, 0, 0, 1};
	CFDataRef any = CFDataCreate(NULL, bytes, 16);
	CFSocketRef server = CFSocketCreate(NULL, 2, 1, 0, kCFSocketAcceptCallBack, socket_called, NULL);
	CHECK(server && CFSocketSetAddress(server, any) == 0);
	CFDataRef address = CFSocketCopyAddress(server);
	CHECK(CFDataGetLength(address) == 16 && CFDataGetBytePtr(address)[0] == 16);
	add(CFSocketCreateRunLoopSource(NULL, server, 0));
	CFSocketRef client = CFSocketCreate(NULL, 2, 1, 6,
					    kCFSocketReadCallBack | kCFSocketConnectCallBack | kCFSocketWriteCallBack,
					    socket_called, NULL);
	add(CFSocketCreateRunLoopSource(NULL, client, 0));
	CHECK(CFSocketConnectToAddress(client, address, -1) == 0);
	CHECK(comes("connected") && comes("accepted") && comes("room"));
	CHECK(CFEqual(CFSocketCopyPeerAddress(client), address));
	CHECK(CFSocketSendData(client, NULL, text_data("hello"), 1) == 0);
	CHECK(comes("data") && comes("world"));
	CHECK(CFSocketCreateWithNative(NULL, CFSocketGetNative(client), 0, NULL, NULL) == client);
	CFSocketInvalidate(client);
	CHECK(comes("closed") && !CFSocketIsValid(client));
	CFSocketInvalidate(served);
	CFSocketInvalidate(server);
	CFSocketRef other = CFSocketCreate(NULL, 2, 1, 6, kCFSocketConnectCallBack, socket_called, NULL);
	add(CFSocketCreateRunLoopSource(NULL, other, 0));
	CHECK(CFSocketConnectToAddress(other, address, 1) == -1); // nobody listens any more
	CHECK(CFSocketConnectToAddress(other, any, -1) == -1 || comes("refused"));
	CFSocketInvalidate(other);
}

// ---- streams --------------------------------------------------------------------------------------------------------

static void stream_called(CFReadStreamRef stream, CFOptionFlags event, void *info)
{
	UInt8 bytes[4];
	char word[32];
	if (event == kCFStreamEventOpenCompleted)
		note("open");
	if (event == kCFStreamEventErrorOccurred)
		note("error");
	if (event == kCFStreamEventEndEncountered)
		note("end");
	if (event == kCFStreamEventHasBytesAvailable) {
		CFIndex count = CFReadStreamRead(stream, bytes, 4);
		CHECK(count >= 0);
		snprintf(word, sizeof(word), "got-%.*s", (int)count, (char *)bytes);
		if (count)
			note(word);
	}
}

static void write_called(CFWriteStreamRef stream, CFOptionFlags event, void *info)
{
	if (event != kCFStreamEventCanAcceptBytes || strstr(log_text, "wrote"))
		return;
	CHECK(CFWriteStreamWrite(stream, (const UInt8 *)"pqrstu", 6) == 6);
	note("wrote");
	CFWriteStreamClose(stream);
}

enum { READ_EVENTS = kCFStreamEventOpenCompleted | kCFStreamEventHasBytesAvailable | kCFStreamEventErrorOccurred |
		     kCFStreamEventEndEncountered };

static void check_memory_streams(void)
{
	UInt8 bytes[16];
	CFReadStreamRef memory = CFReadStreamCreateWithBytesNoCopy(NULL, (const UInt8 *)"abcdef", 6, kCFAllocatorNull);
	CHECK(CFReadStreamGetStatus(memory) == 0 && CFReadStreamRead(memory, bytes, 4) == -1);
	CHECK(CFReadStreamOpen(memory) && CFReadStreamRead(memory, bytes, 4) == 4 && memcmp(bytes, "abcd", 4) == 0);
	CHECK(CFReadStreamHasBytesAvailable(memory) && CFReadStreamRead(memory, bytes, 16) == 2);
	CHECK(CFReadStreamGetStatus(memory) == kCFStreamStatusAtEnd && CFReadStreamRead(memory, bytes, 4) == 0);
	CFReadStreamClose(memory);
	CHECK(CFReadStreamGetStatus(memory) == kCFStreamStatusClosed);
	CFRelease(memory);
	CFWriteStreamRef buffer = CFWriteStreamCreateWithBuffer(NULL, bytes, 4);
	CHECK(CFWriteStreamOpen(buffer) && CFWriteStreamWrite(buffer, (const UInt8 *)"123456", 6) == 4);
	CHECK(!CFWriteStreamCanAcceptBytes(buffer) && CFWriteStreamWrite(buffer, bytes, 1) == -1);
	CHECK(CFErrorGetCode(CFWriteStreamCopyError(buffer)) == 12 && memcmp(bytes, "1234", 4) == 0);
	CFWriteStreamRef growing = CFWriteStreamCreateWithAllocatedBuffers(NULL, NULL);
	CFWriteStreamOpen(growing);
	for (int i = 0; i < 1000; i++)
		CHECK(CFWriteStreamWrite(growing, (const UInt8 *)"0123456789", 10) == 10);
	CHECK(CFDataGetLength(CFWriteStreamCopyProperty(growing, kCFStreamPropertyDataWritten)) == 10000);
}

static void check_file_streams(void)
{
	UInt8 bytes[16];
	CFURLRef url = CFURLCreateWithFileSystemPath(NULL, CFSTR("stream.txt"), 0, 0);
	CFWriteStreamRef to = CFWriteStreamCreateWithFile(NULL, url);
	CHECK(CFWriteStreamOpen(to) && CFWriteStreamWrite(to, (const UInt8 *)"abcde", 5) == 5);
	CFWriteStreamClose(to);
	to = CFWriteStreamCreateWithFile(NULL, url);
	CHECK(CFWriteStreamSetProperty(to, kCFStreamPropertyAppendToFile, kCFBooleanTrue) && CFWriteStreamOpen(to));
	CHECK(CFWriteStreamWrite(to, (const UInt8 *)"fgh", 3) == 3);
	CFRelease(to); // which closes it
	CFReadStreamRef from = CFReadStreamCreateWithFile(NULL, url);
	CHECK(CFReadStreamOpen(from) && CFReadStreamRead(from, bytes, 16) == 8 && memcmp(bytes, "abcdefgh", 8) == 0);
	CHECK(CFReadStreamRead(from, bytes, 16) == 0 && CFReadStreamGetStatus(from) == kCFStreamStatusAtEnd);
	CFReadStreamRef none = CFReadStreamCreateWithFile(NULL, CFURLCreateWithFileSystemPath(NULL, CFSTR("none"), 0, 0));
	CHECK(!CFReadStreamOpen(none) && CFReadStreamGetStatus(none) == kCFStreamStatusError);
	CHECK(CFErrorGetCode(CFReadStreamCopyError(none)) == 2);
	unlink("stream.txt");
}

static void check_pairs(void)
{
	CFReadStreamRef from;
	CFWriteStreamRef to;
	UInt8 bytes[16];
	CFStreamCreateBoundPair(NULL, &from, &to, 64);
	CFReadStreamSetClient(from, READ_EVENTS, stream_called, NULL);
	CFReadStreamScheduleWithRunLoop(from, CFRunLoopGetCurrent(), kCFRunLoopDefaultMode);
	CFWriteStreamSetClient(to, kCFStreamEventCanAcceptBytes, write_called, NULL);
	CFWriteStreamScheduleWithRunLoop(to, CFRunLoopGetCurrent(), kCFRunLoopDefaultMode);
	CHECK(CFReadStreamOpen(from) && CFWriteStreamOpen(to));
	CHECK(comes("open") && comes("wrote") && comes("got-pqrs") && comes("got-tu") && comes("end"));
	CHECK(strstr(log_text, "open") < strstr(log_text, "got-pqrs"));
	CFReadStreamClose(from);
	CFRelease(from);
	CFRelease(to);

	CFSocketRef server = CFSocketCreate(NULL, 2, 1, 0, 0, NULL, NULL);
	UInt8 any[16] = {16, 2, 0, 0, 127, 0, 0, 1};
	CHECK(CFSocketSetAddress(server, CFDataCreate(NULL, any, 16)) == 0);
	const UInt8 *address = CFDataGetBytePtr(CFSocketCopyAddress(server));
	unsigned port = address[2] << 8 | address[3];
	CFStreamCreatePairWithSocketToHost(NULL, CFSTR("127.0.0.1"), port, &from, &to);
	CHECK(CFWriteStreamOpen(to) && CFReadStreamOpen(from));
	CHECK(CFWriteStreamWrite(to, (const UInt8 *)"ping", 4) == 4 &&
	      CFWriteStreamGetStatus(to) == kCFStreamStatusOpen);
	int accepted = accept(CFSocketGetNative(server), NULL, NULL);
	CHECK(accepted >= 0 && read(accepted, bytes, 16) == 4 && write(accepted, "pong", 4) == 4);
	CHECK(CFReadStreamRead(from, bytes, 16) == 4 && memcmp(bytes, "pong", 4) == 0);
	close(accepted);
	CFSocketInvalidate(server);
	CHECK(CFReadStreamRead(from, bytes, 16) == 0);
	CFRelease(from);
	CFRelease(to);

	log_text[0] = '\0'; // nobody listens there any more
	CFStreamCreatePairWithSocketToHost(NULL, CFSTR("127.0.0.1"), port, &from, NULL);
	CFReadStreamSetClient(from, READ_EVENTS, stream_called, NULL);
	CFReadStreamScheduleWithRunLoop(from, CFRunLoopGetCurrent(), kCFRunLoopDefaultMode);
	CHECK(CFReadStreamOpen(from) && comes("error") && CFReadStreamGetStatus(from) == kCFStreamStatusError);
	CHECK(CFErrorGetCode(CFReadStreamCopyError(from)) == 61); // ECONNREFUSED
	CFRelease(from);
}

// ---- ports ----------------------------------------------------------------------------------------------------------

static void port_called(CFMachPortRef port, void *message, CFIndex size, void *info)
{
	char word[16];
	const mach_msg_header_t *head = message;
	CHECK(size == sizeof(*head) && head->msgh_local_port == CFMachPortGetPort(port));
	snprintf(word, sizeof(word), "id%d", head->msgh_id);
	note(word);
}

static void send_to(unsigned port, int id)
{
	mach_msg_header_t head = {.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
				  .msgh_size = sizeof(head),
				  .msgh_remote_port = port,
				  .msgh_id = id};
	CHECK(mach_msg(&head, MACH_SEND_MSG, sizeof(head), 0, 0, 0, 0) == 0);
}

static void check_ports(void)
{
	CFMachPortRef port = CFMachPortCreate(NULL, port_called, NULL, NULL);
	CHECK(port && CFMachPortIsValid(port));
	CFRunLoopSourceRef source = CFMachPortCreateRunLoopSource(NULL, port, 0);
	send_to(CFMachPortGetPort(port), 41); // before the loop knows it
	CFRunLoopAddSource(CFRunLoopGetCurrent(), source, kCFRunLoopDefaultMode);
	CFRelease(source);
	CHECK(comes("id41"));
	send_to(CFMachPortGetPort(port), 42);
	send_to(CFMachPortGetPort(port), 43);
	CHECK(comes("id43") && strstr(log_text, "id42"));
	CFMachPortInvalidate(port);
	CHECK(!CFMachPortIsValid(port));
	CFRelease(port);
}

static CFDataRef request_called(CFMessagePortRef port, int number, CFDataRef data, void *info)
{
	if (number == 99 && pthread_main_np())
		CFRunLoopStop(CFRunLoopGetCurrent());
	else if (number == 99)
		exit(0);
	if (number != 7)
		return NULL;
	CFMutableDataRef answer = CFDataCreateMutable(NULL, 0);
	for (CFIndex i = CFDataGetLength(data); i-- > 0;)
		CFDataAppendBytes(answer, CFDataGetBytePtr(data) + i, 1);
	return answer;
}

static int serve(const char *name, int on_queue)
{
	CFStringRef text = CFStringCreateWithCString(NULL, name, kCFStringEncodingUTF8);
	CFMessagePortRef port = CFMessagePortCreateLocal(NULL, text, request_called, NULL, NULL);
	CHECK(port);
	if (on_queue)
		CFMessagePortSetDispatchQueue(port, dispatch_get_global_queue(0, 0));
	else
		add(CFMessagePortCreateRunLoopSource(NULL, port, 0));
	puts("serving");
	fflush(stdout);
	if (on_queue)
		dispatch_main();
	CFRunLoopRun();
	return 0;
}

static int ask(const char *name)
{
	CFStringRef text = CFStringCreateWithCString(NULL, name, kCFStringEncodingUTF8);
	CFMessagePortRef port = NULL;
	CFDataRef answer;
	for (int i = 0; i < 100 && !port; i++, usleep(20000))
		port = CFMessagePortCreateRemote(NULL, text);
	CHECK(port && CFMessagePortIsValid(port));
	CHECK(CFMessagePortSendRequest(port, 7, text_data("drawer"), 5, 10, kCFRunLoopDefaultMode, &answer) == 0);
	CHECK(data_is(answer, "reward"));
	CHECK(CFMessagePortSendRequest(port, 8, NULL, 5, 10, kCFRunLoopDefaultMode, &answer) == 0 && !answer);
	CHECK(CFMessagePortSendRequest(port, 99, NULL, 5, 0, NULL, NULL) == 0); // it ends
	for (int i = 0; i < 200 && CFMessagePortIsValid(port); i++)
		usleep(20000);
	CHECK(!CFMessagePortIsValid(port) && CFMessagePortSendRequest(port, 7, NULL, 1, 1, NULL, NULL) == -3);
	puts("asked");
	return 0;
}

// ---- notifications --------------------------------------------------------------------------------------------------

static void notified(CFNotificationCenterRef center, void *observer, CFStringRef name, const void *object,
		     CFDictionaryRef information)
{
	char text[64];
	CHECK(CFStringGetCString(name, text, sizeof(text), kCFStringEncodingUTF8));
	note(observer);
	note(text);
	if (information && CFDictionaryGetValue(information, CFSTR("key")))
		note("information");
}

static void check_notifications(void)
{
	CFNotificationCenterRef local = CFNotificationCenterGetLocalCenter(),
				darwin = CFNotificationCenterGetDarwinNotifyCenter();
	int object;
	log_text[0] = '\0';
	CFNotificationCenterAddObserver(local, "one", notified, CFSTR("a"), NULL, 4);
	CFNotificationCenterAddObserver(local, "two", notified, NULL, &object, 4);
	CFNotificationCenterPostNotification(local, CFSTR("a"), NULL, NULL, 1);
	CHECK(strcmp(log_text, "one a ") == 0);
	CFNotificationCenterPostNotification(local, CFSTR("b"), &object, NULL, 1);
	CHECK(strcmp(log_text, "one a two b ") == 0);
	CFNotificationCenterRemoveObserver(local, "one", CFSTR("other"), NULL);
	CFNotificationCenterPostNotification(local, CFSTR("a"), &object, NULL, 1);
	CHECK(strcmp(log_text, "one a two b one a two a ") == 0);
	CFNotificationCenterRemoveObserver(local, "one", NULL, NULL);
	CFNotificationCenterPostNotification(local, CFSTR("a"), NULL, NULL, 1);
	CHECK(strcmp(log_text, "one a two b one a two a ") == 0);
	char name[64];
	snprintf(name, sizeof(name), "org.example.cfevents.%d", getpid());
	CFStringRef text = CFStringCreateWithCString(NULL, name, kCFStringEncodingUTF8);
	CFNotificationCenterAddObserver(darwin, "three", notified, text, NULL, 4);
	CFNotificationCenterPostNotification(darwin, text, NULL, NULL, 1);
	CHECK(comes("three org.example"));
}

static int observe(void)
{
	CFNotificationCenterRef center = CFNotificationCenterGetDistributedCenter();
	CFNotificationCenterAddObserver(center, "far", notified, CFSTR("org.example.far"), CFSTR("this"), 4);
	puts("observing");
	fflush(stdout);
	CHECK(comes("far org.example.far information"));
	CHECK(!strstr(log_text, "far org.example.far far")); // that of another object did not come
	puts("observed");
	return 0;
}

static int post(void)
{
	const void *key = CFSTR("key"), *value = CFSTR("value");
	CFDictionaryRef information = CFDictionaryCreate(NULL, &key, &value, 1, &kCFTypeDictionaryKeyCallBacks,
							 &kCFTypeDictionaryValueCallBacks);
	CFNotificationCenterRef center = CFNotificationCenterGetDistributedCenter();
	CFNotificationCenterPostNotification(center, CFSTR("org.example.far"), CFSTR("that"), NULL, 1);
	CFNotificationCenterPostNotification(center, CFSTR("org.example.far"), CFSTR("this"), information, 1);
	return 0;
}

// ---- blocks ---------------------------------------------------------------------------------------------------------

static void check_blocks(void)
{
	__block int done = 0;
	CFRunLoopRef loop = CFRunLoopGetCurrent();
	CFRunLoopTimerRef timer = CFRunLoopTimerCreateWithHandler(NULL, CFAbsoluteTimeGetCurrent() + 0.01, 0, 0, 0,
								  ^(CFRunLoopTimerRef which) {
									  note("timer-block");
								  });
	CFRunLoopAddTimer(loop, timer, kCFRunLoopDefaultMode);
	CFRunLoopPerformBlock(loop, CFSTR("another mode"), ^{ done += 100; });
	CFRunLoopPerformBlock(loop, kCFRunLoopDefaultMode, ^{ done++; });
	CHECK(comes("timer-block") && done == 1);
	CFRelease(timer);
}

int main(int count, char **words)
{
	if (count == 3)
		return strcmp(words[1], "ask") == 0 ? ask(words[2])
						    : serve(words[2], strcmp(words[1], "queue") == 0);
	if (count == 2)
		return strcmp(words[1], "observe") == 0 ? observe() : post();
	check_descriptors();
	check_sockets();
	check_memory_streams();
	check_file_streams();
	check_pairs();
	check_ports();
	check_notifications();
	check_blocks();
	puts("events are fine");
	return 0;
}
