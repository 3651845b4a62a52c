// SPDX-License-Identifier: MIT
// gila bus watch. A thread waits for events and prints them; this one waits for Ctrl-C. The wait cannot be called off, so
// after Ctrl-C the thread is left to itself: it ends with the next event, and nothing is printed any more.
#include "command.h"
#include "kernel.h"
#include "place.h"

#include <gila/bus.h>
#include <gila/topic.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 250u // how often this thread looks whether the other has ended

struct watcher {
	pthread_mutex_t lock;
	bool json;
	bool over;	     // the command has ended: the thread frees this
	bool ended;	     // the thread has ended: the command frees this
	kern_return_t error; // why
	struct gila_bus bus;
};

static void event_text(const struct gila_bus_event *event, struct text *out)
{
	if (event->lost)
		text_format(out, "%" PRIu64 " events lost\n", event->lost);
	if (event->restarted)
		text_add(out, "the bus was restarted\n");
	text_format(out, "%5" PRIu64 ".%06" PRIu64 " ", event->time / 1000000000, event->time / 1000 % 1000000);
	text_add_clean(out, event->topic);
	text_add_byte(out, ' ');
	text_add_clean(out, (const char *)event->data);
	text_add_byte(out, '\n');
}

static void event_object(const struct gila_bus_event *event, struct text *out)
{
	struct json json = {.out = out};
	json_object(&json, NULL);
	json_number(&json, "sequence", event->sequence);
	json_number(&json, "time", event->time);
	json_number(&json, "lost", event->lost);
	json_bool(&json, "restarted", event->restarted);
	json_string(&json, "topic", event->topic);
	json_number(&json, "size", event->size);
	json_string(&json, "data", (const char *)event->data);
	json_end(&json);
}

// Prints one event. False: nobody wants more.
static bool watcher_show(struct watcher *watcher, const struct gila_bus_event *event)
{
	struct text text = {0};
	(watcher->json ? event_object : event_text)(event, &text);
	pthread_mutex_lock(&watcher->lock);
	bool wanted = !watcher->over && place_write(text.data, text.length);
	pthread_mutex_unlock(&watcher->lock);
	text_free(&text);
	return wanted;
}

static void watcher_free(struct watcher *watcher)
{
	pthread_mutex_destroy(&watcher->lock);
	free(watcher);
}

static void *watcher_main(void *argument)
{
	struct watcher *watcher = argument;
	struct gila_bus_event *event = memory_get(sizeof(*event));
	kern_return_t error;
	while (!(error = gila_bus_next(&watcher->bus, event)) && watcher_show(watcher, event))
		;
	free(event);
	gila_bus_close(&watcher->bus);
	pthread_mutex_lock(&watcher->lock);
	bool over = watcher->over;
	watcher->error = error;
	watcher->ended = true;
	pthread_mutex_unlock(&watcher->lock);
	if (over)
		watcher_free(watcher);
	return NULL;
}

static int watcher_run(struct cli *cli, struct watcher *watcher)
{
	pthread_t thread;
	bool ended = false;
	kern_return_t error = KERN_SUCCESS;
	if (pthread_create(&thread, NULL, watcher_main, watcher) != 0) {
		gila_bus_close(&watcher->bus);
		watcher_free(watcher);
		return cli_fail(cli, NULL, "no thread can be made");
	}
	pthread_detach(thread);
	bool goes_on = true;
	while (goes_on && !ended) {
		goes_on = place_pause(LOOK_MS);
		pthread_mutex_lock(&watcher->lock);
		ended = watcher->ended;
		error = watcher->error;
		watcher->over = !goes_on && !ended;
		pthread_mutex_unlock(&watcher->lock);
	}
	if (ended)
		watcher_free(watcher);
	return ended && error ? cli_error(cli, "bus", error) : CLI_OK;
}

int command_bus(struct cli *cli, struct arguments *arguments)
{
	mach_port_t bus;
	if (!arguments_end(arguments, 1, 2))
		return cli_usage_word(cli, arguments->what, arguments->why);
	if (strcmp(arguments->word[1], "watch") != 0)
		return cli_usage_word(cli, arguments->word[1], "not something to do with the bus");
	const char *pattern = arguments->count > 2 ? arguments->word[2] : "*";
	if (!topic_valid(pattern, true))
		return cli_error(cli, pattern, BUS_BAD_TOPIC);
	if (!kernel_reach(cli, "bus", &bus))
		return CLI_FAILED;
	struct watcher *watcher = memory_get(sizeof(*watcher));
	*watcher = (struct watcher){.json = cli->json};
	pthread_mutex_init(&watcher->lock, NULL);
	kern_return_t error = gila_bus_open(&watcher->bus, pattern);
	if (error) {
		watcher_free(watcher);
		return cli_error(cli, "bus", error);
	}
	cli->written = 1; // events are the document
	return watcher_run(cli, watcher);
}
