// SPDX-License-Identifier: MIT
// SecureTransport on a loopback connection: tls SIDE PORT [WORD...], where SIDE is client or serve and a WORD
//   name=NAME       the other side's name            anchor=FILE    a root (DER) for SecTrust, after a break of the handshake
//   alpn=A,B        protocols above                  identity=FILE  PKCS #12 of one's own, its password is "secret"
//   min=N max=N     versions (SSLProtocol)           cipher=N       one only
//   auth=N          SSLAuthenticate                  ask            break when a certificate is wanted
//   slow            a socket that does not block     upload=BYTES   sends so many, gets the sum of them back
//   take=BYTES      serve: reads so many, sends their sum, says goodbye
//   get             sends a request of HTTP/1.0      echo           serve: sends back what comes, in capitals
// Says what was agreed on; then the data that came, as length and sum; how it ended.
#include "check.h"

#include <Security/Security.h>
#include <dispatch/dispatch.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connection;
static const char *words[32];

static const char *word(const char *name)
{
	size_t size = strlen(name);
	for (int i = 0; words[i]; i++)
		if (strncmp(words[i], name, size) == 0 && (words[i][size] == '=' || !words[i][size]))
			return words[i][size] ? words[i] + size + 1 : "";
	return NULL;
}

static int number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

// ---- the socket: all that is asked for, or would block ---------------------------------------------------------------

static int socket_read(const void *descriptor, void *to, unsigned long *size)
{
	unsigned long done = 0;
	int status = 0;
	while (done < *size && !status) {
		long got = read(*(const int *)descriptor, (char *)to + done, *size - done);
		if (got > 0)
			done += (unsigned long)got;
		else
			status = got == 0	   ? errSSLClosedGraceful
				 : errno == EAGAIN ? errSSLWouldBlock
						   : errSSLClosedAbort;
	}
	*size = done;
	return status;
}

static int socket_write(const void *descriptor, const void *from, unsigned long *size)
{
	unsigned long done = 0;
	int status = 0;
	while (done < *size && !status) {
		long wrote = write(*(const int *)descriptor, (const char *)from + done, *size - done);
		if (wrote > 0)
			done += (unsigned long)wrote;
		else
			status = errno == EAGAIN ? errSSLWouldBlock : errSSLClosedAbort;
	}
	*size = done;
	return status;
}

static void wait_a_moment(void)
{
	CHECK(usleep(500) == 0);
}

static int loopback(int port)
{
	struct sockaddr_in address = {.sin_len = sizeof(address),
				      .sin_family = AF_INET,
				      .sin_port = __builtin_bswap16((unsigned short)port),
				      .sin_addr = 0x0100007f};
	int made = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(made >= 0);
	if (port && connect(made, (struct sockaddr *)&address, sizeof(address)) == 0)
		return made;
	CHECK(port == 0 && bind(made, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(made, 1) == 0);
	socklen_t size = sizeof(address);
	CHECK(getsockname(made, (struct sockaddr *)&address, &size) == 0);
	printf("port %d\n", __builtin_bswap16(address.sin_port));
	fflush(stdout);
	int accepted = accept(made, NULL, NULL);
	CHECK(accepted >= 0);
	close(made);
	return accepted;
}

// ---- files ----------------------------------------------------------------------------------------------------------

static CFDataRef file_data(const char *path)
{
	static UInt8 bytes[65536];
	FILE *file = fopen(path, "r");
	CHECK(file);
	size_t size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return CFDataCreate(NULL, bytes, (CFIndex)size);
}

static CFArrayRef identity_list(const char *path)
{
	CFArrayRef items = NULL;
	CFMutableDictionaryRef options =
		CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
	CFDictionarySetValue(options, kSecImportExportPassphrase, CFSTR("secret"));
	CHECK(SecPKCS12Import(file_data(path), options, &items) == 0 && CFArrayGetCount(items) == 1);
	CFMutableArrayRef list = CFArrayCreateMutable(NULL, 0, &kCFTypeArrayCallBacks);
	CFArrayAppendValue(list, CFDictionaryGetValue(CFArrayGetValueAtIndex(items, 0), kSecImportItemIdentity));
	return list;
}

// ---- the handshake --------------------------------------------------------------------------------------------------

static void set_up(SSLContextRef context)
{
	unsigned cipher = word("cipher") ? (unsigned)strtol(word("cipher"), NULL, 0) : 0;
	CHECK(SSLSetIOFuncs(context, socket_read, socket_write) == 0 && SSLSetConnection(context, &connection) == 0);
	if (word("name"))
		CHECK(SSLSetPeerDomainName(context, word("name"), strlen(word("name"))) == 0);
	if (word("min"))
		CHECK(SSLSetProtocolVersionMin(context, number(word("min"))) == 0);
	if (word("max"))
		CHECK(SSLSetProtocolVersionMax(context, number(word("max"))) == 0);
	if (word("anchor"))
		CHECK(SSLSetSessionOption(context, 0, 1) == 0);
	if (word("ask"))
		CHECK(SSLSetSessionOption(context, 1, 1) == 0);
	if (word("auth"))
		CHECK(SSLSetClientSideAuthenticate(context, number(word("auth"))) == 0 &&
		      SSLSetSessionOption(context, 2, 1) == 0);
	if (cipher)
		CHECK(SSLSetEnabledCiphers(context, &cipher, 1) == 0);
	if (word("identity") && !word("ask"))
		CHECK(SSLSetCertificate(context, identity_list(word("identity"))) == 0);
	if (word("alpn")) {
		CFStringRef text = CFStringCreateWithCString(NULL, word("alpn"), kCFStringEncodingUTF8);
		CHECK(SSLSetALPNProtocols(context, CFStringCreateArrayBySeparatingStrings(NULL, text, CFSTR(","))) ==
		      0);
	}
	CHECK(SSLSetProtocolVersionMax(context, 10) == -9830); // TLS 1.3 is not SecureTransport's
}

// What a program does that has a root of its own (a break for the server's, or the client's certificate).
static void judge(SSLContextRef context)
{
	CFErrorRef error = NULL;
	SecTrustRef trust = NULL;
	CHECK(SSLCopyPeerTrust(context, &trust) == 0);
	if (!trust) {
		printf("no certificate\n");
		return;
	}
	CFMutableArrayRef list = CFArrayCreateMutable(NULL, 0, &kCFTypeArrayCallBacks);
	CFArrayAppendValue(
		list, SecCertificateCreateWithData(NULL, file_data(word("anchor") ? word("anchor") : word("root"))));
	CHECK(SecTrustSetAnchorCertificates(trust, list) == 0);
	if (!SecTrustEvaluateWithError(trust, &error)) {
		printf("not trusted %ld\n", CFErrorGetCode(error));
		exit(3);
	}
	static SecTrustRef asked;
	static dispatch_semaphore_t done;
	static unsigned answers;
	asked = trust;
	done = dispatch_semaphore_create(0);
	CHECK(SecTrustEvaluateAsyncWithError(trust, dispatch_get_global_queue(0, 0),
					     ^(SecTrustRef which, _Bool good, CFErrorRef wrong) {
					       answers += which == asked && good && !wrong;
					       dispatch_semaphore_signal(done);
					     }) == 0);
	CHECK(dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER) == 0 && answers > 0);
	char name[64];
	CHECK(CFStringGetCString(SecCertificateCopySubjectSummary(SecTrustGetCertificateAtIndex(trust, 0)), name, 64,
				 kCFStringEncodingUTF8));
	printf("trusted %s, %ld certificates\n", name, SecTrustGetCertificateCount(trust));
}

static void handshake(SSLContextRef context)
{
	int status, version, state;
	unsigned cipher;
	CFArrayRef names = NULL;
	while ((status = SSLHandshake(context))) {
		if (status == errSSLWouldBlock) {
			wait_a_moment();
		} else if (status == errSSLPeerAuthCompleted) {
			judge(context);
		} else if (status == -9842) {
			printf("a certificate is wanted\n");
			CHECK(SSLSetCertificate(context, identity_list(word("identity"))) == 0);
		} else {
			CHECK(SSLGetSessionState(context, &state) == 0);
			printf("handshake %d, state %d\n", status, state);
			exit(2);
		}
	}
	CHECK(SSLGetNegotiatedProtocolVersion(context, &version) == 0 && SSLGetNegotiatedCipher(context, &cipher) == 0);
	CHECK(SSLGetClientCertificateState(context, &state) == 0);
	printf("version %d, cipher %x, certificate %d\n", version, word("cipher") ? cipher : 0, state);
	if (SSLCopyALPNProtocols(context, &names) == 0) {
		char name[32];
		CHECK(CFStringGetCString(CFArrayGetValueAtIndex(names, 0), name, 32, kCFStringEncodingUTF8));
		printf("protocol %s\n", name);
	}
	fflush(stdout);
}

// ---- data -----------------------------------------------------------------------------------------------------------

static void send_all(SSLContextRef context, const char *bytes, unsigned long size)
{
	for (unsigned long done = 0, part; done < size; done += part) {
		int status = SSLWrite(context, bytes + done, size - done, &part);
		if (status == errSSLWouldBlock)
			wait_a_moment();
		else if (status)
			printf("write %d\n", status), exit(4);
	}
	for (unsigned long part; SSLWrite(context, NULL, 0, &part) == errSSLWouldBlock;) // what is still to be sent
		wait_a_moment();
}

static unsigned sum_add(unsigned sum, const unsigned char *bytes, unsigned long size)
{
	for (unsigned long i = 0; i < size; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

static void receive(SSLContextRef context)
{
	static unsigned char bytes[30000];
	unsigned long whole = 0, got, waiting;
	unsigned sum = 0;
	int status;
	while (!(status = SSLRead(context, bytes, sizeof(bytes), &got)) || status == errSSLWouldBlock) {
		sum = sum_add(sum, bytes, got);
		whole += got;
		CHECK(SSLGetBufferedReadSize(context, &waiting) == 0);
		if (status)
			wait_a_moment();
	}
	printf("received %lu %08x, end %d\n", whole, sum, status);
	CHECK(SSLRead(context, bytes, sizeof(bytes), &got) == status && got == 0);
}

static void take(SSLContextRef context, unsigned long size)
{
	static unsigned char bytes[5000];
	char answer[16];
	unsigned long got, done = 0;
	unsigned sum = 0;
	for (int status; done < size; done += got) {
		unsigned long part = size - done < sizeof(bytes) ? size - done : sizeof(bytes);
		status = SSLRead(context, bytes, part, &got);
		CHECK(!status || status == errSSLWouldBlock);
		sum = sum_add(sum, bytes, got);
	}
	snprintf(answer, sizeof(answer), "%08x", sum);
	send_all(context, answer, 8);
}

static void echo(SSLContextRef context)
{
	static char bytes[4096];
	unsigned long got;
	int status;
	while ((status = SSLRead(context, bytes, sizeof(bytes), &got)) == 0) {
		for (unsigned long i = 0; i < got; i++)
			bytes[i] -= bytes[i] >= 'a' && bytes[i] <= 'z' ? 32 : 0;
		send_all(context, bytes, got);
	}
	printf("end %d\n", status);
}

static void upload(SSLContextRef context, unsigned long size)
{
	char *bytes = malloc(size), answer[16] = "";
	unsigned long got = 0;
	for (unsigned long i = 0; i < size; i++)
		bytes[i] = (char)(i * 7 >> 3);
	send_all(context, bytes, size);
	printf("sent %lu %08x\n", size, sum_add(0, (unsigned char *)bytes, size));
	for (int status; (status = SSLRead(context, answer, 15, &got)) == errSSLWouldBlock;)
		wait_a_moment();
	printf("answer %s\n", answer);
	free(bytes);
}

int main(int count, char **arguments)
{
	CHECK(count >= 3 && count < 32);
	memcpy(words, arguments + 3, sizeof(*words) * (size_t)(count - 3));
	int serves = strcmp(arguments[1], "serve") == 0;
	SSLContextRef context = SSLCreateContext(NULL, serves ? kSSLServerSide : kSSLClientSide, 0);
	unsigned long got;
	CHECK(context && SSLHandshake(context) == -909 && SSLRead(context, &got, 1, &got) == -909);
	connection = loopback(serves ? 0 : number(arguments[2]));
	if (word("slow"))
		CHECK(fcntl(connection, F_SETFL, O_NONBLOCK) == 0);
	set_up(context);
	handshake(context);
	if (word("upload"))
		upload(context, (unsigned long)number(word("upload")));
	if (word("get"))
		send_all(context, "GET /data HTTP/1.0\r\n\r\n", 22);
	if (word("take"))
		take(context, (unsigned long)number(word("take")));
	else if (word("echo"))
		echo(context);
	else
		receive(context);
	CHECK(SSLClose(context) == 0);
	CFRelease(context);
	close(connection);
	printf("tls is fine\n");
	return 0;
}
