// SPDX-License-Identifier: MIT
// Sources of libdispatch, of each kind, and timers.
#include "check.h"

#include <dispatch/dispatch.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static dispatch_queue_t queue;

static dispatch_time_t soon(long long milliseconds)
{
	return dispatch_time(DISPATCH_TIME_NOW, milliseconds * (long long)NSEC_PER_MSEC);
}

#define await(semaphore) CHECK(dispatch_semaphore_wait(semaphore, soon(10000)) == 0)

// Cancels it and waits until its cancel handler has run; there is no event after that.
static void end(dispatch_source_t source)
{
	dispatch_semaphore_t gone = dispatch_semaphore_create(0);
	dispatch_source_set_cancel_handler(source, ^{ dispatch_semaphore_signal(gone); });
	dispatch_source_cancel(source);
	CHECK(dispatch_source_testcancel(source) != 0);
	await(gone);
	dispatch_release(source);
	dispatch_release(gone);
}

static void test_data(void)
{
	static unsigned long sum, bits, last;
	static int calls;
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_source_t add = dispatch_source_create(DISPATCH_SOURCE_TYPE_DATA_ADD, 0, 0, queue);
	dispatch_source_t or = dispatch_source_create(DISPATCH_SOURCE_TYPE_DATA_OR, 0, 0, queue);
	dispatch_source_t replace = dispatch_source_create(DISPATCH_SOURCE_TYPE_DATA_REPLACE, 0, 0, queue);
	dispatch_source_set_registration_handler(add, ^{ dispatch_semaphore_signal(told); });
	dispatch_source_set_event_handler(add, ^{ sum += dispatch_source_get_data(add); calls++; });
	dispatch_source_set_event_handler(or, ^{ bits |= dispatch_source_get_data(or); });
	dispatch_source_set_event_handler(replace, ^{ last = dispatch_source_get_data(replace); });
	dispatch_resume(add);
	await(told);
	dispatch_activate(or);
	dispatch_activate(replace);
	dispatch_sync(queue, ^{ });
	dispatch_suspend(queue);
	for (unsigned long i = 1; i <= 1000; i++) {
		dispatch_source_merge_data(add, i);
		dispatch_source_merge_data(or, 1ul << i % 32);
		dispatch_source_merge_data(replace, i);
	}
	dispatch_resume(queue);
	for (int i = 0; i < 5; i++)
		dispatch_sync(queue, ^{ });
	CHECK(sum == 500500 && calls == 1 && bits == 0xfffffffful && last == 1000);
	dispatch_sync(queue, ^{ });
	dispatch_suspend(add);
	dispatch_source_merge_data(add, 5);
	dispatch_sync(queue, ^{ });
	CHECK(calls == 1);
	dispatch_source_set_event_handler(add, ^{ dispatch_semaphore_signal(told); });
	dispatch_resume(add);
	await(told);
	end(add);
	end(or);
	end(replace);
	dispatch_release(told);
}

static void test_after(void)
{
	static int order[8], count;
	static const int delays[] = {50, 10, 40, 20, 60, 30};
	dispatch_semaphore_t done = dispatch_semaphore_create(0);
	dispatch_time_t from = dispatch_time(DISPATCH_TIME_NOW, 0);
	for (int i = 0; i < 6; i++)
		dispatch_after(dispatch_time(from, delays[i] * (long long)NSEC_PER_MSEC), queue, ^{
			CHECK(dispatch_time(DISPATCH_TIME_NOW, 0) >= from + (unsigned)delays[i] * NSEC_PER_MSEC);
			order[count++] = delays[i];
			dispatch_semaphore_signal(done);
		});
	dispatch_after(dispatch_walltime(NULL, 15 * (long long)NSEC_PER_MSEC), queue, ^{ dispatch_semaphore_signal(done); });
	for (int i = 0; i < 7; i++)
		await(done);
	for (int i = 0; i < 6; i++)
		CHECK(order[i] == 10 * (i + 1));
	dispatch_release(done);
}

static void test_timer(void)
{
	static unsigned long fired, after;
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_source_t timer = dispatch_source_create(DISPATCH_SOURCE_TYPE_TIMER, 0, 0, queue);
	dispatch_time_t begin = dispatch_time(DISPATCH_TIME_NOW, 0);
	dispatch_source_set_timer(timer, DISPATCH_TIME_NOW, 5 * NSEC_PER_MSEC, 1 * NSEC_PER_MSEC);
	dispatch_source_set_event_handler(timer, ^{
		fired += dispatch_source_get_data(timer);
		if (fired >= 6 && !after++) {
			CHECK(dispatch_time(DISPATCH_TIME_NOW, 0) - begin >= 25 * NSEC_PER_MSEC);
			dispatch_semaphore_signal(told);
		}
	});
	dispatch_activate(timer);
	await(told);
	// What it missed while its queue was suspended comes with the next call.
	dispatch_suspend(queue);
	usleep(40000);
	static unsigned long missed;
	dispatch_source_set_event_handler(timer, ^{
		missed += dispatch_source_get_data(timer);
		dispatch_semaphore_signal(told);
	});
	dispatch_resume(queue);
	int calls = 0;
	do {
		await(told);
		dispatch_sync(queue, ^{ }); // `missed` is the queue's
	} while (++calls <= 8 && missed < 8);
	CHECK(missed >= 8);
	end(timer);
	// Once.
	__block int once = 0;
	timer = dispatch_source_create(DISPATCH_SOURCE_TYPE_TIMER, 0, 0, queue);
	dispatch_source_set_timer(timer, dispatch_walltime(NULL, 5000000), DISPATCH_TIME_FOREVER, 0);
	dispatch_source_set_event_handler(timer, ^{ once++; dispatch_semaphore_signal(told); });
	dispatch_resume(timer);
	while (once == 0)
		await(told);
	usleep(20000);
	dispatch_source_set_timer(timer, DISPATCH_TIME_FOREVER, 0, 0);
	dispatch_sync(queue, ^{ CHECK(once == 1); });
	// A released one is silent.
	dispatch_source_set_timer(timer, soon(10), NSEC_PER_MSEC, 0);
	dispatch_release(timer);
	usleep(30000);
	dispatch_sync(queue, ^{ CHECK(once <= 2); });
	dispatch_release(told);
}

static void test_descriptors(void)
{
	static int ends[2];
	CHECK(pipe(ends) == 0);
	static char text[16];
	static size_t got;
	static int at_end;
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_source_t reader = dispatch_source_create(DISPATCH_SOURCE_TYPE_READ, (uintptr_t)ends[0], 0, queue);
	dispatch_source_set_event_handler(reader, ^{
		unsigned long bytes = dispatch_source_get_data(reader);
		CHECK((int)dispatch_source_get_handle(reader) == ends[0] && bytes <= 5);
		ssize_t size = read(ends[0], text + got, 1); // one at a time: it comes again
		got += (size_t)size;
		if ((size == 1 && got == 5) || (size == 0 && bytes == 0 && !at_end++))
			dispatch_semaphore_signal(told);
	});
	dispatch_resume(reader);
	CHECK(write(ends[1], "hello", 5) == 5);
	await(told);
	CHECK(strcmp(text, "hello") == 0);
	dispatch_source_t second = dispatch_source_create(DISPATCH_SOURCE_TYPE_READ, (uintptr_t)ends[0], 0, queue);
	__block int told_both = 0;
	dispatch_source_set_event_handler(second, ^{ if (!told_both++) dispatch_semaphore_signal(told); });
	dispatch_resume(second);
	close(ends[1]);
	await(told);
	await(told);
	CHECK(at_end > 0);
	end(reader);
	end(second);
	close(ends[0]);

	CHECK(pipe(ends) == 0);
	dispatch_source_t writer = dispatch_source_create(DISPATCH_SOURCE_TYPE_WRITE, (uintptr_t)ends[1], 0, queue);
	static int writes;
	dispatch_source_set_event_handler(writer, ^{
		CHECK(dispatch_source_get_data(writer) > 0 && write(ends[1], "x", 1) == 1);
		if (++writes == 3) {
			dispatch_suspend(writer);
			dispatch_semaphore_signal(told);
		}
	});
	dispatch_resume(writer);
	await(told);
	CHECK(read(ends[0], text, sizeof(text)) == 3);
	dispatch_resume(writer);
	end(writer);
	close(ends[0]);
	close(ends[1]);
	dispatch_release(told);
}

static void ignore(int number)
{
	(void)number;
}

static void test_signal(void)
{
	static unsigned long count;
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_source_t source = dispatch_source_create(DISPATCH_SOURCE_TYPE_SIGNAL, SIGUSR1, 0, queue);
	struct sigaction action = {.sa_handler = ignore};
	CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
	dispatch_source_set_event_handler(source, ^{
		count += dispatch_source_get_data(source);
		dispatch_semaphore_signal(told);
	});
	dispatch_resume(source);
	dispatch_sync(queue, ^{ });
	for (int i = 0; i < 3; i++)
		CHECK(kill(getpid(), SIGUSR1) == 0);
	for (unsigned long sum = 0; sum < 3; dispatch_sync_f(queue, &sum, (dispatch_function_t)ignore), sum = count)
		await(told);
	CHECK(count == 3);
	end(source);
	dispatch_release(told);
}

static void test_process(void)
{
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	for (int early = 0; early < 2; early++) {
		int status, child = fork();
		if (child == 0) {
			usleep(early ? 0 : 20000);
			_exit(3);
		}
		if (early)
			CHECK(waitpid(child, &status, 0) == child);
		dispatch_source_t source =
			dispatch_source_create(DISPATCH_SOURCE_TYPE_PROC, (uintptr_t)child, DISPATCH_PROC_EXIT, queue);
		dispatch_source_set_event_handler(source, ^{
			CHECK(dispatch_source_get_data(source) == DISPATCH_PROC_EXIT);
			dispatch_semaphore_signal(told);
		});
		dispatch_resume(source);
		await(told);
		if (!early)
			CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
		end(source);
	}
	dispatch_release(told);
}

static void test_vnode(void)
{
	int file = open("watched", O_RDWR | O_CREAT, 0600);
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	static unsigned long seen;
	dispatch_source_t source = dispatch_source_create(DISPATCH_SOURCE_TYPE_VNODE, (uintptr_t)file,
							  DISPATCH_VNODE_WRITE | DISPATCH_VNODE_DELETE, queue);
	CHECK(dispatch_source_get_mask(source) == (DISPATCH_VNODE_WRITE | DISPATCH_VNODE_DELETE));
	dispatch_source_set_event_handler(source, ^{
		seen |= dispatch_source_get_data(source);
		dispatch_semaphore_signal(told);
	});
	dispatch_resume(source);
	CHECK(write(file, "words", 5) == 5);
	await(told);
	dispatch_sync(queue, ^{ CHECK(seen == DISPATCH_VNODE_WRITE); });
	CHECK(unlink("watched") == 0);
	await(told);
	dispatch_sync(queue, ^{ CHECK(seen & DISPATCH_VNODE_DELETE); });
	end(source);
	close(file);
	dispatch_release(told);
}

int main(void)
{
	queue = dispatch_queue_create("sources", NULL);
	test_data();
	test_after();
	test_timer();
	test_descriptors();
	test_signal();
	test_process();
	test_vnode();
	puts("sources are fine");
	return 0;
}
