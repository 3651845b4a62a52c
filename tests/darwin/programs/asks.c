// SPDX-License-Identifier: MIT
// What programs ask the system: sysctl's names, interfaces and routes; locks and holes of files; services and logs that are not there.
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <libproc.h>
#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void check_names(void)
{
	static const char *const numbers[] = {"kern.hv_vmm_present", "kern.memorystatus_level", "hw.optional.adx", "machdep.cpu.max_basic", "net.inet.tcp.keepidle", "hw.perflevel0.l1dcachesize"};
	char text[1024];
	size_t size;
	int number, mib[4], rates[5];
	for (int i = 0; i < 6; i++) {
		size = sizeof(number);
		CHECK(sysctlbyname(numbers[i], &number, &size, 0, 0) == 0 && size == 4 && number >= 0);
	}
	size = sizeof(text);
	CHECK(sysctlbyname("machdep.cpu.features", text, &size, 0, 0) == 0 && strlen(text) + 1 == size && !strncmp(text, "FPU ", 4) && strstr(text, " SSE2 "));
	size = sizeof(rates);
	CHECK(sysctl((int[]){1, 12}, 2, rates, &size, 0, 0) == 0 && rates[0] == 100 && rates[1] == 10000);
	size = 4;
	CHECK(sysctlnametomib("kern.proc.pid", mib, &size) == 0 && size == 3 && mib[1] == 14 && mib[2] == 1 && sysctlnametomib("kern.nothing", mib, &size) == -1 && errno == ENOENT);
	size = 0;
	CHECK(sysctlbyname("kern.proc.all", 0, &size, 0, 0) == 0 && size >= 648);
}

// KERN_PROCARGS2 of this program and of a child, which are run by Linux' loader of Darwin's programs.
static void check_arguments(int count, char **words)
{
	char path[1024], other[1024];
	static char block[65536];
	size_t size = sizeof(block);
	CHECK(sysctl((int[]){1, 49, getpid()}, 3, block, &size, 0, 0) == 0 && *(int *)block == count && proc_pidpath(getpid(), path, sizeof(path)) > 0 && !strcmp(block + 4, path));
	const char *at = block + 4 + strlen(block + 4);
	while (!*at)
		at++;
	for (int i = 0; i < count; i++, at += strlen(at) + 1)
		CHECK(!strcmp(at, words[i]));
	int ends[2], child;
	CHECK(pipe(ends) == 0 && (child = fork()) >= 0);
	if (child == 0) {
		char *const arguments[] = {"named", "wait", "-x", 0};
		close(ends[1]);
		dup2(ends[0], 0);
		execv(path, arguments);
		_exit(1);
	}
	close(ends[0]);
	for (int i = 0; i < 500; i++) { // until it is the program
		size = sizeof(block);
		if (sysctl((int[]){1, 49, child}, 3, block, &size, 0, 0) == 0 && *(int *)block == 3 && strstr(block + 4 + strlen(block + 4) + 8 - (4 + strlen(block + 4)) % 8, "named"))
			break;
		usleep(10000);
	}
	at = block + 4 + strlen(block + 4);
	while (!*at)
		at++;
	CHECK(*(int *)block == 3 && !strcmp(block + 4, path) && !strcmp(at, "named") && !strcmp(at + 6, "wait") && !strcmp(at + 11, "-x") && proc_pidpath(child, other, sizeof(other)) > 0 && !strcmp(other, path));
	CHECK(close(ends[1]) == 0 && waitpid(child, 0, 0) == child);
}

struct message {
	unsigned short size;
	unsigned char version, type;
};

static int count_of(const char *at, size_t size, int type, int *family)
{
	int count = 0;
	for (const char *end = at + size; at < end; at += ((const struct message *)at)->size) {
		const struct message *message = (const void *)at;
		CHECK(message->size >= 20 && message->size % 4 == 0 && at + message->size <= end && message->version == 5);
		count += message->type == type;
		if (message->type == 0xe) { // RTM_IFINFO: then the address of the link
			CHECK(message->size >= 112 + 8 && at[112 + 1] == AF_LINK);
			*family |= *(const unsigned *)(at + 16 + 8) >= 1000; // the MTU
		}
	}
	return count;
}

static void check_routes(void)
{
	static char bytes[65536];
	struct ifaddrs *list;
	int links = 0, addresses = 0, families = 0;
	size_t size = sizeof(bytes), needed = 0;
	CHECK(getifaddrs(&list) == 0);
	for (struct ifaddrs *at = list; at; at = at->ifa_next) {
		links += at->ifa_addr && at->ifa_addr->sa_family == AF_LINK;
		addresses += at->ifa_addr && at->ifa_addr->sa_family != AF_LINK;
	}
	freeifaddrs(list);
	CHECK(sysctl((int[]){4, 17, 0, 0, 3, 0}, 6, 0, &needed, 0, 0) == 0 && sysctl((int[]){4, 17, 0, 0, 3, 0}, 6, bytes, &size, 0, 0) == 0 && size == needed);
	CHECK(count_of(bytes, size, 0xe, &families) == links && count_of(bytes, size, 0xc, &families) == addresses && families == 1);
	size = sizeof(bytes);
	CHECK(sysctl((int[]){4, 17, 0, 0, 6, (int)if_nametoindex("lo")}, 6, bytes, &size, 0, 0) == 0 && count_of(bytes, size, 0x12, &families) == 1 && *(unsigned short *)(bytes + 12) == if_nametoindex("lo"));
	size = sizeof(bytes);
	CHECK(sysctl((int[]){4, 17, 0, 0, 1, 0}, 6, bytes, &size, 0, 0) == 0 && count_of(bytes, size, 4, &families) == count_of(bytes, size, 4, &families));
	size = 10;
	CHECK(sysctl((int[]){4, 17, 0, 0, 3, 0}, 6, bytes, &size, 0, 0) == -1 && errno == ENOMEM && sysctl((int[]){4, 17, 0, 0, 99, 0}, 6, 0, &size, 0, 0) == -1 && errno == EINVAL);
}

int sendfile(int, int, off_t, off_t *, void *, int);
long syscall(int, ...);

static void check_files(void)
{
	struct {
		long long start, length;
		int process;
		short type, whence;
	} lock = {0, 0, 0, 3, 0};
	struct {
		unsigned flags, reserved;
		long long offset, length;
	} hole = {0, 0, 0, 65536};
	char path[1024], bytes[16] = "";
	struct stat status;
	int one = open("file", O_RDWR | O_CREAT, 0600), other = open("file", O_RDWR), ends[2];
	CHECK(fcntl(one, 90, &lock) == 0 && fcntl(other, 90, &lock) == -1 && errno == EAGAIN); // F_OFD_SETLK: of the open file
	CHECK(ftruncate(one, 131072) == 0 && pwrite(one, "middle", 6, 65536) == 6 && fcntl(one, 99, &hole) == 0 && fstat(one, &status) == 0 && status.st_size == 131072);
	CHECK(fcntl(one, 102, path) == 0 && strstr(path, "/file") && fcntl(one, 62, 1) == 0 && fcntl(one, 9999, 0) == -1 && errno == EINVAL);
	struct iovec before = {"<", 1}, after = {">", 1};
	struct {
		struct iovec *before;
		int count;
		struct iovec *after;
		int after_count;
	} vectors = {&before, 1, &after, 1};
	off_t length = 6;
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && sendfile(one, ends[0], 65536, &length, &vectors, 0) == 0 && length == 8 && read(ends[1], bytes, 16) == 8 && !memcmp(bytes, "<middle>", 8));
	CHECK(syscall(20) == getpid() && syscall(4, ends[0], "abc", 3L) == 3 && read(ends[1], bytes, 16) == 3 && syscall(9999) == -1 && errno == ENOSYS);
}

char *devname(dev_t, mode_t);
char *getbsize(int *, long *);
const char *fmtcheck(const char *, const char *);
void (*sigset(int, void (*)(int)))(int);
float __gnu_h2f_ieee(unsigned short);
unsigned short __gnu_f2h_ieee(float);
void *asl_open(const char *, const char *, unsigned);
int asl_add_log_file(void *, int);
int asl_log(void *, void *, int, const char *, ...);
int asl_set_filter(void *, int);
int sandbox_init(const char *, unsigned long, char **);
int DNSServiceBrowse(void **, unsigned, unsigned, const char *, const char *, void *, void *);
int DNSServiceConstructFullName(char *, const char *, const char *, const char *);
void TXTRecordCreate(void *, unsigned short, void *);
int TXTRecordSetValue(void *, const char *, unsigned char, const void *);
unsigned short TXTRecordGetLength(const void *);
const void *TXTRecordGetBytesPtr(const void *), *TXTRecordGetValuePtr(unsigned short, const void *, const char *, unsigned char *);
struct { int count; } __attribute__((packed)) *dns_configuration_copy(void);
void dns_configuration_free(void *);

static void arrive(int signal) { (void)signal; }

static void check_rest(void)
{
	struct stat status;
	int length, ends[2];
	long size;
	char text[1100] = "", record[16], room[8], *error = 0;
	unsigned char value_size;
	CHECK(stat("/dev/null", &status) == 0 && devname(status.st_rdev, S_IFCHR) && !strcmp(devname(status.st_rdev, S_IFCHR), "null") && !devname(0x7f00ffff, S_IFCHR));
	CHECK(!strcmp(getbsize(&length, &size), "512-blocks") && length == 10 && size == 512 && setenv("BLOCKSIZE", "2M", 1) == 0 && !strcmp(getbsize(&length, &size), "2M-blocks") && size == 2 << 20);
	CHECK(!strcmp(fmtcheck("%s is %d", "%s %d"), "%s is %d") && !strcmp(fmtcheck("%d", "%s"), "%s") && !strcmp(fmtcheck("%ld", "%d"), "%d") && !strcmp(fmtcheck("only", "%s"), "only"));
	CHECK(sigset(SIGUSR2, arrive) == SIG_DFL && sigset(SIGUSR2, (void (*)(int))5) == arrive && sigset(SIGUSR2, SIG_DFL) == (void (*)(int))5);
	for (unsigned half = 0; half < 0x10000; half++) // what is no NaN comes back
		CHECK((half & 0x7c00) == 0x7c00 || __gnu_f2h_ieee(__gnu_h2f_ieee((unsigned short)half)) == half);
	CHECK(__gnu_h2f_ieee(0x3555) == 0x1.554p-2f && __gnu_f2h_ieee(65519) == 0x7bff && __gnu_f2h_ieee(65520) == 0x7c00 && __gnu_f2h_ieee(2049) == 0x6800 && __gnu_f2h_ieee(2051) == 0x6802 && __gnu_f2h_ieee(0x1p-25f) == 0);
	void *log = asl_open("tester", 0, 0);
	CHECK(pipe(ends) == 0 && asl_add_log_file(log, ends[1]) == 0 && asl_log(log, 0, 4, "number %d", 7) == 0 && asl_log(log, 0, 7, "too low") == 0 && asl_set_filter(log, 0xff) == 0x3f);
	CHECK(read(ends[0], text, 1000) > 0 && strstr(text, "tester[") && strstr(text, "<Warning>: number 7\n") && !strstr(text, "low"));
	CHECK(sandbox_init("(version 1)", 0, &error) == -1 && error);
	void *reference = &length;
	CHECK(DNSServiceBrowse(&reference, 0, 0, "_http._tcp", 0, 0, 0) == -65563 && !reference && DNSServiceConstructFullName(text, "a.b c", "_http._tcp", "local.") == 0 && !strcmp(text, "a\\.b\\032c._http._tcp.local."));
	TXTRecordCreate(record, sizeof(room), room);
	CHECK(TXTRecordSetValue(record, "key", 5, "value") == 0 && TXTRecordSetValue(record, "flag", 0, 0) == 0 && TXTRecordSetValue(record, "KEY", 2, "ok") == 0 && TXTRecordGetLength(record) == 12);
	const char *value = TXTRecordGetValuePtr(TXTRecordGetLength(record), TXTRecordGetBytesPtr(record), "key", &value_size);
	CHECK(value && value_size == 2 && !memcmp(value, "ok", 2) && TXTRecordSetValue(record, "a=b", 0, 0) == -65549);
	void *configuration = dns_configuration_copy();
	CHECK(configuration && *(int *)configuration == 1);
	char **resolver = *(char ***)((char *)configuration + 4);
	CHECK(*(int *)(resolver[0] + 8) == 0 || (**(unsigned char ***)(resolver[0] + 12))[1] == AF_INET || (**(unsigned char ***)(resolver[0] + 12))[1] == AF_INET6);
	dns_configuration_free(configuration);
}

int main(int count, char **words)
{
	if (count > 1 && !strcmp(words[1], "wait"))
		return (int)read(0, &(char){0}, 1); // until the other end is closed
	check_arguments(count, words);
	check_names();
	check_routes();
	check_files();
	check_rest();
	puts("asks are fine");
	return 0;
}
