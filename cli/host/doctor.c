// SPDX-License-Identifier: MIT
// gila doctor: tries what the kernel server needs of the host (machine/linux) and says in one line what is missing.
#include "../cli.h"
#include "../place.h"
#include "image.h"

#include <errno.h>
#include <machine/linux/linux.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS_LEAST 1024 // three for a program, two for a memory object that travels

struct check {
	const char *name;
	// Fills in what was found. False: it is missing, and `detail` says what and what helps.
	bool (*run)(const struct arguments *arguments, struct text *detail);
};

static bool missing(struct text *detail, const char *what)
{
	text_format(detail, "%s: %s", what, strerror(errno));
	return false;
}

static bool check_kernel(const struct arguments *arguments, struct text *detail)
{
	struct utsname name;
	if (uname(&name) < 0)
		return missing(detail, "uname");
	text_format(detail, "%s %s %s", name.sysname, name.release, name.machine);
	return strcmp(name.sysname, "Linux") == 0;
}

static bool check_processors(const struct arguments *arguments, struct text *detail)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return missing(detail, "sched_getaffinity");
	text_format(detail, "%d may be used", CPU_COUNT(&set));
	return true;
}

static bool check_descriptors(const struct arguments *arguments, struct text *detail)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return missing(detail, "getrlimit");
	text_format(detail, "%llu descriptors at most", (unsigned long long)limit.rlim_max);
	if (limit.rlim_max >= DESCRIPTORS_LEAST)
		return true;
	text_format(detail, "; %d are needed (ulimit -Hn)", DESCRIPTORS_LEAST);
	return false;
}

static bool close_works(int file, const char *what, struct text *detail)
{
	if (file < 0)
		return missing(detail, what);
	close(file);
	text_format(detail, "%s works", what);
	return true;
}

static bool check_memfd(const struct arguments *arguments, struct text *detail)
{
	char mode = 0;
	int file = memfd_create("gila-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	FILE *setting = fopen("/proc/sys/vm/memfd_noexec", "re");
	if (setting) {
		mode = (char)getc(setting);
		fclose(setting);
	}
	if (!close_works(file, "memfd_create", detail))
		return false;
	if (mode != '2')
		return true;
	text_add(detail, ", but programs cannot be run from it: the sysctl vm.memfd_noexec is 2");
	return false;
}

static bool check_pidfd(const struct arguments *arguments, struct text *detail)
{
	return close_works((int)syscall(SYS_pidfd_open, getpid(), 0), "pidfd_open", detail);
}

static bool check_close_range(const struct arguments *arguments, struct text *detail)
{
	if (syscall(SYS_close_range, ~0u, ~0u, 0) < 0)
		return missing(detail, "close_range (Linux 5.9)");
	text_add(detail, "close_range works");
	return true;
}

static bool check_events(const struct arguments *arguments, struct text *detail)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), event = eventfd(0, EFD_CLOEXEC), timer;
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct epoll_event none;
	struct timespec now = {0, 0};
	bool made = epoll >= 0 && event >= 0 && timer >= 0;
	bool exact = made && syscall(SYS_epoll_pwait2, epoll, &none, 1, &now, NULL, 0) == 0;
	if (made)
		text_format(detail, "epoll, eventfd and timerfd work%s", exact ? ", epoll_pwait2 too" : "");
	else
		missing(detail, "epoll, eventfd or timerfd");
	close(epoll), close(event), close(timer);
	return made;
}

// Reads and writes the memory of a child, as the kernel server does with programs.
static bool check_memory_access(const struct arguments *arguments, struct text *detail)
{
	static volatile char theirs;
	char ours = 'x', found = 0;
	pid_t child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	if (child < 0)
		return missing(detail, "fork");
	struct iovec here = {&ours, 1}, there = {(void *)(uintptr_t)&theirs, 1}, back = {&found, 1};
	bool works = process_vm_writev(child, &here, 1, &there, 1, 0) == 1 &&
		     process_vm_readv(child, &back, 1, &there, 1, 0) == 1 && found == 'x';
	if (works)
		text_add(detail, "process_vm_readv and process_vm_writev are allowed");
	else
		missing(detail, "process_vm_readv of a child (a container needs SYS_PTRACE or its calls allowed)");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return works;
}

// The directory of the socket: there and ours, or to be made in a directory that we may write to.
static bool check_socket(const struct arguments *arguments, struct text *detail)
{
	char path[256];
	struct stat info;
	const char *given = arguments->count > 2 ? arguments->word[2] : "";
	int file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (file < 0)
		return missing(detail, "Unix sockets of type SOCK_SEQPACKET");
	close(file);
	if (!*given && !linux_socket_default(path, sizeof(path))) {
		text_add(detail, "$XDG_RUNTIME_DIR is too long for the path of a socket");
		return false;
	}
	if (*given)
		snprintf(path, sizeof(path), "%s", given);
	if (strlen(*given ? given : path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		text_format(detail, "%s is too long for the path of a socket", path);
		return false;
	}
	text_add(detail, path);
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(path, '/');
		if (!slash)
			return true;
		slash[slash == path] = 0;
		if (stat(path, &info) == 0)
			break;
	}
	if (access(path, W_OK | X_OK) == 0)
		return true;
	text_format(detail, ": %s: %s (set XDG_RUNTIME_DIR)", path, strerror(errno));
	return false;
}

static bool check_image(const struct arguments *arguments, struct text *detail)
{
	const char *given = arguments->count > 1 && *arguments->word[1] ? arguments->word[1] : NULL;
	image_path(detail, given);
	const char *why = image_check(detail->data);
	if (why)
		text_format(detail, ": %s", why);
	return !why;
}

static bool check_disks(const struct arguments *arguments, struct text *detail)
{
	const char *path = linux_disk_daemon();
	text_add(detail, path ? path
			      : "qemu-storage-daemon is not there: --disk needs it (Debian's package qemu-system-common)");
	return path != NULL;
}

static const struct check checks[] = {
	{"kernel", check_kernel},	{"processors", check_processors}, {"descriptors", check_descriptors},
	{"memory", check_memfd},	{"processes", check_pidfd},	  {"start", check_close_range},
	{"events", check_events},	{"access", check_memory_access},  {"socket", check_socket},
	{"image", check_image},	{"disks", check_disks},
};

int command_doctor(struct cli *cli, struct arguments *arguments)
{
	const char *image = argument_value(arguments, "--image"), *socket_path = argument_value(arguments, "--socket");
	char *words[] = {"doctor", (char *)(uintptr_t)(image ? image : ""), (char *)(uintptr_t)(socket_path ? socket_path : "")};
	struct arguments given = {.count = 3, .word = words};
	struct json json = cli_json(cli);
	int status = CLI_OK;
	if (!arguments_end(arguments, 0, 0))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (cli->json)
		json_array(&json, NULL);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct text detail = {0};
		bool fine = checks[i].run(&given, &detail);
		if (!fine)
			status = CLI_FAILED;
		if (cli->json) {
			json_object(&json, NULL);
			json_string(&json, "name", checks[i].name);
			json_bool(&json, "ok", fine);
			json_string(&json, "detail", text_string(&detail));
			json_end(&json);
		} else {
			cli_print(cli, "%-8s%-12s %s\n", fine ? "ok" : "MISSING", checks[i].name, text_string(&detail));
		}
		text_free(&detail);
	}
	if (cli->json)
		json_end(&json);
	return status;
}
