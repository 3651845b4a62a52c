// SPDX-License-Identifier: MIT
// Attributes: many entries in a call, of volumes; mounts; what descriptors are; asynchronous reading; messages in lists.
#include "check.h"

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <libproc.h>
#include <signal.h>
#include <string.h>
#include <sys/attr.h>
#include <sys/event.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ENTRIES 300

static void check_bulk(void)
{
	struct attrlist list = {5, 0, ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_NAME | ATTR_CMN_ERROR | ATTR_CMN_OBJTYPE | ATTR_CMN_FILEID, 0, ATTR_DIR_ENTRYCOUNT, ATTR_FILE_DATALENGTH, 0};
	static char name[32], seen[ENTRIES];
	char buffer[1000];
	struct stat status;
	int calls = 0, folders = 0, files = 0, count;
	CHECK(mkdir("many", 0755) == 0 && mkdir("many/folder", 0755) == 0 && mkdir("many/folder/x", 0755) == 0);
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof(name), "many/%03d", i);
		int file = open(name, O_CREAT | O_WRONLY, 0600);
		CHECK(file >= 0 && write(file, "xyz", 1 + i % 3) == 1 + i % 3 && close(file) == 0);
	}
	int folder = open("many", O_RDONLY);
	while ((count = getattrlistbulk(folder, &list, buffer, sizeof(buffer), 0)) > 0) {
		char *at = buffer;
		for (int i = 0; i < count; i++) {
			struct {
				unsigned length, returned[5], error;
				int name_offset;
				unsigned name_length, type;
				unsigned long id;
				union {
					unsigned entries;
					long size;
				};
			} __attribute__((packed)) *entry = (void *)at;
			const char *got = (char *)&entry->name_offset + entry->name_offset;
			CHECK(entry->length % 8 == 0 && entry->error == 0 && entry->name_length == strlen(got) + 1 && (entry->returned[0] & ATTR_CMN_NAME));
			snprintf(name, sizeof(name), "many/%s", got);
			CHECK(lstat(name, &status) == 0 && entry->id == status.st_ino);
			if (entry->type == 2) {
				CHECK(!strcmp(got, "folder") && entry->entries == 1 && entry->returned[2] == ATTR_DIR_ENTRYCOUNT && entry->returned[3] == 0);
				folders++;
			} else {
				int number = atoi(got);
				CHECK(entry->type == 1 && entry->size == 1 + number % 3 && !seen[number]++ && entry->returned[3] == ATTR_FILE_DATALENGTH);
				files++;
			}
			at += entry->length;
		}
		calls++;
	}
	CHECK(count == 0 && folders == 1 && files == ENTRIES && calls > 10);
	CHECK(getattrlistbulk(folder, &list, buffer, sizeof(buffer), 0) == 0 && lseek(folder, 0, 0) == 0 && getattrlistbulk(folder, &list, buffer, 20, 0) == -1 && errno == ERANGE);
	list.commonattr &= ~ATTR_CMN_RETURNED_ATTRS;
	CHECK(getattrlistbulk(folder, &list, buffer, sizeof(buffer), 0) == -1 && errno == EINVAL);
	// The same by getdirentries.
	off_t base;
	ssize_t size;
	for (count = 0, lseek(folder, 0, 0); (size = __getdirentries64(folder, buffer, sizeof(buffer), &base)) > 0;)
		for (char *at = buffer; at < buffer + size; at += *(unsigned short *)(at + 16))
			count += at[21] != '.';
	CHECK(size == 0 && count == ENTRIES + 1 && close(folder) == 0);
}

static void check_volume(void)
{
	struct attrlist list = {5, 0, 0, ATTR_VOL_INFO | ATTR_VOL_MOUNTPOINT | ATTR_VOL_CAPABILITIES, 0, 0, 0};
	struct {
		unsigned length;
		int offset;
		unsigned text_length, capabilities[8];
		char text[256];
	} got;
	struct statfs status, other;
	CHECK(getattrlist("/", &list, &got, sizeof(got), 0) == 0 && !strcmp((char *)&got.offset + got.offset, "/") && (got.capabilities[0] & 0x100) && (got.capabilities[4] & 0x100));
	CHECK(statfs("/proc/self", &status) == 0 && !strcmp(status.f_mntonname, "/proc") && !strcmp(status.f_fstypename, "proc"));
	int file = open("/proc/self/stat", O_RDONLY);
	CHECK(fstatfs(file, &other) == 0 && !strcmp(other.f_mntonname, "/proc") && close(file) == 0 && statfs("/nowhere", &status) == -1 && errno == ENOENT && statfs("", &status) == -1 && errno == ENOENT);
	struct attrlist owner = {5, 0, ATTR_CMN_OWNERID | ATTR_CMN_ACCESSMASK | ATTR_CMN_PARENTID, 0, 0, 0, 0};
	struct {
		unsigned length, owner, mode;
		unsigned long parent;
	} __attribute__((packed)) file_got;
	struct stat parent;
	unsigned mode = 0700;
	CHECK(getattrlistat(-2, "many/001", &owner, &file_got, sizeof(file_got), 0) == 0 && file_got.owner == getuid() && stat("many", &parent) == 0 && file_got.parent == parent.st_ino);
	owner.commonattr = ATTR_CMN_ACCESSMASK;
	CHECK(setattrlist("many/001", &owner, &mode, sizeof(mode), 0) == 0 && stat("many/001", &parent) == 0 && (parent.st_mode & 0777) == 0700);
}

struct socket_part { // of struct socket_fdinfo
	char file[24], status[136];
	unsigned long so, pcb;
	int type, protocol, family;
	short shorts[8];
	unsigned mark, buffers[12];
	int kind, unused, their_port, our_port;
	char rest[1024];
};

static void check_descriptors(void)
{
	static struct socket_part part;
	static char bytes[1400];
	struct sockaddr_in address = {16, AF_INET, 0, 0x100007f, {0}}, own;
	socklen_t size = sizeof(own);
	int listener = socket(AF_INET, SOCK_STREAM, 0), ends[2], file = open("many/002", O_RDONLY), ids[64], found = 0;
	CHECK(bind(listener, (void *)&address, sizeof(address)) == 0 && listen(listener, 1) == 0 && getsockname(listener, (void *)&own, &size) == 0 && pipe(ends) == 0);
	CHECK(proc_pidfdinfo(getpid(), listener, 3, &part, sizeof(part)) == 792 && part.family == AF_INET && part.kind == 2 && part.our_port == own.sin_port && *(int *)(part.rest + 72) == 1);
	CHECK(proc_pidfdinfo(getpid(), ends[0], 6, bytes, sizeof(bytes)) == 184 && proc_pidfdinfo(getpid(), ends[0], 3, bytes, sizeof(bytes)) == 0 && errno == EBADF);
	CHECK(proc_pidfdinfo(getpid(), file, 2, bytes, sizeof(bytes)) == 1200 && strstr(bytes + 176, "/many/002") && *(long *)(bytes + 24 + 88) == 3 && *(unsigned *)bytes == 1);
	CHECK(proc_pidfdinfo(getpid(), file, 2, bytes, 100) == 0 && errno == ENOMEM && proc_pidfdinfo(getpid(), 999, 2, bytes, sizeof(bytes)) == 0 && errno == EBADF);
	int queue = kqueue(), count = proc_pidinfo(getpid(), 1, 0, bytes, sizeof(bytes)) / 8;
	for (int i = 0; i < count; i++)
		if (((int *)bytes)[2 * i] == queue)
			found = ((int *)bytes)[2 * i + 1];
	CHECK(found == 5 && proc_pidfdinfo(getpid(), queue, 7, bytes, sizeof(bytes)) == 168);
	count = proc_listpidspath(1, 0, "many/002", 0, ids, sizeof(ids));
	CHECK(count == 4 && ids[0] == getpid() && close(file) == 0 && proc_listpidspath(1, 0, "many/002", 0, ids, sizeof(ids)) == 0);
	CHECK(proc_pidinfo(getpid(), 13, 0, bytes, sizeof(bytes)) == 64 && *(int *)bytes == getpid() && proc_pidinfo(getpid(), 6, 0, bytes, sizeof(bytes)) >= 8);
	unsigned long thread = *(unsigned long *)bytes;
	CHECK(proc_pidinfo(getpid(), 5, thread, bytes, sizeof(bytes)) == 112 && *(int *)(bytes + 24) >= 1 && proc_pidinfo(getpid(), 7, (unsigned long)check_descriptors, bytes, sizeof(bytes)) == 96);
	CHECK((*(unsigned *)bytes & 4) && proc_regionfilename(getpid(), (unsigned long)check_descriptors, bytes, sizeof(bytes)) > 0 && strstr(bytes, "attributes"));
}

static volatile int arrived;
static void arrive(int signal, siginfo_t *info, void *context)
{
	(void)context;
	arrived = signal == SIGUSR1 && info->si_value == (void *)77;
}

static void check_aio(void)
{
	char text[] = "0123456789", back[2][6] = {"", ""};
	int file = open("aio", O_RDWR | O_CREAT, 0600);
	struct aiocb request = {.aio_fildes = file, .aio_buf = text, .aio_nbytes = 10, .aio_offset = 0}, second;
	const struct aiocb *list[] = {&request, 0};
	CHECK(aio_write(&request) == 0 && aio_suspend(list, 2, 0) == 0 && aio_error(&request) == 0 && aio_return(&request) == 10 && aio_error(&request) == -1 && errno == EINVAL);
	struct sigaction action = {.sa_sigaction = arrive, .sa_flags = SA_SIGINFO};
	CHECK(sigaction(SIGUSR1, &action, 0) == 0);
	request = (struct aiocb){.aio_fildes = file, .aio_buf = back[0], .aio_nbytes = 5, .aio_offset = 5, .aio_sigevent = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value = (void *)77}};
	CHECK(aio_read(&request) == 0);
	while (!arrived)
		usleep(1000);
	CHECK(aio_error(&request) == 0 && aio_return(&request) == 5 && !strcmp(back[0], "56789"));
	request = (struct aiocb){.aio_fildes = file, .aio_buf = back[0], .aio_nbytes = 3, .aio_lio_opcode = LIO_READ};
	second = (struct aiocb){.aio_fildes = file, .aio_buf = back[1], .aio_nbytes = 3, .aio_offset = 3, .aio_lio_opcode = LIO_READ};
	struct aiocb *both[] = {&request, 0, &second};
	CHECK(lio_listio(LIO_WAIT, both, 3, 0) == 0 && aio_return(&request) == 3 && aio_return(&second) == 3 && !strncmp(back[0], "012", 3) && !strncmp(back[1], "345", 3));
	CHECK(aio_fsync(O_SYNC, &request) == 0 && aio_suspend(list, 1, 0) == 0 && aio_return(&request) == 0 && aio_cancel(file, 0) == AIO_ALLDONE);
	request.aio_fildes = 999;
	request.aio_sigevent.sigev_notify = SIGEV_THREAD;
	CHECK(aio_read(&request) == -1 && errno == EINVAL && close(file) == 0);
}

static void check_messages(void)
{
	int ends[2];
	char texts[3][8] = {"one", "two", "three"}, back[4][8] = {"", "", "", ""};
	struct iovec vectors[3], rooms[4];
	struct msghdr_x messages[3], got[4];
	memset(messages, 0, sizeof(messages));
	memset(got, 0, sizeof(got));
	for (int i = 0; i < 4; i++) {
		if (i < 3) {
			vectors[i] = (struct iovec){texts[i], strlen(texts[i])};
			messages[i].message.msg_iov = &vectors[i];
			messages[i].message.msg_iovlen = 1;
		}
		rooms[i] = (struct iovec){back[i], 8};
		got[i].message.msg_iov = &rooms[i];
		got[i].message.msg_iovlen = 1;
	}
	CHECK(socketpair(AF_UNIX, 2, 0, ends) == 0 && sendmsg_x(ends[0], messages, 3, 0) == 3 && recvmsg_x(ends[1], got, 4, 0) == 3);
	CHECK(got[2].msg_datalen == 5 && !strcmp(back[0], "one") && !strcmp(back[2], "three") && sendmsg_x(999, messages, 3, 0) == -1 && errno == EBADF);
	struct sockaddr_in address = {16, AF_INET, 0, 0x100007f, {0}};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(bind(listener, (void *)&address, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, (void *)&address, &size) == 0);
	sa_endpoints_t endpoints = {.sae_dstaddr = (void *)&address, .sae_dstaddrlen = sizeof(address)};
	size_t sent = 0;
	CHECK(connectx(client, &endpoints, 0, 0, vectors, 2, &sent, 0) == 0 && sent == 6);
	int server = accept(listener, 0, 0);
	CHECK(read(server, back[0], 8) == 6 && !memcmp(back[0], "onetwo", 6) && connectx(client, 0, 0, 0, 0, 0, 0, 0) == -1 && errno == EINVAL);
}

int main(void)
{
	check_bulk();
	check_volume();
	check_descriptors();
	check_aio();
	check_messages();
	CHECK(setiopolicy_np(0, 0, 3) == 0 && getiopolicy_np(0, 0) == 3 && getiopolicy_np(0, 1) == 1 && setiopolicy_np(0, 0, 99) == -1 && errno == EINVAL && setiopolicy_np(3, 0, 2) == 0 && getiopolicy_np(3, 0) == 2);
	puts("attributes are fine");
	return 0;
}
