// SPDX-License-Identifier: MIT
// The data of requests, from one session's memory to the other's; see wire.h.
#include "wire.h"

#include <string.h>

bool wire_request_valid(const struct wire_session *session, const struct block_request *request, const uint32_t *pages)
{
	uint64_t bytes = (uint64_t)request->count * BLOCK_SECTOR, size = session->data_size;
	if ((request->operation != BLOCK_READ && request->operation != BLOCK_WRITE) || bytes == 0 || bytes > BLOCK_TRANSFER_MAX)
		return false;
	if (request->pieces == 1)
		return request->place <= size && bytes <= size - request->place;
	if (request->pieces == 0 || request->pieces > BLOCK_PAGES_MAX || request->piece_size == 0 || request->piece_size > BLOCK_PAGE)
		return false;
	for (uint32_t i = 0; i < request->pieces; i++)
		if (pages[i] >= size / BLOCK_PAGE)
			return false;
	return (bytes + request->piece_size - 1) / request->piece_size == request->pieces;
}

bool wire_copy(struct wire_session *session, const struct wire_number *number, bool up, bool damage)
{
	const struct block_request *request = &number->request;
	const uint8_t *from = up ? session->below.data : session->above.data;
	uint8_t *to = up ? session->above.data : session->below.data;
	size_t left = (size_t)request->count * BLOCK_SECTOR;
	uint32_t hit = damage ? (uint32_t)wire_random(session->wire, request->pieces) : UINT32_MAX;
	for (uint32_t i = 0; i < request->pieces; i++) {
		uint64_t place = request->pieces == 1 ? request->place : (uint64_t)number->pages[i] * BLOCK_PAGE;
		size_t size = request->pieces == 1 || left < request->piece_size ? left : request->piece_size;
		memcpy(to + place, from + place, size);
		if (i == hit)
			wire_flip(session->wire, to + place, size);
		left -= size;
	}
	return damage;
}
