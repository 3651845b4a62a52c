// SPDX-License-Identifier: MIT
// The server of the round-trip tests. Each handler reads all it is given and computes results that the client can check.
#include "transport.h"

#include "file_server.h"

#include <string.h>

// Touches every byte, so that the sanitizer sees what lies outside a message.
static void touch(const void *data, size_t size)
{
	unsigned sum = 0;
	for (size_t i = 0; i < size; i++)
		sum += ((const uint8_t *)data)[i];
	__asm__ volatile("" ::"r"(sum));
}

static kern_return_t begin(void)
{
	served.calls++;
	return served.fail;
}

kern_return_t file_serve_read(struct lpc_request *rq, uint64_t offset, uint32_t count, char *data,
			      mach_msg_type_number_t *dataCnt)
{
	if (begin())
		return served.fail;
	if (count == 0xbad)
		return KERN_INVALID_ARGUMENT;
	if (count > *dataCnt)
		count = *dataCnt;
	for (uint32_t i = 0; i < count; i++)
		data[i] = (char)(offset + i);
	*dataCnt = count;
	return KERN_SUCCESS;
}

kern_return_t file_serve_write(struct lpc_request *rq, uint64_t offset, const char *data, mach_msg_type_number_t dataCnt,
			       int flags, uint32_t *written)
{
	if (begin())
		return served.fail;
	touch(data, dataCnt);
	*written = dataCnt + (uint32_t)flags + (dataCnt ? (uint8_t)data[dataCnt - 1] : 0);
	return KERN_SUCCESS;
}

kern_return_t file_serve_open(struct lpc_request *rq, const char *path, sample_mode_t mode, const char *label,
			      mach_port_t *handle, uint64_t stat[6])
{
	if (begin())
		return served.fail;
	*handle = 0x1000 + (mach_port_t)strlen(path);
	for (unsigned i = 0; i < 6; i++)
		stat[i] = mode * 10000000000ull + i + strlen(label);
	return KERN_SUCCESS;
}

kern_return_t file_serve_strings(struct lpc_request *rq, const char *first, int16_t small, const char *second,
				 const char *tag, uint64_t *total, char joined[1024], char label[13], uint8_t *last)
{
	if (begin())
		return served.fail;
	*total = strlen(first) + strlen(second) + (uint64_t)(int64_t)small;
	*last = (uint8_t)tag[0];
	strcpy(label, tag);
	if (small == 99)
		return LPC_NO_REPLY;
	if (served.lie)
		memset(label, 'x', 13);
	joined[0] = 0;
	if (strlen(first) + strlen(second) >= 1024) {
		memset(joined, 'x', 1024); // a server that forgets the NUL
		return KERN_SUCCESS;
	}
	strcat(strcpy(joined, first), second);
	return KERN_SUCCESS;
}

kern_return_t file_serve_arrays(struct lpc_request *rq, const uint64_t_at4 *words, mach_msg_type_number_t wordsCnt,
				const sample_point_at4 *points, mach_msg_type_number_t pointsCnt,
				const sample_triple_at4 *triples, mach_msg_type_number_t triplesCnt, const uint8_t digest[5],
				uint64_t_at4 *sums, mach_msg_type_number_t *sumsCnt, sample_point_at4 *mirrored,
				mach_msg_type_number_t *mirroredCnt, sample_triple_at4 *turned,
				mach_msg_type_number_t *turnedCnt, uint8_t crest[5])
{
	uint64_t sum = 0;
	if (begin())
		return served.fail;
	if (served.lie) {
		mach_msg_type_number_t *const counts[] = {sumsCnt, mirroredCnt, turnedCnt};
		++*counts[served.lie - 1];
		return KERN_SUCCESS;
	}
	for (unsigned i = 0; i < wordsCnt; i++) {
		sum += words[i];
		if (i < *sumsCnt)
			sums[i] = sum;
	}
	if (*sumsCnt > wordsCnt)
		*sumsCnt = wordsCnt;
	for (unsigned i = 0; i < pointsCnt; i++)
		mirrored[i] = (struct sample_point){points[i].y, points[i].x};
	*mirroredCnt = pointsCnt;
	for (unsigned i = 0; i < triplesCnt; i++)
		for (unsigned k = 0; k < 3; k++)
			turned[i].byte[k] = triples[i].byte[2 - k];
	*turnedCnt = triplesCnt;
	for (unsigned i = 0; i < 5; i++)
		crest[i] = digest[4 - i];
	return KERN_SUCCESS;
}

kern_return_t file_serve_update(struct lpc_request *rq, int64_t *number, struct sample_info *info, uint8_t digest[5],
				uint8_t *tiny, const struct sample_info *info_in)
{
	if (begin())
		return served.fail;
	*number = (int64_t)((uint64_t)*number * 2);
	info->size += info_in->size;
	info->times[3] = info_in->times[0];
	for (unsigned i = 0; i < 2; i++) {
		uint8_t spare = digest[i];
		digest[i] = digest[4 - i];
		digest[4 - i] = spare;
	}
	(*tiny)++;
	return KERN_SUCCESS;
}

kern_return_t file_serve_memory(struct lpc_request *rq, char *blob, mach_msg_type_number_t blobCnt,
				struct sample_point *records, mach_msg_type_number_t recordsCnt, uint32_t scale,
				char **result, mach_msg_type_number_t *resultCnt, struct sample_point **found,
				mach_msg_type_number_t *foundCnt)
{
	if (begin())
		return served.fail;
	if (!served.inert && recordsCnt)
		records[0].x = (int64_t)((uint64_t)records[0].x * scale);
	*result = blob;
	*resultCnt = blobCnt;
	*found = records;
	*foundCnt = recordsCnt;
	return KERN_SUCCESS;
}

kern_return_t file_serve_ports(struct lpc_request *rq, mach_port_t one, mach_port_t two, mach_port_t poly,
			       mach_msg_type_name_t polyPoly, mach_port_t *many, mach_msg_type_number_t manyCnt,
			       mach_port_t *back, mach_port_t *any, mach_msg_type_name_t *anyPoly, mach_port_t **all,
			       mach_msg_type_number_t *allCnt)
{
	if (begin())
		return served.fail;
	*back = one + two;
	*any = poly;
	*anyPoly = polyPoly;
	*all = many;
	*allCnt = manyCnt;
	return KERN_SUCCESS;
}

kern_return_t file_serve_port_only(struct lpc_request *rq, mach_port_t port)
{
	if (begin())
		return served.fail;
	return port == 0xdead ? KERN_INVALID_RIGHT : KERN_SUCCESS;
}

kern_return_t file_serve_get_port(struct lpc_request *rq, mach_port_t *port)
{
	if (begin())
		return served.fail;
	*port = 0x4242;
	return KERN_SUCCESS;
}

kern_return_t file_serve_ping(struct lpc_request *rq)
{
	if (begin())
		return served.fail;
	return rq->badge == 77 ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t file_serve_note(struct lpc_request *rq, boolean_t level, const char *text)
{
	if (begin())
		return served.fail;
	served.note_level = (uint32_t)level;
	strcpy(served.note, text);
	return KERN_SUCCESS;
}

kern_return_t file_serve_hint(struct lpc_request *rq, const struct sample_info *info)
{
	if (begin())
		return served.fail;
	served.hint = info->times[3];
	return KERN_SUCCESS;
}

kern_return_t file_serve_later(struct lpc_request *rq, mach_port_t answer, uint32_t value, uint32_t *twice)
{
	if (begin())
		return served.fail;
	served.reply_port = answer;
	*twice = value * 2;
	return KERN_SUCCESS;
}

kern_return_t file_serve_served(struct lpc_request *rq, mach_port_t answer, uint32_t value)
{
	if (begin())
		return served.fail;
	served.reply_port = answer;
	return value == 99 ? LPC_NO_REPLY : KERN_SUCCESS;
}
