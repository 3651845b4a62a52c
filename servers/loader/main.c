// SPDX-License-Identifier: MIT
// loader: takes requests, and gives each to a thread. Threads are made when all are busy, up to WORKERS_MAX, and stay; with that many
// stuck, further requests wait. Lock: `mutex`, over the list of jobs and the two counts. The thread of the serve loop only
// hands over; the threads answer by themselves, because its answers are for it alone.
#include "loader.h"

#include <abi/loader_server.h>
#include <abi/seat.h>
#include <mach/mach_init.h>
#include <pthread.h>
#include <serve/serve.h>
#include <stdlib.h>
#include <string.h>

#define WORKERS_MAX 16u
#define WORKER_STACK (512u << 10)

struct job {
	struct job *next;
	struct serve_reply reply;
	struct loader_job what;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static struct job *first, **end = &first; // [mutex]
static unsigned workers, idle;            // [mutex]
static mach_port_t seats;                 // [I]

// ---- The kernel --------------------------------------------------------------------------------------------------------

kern_return_t loader_image_from(const struct loader_job *job, const char *source, char complaint[GILA_REASON_MAX])
{
	kern_return_t code = KERN_SUCCESS;
	kern_return_t error = gila_seat_image_from(seats, job->seat, job->request, source, &code, complaint);
	return error ? error : code;
}

kern_return_t loader_set_image(const struct loader_job *job, mach_port_t memory)
{
	return gila_seat_set_image(seats, job->seat, job->request, memory);
}

kern_return_t loader_image_failed(const struct loader_job *job, kern_return_t why, const char *reason)
{
	return gila_seat_image_failed(seats, job->seat, job->request, why, reason);
}

kern_return_t loader_read(const char *path, mach_port_t *memory, char reason[GILA_REASON_MAX])
{
	return gila_program_load(path, memory, reason);
}

// ---- Threads -----------------------------------------------------------------------------------------------------------

static void answer(const struct job *job)
{
	struct {
		mach_msg_header_t head;
		uint8_t rest[256];
	} message __attribute__((aligned(8)));
	struct lpc_request rq = {.reply = &message.head,
				 .capacity = sizeof(message),
				 .reply_port = job->reply.port,
				 .reply_type = job->reply.type};
	if (job->reply.port == MACH_PORT_NULL)
		return;
	loader_answer_fetch(&rq, job->what.request);
	if (mach_msg(rq.reply, MACH_SEND_MSG | MACH_SEND_TIMEOUT, rq.reply->msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL))
		mach_msg_destroy(rq.reply);
}

static struct job *take(void)
{
	pthread_mutex_lock(&mutex);
	idle++;
	while (!first)
		pthread_cond_wait(&more, &mutex);
	idle--;
	struct job *job = first;
	first = job->next;
	if (!first)
		end = &first;
	pthread_mutex_unlock(&mutex);
	return job;
}

static void *worker(void *argument)
{
	for (;;) {
		struct job *job = take();
		loader_run(&job->what);
		answer(job);
		free(job);
	}
	return NULL;
}

static bool start_worker(void)
{
	pthread_t thread;
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, WORKER_STACK);
	int error = pthread_create(&thread, &attributes, worker, NULL);
	pthread_attr_destroy(&attributes);
	return error == 0;
}

// False: nobody can do it.
static bool submit(struct job *job)
{
	pthread_mutex_lock(&mutex);
	unsigned waiting = 1;
	for (struct job *other = first; other; other = other->next)
		waiting++;
	if (idle < waiting && workers < WORKERS_MAX && start_worker())
		workers++;
	bool taken = workers > 0;
	if (taken) {
		*end = job;
		end = &job->next;
		pthread_cond_signal(&more);
	}
	pthread_mutex_unlock(&mutex);
	return taken;
}

kern_return_t loader_serve_fetch(struct lpc_request *rq, const char *seat, const char *program, uint32_t request,
				 uint32_t *answered)
{
	struct job *job = calloc(1, sizeof(*job));
	*answered = request;
	if (!job)
		return KERN_RESOURCE_SHORTAGE;
	strcpy(job->what.seat, seat);
	strcpy(job->what.program, program);
	job->what.request = request;
	job->reply = (struct serve_reply){rq->reply_port, rq->reply_type, rq->message->msgh_id};
	if (submit(job))
		return LPC_NO_REPLY;
	free(job);
	return KERN_RESOURCE_SHORTAGE;
}

static kern_return_t start(struct serve *serve)
{
	kern_return_t error = gila_seat(SEAT_GRANT_MANAGE, &seats);
	if (error)
		gila_logf("%s: %s: %s", serve->seat, SEAT_GRANT_MANAGE, gila_error_text(error));
	return error;
}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {loader_demux, NULL};
	struct serve serve = {.demux = demux, .start = start};
	return serve_main(&serve);
}
