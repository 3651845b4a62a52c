// SPDX-License-Identifier: MIT
// The parts of the block client (client.h): client.c is its face, client_attach.c finds drivers, client_area.c shares more memory,
// client_send.c writes requests, client_reply.c reads replies and looks at the clock.
#ifndef BLOCK_CLIENT_INTERNAL_H
#define BLOCK_CLIENT_INTERNAL_H

#include "client.h"

// Of a struct block_part:
//   sent -> due                  no reply in time, or the driver says that it arrived damaged: again under its number
//   sent -> anew                 the data that came are wrong: again under a number of its own
//   due, anew -> sent            there was room in the ring
//   any -> free (io is NULL)     it is over
enum part_state {
	PART_SENT,
	PART_DUE,
	PART_ANEW,
};

#define CLIENT_TIMEOUT UINT64_C(20000000)         // ns until a request is sent again for the first time
#define CLIENT_TIMEOUT_MAX UINT64_C(2000000000)
#define CLIENT_USUAL_MAX CLIENT_TIMEOUT_MAX       // ns; more is a clock that jumped, or a process that was stopped
#define CLIENT_DOUBTS 4u                          // sessions without anything right before the client doubts itself
#define CLIENT_TRIES 6u                           // of one request, before another session is tried
#define CLIENT_BUSY_MAX UINT64_C(10000000000)     // ns; see block_client.patience
#define CLIENT_DELAY UINT64_C(1000000)            // ns before the second attempt to attach; doubles
#define CLIENT_DELAY_MAX UINT64_C(1000000000)

// client_attach.c
// Waits for the driver, BLOCK_ATTACH_MS at most.
kern_return_t client_attach(struct block_client *client) GILA_CHECKED;
// The session is over: the driver died, or (why: a reason for the log) is not trusted any more.
void client_lose(struct block_client *client, const char *why);
// Asks the next driver for a session, if something waits for it and it is time.
void client_attach_again(struct block_client *client, uint64_t now);
// What became of that.
void client_attach_end(struct block_client *client, const mach_msg_header_t *message);

// client_area.c
// After an attach: the areas, too. An error: there is no session.
kern_return_t client_share_again(struct block_client *client) GILA_CHECKED;
uint64_t client_area_size(const struct block_client *client, uint64_t place); // of the area that the place is in; 0: none

// client_send.c
bool client_has_data(uint16_t operation);
// KERN_SUCCESS, or why the io can never be done.
kern_return_t client_check_io(const struct block_client *client, const struct block_io *io) GILA_CHECKED;
// Writes what there is room for.
void client_send(struct block_client *client);
// The request as it goes into the ring, but for the sums; *pages is its page list.
void client_part_request(const struct block_part *part, struct block_request *request, const uint32_t **pages);
void client_part_again(struct block_client *client, struct block_part *part, enum part_state state);
uint64_t client_timeout(const struct block_client *client, unsigned tries);
void client_ring(struct block_client *client);

// client_reply.c
void client_take(struct block_client *client);
void client_look_at_clock(struct block_client *client, uint64_t now);
void client_finish(struct block_client *client, struct block_io *io, kern_return_t error);
void client_fail_all(struct block_client *client);
// All that is in the area fails.
void client_fail_area(struct block_client *client, uint32_t area);

#endif
