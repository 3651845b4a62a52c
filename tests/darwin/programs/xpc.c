// SPDX-License-Identifier: MIT
// XPC's objects, and connections to services that are not there; recursive locks; availability; variables of the start.
#include "check.h"

#include <dispatch/dispatch.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef void *xpc_object_t;
extern const char _xpc_type_dictionary[], _xpc_type_int64[], _xpc_type_error[], _xpc_bool_true[], _xpc_error_connection_invalid[];
xpc_object_t xpc_dictionary_create(const char *const *, xpc_object_t *, size_t), xpc_array_create(xpc_object_t *, size_t), xpc_int64_create(long), xpc_string_create(const char *), xpc_copy(xpc_object_t), xpc_bool_create(bool);
xpc_object_t xpc_dictionary_get_value(xpc_object_t, const char *), xpc_connection_create_mach_service(const char *, dispatch_queue_t, unsigned long), xpc_connection_send_message_with_reply_sync(xpc_object_t, xpc_object_t);
void xpc_release(xpc_object_t), xpc_dictionary_set_string(xpc_object_t, const char *, const char *), xpc_dictionary_set_int64(xpc_object_t, const char *, long), xpc_dictionary_set_value(xpc_object_t, const char *, xpc_object_t), xpc_array_set_value(xpc_object_t, size_t, xpc_object_t);
const void *xpc_get_type(xpc_object_t);
const char *xpc_dictionary_get_string(xpc_object_t, const char *);
long xpc_dictionary_get_int64(xpc_object_t, const char *), xpc_int64_get_value(xpc_object_t);
bool xpc_equal(xpc_object_t, xpc_object_t), xpc_dictionary_apply(xpc_object_t, bool (^)(const char *, xpc_object_t));
size_t xpc_dictionary_get_count(xpc_object_t), xpc_array_get_count(xpc_object_t);
char *xpc_copy_description(xpc_object_t);
void xpc_connection_set_event_handler(xpc_object_t, void (^)(xpc_object_t)), xpc_connection_resume(xpc_object_t);

static void check_objects(void)
{
	static const char *const keys[] = {"number", "text"};
	xpc_object_t values[] = {xpc_int64_create(7), xpc_string_create("seven")}, one = xpc_dictionary_create(keys, values, 2), array = xpc_array_create(values, 2);
	__block long sum = 0;
	CHECK(xpc_get_type(one) == _xpc_type_dictionary && xpc_get_type(values[0]) == _xpc_type_int64 && xpc_bool_create(true) == (void *)_xpc_bool_true);
	CHECK(xpc_dictionary_get_int64(one, "number") == 7 && !strcmp(xpc_dictionary_get_string(one, "text"), "seven") && xpc_dictionary_get_int64(one, "text") == 0 && !xpc_dictionary_get_value(one, "other"));
	xpc_dictionary_set_value(one, "list", array);
	xpc_object_t other = xpc_copy(one);
	CHECK(xpc_equal(one, other) && xpc_dictionary_get_count(other) == 3 && xpc_dictionary_get_value(other, "list") != array);
	xpc_array_set_value(xpc_dictionary_get_value(other, "list"), (size_t)-1, values[0]);
	CHECK(!xpc_equal(one, other) && xpc_array_get_count(array) == 2);
	xpc_dictionary_set_value(other, "list", 0);
	xpc_dictionary_set_int64(other, "number", 8);
	CHECK(xpc_dictionary_get_count(other) == 2 && xpc_dictionary_apply(other, ^(const char *key, xpc_object_t value) { sum += strlen(key) + xpc_int64_get_value(value); return (bool)true; }) && sum == 10 + 8);
	char *text = xpc_copy_description(one);
	CHECK(strstr(text, "<dictionary: ") && strstr(text, "\"text\" => <string: ") && strstr(text, "contents = \"seven\" }"));
	free(text);
	for (int i = 0; i < 2; i++)
		xpc_release(values[i]);
	xpc_release(array);
	xpc_release(one);
	xpc_release(other);
}

static void check_connections(void)
{
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	dispatch_queue_t queue = dispatch_queue_create("events", 0);
	xpc_object_t connection = xpc_connection_create_mach_service("org.example.nothing", queue, 0), message = xpc_dictionary_create(0, 0, 0);
	__block xpc_object_t event = 0;
	xpc_connection_set_event_handler(connection, ^(xpc_object_t what) {
		event = what;
		dispatch_semaphore_signal(told);
	});
	xpc_connection_resume(connection);
	CHECK(dispatch_semaphore_wait(told, dispatch_time(0, 10000000000)) == 0 && event == (void *)_xpc_error_connection_invalid && xpc_get_type(event) == _xpc_type_error);
	CHECK(xpc_connection_send_message_with_reply_sync(connection, message) == (void *)_xpc_error_connection_invalid);
	xpc_release(message);
	xpc_release(connection);
}

struct recursive_lock {
	unsigned lock, count;
};
void os_unfair_recursive_lock_lock_with_options(struct recursive_lock *, unsigned), os_unfair_recursive_lock_unlock(struct recursive_lock *);
bool os_unfair_recursive_lock_trylock(struct recursive_lock *), os_unfair_recursive_lock_owned(struct recursive_lock *), _availability_version_check(unsigned, const unsigned *);
extern int NXArgc;
extern char **NXArgv;
extern const char *__progname;
const struct {
	const char *name;
	int type, subtype;
} *NXGetLocalArchInfo(void), *NXGetArchInfoFromName(const char *);

int main(int count, char **words)
{
	struct recursive_lock lock = {0, 0};
	check_objects();
	check_connections();
	os_unfair_recursive_lock_lock_with_options(&lock, 0);
	CHECK(os_unfair_recursive_lock_trylock(&lock) && lock.count == 1 && os_unfair_recursive_lock_owned(&lock));
	os_unfair_recursive_lock_unlock(&lock);
	os_unfair_recursive_lock_unlock(&lock);
	CHECK(lock.lock == 0 && lock.count == 0 && !os_unfair_recursive_lock_owned(&lock));
	CHECK(_availability_version_check(1, (unsigned[]){1, 0x000a0f00}) && !_availability_version_check(1, (unsigned[]){1, 0x00ff0000}) && _availability_version_check(1, (unsigned[]){2, 0x00ff0000}));
	CHECK(NXArgc == count && NXArgv[0] == words[0] && !strcmp(__progname, "xpc") && !strcmp(NXGetLocalArchInfo()->name, "x86_64") && NXGetArchInfoFromName("arm64")->type == 0x100000c);
	puts("services are fine");
	return 0;
}
