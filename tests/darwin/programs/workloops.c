// SPDX-License-Identifier: MIT
// Workloops: what has the highest class runs first; workgroups: who is in them, and their arena. With "pressure": prints what a source
// tells about memory, until all is normal again.
#include "check.h"

#include <Block.h>
#include <dispatch/dispatch.h>
#include <os/workgroup.h>
#include <pthread.h>
#include <string.h>

static char order[16];

static void add(dispatch_queue_t queue, qos_class_t qos, char name)
{
	dispatch_block_t block = dispatch_block_create_with_qos_class(0, qos, 0, ^{ order[strlen(order)] = name; });
	dispatch_async(queue, block);
	Block_release(block);
}

static void test_workloop(void)
{
	dispatch_queue_t loop = dispatch_workloop_create_inactive("loop");
	dispatch_queue_t urgent = dispatch_queue_create_with_target(
		"urgent", dispatch_queue_attr_make_with_qos_class(DISPATCH_QUEUE_SERIAL, QOS_CLASS_USER_INTERACTIVE, 0), loop);
	CHECK(strcmp(dispatch_queue_get_label(loop), "loop") == 0);
	dispatch_workloop_set_autorelease_frequency(loop, 0);
	add(loop, QOS_CLASS_UTILITY, 'u');
	add(loop, QOS_CLASS_BACKGROUND, 'b');
	add(loop, QOS_CLASS_USER_INITIATED, 'i');
	add(loop, QOS_CLASS_UTILITY, 'v');
	add(loop, QOS_CLASS_USER_INITIATED, 'j');
	dispatch_async(urgent, ^{
		dispatch_assert_queue(loop);
		order[strlen(order)] = 'U';
	});
	dispatch_activate(loop);
	dispatch_semaphore_t done = dispatch_semaphore_create(0);
	dispatch_block_t last = dispatch_block_create_with_qos_class(0, (qos_class_t)5, 0, ^{ dispatch_semaphore_signal(done); });
	dispatch_async(loop, last);
	CHECK(dispatch_semaphore_wait(done, dispatch_time(DISPATCH_TIME_NOW, 20ll * (long long)NSEC_PER_SEC)) == 0);
	CHECK(strcmp(order, "Uijuvb") == 0);
	__block int value = 0;
	dispatch_sync(loop, ^{ value = 7; });
	CHECK(value == 7);
	dispatch_queue_t floor = dispatch_queue_create("floor", dispatch_queue_attr_make_initially_inactive(DISPATCH_QUEUE_SERIAL));
	dispatch_set_qos_class_floor(floor, QOS_CLASS_UTILITY, -3);
	int priority;
	CHECK(dispatch_queue_get_qos_class(floor, &priority) == QOS_CLASS_UTILITY && priority == -3);
	dispatch_activate(floor);
	dispatch_release(urgent);
	dispatch_release(loop);
	dispatch_release(floor);
}

static int dropped;
static void drop(void *arena)
{
	dropped += *(int *)arena;
}

static void *member(void *group)
{
	os_workgroup_join_token_s token, other;
	uint32_t index = 99;
	CHECK(os_workgroup_join(group, &token) == 0);
	CHECK(os_workgroup_join(group, &other) == 37 /* EALREADY */);
	CHECK(*(int *)os_workgroup_get_working_arena(group, &index) == 5 && index == 1);
	os_workgroup_leave(group, &token);
	return NULL;
}

static void test_workgroup(void)
{
	static int first = 3, second = 5;
	os_workgroup_t group = os_workgroup_parallel_create("group", NULL);
	os_workgroup_join_token_s token;
	uint32_t index = 99;
	pthread_t thread;
	CHECK(group && os_workgroup_max_parallel_threads(group, NULL) >= 1);
	CHECK(os_workgroup_set_working_arena(group, &first, 4, drop) == 0);
	CHECK(os_workgroup_set_working_arena(group, &second, 4, drop) == 0 && dropped == 3);
	CHECK(os_workgroup_join(group, &token) == 0);
	CHECK(os_workgroup_set_working_arena(group, NULL, 0, NULL) == 16 /* EBUSY */);
	CHECK(os_workgroup_get_working_arena(group, &index) == &second && index == 0);
	CHECK(pthread_create(&thread, NULL, member, group) == 0 && pthread_join(thread, NULL) == 0);
	os_workgroup_leave(group, &token);
	CHECK(!os_workgroup_testcancel(group));
	os_workgroup_cancel(group);
	CHECK(os_workgroup_testcancel(group) && os_workgroup_join(group, &token) == 22 /* EINVAL */);
	os_release(group);
	CHECK(dropped == 8);
}

static void show_pressure(void)
{
	dispatch_source_t source = dispatch_source_create(
		DISPATCH_SOURCE_TYPE_MEMORYPRESSURE, 0,
		DISPATCH_MEMORYPRESSURE_NORMAL | DISPATCH_MEMORYPRESSURE_WARN | DISPATCH_MEMORYPRESSURE_CRITICAL, NULL);
	dispatch_source_set_registration_handler(source, ^{
		puts("waiting");
		fflush(stdout);
	});
	dispatch_source_set_event_handler(source, ^{
		printf("level %lu\n", dispatch_source_get_data(source));
		fflush(stdout);
		if (dispatch_source_get_data(source) == DISPATCH_MEMORYPRESSURE_NORMAL)
			exit(0);
	});
	dispatch_activate(source);
	dispatch_main();
}

int main(int count, char **arguments)
{
	(void)arguments;
	if (count > 1)
		show_pressure();
	test_workloop();
	test_workgroup();
	dispatch_source_t quiet = dispatch_source_create(DISPATCH_SOURCE_TYPE_MEMORYPRESSURE, 0, DISPATCH_MEMORYPRESSURE_CRITICAL, NULL);
	dispatch_source_set_event_handler(quiet, ^{ puts("critical"); });
	dispatch_activate(quiet);
	dispatch_source_cancel(quiet);
	dispatch_release(quiet);
	puts("workloops are fine");
	return 0;
}
