// SPDX-License-Identifier: MIT
// The scenario "crowd": twenty clients and three seats that send each other messages and rights, while clients and
// servers die at random. What is shared by its files:
//
//   scenario_crowd.c         the director (a kernel thread): starts, kills, ends, and compares the kernel's books
//   scenario_crowd_client.c  what a client does in user mode
//   scenario_crowd_server.c  what a server of a seat does
//   scenario_crowd_model.c   what must be true: every receive right and every message that clients made, and where
//                            they are; no lost message, no message twice, no lost wake-up
// The model consists of plain globals, which SIM_ALONE guards.
#ifndef MACHINE_SIM_SCENARIO_CROWD_H
#define MACHINE_SIM_SCENARIO_CROWD_H

#include "scenario.h"

#include <mach/message.h>
#include <mach/port.h>

#define CROWD_CLIENTS 20u
#define CROWD_SEATS 3u
#define CROWD_STEPS 60u   // things that a client does before it ends
#define CROWD_OBJECTS 600u
#define CROWD_LETTERS 4000u
#define CROWD_NONE UINT32_MAX

// ---- The model ------------------------------------------------------------------------------------------------------

// A receive right that a client made.
struct crowd_object {
	uint32_t owner;  // client, or CROWD_NONE: on the way or dead
	uint32_t letter; // on the way in this letter, or CROWD_NONE
	bool destroyed;
	unsigned moves;  // letters that it was put into
};

enum letter_state {
	LETTER_SENDING,  // mach_msg was called
	LETTER_SENT,     // and succeeded
	LETTER_RECEIVED, // perhaps before the sender saw its success
	LETTER_REFUSED,  // the send failed
};

struct crowd_letter {
	enum letter_state state;
	uint32_t sender, object; // to which
	uint32_t carried;        // the object whose receive right it moves, or CROWD_NONE
	uint64_t sent_at;
	unsigned moves; // of `object`, when the send began
	bool circle;    // `object` was on the way itself while this was sent
};

extern struct crowd_object crowd_objects[CROWD_OBJECTS];
extern struct crowd_letter crowd_letters[CROWD_LETTERS];
extern uint32_t crowd_object_count, crowd_letter_count;

// CROWD_NONE: the table is full.
uint32_t model_object_create(uint32_t owner);
void model_object_destroyed(uint32_t object);
// The client `sender` is about to send to `object`; `carried`: its receive right goes along.
uint32_t model_letter_begin(uint32_t sender, uint32_t object, uint32_t carried);
void model_letter_sent(uint32_t letter);
void model_letter_refused(uint32_t letter);
// `receiver` got it, by a receive that began at `start`.
void model_letter_received(uint32_t letter, uint32_t receiver, uint64_t start);
// A receive that lasted until `deadline` found nothing in the rights of `receiver` that `member` says yes to.
void model_nothing_received(uint32_t receiver, uint64_t deadline, bool (*member)(const void *context, uint32_t object),
			    const void *context);
// All have stopped sending, and who is still `alive` has received all there was.
void model_check_end(const bool alive[CROWD_CLIENTS]);
// How much happened, for people.
void model_print(void);
// A broken invariant: printed with the seed; the simulation fails.
void model_broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

// ---- Messages -------------------------------------------------------------------------------------------------------

#define CROWD_LETTER_ID 1000
#define CROWD_REQUEST_ID 2000 // to a seat; the answer is CROWD_REQUEST_ID + 100

struct crowd_message {
	mach_msg_header_t head;
	mach_msg_body_t body;
	mach_msg_port_descriptor_t rights[2]; // a send right; a receive right (in letters)
	uint32_t letter;                      // or, to a seat, a number that the answer repeats plus 1
	uint32_t objects[2];                  // whose rights they are, or CROWD_NONE
	uint8_t padding[12];
};

struct crowd_buffer {
	struct crowd_message message;
	mach_msg_max_trailer_t trailer;
};

// ---- Clients and the director ---------------------------------------------------------------------------------------

struct crowd_state {
	bool killed[CROWD_CLIENTS];  // by the director, or died by itself before its end
	bool stopped[CROWD_CLIENTS]; // has stopped sending
	bool drained[CROWD_CLIENTS]; // has received all there was, and ended
	bool allowed;
	unsigned calls, answers, server_deaths, letters_refused;
};
extern struct crowd_state crowd;

// argument: the client's index.
void crowd_client_main(void *argument);
void crowd_seat_name(unsigned seat, char name[32]);

#endif
