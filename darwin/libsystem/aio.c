// SPDX-License-Identifier: MIT
// Asynchronous reading and writing: the host's, with a copy of its own of each request. Facts: xnu's bsd/sys/aio.h (struct aiocb,
// LIO_*, AIO_*), aio_read(2), aio_cancel(2), lio_listio(2) of Darwin; aio(7) of Linux.
//
// A request is known by the program's aiocb until aio_return. Locks: `lock` guards the list; the host's calls are made without it.
#include "abi.h"
#include "errno.h"
#include "signals.h"
#include "thread.h"

#include <aio.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct darwin_sigevent {
	int32_t notify, signal;
	uint64_t value;
	void *function, *attributes;
};
struct darwin_aiocb {
	int32_t file, pad;
	int64_t offset;
	void *at;
	uint64_t size;
	int32_t priority, pad2;
	struct darwin_sigevent event;
	int32_t operation, pad3;
};
_Static_assert(sizeof(struct darwin_aiocb) == 80, "struct aiocb");
enum { EVENT_NONE, EVENT_SIGNAL, EVENT_THREAD };	     // SIGEV_*
enum { LIO_NOP_D, LIO_READ_D, LIO_WRITE_D };		     // aio_lio_opcode
enum { LIO_NOWAIT_D = 1, LIO_WAIT_D = 2 };		     // lio_listio
enum { ALLDONE = 1, CANCELED = 2, NOTCANCELED = 4, LIST_MOST = 16 }; // aio_cancel; AIO_LISTIO_MAX

struct request {
	const struct darwin_aiocb *of; // [I]
	struct aiocb host;	       // what the host works on
	struct request *next;	       // [lock]
};
static struct request *requests; // [lock]
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct request *request_find(const struct darwin_aiocb *of)
{
	pthread_mutex_lock(&lock);
	struct request *found = requests;
	while (found && found->of != of)
		found = found->next;
	pthread_mutex_unlock(&lock);
	return found;
}

static void request_add(struct request *request)
{
	pthread_mutex_lock(&lock);
	request->next = requests;
	requests = request;
	pthread_mutex_unlock(&lock);
}

static void request_remove(struct request *request)
{
	pthread_mutex_lock(&lock);
	struct request **at = &requests;
	while (*at && *at != request)
		at = &(*at)->next;
	if (*at)
		*at = request->next;
	pthread_mutex_unlock(&lock);
	free(request);
}

// False: Darwin has no such event, or not here.
static bool event_to_host(const struct darwin_sigevent *from, struct sigevent *to)
{
	memset(to, 0, sizeof(*to));
	to->sigev_notify = SIGEV_NONE;
	if (from->notify == EVENT_NONE)
		return true;
	to->sigev_notify = SIGEV_SIGNAL;
	to->sigev_signo = signals_to_host(from->signal);
	to->sigev_value.sival_ptr = (void *)from->value;
	return from->notify == EVENT_SIGNAL && to->sigev_signo > 0;
}

// NULL, and errno is set: it is wrong, or it is under way.
static struct request *request_make(const struct darwin_aiocb *from, bool with_event)
{
	struct request *request = calloc(1, sizeof(*request));
	if (!request)
		return errno_set(DARWIN_EAGAIN), NULL;
	request->of = from;
	request->host.aio_fildes = from->file;
	request->host.aio_offset = from->offset;
	request->host.aio_buf = from->at;
	request->host.aio_nbytes = from->size;
	request->host.aio_sigevent.sigev_notify = SIGEV_NONE;
	bool wrong = from->offset < 0 || from->size > INT32_MAX || request_find(from);
	if (wrong || (with_event && !event_to_host(&from->event, &request->host.aio_sigevent))) {
		free(request);
		return errno_set(wrong && request_find(from) ? DARWIN_EAGAIN : DARWIN_EINVAL), NULL;
	}
	return request;
}

static int request_start(const struct darwin_aiocb *from, int (*start)(struct aiocb *))
{
	struct request *request = request_make(from, true);
	if (!request)
		return -1;
	request_add(request);
	if (start(&request->host) == 0)
		return 0;
	int error = errno_to_darwin(errno);
	request_remove(request);
	return errno_set(error);
}

static int start_sync(struct aiocb *request) { return aio_fsync(O_SYNC, request); }
int darwin_aio_read(struct darwin_aiocb *request) { return request_start(request, aio_read); }
int darwin_aio_write(struct darwin_aiocb *request) { return request_start(request, aio_write); }

int darwin_aio_fsync(int how, struct darwin_aiocb *request)
{
	if (how != DARWIN_O_SYNC && how != DARWIN_O_DSYNC)
		return errno_set(DARWIN_EINVAL);
	return request_start(request, start_sync);
}

int darwin_aio_error(const struct darwin_aiocb *of)
{
	struct request *request = request_find(of);
	return request ? errno_to_darwin(aio_error(&request->host)) : errno_set(DARWIN_EINVAL);
}

long darwin_aio_return(struct darwin_aiocb *of)
{
	struct request *request = request_find(of);
	if (!request || aio_error(&request->host) == EINPROGRESS)
		return errno_set(DARWIN_EINVAL);
	int error = errno_to_darwin(aio_error(&request->host));
	long result = aio_return(&request->host);
	request_remove(request);
	return result < 0 ? errno_set(error) : result;
}

int darwin_aio_cancel(int file, struct darwin_aiocb *of)
{
	struct request *request = of ? request_find(of) : NULL;
	int result = of && !request ? AIO_ALLDONE : aio_cancel(file, request ? &request->host : NULL);
	if (result < 0)
		return (int)errno_result(-1);
	return result == AIO_CANCELED ? CANCELED : result == AIO_NOTCANCELED ? NOTCANCELED : ALLDONE;
}

int darwin_aio_suspend(const struct darwin_aiocb *const list[], int count, const struct timespec *timeout)
{
	const struct aiocb *hosts[LIST_MOST];
	if (count < 1 || count > LIST_MOST)
		return errno_set(DARWIN_EINVAL);
	for (int i = 0; i < count; i++) {
		const struct request *request = list[i] ? request_find(list[i]) : NULL;
		hosts[i] = request ? &request->host : NULL;
	}
	thread_cancel_point();
	return (int)errno_result(aio_suspend(hosts, count, timeout));
}

static int list_wait(struct request *const made[], int count)
{
	int failed = 0;
	for (int i = 0; i < count; i++) {
		const struct aiocb *one = made[i] ? &made[i]->host : NULL;
		while (one && aio_error(one) == EINPROGRESS && aio_suspend(&one, 1, NULL) < 0)
			if (errno != EAGAIN)
				return (int)errno_result(-1);
		failed |= one && aio_error(one) != 0;
	}
	return failed ? errno_set(5) : 0; // EIO: which of them says aio_error
}

int darwin_lio_listio(int mode, struct darwin_aiocb *const list[], int count, struct darwin_sigevent *event)
{
	struct request *made[LIST_MOST] = {0};
	struct aiocb *hosts[LIST_MOST] = {0};
	struct sigevent after;
	if (count < 1 || count > LIST_MOST || (mode != LIO_NOWAIT_D && mode != LIO_WAIT_D) ||
	    !event_to_host(event ? event : &(struct darwin_sigevent){0}, &after))
		return errno_set(DARWIN_EINVAL);
	for (int i = 0; i < count; i++) {
		if (!list[i] || list[i]->operation == LIO_NOP_D)
			continue;
		bool known = list[i]->operation == LIO_READ_D || list[i]->operation == LIO_WRITE_D;
		if (!known || !(made[i] = request_make(list[i], true))) {
			while (i-- > 0) // none has begun
				if (made[i])
					request_remove(made[i]);
			return known ? -1 : errno_set(DARWIN_EINVAL);
		}
		made[i]->host.aio_lio_opcode = list[i]->operation == LIO_READ_D ? LIO_READ : LIO_WRITE;
		request_add(made[i]);
		hosts[i] = &made[i]->host;
	}
	// The host may wait only for all at once, which a signal would end for good: waiting is done here.
	if (lio_listio(LIO_NOWAIT, hosts, count, &after) < 0 && errno != EIO)
		return (int)errno_result(-1);
	return mode == LIO_WAIT_D ? list_wait(made, count) : 0;
}
