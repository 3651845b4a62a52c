// SPDX-License-Identifier: MIT
// __register_frame and __deregister_frame: each takes one record, an FDE, as Darwin's libunwind does. Facts: libunwind's <unwind_ext.h>;
// DWARF 4, 6.4.1; System V ABI, .eh_frame (the letters of an augmentation, encodings of pointers).
//
// Locks: `lock` guards the list; who throws takes it for reading only.
#include "registered_frames.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PE_ABSOLUTE = 0, PE_UDATA2 = 2, PE_UDATA4 = 3, PE_UDATA8 = 4, PE_SDATA2 = 10, PE_SDATA4 = 11, PE_SDATA8 = 12, PE_RELATIVE = 0x10 };

struct frame {
	struct frame *next;
	const uint8_t *record; // [I]
	uintptr_t start, size; // [I]
};
static struct frame *frames; // [lock]
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static const uint8_t *skip_leb(const uint8_t *at)
{
	while (*at++ & 0x80) {
	}
	return at;
}

static uintptr_t read_pointer(const uint8_t **at, uint8_t encoding)
{
	const uint8_t *from = *at;
	static const uint8_t sizes[16] = {8, 0, 2, 4, 8, 0, 0, 0, 0, 0, 2, 4, 8, 0, 0, 0};
	uint64_t value = 0;
	memcpy(&value, from, sizes[encoding & 15]);
	*at += sizes[encoding & 15];
	if ((encoding & 15) == PE_SDATA2)
		value = (uint64_t)(int16_t)value;
	if ((encoding & 15) == PE_SDATA4)
		value = (uint64_t)(int32_t)value;
	return value + ((encoding & 0x70) == PE_RELATIVE ? (uintptr_t)from : 0);
}

// How pointers of the records of this CIE are written; false: in a way that is not known.
static bool pointer_encoding(const uint8_t *cie, uint8_t *encoding)
{
	const char *letters = (const char *)cie + 9; // behind length, 0, version
	const uint8_t *at = (const uint8_t *)letters + strlen(letters) + 1;
	*encoding = PE_ABSOLUTE;
	at = skip_leb(skip_leb(at)); // alignments of code and of data
	at = cie[8] == 1 ? at + 1 : skip_leb(at); // the register with the return address
	if (*letters != 'z')
		return *letters == '\0';
	at = skip_leb(at);
	for (letters++; *letters; letters++)
		switch (*letters) {
		case 'R': *encoding = *at++; break;
		case 'L': at++; break;
		case 'P': {
			uint8_t how = *at++;
			read_pointer(&at, how & 0x7f);
			break;
		}
		case 'S': break;
		default: return false;
		}
	return (*encoding & 0x80) == 0;
}

void darwin_register_frame(const uint8_t *record)
{
	uint32_t length, back;
	uint8_t encoding;
	memcpy(&length, record, 4);
	memcpy(&back, record + 4, 4);
	if (length == 0 || length == UINT32_MAX || back == 0 || !pointer_encoding(record + 4 - back, &encoding))
		return; // no record
	struct frame *frame = malloc(sizeof(*frame));
	if (!frame)
		return;
	const uint8_t *at = record + 8;
	frame->record = record;
	frame->start = read_pointer(&at, encoding);
	frame->size = read_pointer(&at, encoding & 15);
	pthread_rwlock_wrlock(&lock);
	frame->next = frames;
	frames = frame;
	pthread_rwlock_unlock(&lock);
}

void darwin_deregister_frame(const uint8_t *record)
{
	pthread_rwlock_wrlock(&lock);
	struct frame **at = &frames, *found;
	while (*at && (*at)->record != record)
		at = &(*at)->next;
	found = *at;
	if (found)
		*at = found->next;
	pthread_rwlock_unlock(&lock);
	free(found);
}

const void *registered_frame_find(const void *address, void **function)
{
	const void *record = NULL;
	pthread_rwlock_rdlock(&lock);
	for (const struct frame *frame = frames; frame && !record; frame = frame->next)
		if ((uintptr_t)address - frame->start < frame->size) {
			record = frame->record;
			*function = (void *)frame->start;
		}
	pthread_rwlock_unlock(&lock);
	return record;
}
