// SPDX-License-Identifier: MIT
// How threads and processes begin and end: cancellation, attributes, fork while other threads hold locks, the order of what runs at exit.
// lives         checks all of it
// lives exit    prints what runs when main returns
// lives main    main ends by pthread_exit, another thread goes on and ends the process
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char order[32];
static int ends[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_key_t key;
static volatile int stop, go;

static void note(void *letter)
{
	order[strlen(order)] = *(const char *)letter;
}

static void unlock(void *lock)
{
	note((void *)(unsigned long)"u");
	CHECK(pthread_mutex_unlock(lock) == 0);
}

static void *reads(void *argument)
{
	char byte;
	(void)argument;
	pthread_setspecific(key, "k");
	pthread_cleanup_push(note, (void *)(unsigned long)"b");
	pthread_cleanup_push(note, (void *)(unsigned long)"a");
	pthread_cleanup_push(note, (void *)(unsigned long)"-");
	pthread_cleanup_pop(0);
	read(ends[0], &byte, 1);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *waits(void *argument)
{
	(void)argument;
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	go = 1;
	for (;;)
		pthread_cond_wait(&condition, &mutex);
	pthread_cleanup_pop(1);
}

static void *refuses(void *argument)
{
	int old;
	(void)argument;
	CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old) == 0 && old == PTHREAD_CANCEL_ENABLE);
	go = 1;
	while (!stop)
		usleep(1000);
	pthread_testcancel();
	order[0] = 'x';
	CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL) == 0);
	pthread_testcancel();
	order[0] = 'y';
	return NULL;
}

static void *until_stop(void *argument)
{
	while (!stop)
		usleep(1000);
	return argument;
}

static void *turns(void *argument)
{
	(void)argument;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	go = 1;
	for (;;)
		;
}

static void cancel(void *(*function)(void *), const char *expected)
{
	pthread_t thread;
	void *result;
	memset(order, 0, sizeof(order));
	go = stop = 0;
	CHECK(pthread_create(&thread, NULL, function, NULL) == 0);
	if (function == reads)
		usleep(20000);
	while (function != reads && !go)
		usleep(1000);
	if (function == waits) { // it has let go of it only when it waits
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	CHECK(pthread_cancel(thread) == 0);
	stop = 1;
	CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED && strcmp(order, expected) == 0);
	CHECK(pthread_kill(thread, 0) == ESRCH && pthread_cancel(thread) == ESRCH &&
	      pthread_join(thread, NULL) == ESRCH);
}

static void *on_stack(void *low)
{
	char here, name[32];
	int policy;
	struct sched_param param;
	CHECK(&here > (char *)low && &here < (char *)low + 65536);
	CHECK((char *)pthread_get_stackaddr_np(pthread_self()) <= (char *)low + 65536);
	CHECK(pthread_getschedparam(pthread_self(), &policy, &param) == 0 && policy == 1 && param.sched_priority == 20);
	CHECK(pthread_setname_np("worker") == 0 && pthread_getname_np(pthread_self(), name, sizeof(name)) == 0);
	CHECK(strcmp(name, "worker") == 0 && !pthread_main_np());
	CHECK(pthread_from_mach_thread_np(pthread_mach_thread_np(pthread_self())) == pthread_self());
	return low;
}

static void check_attributes(void)
{
	pthread_attr_t attributes;
	pthread_mutexattr_t mutex_attributes;
	pthread_mutex_t checks;
	pthread_t thread;
	struct sched_param param = {.sched_priority = 20};
	void *low = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0), *result;
	size_t size;
	int kind;
	CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, 1000) == EINVAL);
	CHECK(pthread_attr_setstack(&attributes, low, 65536) == 0 &&
	      pthread_attr_setschedparam(&attributes, &param) == 0);
	CHECK(pthread_attr_getstack(&attributes, &result, &size) == 0 && result == low && size == 65536);
	CHECK(pthread_create(&thread, &attributes, on_stack, low) == 0 && pthread_join(thread, &result) == 0 &&
	      result == low);
	CHECK(pthread_attr_init(&attributes) == 0 &&
	      pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0);
	stop = 0;
	CHECK(pthread_create(&thread, &attributes, until_stop, NULL) == 0 && pthread_join(thread, NULL) == EINVAL);
	stop = 1;
	CHECK(pthread_mutexattr_init(&mutex_attributes) == 0 &&
	      pthread_mutexattr_settype(&mutex_attributes, 9) == EINVAL);
	CHECK(pthread_mutexattr_settype(&mutex_attributes, PTHREAD_MUTEX_ERRORCHECK) == 0);
	CHECK(pthread_mutexattr_gettype(&mutex_attributes, &kind) == 0 && kind == PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_init(&checks, &mutex_attributes) == 0 && pthread_mutex_lock(&checks) == 0 &&
	      pthread_mutex_lock(&checks) == EDEADLK);
}

static void *elsewhere(void *folder)
{
	char path[1024];
	CHECK(pthread_chdir_np("/usr") == 0 && getcwd(path, sizeof(path)) && strcmp(path, "/usr") == 0);
	CHECK(pthread_fchdir_np(-1) == 0 && getcwd(path, sizeof(path)) && strcmp(path, folder) == 0);
	CHECK(pthread_chdir_np("/usr/lib") == 0);
	return NULL;
}

static void check_folders(void)
{
	pthread_t thread;
	char before[1024], path[1024];
	CHECK(getcwd(before, sizeof(before)) && pthread_create(&thread, NULL, elsewhere, before) == 0 &&
	      pthread_join(thread, NULL) == 0);
	CHECK(getcwd(path, sizeof(path)) && strcmp(path, before) == 0);
}

// ---- locks of two processes -----------------------------------------------------------------------------------------

struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t condition;
	pthread_rwlock_t rwlock;
	int counter, turn;
};

static void count_in(struct shared *shared)
{
	for (int i = 0; i < 3000; i++) {
		pthread_mutex_lock(&shared->mutex);
		shared->counter++;
		CHECK(pthread_mutex_unlock(&shared->mutex) == 0);
	}
}

static void check_shared(void)
{
	pthread_mutexattr_t mutex_attributes;
	pthread_condattr_t attributes;
	pthread_rwlockattr_t rwlock_attributes;
	int status;
	struct shared *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
	CHECK(pthread_mutexattr_init(&mutex_attributes) == 0 &&
	      pthread_mutexattr_setpshared(&mutex_attributes, PTHREAD_PROCESS_SHARED) == 0);
	CHECK(pthread_mutexattr_settype(&mutex_attributes, PTHREAD_MUTEX_ERRORCHECK) == 0);
	CHECK(pthread_condattr_init(&attributes) == 0 &&
	      pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
	CHECK(pthread_rwlockattr_init(&rwlock_attributes) == 0 &&
	      pthread_rwlockattr_setpshared(&rwlock_attributes, PTHREAD_PROCESS_SHARED) == 0);
	CHECK(pthread_mutex_init(&shared->mutex, &mutex_attributes) == 0 &&
	      pthread_cond_init(&shared->condition, &attributes) == 0);
	CHECK(pthread_rwlock_init(&shared->rwlock, &rwlock_attributes) == 0 &&
	      pthread_rwlock_wrlock(&shared->rwlock) == 0);
	pid_t other = fork();
	if (other == 0) {
		CHECK(pthread_rwlock_tryrdlock(&shared->rwlock) == EBUSY);
		count_in(shared);
		pthread_mutex_lock(&shared->mutex);
		shared->turn = 1;
		pthread_cond_signal(&shared->condition);
		pthread_mutex_unlock(&shared->mutex);
		CHECK(pthread_rwlock_rdlock(&shared->rwlock) == 0 && pthread_rwlock_unlock(&shared->rwlock) == 0);
		_exit(8);
	}
	count_in(shared);
	pthread_mutex_lock(&shared->mutex);
	CHECK(pthread_mutex_lock(&shared->mutex) == EDEADLK);
	while (!shared->turn)
		CHECK(pthread_cond_wait(&shared->condition, &shared->mutex) == 0);
	CHECK(pthread_mutex_unlock(&shared->mutex) == 0 && shared->counter == 6000 &&
	      pthread_rwlock_unlock(&shared->rwlock) == 0);
	CHECK(waitpid(other, &status, 0) == other && WIFEXITED(status) && WEXITSTATUS(status) == 8);
}

// ---- fork with threads that hold what locks they can ----------------------------------------------------------------

static void *busy(void *argument)
{
	(void)argument;
	while (!stop) {
		pthread_key_t made;
		free(malloc(100000));
		FILE *file = fopen("/dev/null", "w");
		fprintf(file, "%d", 1);
		fclose(file);
		CHECK(pthread_key_create(&made, NULL) == 0 && pthread_key_delete(made) == 0);
	}
	return NULL;
}

static void *ends_at_once(void *argument)
{
	return argument;
}

static void before(void)
{
	note((void *)(unsigned long)"B");
}

static void parent(void)
{
	note((void *)(unsigned long)"P");
}

static void child(void)
{
	note((void *)(unsigned long)"C");
}

static void check_fork(void)
{
	pthread_t threads[2], thread;
	pthread_key_t made;
	memset(order, 0, sizeof(order));
	stop = 0;
	for (int i = 0; i < 2; i++)
		CHECK(pthread_create(&threads[i], NULL, busy, NULL) == 0);
	for (int i = 0; i < 60; i++) {
		int status;
		pid_t other = fork();
		if (other == 0) {
			free(malloc(100000));
			CHECK(pthread_key_create(&made, NULL) == 0 && pthread_main_np() &&
			      pthread_kill(threads[0], 0) == ESRCH);
			CHECK(pthread_create(&thread, NULL, ends_at_once, NULL) == 0 &&
			      pthread_join(thread, NULL) == 0);
			FILE *file = fopen("/dev/null", "w");
			_exit(file && fclose(file) == 0 ? 9 : 1);
		}
		CHECK(waitpid(other, &status, 0) == other && WIFEXITED(status) && WEXITSTATUS(status) == 9);
	}
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	CHECK(pthread_atfork(before, parent, child) == 0);
	int status;
	pid_t other = fork();
	if (other == 0)
		_exit(strcmp(order, "BC") == 0 ? 7 : order[0]);
	CHECK(waitpid(other, &status, 0) == other && WEXITSTATUS(status) == 7);
	CHECK(strcmp(order, "BP") == 0);
}

// ---- the end --------------------------------------------------------------------------------------------------------

static void say(void *text)
{
	puts(text);
}

static void first(void)
{
	puts("registered first");
}

static void second(void)
{
	puts("registered second");
}

__attribute__((destructor)) static void terminator(void)
{
	puts("terminator");
}

static void *last(void *argument)
{
	usleep(20000);
	puts("the last thread ends");
	return argument;
}

int main(int count, char **words)
{
	pthread_t thread;
	CHECK(pthread_key_create(&key, count > 1 ? say : note) == 0);
	if (count > 1) {
		pthread_setspecific(key, "value of a key");
		_tlv_atexit(say, (void *)(unsigned long)"thread-local");
		atexit(first);
		atexit(second);
		if (strcmp(words[1], "exit") == 0)
			return 4;
		CHECK(pthread_create(&thread, NULL, last, NULL) == 0);
		pthread_exit(NULL);
	}
	CHECK(pipe(ends) == 0);
	cancel(reads, "abk");
	cancel(waits, "u");
	CHECK(pthread_mutex_trylock(&mutex) == 0 && pthread_mutex_unlock(&mutex) == 0);
	cancel(refuses, "x");
	cancel(turns, "");
	check_attributes();
	check_folders();
	check_shared();
	check_fork();
	puts("lives are fine");
	return 0;
}
