// SPDX-License-Identifier: MIT
// asl: Apple's older log. Messages are lists of keys and values; they go to the files that a client added and to standard error if it asked
// for that, else to syslog. Nothing keeps them, so a search finds none. Facts: asl(3), <asl.h> (levels are syslog's; options, types).
#include "errno.h"
#include "locales.h"
#include "printf.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
	OPTION_STDERR = 1,
	TYPE_MESSAGE = 0,
	TYPE_QUERY = 1,
	TYPE_LIST = 2,
	TYPE_CLIENT = 6,
	FILTER_UPTO_NOTICE = 0x3f,
	PAIRS_MOST = 64,
	FILES_MOST = 8
};
const char *darwin_getprogname(void);

struct object { // aslmsg and aslclient
	int32_t type;
	uint32_t options, filter; // of a client
	char *sender;
	int files[FILES_MOST], file_count; // [lock]
	struct {
		char *key, *value;
	} pairs[PAIRS_MOST];
	unsigned pair_count;
};
static struct object everybody = {.type = TYPE_CLIENT, .filter = FILTER_UPTO_NOTICE}; // of who passes NULL
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;			      // lists of files, lines as a whole

struct object *darwin_asl_new(uint32_t type)
{
	struct object *object = type <= TYPE_LIST ? calloc(1, sizeof(*object)) : NULL;
	if (object)
		object->type = (int32_t)type;
	return object;
}

struct object *darwin_asl_open(const char *sender, const char *facility, uint32_t options)
{
	struct object *client = calloc(1, sizeof(*client));
	(void)facility;
	if (!client)
		return NULL;
	client->type = TYPE_CLIENT;
	client->options = options;
	client->filter = FILTER_UPTO_NOTICE;
	client->sender = sender ? strdup(sender) : NULL;
	return client;
}

void darwin_asl_free(struct object *object)
{
	if (!object || object == &everybody)
		return;
	for (unsigned i = 0; i < object->pair_count; i++) {
		free(object->pairs[i].key);
		free(object->pairs[i].value);
	}
	free(object->sender);
	free(object);
}

// ---- keys and values ------------------------------------------------------------------------------------------------

static unsigned pair_find(const struct object *object, const char *key)
{
	unsigned i = 0;
	while (i < object->pair_count && strcmp(object->pairs[i].key, key) != 0)
		i++;
	return i;
}

const char *darwin_asl_get(const struct object *object, const char *key)
{
	unsigned at = object && key ? pair_find(object, key) : 0;
	return object && key && at < object->pair_count ? object->pairs[at].value : NULL;
}

int darwin_asl_set(struct object *object, const char *key, const char *value)
{
	char *copy = value ? strdup(value) : NULL;
	if (!object || !key)
		return -1;
	unsigned at = pair_find(object, key);
	if (at == PAIRS_MOST) {
		free(copy);
		return -1;
	}
	if (at == object->pair_count) {
		object->pairs[at].key = strdup(key);
		object->pair_count++;
	}
	free(object->pairs[at].value);
	object->pairs[at].value = copy;
	return 0;
}

int darwin_asl_unset(struct object *object, const char *key)
{
	unsigned at = object && key ? pair_find(object, key) : 0;
	if (!object || !key || at == object->pair_count)
		return 0;
	free(object->pairs[at].key);
	free(object->pairs[at].value);
	object->pairs[at] = object->pairs[--object->pair_count];
	return 0;
}

int darwin_asl_set_query(struct object *object, const char *key, const char *value, uint32_t operation)
{
	(void)operation; // nothing is searched
	return darwin_asl_set(object, key, value);
}

const char *darwin_asl_key(const struct object *object, uint32_t index)
{
	return object && index < object->pair_count ? object->pairs[index].key : NULL;
}
int darwin_asl_get_type(const struct object *object) { return object ? object->type : -1; }
size_t darwin_asl_count(const struct object *object) { return object && object->type == TYPE_MESSAGE ? object->pair_count : 0; }

// ---- where messages go ----------------------------------------------------------------------------------------------

int darwin_asl_add_log_file(struct object *client, int file)
{
	client = client ? client : &everybody;
	pthread_mutex_lock(&lock);
	bool fits = client->file_count < FILES_MOST;
	if (fits)
		client->files[client->file_count++] = file;
	pthread_mutex_unlock(&lock);
	return fits ? 0 : -1;
}

int darwin_asl_add_output_file(struct object *client, int file, const char *format, const char *time_format, int filter, int encoding)
{
	(void)format, (void)time_format, (void)filter, (void)encoding; // lines have the usual form
	return darwin_asl_add_log_file(client, file);
}

int darwin_asl_remove_log_file(struct object *client, int file)
{
	client = client ? client : &everybody;
	pthread_mutex_lock(&lock);
	int at = 0;
	while (at < client->file_count && client->files[at] != file)
		at++;
	bool found = at < client->file_count;
	if (found)
		client->files[at] = client->files[--client->file_count];
	pthread_mutex_unlock(&lock);
	return found ? 0 : -1;
}

int darwin_asl_set_filter(struct object *client, int filter)
{
	client = client ? client : &everybody;
	int before = (int)client->filter;
	client->filter = (uint32_t)filter;
	return before;
}

// A line as syslog's: time, host, sender[process] <level>: text.
static void line_write(int file, const struct object *client, int level, const char *text)
{
	static const char *const levels[] = {"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Info", "Debug"};
	char when[32], host[256] = "localhost";
	time_t now = time(NULL);
	struct tm parts;
	localtime_r(&now, &parts);
	strftime(when, sizeof(when), "%b %e %H:%M:%S", &parts);
	gethostname(host, sizeof(host) - 1);
	dprintf(file, "%s %s %s[%d] <%s>: %s\n", when, host, client->sender ? client->sender : darwin_getprogname(), (int)getpid(), levels[level & 7], text);
}

static int message_send(struct object *client, const struct object *message, int level, const char *text)
{
	const char *own = darwin_asl_get(message, "Level");
	client = client ? client : &everybody;
	if (own && level < 0)
		level = atoi(own);
	if (level < 0)
		level = LOG_DEBUG; // as asl_send takes a message without a level
	if (!(client->filter >> (level & 7) & 1))
		return 0;
	pthread_mutex_lock(&lock);
	if (client->options & OPTION_STDERR)
		line_write(2, client, level, text);
	for (int i = 0; i < client->file_count; i++)
		line_write(client->files[i], client, level, text);
	bool somewhere = (client->options & OPTION_STDERR) || client->file_count > 0;
	pthread_mutex_unlock(&lock);
	if (!somewhere)
		syslog(level & 7, "%s", text);
	return 0;
}

int darwin_asl_vlog(struct object *client, struct object *message, int level, const char *format, va_list arguments)
{
	char *text = NULL;
	int result = print_to_block(&text, locale_current(), format, arguments) < 0 ? -1 : message_send(client, message, level, text);
	free(text);
	return result;
}

int darwin_asl_log(struct object *client, struct object *message, int level, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int result = darwin_asl_vlog(client, message, level, format, arguments);
	va_end(arguments);
	return result;
}

int darwin_asl_log_message(int level, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int result = darwin_asl_vlog(NULL, NULL, level, format, arguments);
	va_end(arguments);
	return result;
}

int darwin_asl_send(struct object *client, struct object *message)
{
	const char *text = darwin_asl_get(message, "Message");
	return message_send(client, message, -1, text ? text : "");
}

// An answer without messages.
struct object *darwin_asl_search(struct object *client, struct object *query) { return (void)client, (void)query, darwin_asl_new(TYPE_LIST); }
struct object *darwin_asl_next(struct object *answer) { return (void)answer, NULL; }
