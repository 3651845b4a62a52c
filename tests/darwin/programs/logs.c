// SPDX-License-Identifier: MIT
// Unfair locks, classes of service, logs and activities. With a word, what it names goes wrong.
#include "check.h"

#include <dispatch/dispatch.h>
#include <errno.h>
#include <os/lock.h>
#include <os/log.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static os_unfair_lock lock = OS_UNFAIR_LOCK_INIT;
static int counter;

static void *count(void *argument)
{
	os_unfair_lock_assert_not_owner(&lock);
	for (int i = 0; i < 50000; i++) {
		if (i % 3 == 0)
			while (!os_unfair_lock_trylock(&lock))
				usleep(1);
		else
			os_unfair_lock_lock(&lock);
		counter++;
		os_unfair_lock_unlock(&lock);
	}
	return argument;
}

static void *release_it(void *argument)
{
	os_unfair_lock_unlock(&lock);
	return argument;
}

static void test_locks(void)
{
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, count, NULL) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	CHECK(counter == 200000 && lock._os_unfair_lock_opaque == 0);
	os_unfair_lock_lock(&lock);
	os_unfair_lock_assert_owner(&lock);
	CHECK(lock._os_unfair_lock_opaque != 0 && !os_unfair_lock_trylock(&lock));
	os_unfair_lock_unlock(&lock);
}

static void go_wrong(const char *how)
{
	pthread_t thread;
	os_unfair_lock_lock(&lock);
	if (strcmp(how, "twice") == 0)
		os_unfair_lock_lock(&lock);
	if (strcmp(how, "other") == 0 && pthread_create(&thread, NULL, release_it, NULL) == 0)
		pthread_join(thread, NULL);
	os_unfair_lock_unlock(&lock);
	os_unfair_lock_assert_owner(&lock);
}

static void test_classes(void)
{
	qos_class_t qos;
	int priority;
	CHECK(qos_class_self() == QOS_CLASS_DEFAULT);
	CHECK(pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, -2) == 0 && qos_class_self() == QOS_CLASS_UTILITY);
	CHECK(pthread_set_qos_class_self_np(77, 0) == EINVAL && pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 3) == EINVAL);
	CHECK(pthread_get_qos_class_np(pthread_self(), &qos, &priority) == 0 && qos == QOS_CLASS_UTILITY && priority == -2);
	dispatch_group_t group = dispatch_group_create();
	dispatch_queue_t queue = dispatch_queue_create(
		"quiet", dispatch_queue_attr_make_with_qos_class(DISPATCH_QUEUE_SERIAL, QOS_CLASS_BACKGROUND, 0));
	dispatch_group_async(group, queue, ^{ CHECK(qos_class_self() == QOS_CLASS_BACKGROUND); });
	dispatch_group_async(group, dispatch_get_global_queue(QOS_CLASS_USER_INITIATED, 0), ^{
		CHECK(qos_class_self() == QOS_CLASS_USER_INITIATED);
		CHECK(pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0) == EPERM);
	});
	CHECK(dispatch_group_wait(group, DISPATCH_TIME_FOREVER) == 0);
}

static void test_activities(void)
{
	struct os_activity_scope_state_s scope;
	uint64_t parent;
	os_activity_t outer = _os_activity_create(&__dso_handle, "outer", &_os_activity_current, 0);
	uint64_t id = os_activity_get_identifier(outer, &parent);
	CHECK(id != 0 && parent == 0 && os_activity_get_identifier(&_os_activity_current, NULL) == 0);
	os_activity_scope_enter(outer, &scope);
	CHECK(os_activity_get_identifier(&_os_activity_current, NULL) == id);
	os_activity_t inner = _os_activity_create(&__dso_handle, "inner", &_os_activity_current, 0);
	os_activity_apply(inner, ^{
		uint64_t up;
		CHECK(os_activity_get_identifier(&_os_activity_current, &up) != id && up == id);
	});
	os_activity_scope_leave(&scope);
	CHECK(os_activity_get_identifier(&_os_activity_current, NULL) == 0);
	os_release(inner);
	os_release(outer);
}

int main(int words, char **word)
{
	if (words > 1)
		go_wrong(word[1]);
	test_locks();
	test_classes();
	test_activities();
	os_log_t log = os_log_create("org.example", "tests");
	CHECK(log == os_log_create("org.example", "tests") && log != os_log_create("org.example", "others"));
	CHECK(os_log_type_enabled(log, OS_LOG_TYPE_DEFAULT) && !os_log_type_enabled(OS_LOG_DISABLED, OS_LOG_TYPE_FAULT));
	CHECK(!os_signpost_enabled(log) && os_signpost_id_generate(log) != os_signpost_id_generate(log));
	errno = ENOENT;
	os_log(log, "%{public}s %d %.2f %c %5u|%-5lld|%#x %m %.*s %p", "text", -3, 1.25, 'x', 42u, 7ll, 255u, 2, "abc", (void *)16);
	CHECK(errno == ENOENT);
	os_log_error(OS_LOG_DEFAULT, "plain %{private}s %zu%%", "secret", sizeof(int));
	os_log_debug(log, "debug %hhd %s", (char)-1, (char *)0);
	puts("logs are fine");
	return 0;
}
