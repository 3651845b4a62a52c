// SPDX-License-Identifier: MIT
// A simulation's beginning and end, what it says when it fails, and the seam's functions for boot, log and end.
#include "machine.h"

#include <execinfo.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_KEPT 32768u
#define WATCHDOG_SECONDS 120u // of CPU time, for a loop in which nothing is ever scheduled
#define BOOT_STACK_SIZE (256u << 10)

#ifdef ISA_CONTEXT_ASAN
void __sanitizer_print_stack_trace(void);
#endif

static char log_kept[LOG_KEPT];
static size_t log_end; // bytes ever written

uint64_t sim_seed(void) { return sim.options.seed; }
bool sim_verbose(void) { return sim.options.verbose; }
uint64_t sim_history(void) { return sim.history; }
uint64_t sim_steps(void) { return sim.steps; }
void sim_quick(enum sim_quick mode) { sim.options.quick = mode; }
uint64_t sim_quick_served(void) { return sim.quick_served; }

// ---- Failures -------------------------------------------------------------------------------------------------------

static void print_backtrace(void)
{
#ifdef ISA_CONTEXT_ASAN
	__sanitizer_print_stack_trace();
#else
	void *frames[40];
	backtrace_symbols_fd(frames, backtrace(frames, 40), STDERR_FILENO);
#endif
}

void sim_print_log(void)
{
	if (sim.options.verbose)
		return;
	size_t kept = log_end < LOG_KEPT ? log_end : LOG_KEPT;
	fprintf(stderr, "---- the kernel log, last %zu bytes\n", kept);
	for (size_t i = log_end - kept; i < log_end; i++)
		fputc(log_kept[i % LOG_KEPT], stderr);
	fprintf(stderr, "----\n");
}

static void print_place(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "sim: %s; seed %llu, step %llu, time %llu ns, %s %d\n", what,
		(unsigned long long)sim.options.seed, (unsigned long long)sim.steps, (unsigned long long)sim.clock,
		!sim.current ? "host" : sim.current->cpu >= 0 ? "CPU" : "client",
		sim.current ? sim.current->cpu : 0);
}

_Noreturn void sim_misuse(const char *format, ...)
{
	char text[256];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	print_place(text);
	print_backtrace();
	sim_print_log();
	sim_end(SIM_MISUSE);
}

_Noreturn void sim_broken(const char *what)
{
	fprintf(stderr, "sim: the host has no more of: %s\n", what);
	print_backtrace();
	_exit(70);
}

// Reads the kernel's lists without locks: nobody else will run any more.
static void print_threads(struct task *task)
{
	fprintf(stderr, "task %u (%s):%s\n", task->id, task->name, list_empty(&task->threads) ? " no threads" : "");
	list_for_each(link, &task->threads) {
		struct thread *thread = container_of(link, struct thread, task_link);
		const char *why = thread_wait_why(thread);
		fprintf(stderr, "    thread %u (%s): %s, wait %u, trap %u%s%s\n", thread->id, thread->name,
			thread_state_name(atomic_load(&thread->state)), atomic_load(&thread->wait),
			thread->frame.number, why ? ", waits for " : "", why ? why : "");
	}
}

static void print_tasks(void)
{
	print_threads(task_kernel);
	uint32_t id = 0;
	for (struct task *task; (task = task_next(id));) {
		id = task->id;
		if (task != task_kernel)
			print_threads(task);
	}
}

_Noreturn void sim_hang(const char *why)
{
	sim.reporting = true;
	print_place(why);
	for (unsigned i = 0; i < sim.cpu_count; i++) {
		static const char *const states[] = {"runs", "waits for a lock", "idles", "waits", "is off"};
		struct entity *cpu = &sim.cpus[i];
		fprintf(stderr, "CPU %u %s", i, states[cpu->state]);
		if (cpu->state == ENTITY_LOCK)
			fprintf(stderr, " that CPU %d holds (%p)", cpu->lock->holder, (void *)cpu->lock);
		fprintf(stderr, "\n");
	}
	print_backtrace();
	if (sim.booted)
		print_tasks();
	sim_print_log();
	sim_end(SIM_HANG);
}

void sim_fail(void) { sim.status = SIM_FAILED; }

const char *__asan_default_options(void);
// Coroutines that were killed hold memory for ever; clients may be told to overflow nothing but their own stacks.
const char *__asan_default_options(void) { return "detect_leaks=0:detect_stack_use_after_return=0"; }

// ---- Beginning and end ----------------------------------------------------------------------------------------------

_Noreturn void sim_end(enum sim_status status)
{
	sim.status = status;
	sim.finished = true;
	struct entity *from = sim.current;
	static struct isa_context discarded;
	sim.current = NULL;
	isa_context_switch(from ? &from->context : &discarded, &sim.host);
	abort();
}

static void boot_entry(void *argument) { kern_main(); }

static void choose_rates(void)
{
	static const unsigned switch_rates[] = {1, 2, 4, 16};
	static const int preempt_rates[] = {5, 30, 200, 2000};
	sim.switch_rate = switch_rates[sim_random_below(4)];
	sim.preempt_rate = preempt_rates[sim_random_below(4)];
	sim.countdown = 1;
}

// The host's context and the simulation's take turns.
static enum sim_status run_on(void)
{
	struct itimerval watchdog = {.it_value.tv_sec = WATCHDOG_SECONDS}, none = {0};
	setitimer(ITIMER_PROF, &watchdog, NULL);
	isa_context_switch(&sim.host, &sim.current->context);
	setitimer(ITIMER_PROF, &none, NULL);
	return sim.status;
}

void sim_suspend(void)
{
	struct entity *self = sim.current;
	enum sim_status status = sim.status;
	sim.status = status == SIM_PASSED ? SIM_SUSPENDED : status;
	sim.suspended = self;
	sim.current = NULL;
	isa_context_switch(&self->context, &sim.host);
}

enum sim_status sim_continue(uint64_t seed)
{
	if (!sim.suspended || sim.finished)
		sim_broken("simulations that were suspended");
	sim.current = sim.suspended;
	sim.suspended = NULL;
	sim.status = SIM_PASSED;
	sim.options.seed = sim.random = seed;
	sim.steps = sim.history = 0;
	choose_rates();
	return run_on();
}

enum sim_status sim_run(const struct sim_options *options)
{
	static bool ran;
	if (ran || options->cpus > MD_CPU_LIMIT)
		sim_broken("runs in this process, or CPUs");
	ran = true;
	sim.options = *options;
	sim.cpu_count = options->cpus ? options->cpus : 1;
	sim.random = options->seed;
	sim.timer = UINT64_MAX;
	for (unsigned i = 0; i < sim.cpu_count; i++)
		sim.cpus[i].state = ENTITY_DEAD;
	choose_rates();
	frames_init();
	if (!sim.options.archive)
		sim.options.archive = archive_make(&sim.options.archive_size);
	void *stack = aligned_alloc(64, BOOT_STACK_SIZE);
	if (!stack)
		sim_broken("memory");
	entity_start(&sim.cpus[0], 0, stack, BOOT_STACK_SIZE, boot_entry, NULL);
	entity_wake(&sim.cpus[0]);
	sim.current = &sim.cpus[0];
	return run_on();
}

int sim_run_forked(const struct sim_options *options)
{
	fflush(NULL);
	pid_t child = fork();
	if (child < 0)
		sim_broken("processes");
	if (child == 0) {
		enum sim_status status = sim_run(options);
		fflush(NULL);
		_exit((int)status);
	}
	int status;
	if (waitpid(child, &status, 0) != child)
		sim_broken("children");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// ---- The seam -------------------------------------------------------------------------------------------------------

void md_boot_archive(const void **data, size_t *size)
{
	*data = sim.options.archive;
	*size = sim.options.archive_size;
}

const char *md_boot_command_line(void) { return sim.options.command_line ? sim.options.command_line : ""; }

void md_log_write(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		log_kept[log_end++ % LOG_KEPT] = text[i];
	if (sim.options.verbose)
		fwrite(text, 1, size, stderr);
}

void md_entropy(void *to, size_t size)
{
	unsigned char *bytes = to;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)sim_random();
}

_Noreturn void md_end(enum md_end how, int status)
{
	sim.reporting = true;
	if (how != MD_END_PANIC)
		sim_end(SIM_ENDED);
	print_place("the kernel panicked");
	print_backtrace();
	sim_print_log();
	sim_end(SIM_PANIC);
}
