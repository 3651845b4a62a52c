// SPDX-License-Identifier: MIT
// kern_main: the kernel's modules in the order in which they stand on each other, then the first task.
//
// Levels 1 to 3 run on CPU 0 before there are threads; level 4 is a kernel thread, which may block: it unpacks the
// archive and launches /system/bin/init with the words of the command line as arguments, all grants and no limits. The
// end of init is the end of the machine, with init's status.
#include "boot.h"

#include "../core/sched.h"
#include "../core/timer.h"
#include "../core/trace.h"
#include "../core/work.h"
#include "../debug/monitor.h"
#include "../device/device.h"
#include "../ipc/port.h"
#include "../seat/grants.h"
#include "../seat/kernel_seat.h"
#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/task_port.h"
#include "../task/thread.h"

#define INIT_PATH "/system/bin/init"
#define WORDS_MAX 64u
#define WORDS_SIZE 4096u

static char words_text[WORDS_SIZE];
static const char *words[WORDS_MAX + 2]; // the path, the words, NULL
static const char *const no_environment[] = {NULL};

// Splits the command line at spaces. False: too long.
static bool split_words(const char *line)
{
	size_t length = 0, count = 1;
	bool inside = false;
	words[0] = INIT_PATH;
	for (; line[length]; length++) {
		if (length + 1 >= WORDS_SIZE)
			return false;
		bool space = line[length] == ' ';
		words_text[length] = space ? 0 : line[length];
		if (!space && !inside) {
			if (count == WORDS_MAX + 1)
				return false;
			words[count++] = &words_text[length];
		}
		inside = !space;
	}
	return true;
}

static void remove_limits(struct account *account)
{
	atomic_store(&account->bytes_limit, UINT64_MAX);
	for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
		atomic_store(&account->count_limit[kind], UINT64_MAX);
}

static _Noreturn void fail(const char *reason)
{
	log_line("boot", "%s cannot be started: %s", INIT_PATH, reason);
	md_end(MD_END_FAILED, 1);
}

static struct task *launch_init(void)
{
	struct md_launch launch = {.name = "init", .arguments = words, .environment = no_environment};
	if (!split_words(md_boot_command_line()))
		fail("the command line is longer than 4095 bytes or 64 words");
	if (!boot_find_file(INIT_PATH, &launch.image, &launch.image_size))
		fail("the boot archive has no such file");
	struct task *task = task_create(NULL, launch.name, &grants_all);
	if (!task)
		fail("no memory");
	remove_limits(task->account);
	kern_return_t error = task_launch(task, &launch);
	if (error) {
		char reason[64];
		format_text(reason, sizeof(reason), "the machine refuses to load it (error %d)", error);
		fail(reason);
	}
	return task;
}

static void boot_thread(void *argument)
{
	enum kern_death why;
	int code;
	if (!boot_open_archive()) {
		log_line("boot", "no boot archive: the kernel runs alone");
		return;
	}
	struct task *init = launch_init();
	while (task_wait(init, WAIT_FOREVER, &why, &code) != KERN_SUCCESS)
		continue;
	task_release(init);
	if (shutdown_has_begun())
		return;
	if (why == KERN_DEATH_EXIT && code == 0) {
		shutdown_begin("init, which has ended", MD_END_POWER_OFF, 0);
		return;
	}
	log_line("boot", "init ended by %s %d", why == KERN_DEATH_EXIT ? "exit status" : "signal or error", code);
	shutdown_begin("the death of init", MD_END_FAILED, why == KERN_DEATH_EXIT ? code : 1);
}

_Noreturn void kern_main(void)
{
	// 1: what everything stands on
	kalloc_module_init();
	log_module_init();
	trace_module_init();
	timer_module_init();
	sched_module_init();
	// 2: objects
	task_module_init();
	work_module_init();
	port_module_init();
	// 3: services
	task_port_module_init();
	seat_module_init();
	kernel_seat_module_init();
	device_module_init();
	monitor_module_init();
	// 4: threads and the first task
	if (thread_create_kernel("boot", boot_thread, NULL) != KERN_SUCCESS)
		panic("no memory for the boot thread");
	md_cpu_start_others();
	sched_cpu_start();
}
