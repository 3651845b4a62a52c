// SPDX-License-Identifier: MIT
// Requests to the console, and its sessions.
#include "console.h"

#include "terminal.h"

#include <abi/console_server.h>

static struct console *console_of(struct lpc_request *rq) { return ((struct serve *)rq->context)->context; }

struct console_session *console_find(struct console *console, uint64_t badge)
{
	for (size_t i = 0; badge && i < CONSOLE_SESSIONS; i++)
		if (console->sessions[i].badge == badge)
			return &console->sessions[i];
	return NULL;
}

static void list_remove(struct console *console, struct console_session *session)
{
	struct console_session **link = &console->foreground;
	while (*link && *link != session)
		link = &(*link)->next;
	if (*link)
		*link = session->next;
}

static void list_put_first(struct console *console, struct console_session *session)
{
	session->next = console->foreground;
	console->foreground = session;
}

void console_session_end(struct console *console, struct console_session *session)
{
	list_remove(console, session);
	gila_port_drop(session->watcher);
	serve_reply_drop(&session->waiting);
	*session = (struct console_session){.badge = 0};
	console_feed(console);
}

void console_gone(struct serve *serve, uint64_t badge)
{
	struct console *console = serve->context;
	struct console_session *session = console_find(console, badge);
	if (session)
		console_session_end(console, session);
}

static struct console_session *make_session(struct console *console, uint64_t badge)
{
	for (size_t i = 0; i < CONSOLE_SESSIONS; i++) {
		struct console_session *session = &console->sessions[i];
		if (session->badge)
			continue;
		*session = (struct console_session){.badge = badge, .mode = CONSOLE_LINE};
		list_put_first(console, session);
		return session;
	}
	return NULL;
}

// A session of an earlier console is taken up again as it is met: badges are never given twice.
static struct console_session *session_of(struct lpc_request *rq)
{
	struct console *console = console_of(rq);
	struct console_session *session = console_find(console, rq->badge);
	if (session || rq->badge >> 63 == 0)
		return session;
	session = make_session(console, rq->badge);
	if (session && serve_watch(rq->context, rq->badge)) {
		console_session_end(console, session);
		session = NULL;
	}
	return session;
}

kern_return_t console_serve_open(struct lpc_request *rq, mach_port_t *handle)
{
	struct console *console = console_of(rq);
	uint64_t badge = UINT64_C(1) << 63 | (uint64_t)(console->epoch & 0x7fffffff) << 32 | ++console->opened;
	struct console_session *session = make_session(console, badge);
	if (!session)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = serve_mint(rq->context, badge, handle);
	if (!error)
		error = serve_watch(rq->context, badge);
	if (error)
		console_session_end(console, session);
	return error;
}

kern_return_t console_serve_write(struct lpc_request *rq, const uint8_t *data, mach_msg_type_number_t dataCnt)
{
	return console_of(rq)->terminal->write(data, dataCnt);
}

kern_return_t console_serve_read(struct lpc_request *rq, uint32_t mode, uint32_t size, uint8_t *data,
				 mach_msg_type_number_t *dataCnt)
{
	struct console *console = console_of(rq);
	struct console_session *session = session_of(rq);
	bool end = false;
	if (!session || size == 0 || (mode != CONSOLE_LINE && mode != CONSOLE_RAW))
		return KERN_INVALID_ARGUMENT;
	session->mode = (enum console_mode)mode;
	if (session->waiting.port != MACH_PORT_NULL) {
		// Who asked before has given up, or should have.
		struct lpc_request old;
		serve_answer_begin(&session->waiting, &old);
		serve_answer_send(&session->waiting, &old, CONSOLE_BUSY);
	}
	bool interrupted = session->interrupted && mode == CONSOLE_RAW;
	session->interrupted = false;
	if (interrupted)
		return CONSOLE_INTERRUPTED;
	session->wanted = size < *dataCnt ? size : *dataCnt;
	if (session == console->foreground) {
		*dataCnt = (mach_msg_type_number_t)console_take(console, session, data, session->wanted, &end);
		if (*dataCnt > 0 || end)
			return end ? CONSOLE_CLOSED : KERN_SUCCESS;
	}
	return serve_defer(rq, &session->waiting);
}

kern_return_t console_serve_foreground(struct lpc_request *rq)
{
	struct console *console = console_of(rq);
	struct console_session *session = session_of(rq);
	if (!session)
		return KERN_INVALID_ARGUMENT;
	list_remove(console, session);
	list_put_first(console, session);
	console_feed(console);
	return KERN_SUCCESS;
}

kern_return_t console_serve_watch(struct lpc_request *rq, mach_port_t port)
{
	struct console_session *session = session_of(rq);
	if (!session)
		return KERN_INVALID_ARGUMENT;
	gila_port_drop(session->watcher);
	session->watcher = port;
	session->interrupted = false; // it starts anew
	return KERN_SUCCESS;
}

kern_return_t console_serve_size(struct lpc_request *rq, uint32_t *rows, uint32_t *columns)
{
	console_of(rq)->terminal->size(rows, columns);
	return KERN_SUCCESS;
}
