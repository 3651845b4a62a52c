// SPDX-License-Identifier: MIT
// The system around a program: variables, processes, mounts, memory and semaphores that are shared, hosts and interfaces, UUIDs.
#include "check.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <fcntl.h>
#include <libproc.h>
#include <netdb.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uuid/uuid.h>

static void check_sysctl(void)
{
	char text[256];
	int number = 0, numbers[4] = {1, 14, 1, getpid()};
	size_t size = sizeof(text);
	struct timeval boot;
	CHECK(sysctlbyname("machdep.cpu.vendor", text, &size, 0, 0) == 0 && size == 13 && strlen(text) == 12);
	size = sizeof(number);
	CHECK(sysctlbyname("hw.optional.sse2", &number, &size, 0, 0) == 0 && number == 1 && size == 4);
	size = sizeof(boot);
	CHECK(sysctl((int[]){1, 21}, 2, &boot, &size, 0, 0) == 0 && boot.tv_sec > 1000000000 && size == 16);
	char kinfo[648];
	size = sizeof(kinfo);
	CHECK(sysctl(numbers, 4, kinfo, &size, 0, 0) == 0 && size == 648 && *(int *)(kinfo + 40) == getpid() && *(int *)(kinfo + 560) == getppid());
	CHECK((*(int *)(kinfo + 32) & 0x800) == 0); // nobody traces it
	size = 0;
	CHECK(sysctl((int[]){1, 14, 0, 0}, 4, 0, &size, 0, 0) == 0 && size >= 648);
	CHECK(sysctlbyname("no.such", 0, &size, 0, 0) == -1 && errno == ENOENT);
}

static void check_processes(void)
{
	char path[4096], name[64];
	struct proc_taskinfo info;
	int ids[4096], count = proc_listallpids(ids, sizeof(ids)), me = 0;
	CHECK(proc_pidpath(getpid(), path, sizeof(path)) > 0 && strstr(path, "machine") && proc_name(getpid(), name, sizeof(name)) > 0);
	for (int i = 0; i < count; i++)
		me += ids[i] == getpid();
	CHECK(me == 1 && proc_pidinfo(getpid(), 4, 0, &info, sizeof(info)) == 96 && info.pti_resident_size > 4096 && info.pti_threadnum >= 1);
	CHECK(proc_pidpath(0x7ffffff0, path, sizeof(path)) == 0 && errno == ESRCH && proc_pidinfo(getpid(), 4, 0, &info, 10) == 0 && errno == ENOMEM);
	int child = fork();
	if (child == 0) {
		sleep(20);
		_exit(0);
	}
	CHECK(proc_listchildpids(getpid(), ids, sizeof(ids)) == 1 && ids[0] == child && kill(child, 9) == 0 && waitpid(child, 0, 0) == child);
	struct statfs *mounts;
	count = getmntinfo(&mounts, 0);
	for (me = 0; count > 0; count--)
		me += !strcmp(mounts[count - 1].f_mntonname, "/proc") && !strcmp(mounts[count - 1].f_fstypename, "proc");
	CHECK(me >= 1);
}

static void check_shared(void)
{
	char name[32];
	struct shmid_ds status;
	snprintf(name, sizeof(name), "/gila.%d", getpid());
	int file = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(file >= 0 && shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600) == -1 && errno == EEXIST && ftruncate(file, 4096) == 0);
	int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	CHECK(shm_unlink(name) == 0 && shm_unlink(name) == -1 && errno == ENOENT);
	int *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
	CHECK(semaphore != (int *)-1 && sem_wait(semaphore) == 0 && sem_trywait(semaphore) == -1 && errno == EAGAIN && sem_unlink(name) == 0);
	CHECK(sem_open(name, 0) == (int *)-1 && errno == ENOENT);
	int child = fork();
	if (child == 0) {
		*shared = 42;
		sem_post(semaphore);
		_exit(0);
	}
	CHECK(sem_wait(semaphore) == 0 && *shared == 42 && sem_close(semaphore) == 0 && waitpid(child, 0, 0) == child);
	int id = shmget(IPC_PRIVATE, 8192, IPC_CREAT | 0600), set = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
	char *at = shmat(id, 0, 0);
	CHECK(id >= 0 && at != (char *)-1 && shmctl(id, IPC_STAT, &status) == 0 && status.shm_segsz == 8192 && status.shm_nattch == 1 && status.shm_cpid == getpid());
	CHECK(shmdt(at) == 0 && shmctl(id, IPC_RMID, 0) == 0 && shmctl(id, IPC_STAT, &status) == -1 && errno == EINVAL);
	struct sembuf take = {1, -1, IPC_NOWAIT};
	CHECK(set >= 0 && semctl(set, 1, SETVAL, 2) == 0 && semop(set, &take, 1) == 0 && semctl(set, 1, GETVAL) == 1 && semop(set, &take, 1) == 0);
	CHECK(semop(set, &take, 1) == -1 && errno == EAGAIN && semctl(set, 0, IPC_RMID) == 0);
}

static void check_network(void)
{
	char text[64];
	unsigned char bytes[16];
	struct addrinfo hints = {.ai_flags = 4, .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM}, *found;
	CHECK(inet_pton(AF_INET6, "fe80::1", bytes) == 1 && bytes[0] == 0xfe && bytes[15] == 1 && inet_ntop(AF_INET6, bytes, text, 64) && !strcmp(text, "fe80::1"));
	CHECK(!inet_ntop(AF_INET6, bytes, text, 3) && errno == ENOSPC && !inet_ntop(99, bytes, text, 64) && errno == EAFNOSUPPORT);
	CHECK(getaddrinfo("::1", "80", &hints, &found) == 0 && found->ai_family == AF_INET6 && found->ai_addr->sa_len == 28 && found->ai_addr->sa_family == AF_INET6);
	freeaddrinfo(found);
	struct hostent *host = gethostbyname2("::1", AF_INET6);
	CHECK(host && host->h_addrtype == AF_INET6 && host->h_length == 16 && host->h_addr_list[0][15] == 1);
	CHECK((host = gethostbyname("127.0.0.1")) && host->h_addrtype == AF_INET && !memcmp(host->h_addr_list[0], "\x7f\0\0\1", 4));
	struct ifaddrs *list;
	int links = 0, addresses = 0;
	CHECK(getifaddrs(&list) == 0);
	for (struct ifaddrs *at = list; at; at = at->ifa_next) {
		if (strcmp(at->ifa_name, "lo") != 0 || !at->ifa_addr)
			continue;
		struct sockaddr_dl *link = (void *)at->ifa_addr;
		CHECK((at->ifa_flags & IFF_LOOPBACK) && at->ifa_addr->sa_len >= 16);
		links += at->ifa_addr->sa_family == AF_LINK && link->sdl_index == if_nametoindex("lo") && link->sdl_nlen == 2 && !memcmp(link->sdl_data, "lo", 2);
		addresses += at->ifa_addr->sa_family == AF_INET && at->ifa_netmask->sa_len == 16;
	}
	freeifaddrs(list);
	CHECK(links == 1 && addresses >= 1 && if_nametoindex("nothing0") == 0 && errno == ENXIO);
}

// A message of DNS, as libresolv reads it. Facts: <arpa/nameser.h>, <resolv.h>, RFC 1035.
struct ns_msg {
	const unsigned char *begin, *end;
	unsigned short id, flags, counts[4];
	const unsigned char *sections[4];
	int section, number;
	const unsigned char *at;
};
struct ns_rr {
	char name[1025];
	unsigned short type, class;
	unsigned ttl;
	unsigned short size;
	const unsigned char *data;
};
struct res_state {
	int retransmit, retry;
	unsigned long options;
	int servers;
	unsigned char addresses[3][16];
	char rest[484];
};
int ns_initparse(const unsigned char *, int, struct ns_msg *) __asm__("_res_9_ns_initparse");
int ns_parserr(struct ns_msg *, int, int, struct ns_rr *) __asm__("_res_9_ns_parserr");
int ns_msg_getflag(struct ns_msg, int) __asm__("_res_9_ns_msg_getflag");
int dn_expand(const unsigned char *, const unsigned char *, const unsigned char *, char *, int) __asm__("_res_9_dn_expand");
int res_ninit(struct res_state *) __asm__("_res_9_ninit");

static void check_resolver(void)
{
	static const unsigned char message[] = "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\1a\7example\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0<\0\4\1\2\3\4";
	struct ns_msg parsed;
	struct ns_rr record;
	struct res_state state;
	char name[64];
	CHECK(ns_initparse(message, sizeof(message) - 1, &parsed) == 0 && parsed.id == 0x1234 && parsed.counts[1] == 1);
	CHECK(ns_parserr(&parsed, 1, 0, &record) == 0 && strcmp(record.name, "a.example") == 0 && record.ttl == 60 && record.size == 4 && record.data[3] == 4);
	CHECK(ns_msg_getflag(parsed, 0) == 1 && ns_msg_getflag(parsed, 9) == 0 && ns_initparse(message, 20, &parsed) == -1);
	CHECK(dn_expand(message, message + sizeof(message) - 1, message + 27, name, 64) == 2 && strcmp(name, "a.example") == 0);
	CHECK(res_ninit(&state) == 0 && (state.options & 1) && (state.servers == 0 || (state.addresses[0][0] == 16 && state.addresses[0][1] == 2)));
}

static void check_uuid(void)
{
	unsigned char one[16], other[16];
	char text[37];
	uuid_generate(one);
	uuid_unparse(one, text);
	CHECK(strlen(text) == 36 && text[14] == '4' && uuid_parse(text, other) == 0 && !memcmp(one, other, 16) && !uuid_is_null(one));
	CHECK(uuid_parse("123e4567-e89b-12d3-a456-42661417400", other) == -1 && uuid_parse("123e4567+e89b-12d3-a456-426614174000", other) == -1);
	CHECK(uuid_parse("123e4567-e89b-12d3-a456-42661417abcd", other) == 0 && (uuid_unparse(other, text), !strcmp(text, "123E4567-E89B-12D3-A456-42661417ABCD")));
	uuid_generate_time(one);
	CHECK(one[6] >> 4 == 1 && (one[8] & 0xc0) == 0x80);
}

int main(int count, char **words)
{
	if (count == 2 && !strcmp(words[1], "err")) {
		warnx("plain %d", 1);
		warnc(ENOENT, "with %s", "number");
		errno = EACCES;
		err(9, "the end");
	}
	check_sysctl();
	check_processes();
	check_shared();
	check_network();
	check_resolver();
	check_uuid();
	puts("the machine is fine");
	return 0;
}
