// SPDX-License-Identifier: MIT
// The distributed notification center: a program that observes has a socket in $XDG_RUNTIME_DIR/gila-UID/notices (or below /tmp), to which
// programs that post send a binary property list [name, object, information] in one datagram. A socket of a program that has ended
// is removed by the next who posts. The folder is the user's alone; what comes is read as any property list.
#include "constant.h"
#include "notificationcenter.h"
#include "plist.h"

#include "../dispatch/manager.h"
#include "../libsystem/dispatch.h"
#include "../libsystem/futex.h"
#include "../libsystem/kqueue.h"
#include "../libsystem/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { MOST_BYTES = 1 << 20 };

struct dispatch_queue;
extern struct dispatch_queue darwin_dispatch_main_q;

static _Atomic uint32_t lock;
static int listener = -1;	     // [lock]
static int listener_process;	     // [lock] in a child of fork it is the parent's
static struct dispatch_watch watch; // of the listener

static bool folder_is_ours(const char *path)
{
	struct stat status;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return false;
	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
	       (status.st_mode & 077) == 0;
}

// Room for a slash and a number has to be left in sun_path.
static bool folder_path(char *path, size_t room)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	int size = snprintf(path, room, "%s/gila-%u", base && *base ? base : "/tmp", (unsigned)geteuid());
	if (size < 0 || (size_t)size + sizeof("/notices") > room || !folder_is_ours(path))
		return false;
	strcat(path, "/notices");
	return folder_is_ours(path);
}

// ---- to listen ------------------------------------------------------------------------------------------------------

static const void *nothing_if_empty(const void *text)
{
	return object_type(text) == &string_type && string_length(text) ? text : NULL;
}

static void message_deliver(const uint8_t *bytes, size_t size)
{
	enum plist_format format;
	struct plist_failure failure;
	const struct array *list = plist_read(bytes, size, &format, &failure);
	if (list && object_type(list) == &array_type && darwin_CFArrayGetCount(list) == 3) {
		const void *name = nothing_if_empty(darwin_CFArrayGetValueAtIndex(list, 0)),
			   *information = darwin_CFArrayGetValueAtIndex(list, 2);
		bool is_dictionary = object_type(information) == &dictionary_type &&
				     darwin_CFDictionaryGetCount(information) > 0;
		if (name)
			center_deliver(center_of(CENTER_DISTRIBUTED), name,
				       nothing_if_empty(darwin_CFArrayGetValueAtIndex(list, 1)),
				       is_dictionary ? information : NULL);
	}
	darwin_CFRelease(list);
}

// In the main thread.
static void read_all(void *context)
{
	uint8_t *bytes = malloc(MOST_BYTES);
	ssize_t size;
	if (!bytes)
		abort();
	while ((size = recv(listener, bytes, MOST_BYTES, MSG_DONTWAIT | MSG_TRUNC)) >= 0)
		if (size <= MOST_BYTES)
			message_deliver(bytes, (size_t)size);
	free(bytes);
	dispatch_watch_again(&watch);
}

static void happened(struct dispatch_watch *mine, int64_t data, uint32_t fflags)
{
	dispatch_queue_add(&darwin_dispatch_main_q, NULL, read_all);
}

static bool listener_open(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int size = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%d", folder, getpid());
	if (size < 0 || (size_t)size >= sizeof(address.sun_path))
		return false;
	unlink(address.sun_path); // of a program that had the number before
	listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0)
		return false;
	listener_process = getpid();
	watch = (struct dispatch_watch){
		.ident = (uint64_t)listener, .filter = EVFILT_READ, .once = true, .happened = happened};
	return dispatch_watch_add(&watch) == 0;
}

void distributed_listen(void)
{
	char folder[80];
	futex_lock(&lock);
	if ((listener < 0 || listener_process != getpid()) && (!folder_path(folder, sizeof(folder)) || !listener_open(folder)))
		report_once("notifications of other programs are not received: no socket in %s", folder);
	futex_unlock(&lock);
}

// ---- to post --------------------------------------------------------------------------------------------------------

static bool message_make(const void *name, const void *object, const void *information, struct bytes *bytes)
{
	struct array *list = array_make(true);
	struct dictionary *none = dictionary_make();
	struct string *empty = string_make(NULL, 0);
	darwin_CFArrayAppendValue(list, name);
	darwin_CFArrayAppendValue(list, object ? object : empty);
	darwin_CFArrayAppendValue(list, information ? information : none);
	bool made = plist_write(list, PLIST_BINARY, bytes) && bytes->count <= MOST_BYTES;
	darwin_CFRelease(list);
	darwin_CFRelease(none);
	darwin_CFRelease(empty);
	return made;
}

static void send_all(const char *folder, const struct bytes *bytes)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int room = MOST_BYTES * 2, file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	DIR *list = opendir(folder);
	setsockopt(file, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	for (struct dirent *at; file >= 0 && list && (at = readdir(list));) {
		if (at->d_name[0] == '.' || snprintf(address.sun_path, sizeof(address.sun_path), "%s/%.20s", folder,
						     at->d_name) >= (int)sizeof(address.sun_path))
			continue;
		ssize_t sent = sendto(file, bytes->at, bytes->count, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof(address));
		if (sent < 0 && errno == ECONNREFUSED)
			unlink(address.sun_path);
		else if (sent < 0 && errno == EMSGSIZE)
			report_once("a notification of %zu bytes is too large to be posted", bytes->count);
	}
	if (list)
		closedir(list);
	if (file >= 0)
		close(file);
}

void distributed_post(const void *name, const void *object, const void *information)
{
	char folder[80];
	struct bytes bytes = {0};
	if (message_make(name, object, information, &bytes) && folder_path(folder, sizeof(folder)))
		send_all(folder, &bytes);
	else
		report_once("a notification cannot be posted to other programs");
	free(bytes.at);
}
