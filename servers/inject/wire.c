// SPDX-License-Identifier: MIT
// The server; see wire.h.
#include "wire.h"

#include <abi/inject_server.h>
#include <mach/notify.h>

kern_return_t wire_start(struct serve *serve)
{
	struct wire *wire = serve->context;
	wire->serve = serve;
	kern_return_t error = gila_port_make(&wire->listen);
	if (!error)
		error = serve_listen(serve, wire->listen);
	if (!error && gila_seat_recall(&wire->kept))
		wire->kept = MACH_PORT_NULL;
	wire->below_badge = gila_time(); // unlike those of an inject before this one
	return error;
}

void wire_gone(struct serve *serve, uint64_t badge)
{
	struct wire *wire = serve->context;
	for (struct wire_session *session = wire->sessions; session; session = session->next)
		if (session->badge == badge)
			wire_end(session, NULL);
}

static uint64_t badge_of(const mach_msg_header_t *message)
{
	const char *end = (const char *)message + round_msg(message->msgh_size);
	return ((const mach_msg_badge_trailer_t *)(const void *)end)->msgh_badge;
}

// From the device: there are replies (wire_work looks), or it is gone.
void wire_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size)
{
	struct wire *wire = serve->context;
	if (message->msgh_id != MACH_NOTIFY_NO_SENDERS)
		return;
	uint64_t badge = badge_of(message);
	for (struct wire_session *session = wire->sessions; session; session = session->next)
		if (session->below_badge == badge)
			wire_end(session, NULL);
}

uint64_t wire_work(struct serve *serve)
{
	struct wire *wire = serve->context;
	uint64_t due;
	bool did;
	do {
		due = UINT64_MAX;
		did = wire_sweep(wire);
		for (struct wire_session *session = wire->sessions; session; session = session->next)
			did |= wire_pass(session, gila_time(), &due);
		if (!did)
			for (struct wire_session *session = wire->sessions; session; session = session->next)
				did |= wire_arm(session);
	} while (did);
	return due;
}

// ---- Control -----------------------------------------------------------------------------------------------------------

kern_return_t inject_serve_set(struct lpc_request *rq, uint32_t fault, uint32_t per_million)
{
	struct wire *wire = ((struct serve *)rq->context)->context;
	if (fault >= INJECT_FAULTS || per_million > INJECT_MILLION)
		return KERN_INVALID_ARGUMENT;
	wire->rates[fault] = per_million;
	return KERN_SUCCESS;
}

kern_return_t inject_serve_seed(struct lpc_request *rq, uint64_t value)
{
	struct wire *wire = ((struct serve *)rq->context)->context;
	wire->random = value;
	return KERN_SUCCESS;
}

kern_return_t inject_serve_counts(struct lpc_request *rq, uint64_t *passed, uint64_t *made, mach_msg_type_number_t *count)
{
	struct wire *wire = ((struct serve *)rq->context)->context;
	if (*count < INJECT_FAULTS)
		return KERN_INVALID_ARGUMENT;
	*passed = wire->passed;
	for (unsigned fault = 0; fault < INJECT_FAULTS; fault++)
		made[fault] = wire->counts[fault];
	*count = INJECT_FAULTS;
	return KERN_SUCCESS;
}
