// SPDX-License-Identifier: MIT
// Ctrl-C; see interrupt.h. One lock and one condition serve the flag and the jobs: both change rarely.
#include "interrupt.h"

#include "cli.h"

#include <mach/mig.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GRACE_MS 300u // for a command to end by itself after Ctrl-C

struct job {
	struct cli cli;
	char *text;
	int status;
	bool done; // the prompt frees it
	bool left; // the thread frees it
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool raised;

void interrupt_raise(void)
{
	pthread_mutex_lock(&lock);
	raised = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void interrupt_clear(void)
{
	pthread_mutex_lock(&lock);
	raised = false;
	pthread_mutex_unlock(&lock);
}

bool interrupt_raised(void)
{
	pthread_mutex_lock(&lock);
	bool result = raised;
	pthread_mutex_unlock(&lock);
	return result;
}

static struct timespec time_in(unsigned milliseconds)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += milliseconds / 1000;
	time.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_nsec -= 1000000000;
		time.tv_sec++;
	}
	return time;
}

bool interrupt_pause(unsigned milliseconds)
{
	struct timespec end = time_in(milliseconds);
	pthread_mutex_lock(&lock);
	int error = 0;
	while (!raised && error == 0)
		error = pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &end);
	bool result = !raised;
	pthread_mutex_unlock(&lock);
	return result;
}

// ---- Jobs ----------------------------------------------------------------------------------------------------------

static void job_free(struct job *job)
{
	text_free(&job->cli.out);
	text_free(&job->cli.errors);
	free(job->text);
	free(job);
}

static void *job_main(void *argument)
{
	struct job *job = argument;
	job->status = command_run_text(&job->cli, job->text);
	mig_dealloc_reply_port(mig_get_reply_port()); // this thread's own
	pthread_mutex_lock(&lock);
	bool left = job->left;
	job->done = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	if (left)
		job_free(job);
	return NULL;
}

// Waits for the end of the job, or for Ctrl-C and a little longer. False: it was left behind.
static bool job_wait(struct job *job, bool *listens)
{
	pthread_mutex_lock(&lock);
	while (!job->done && !raised)
		pthread_cond_wait(&changed, &lock);
	struct timespec end = time_in(GRACE_MS);
	int error = 0;
	while (!job->done && !job->cli.listens && error == 0)
		error = pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &end);
	bool done = job->done;
	job->left = !done;
	*listens = job->cli.listens;
	if (job->left)
		job->cli.closed = true; // it is heard no more
	pthread_mutex_unlock(&lock);
	return done;
}

int interrupt_run(struct cli *cli, const char *text)
{
	pthread_t thread;
	struct job *job = memory_get(sizeof(*job));
	*job = (struct job){.cli = {.json = cli->json, .last = cli->last}, .text = memory_string(text, strlen(text))};
	job->cli.closed = cli->closed;
	if (pthread_create(&thread, NULL, job_main, job) != 0) {
		job_free(job);
		return command_run_text(cli, text);
	}
	pthread_detach(thread);
	bool listens = false;
	if (!job_wait(job, &listens))
		return listens ? CLI_OK : cli_fail(cli, NULL, "interrupted while a server had not answered");
	int status = job->status;
	cli->closed = job->cli.closed;
	cli->ends = job->cli.ends;
	cli->last = job->cli.last;
	job_free(job);
	return status;
}
