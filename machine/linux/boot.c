// SPDX-License-Identifier: MIT
// The beginning and the end of the machine linux. linux_boot prepares everything that can fail with a clear line, then
// becomes CPU 0; md_end takes the children along, removes the socket and exits.
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORKERS_DEFAULT 8u

static struct {
	const void *archive;
	size_t archive_size;
	const char *command_line;
} boot;

void md_boot_archive(const void **data, size_t *size)
{
	*data = boot.archive;
	*size = boot.archive_size;
}

const char *md_boot_command_line(void) { return boot.command_line; }

static bool boot_archive_map(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (file < 0 || fstat(file, &status) < 0) {
		host_complain("the image %s cannot be opened: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISREG(status.st_mode) || status.st_size == 0) {
		host_complain("the image %s is %s", path, S_ISREG(status.st_mode) ? "empty" : "not a file");
		close(file);
		return false;
	}
	boot.archive_size = (size_t)status.st_size;
	boot.archive = mmap(NULL, boot.archive_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
	close(file);
	if (boot.archive == MAP_FAILED) {
		host_complain("the image %s cannot be mapped: %s", path, strerror(errno));
		return false;
	}
	return true;
}

static unsigned boot_workers(unsigned wanted)
{
	cpu_set_t set;
	unsigned usable = sched_getaffinity(0, sizeof(set), &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
	if (wanted > 0)
		return wanted < MD_CPU_LIMIT ? wanted : MD_CPU_LIMIT;
	return usable < WORKERS_DEFAULT ? usable : WORKERS_DEFAULT;
}

static bool boot_devices(const struct linux_options *options)
{
	if (!disk_module_init(options))
		return false;
	if (tree_module_init(options))
		return true;
	daemon_end_all();
	disk_unlink();
	return false;
}

const char *linux_disk_daemon(void) { return daemon_path(); }

int linux_boot(const struct linux_options *options)
{
	char path[256];
	host_clock_base();
	boot.command_line = options->command_line ? options->command_line : "";
	if (options->image && !boot_archive_map(options->image))
		return 1;
	if (!options->socket && !linux_socket_default(path, sizeof(path))) {
		host_complain("$XDG_RUNTIME_DIR is too long for the path of a socket");
		return 1;
	}
	host_log_open(options);
	host_terminal_save();
	launch_module_init();
	unsigned workers = boot_workers(options->workers);
	if (!cpu_module_init(workers)) {
		host_complain("the event loop cannot be made: %s", strerror(errno));
		return 1;
	}
	if (!checkin_listen(options->socket ? options->socket : path, options->listening))
		return 1;
	if (!idle_module_init(options->idle)) {
		host_complain("the timer for idleness cannot be made: %s", strerror(errno));
		checkin_unlink();
		return 1;
	}
	if (!boot_devices(options)) {
		checkin_unlink();
		return 1;
	}
	cpu_enter(0);
	kern_main();
}

_Noreturn void md_end(enum md_end how, int status)
{
	static _Atomic bool ended;
	if (atomic_exchange(&ended, true)) // another CPU is at it
		for (;;)
			pause();
	if (how == MD_END_PANIC || (how == MD_END_FAILED && !launch_terminal_given()))
		host_log_tail();
	checkin_unlink();
	process_end_all();
	daemon_end_all();
	disk_unlink();
	host_terminal_restore();
	if (how == MD_END_PANIC)
		abort();
	if (how == MD_END_REBOOT)
		host_complain("a reboot was asked for; start it again");
	_exit(status);
}
