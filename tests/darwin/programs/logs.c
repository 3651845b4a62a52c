// SPDX-License-Identifier: MIT
// Unfair locks, atomic operations, classes of service, logs and activities. With a word, what it names goes wrong.
#include "check.h"

#include <dispatch/dispatch.h>
#include <errno.h>
#include <libkern/OSAtomic.h>
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

static void test_atomic(void)
{
	volatile int32_t number = 5;
	volatile int64_t large = 1l << 40;
	volatile uint32_t bits = 0xf0;
	volatile unsigned char bytes[2] = {0, 0x40};
	void *volatile pointer = NULL;
	volatile OSSpinLock spin = 0;
	struct link {
		int value;
		struct link *next;
	} one = {1, NULL}, two = {2, NULL};
	OSQueueHead stack = OS_ATOMIC_QUEUE_INIT;
	CHECK(OSAtomicAdd32Barrier(-7, &number) == -2 && OSAtomicDecrement32(&number) == -3 && number == -3);
	CHECK(OSAtomicIncrement64(&large) == (1l << 40) + 1);
	CHECK(OSAtomicOr32(0xf, &bits) == 0xff && OSAtomicAnd32Orig(0x3c, &bits) == 0xff && OSAtomicXor32(0x4, &bits) == 0x38);
	CHECK(!OSAtomicCompareAndSwap32(1, 2, &number) && OSAtomicCompareAndSwap32(-3, 2, &number) && number == 2);
	CHECK(OSAtomicCompareAndSwapPtrBarrier(NULL, &one, &pointer) && pointer == &one);
	CHECK(!OSAtomicTestAndSet(2, bytes) && bytes[0] == 0x20 && OSAtomicTestAndClear(9, bytes) && bytes[1] == 0);
	OSAtomicEnqueue(&stack, &one, offsetof(struct link, next));
	OSAtomicEnqueue(&stack, &two, offsetof(struct link, next));
	CHECK(OSAtomicDequeue(&stack, offsetof(struct link, next)) == &two);
	CHECK(OSAtomicDequeue(&stack, offsetof(struct link, next)) == &one && !OSAtomicDequeue(&stack, 8));
	OSSpinLockLock(&spin);
	CHECK(!OSSpinLockTry(&spin));
	OSSpinLockUnlock(&spin);
	CHECK(OSSpinLockTry(&spin));
	OSMemoryBarrier();
}

int __ulock_wait(uint32_t, void *, uint64_t, uint32_t);
int __ulock_wait2(uint32_t, void *, uint64_t, uint64_t, uint64_t);
int __ulock_wake(uint32_t, void *, uint64_t);
int os_sync_wait_on_address_with_timeout(void *, uint64_t, size_t, uint32_t, uint32_t, uint64_t);
int os_sync_wait_on_address(void *, uint64_t, size_t, uint32_t);
int os_sync_wake_by_address_all(void *, size_t, uint32_t);
static volatile uint32_t narrow;
static volatile uint64_t wide;

static void *change_words(void *argument)
{
	usleep(10000);
	narrow = 1;
	while (__ulock_wake(1 | 0x100 | 0x01000000, (void *)&narrow, 0) == -ENOENT && narrow == 1)
		usleep(1000); // nobody waits yet
	usleep(10000);
	wide = 1ull << 32; // the half that Linux does not look at
	os_sync_wake_by_address_all((void *)&wide, 8, 0);
	return argument;
}

static void test_words(void)
{
	pthread_t thread;
	CHECK(__ulock_wait(1, (void *)&narrow, 5, 0) == 0); // it has another value
	CHECK(__ulock_wait(1, (void *)&narrow, 0, 2000) == -1 && errno == ETIMEDOUT);
	CHECK(__ulock_wait2(5 | 0x01000000, (void *)&wide, 0, 2000000, 0) == -ETIMEDOUT);
	CHECK(__ulock_wait(99, (void *)&narrow, 0, 1) == -1 && errno == EINVAL);
	CHECK(os_sync_wait_on_address_with_timeout((void *)&wide, 0, 8, 0, 32, 2000000) == -1 && errno == ETIMEDOUT);
	CHECK(os_sync_wake_by_address_all((void *)&wide, 8, 0) == -1 && errno == ENOENT);
	CHECK(pthread_create(&thread, NULL, change_words, NULL) == 0);
	while (narrow == 0)
		CHECK(__ulock_wait(1, (void *)&narrow, 0, 0) == 0);
	narrow = 2;
	while (wide == 0)
		CHECK(os_sync_wait_on_address((void *)&wide, 0, 8, 0) == 0);
	pthread_join(thread, NULL);
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
	test_atomic();
	test_words();
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
