// SPDX-License-Identifier: MIT
// The skeleton of a server: takes its seat, receives requests, answers them, until it is told to stop.
//
// To write a server: fill a struct serve, call serve_main; write the functions that abi/NAME_server.h declares. In them
// rq->context is the struct serve and rq->badge tells which session is speaking. To open one, return serve_mint(badge).
// To answer later: return serve_defer(rq, &reply); then serve_answer_begin, NAME_answer_ROUTINE, serve_answer_send.
//
// 1. One thread does everything, so servers need no locks. A handler never waits for a client.
// 2. Replies never block: a client that leaves no room for its reply loses it.
// 3. Heartbeats are answered here, so a server that hangs in a handler is noticed.
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include <gila/gila.h>
#include <gila/lpc.h>

#define SERVE_MESSAGE_MAX 12288u // bytes of the largest request or reply, with its trailer

struct lane_request;

struct serve {
	const char *seat; // [I] its name; NULL: the one it was launched for
	bool (*const *demux)(struct lpc_request *rq); // [I] dispatchers, ends with NULL
	// The port is there, no request was taken yet. An error (which it has logged) ends the server. May be NULL.
	kern_return_t (*start)(struct serve *serve);
	// No send right with this badge is left, and serve_watch asked. May be NULL.
	void (*gone)(struct serve *serve, uint64_t badge);
	// A message on a port of serve_listen, or one that no dispatcher knows. The rights in it are dropped afterwards. May be NULL.
	void (*message)(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size);
	// The system is about to end: what the server keeps is to go where it stays. May be NULL.
	void (*settle)(struct serve *serve);
	// Called whenever a message has been served, before the next is waited for. Returns until when (gila_time) to wait at most: 0
	// only looks whether there is one, UINT64_MAX waits for ever. May be NULL.
	uint64_t (*work)(struct serve *serve);
	// A read or write that came by a lane, and looking for what waits for no message; see serve_lane.h. Both may be NULL.
	int (*move)(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count); // enum serve_moved
	bool (*look)(struct serve *serve, bool over); // true: something was there. over: for the last time before the server sleeps
	bool waits; // for what look looks at
	bool looks; // the loop's: it looks, and will call look(over) before it sleeps, if the server waits
	void *context;     // [I] the server's own
	mach_port_t port;  // [I] once started: the receive right of the seat
	mach_port_t set;   // [I] everything that is received from
	mach_port_t notify; // [I] where no-more-senders notifications come in
	bool stopping;
	int status;
};

// Serves until serve_stop; returns the exit status. 1: it could not start, with the reason in the log.
int serve_main(struct serve *serve);
void serve_stop(struct serve *serve, int status);

// A send right to the seat's port that carries the badge, to be returned as mach_port_move_send_t.
kern_return_t serve_mint(struct serve *serve, uint64_t badge, mach_port_t *send) GILA_CHECKED;
// serve->gone(badge) is called once when no right with the badge is left, soon if there is none.
kern_return_t serve_watch(struct serve *serve, uint64_t badge) GILA_CHECKED;
// Messages of this receive right go to serve->message.
kern_return_t serve_listen(struct serve *serve, mach_port_t receive) GILA_CHECKED;

// ---- Answers that come later -----------------------------------------------------------------------------------------

struct serve_reply {
	mach_port_t port; // MACH_PORT_NULL: nobody waits
	mach_msg_type_name_t type;
	mach_msg_id_t id; // of the request
};

// Keeps where the answer goes. Always returns LPC_NO_REPLY.
kern_return_t serve_defer(struct lpc_request *rq, struct serve_reply *reply) GILA_CHECKED;
// Prepares `rq` for NAME_answer_ROUTINE; the buffer is the library's.
void serve_answer_begin(const struct serve_reply *reply, struct lpc_request *rq);
// Sends what was prepared; with an error, that instead. `reply` is done with.
void serve_answer_send(struct serve_reply *reply, struct lpc_request *rq, kern_return_t error);
// Drops an answer that nobody needs any more: the client gets MIG_SERVER_DIED if it still waits.
void serve_reply_drop(struct serve_reply *reply);

// ---- For serve_loop.c: an answer that is sent while the loop is at `work` waits there for the next receive, which takes it along in the
// same call; another one lets it go.

extern bool serve_answers_held; // the loop sends the last one
mach_msg_header_t *serve_answer_take(void); // NULL: none waits
void serve_answer_release(void);            // sends it, if one waits

// ---- For serve_loop.c and tests --------------------------------------------------------------------------------------

// Runs one request through the dispatchers. `reply` has room for SERVE_MESSAGE_MAX bytes. True: send it.
bool serve_dispatch(struct serve *serve, mach_msg_header_t *message, mach_msg_size_t size, uint64_t badge,
		    mach_msg_header_t *reply);

#endif
