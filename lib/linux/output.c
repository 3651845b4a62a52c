// SPDX-License-Identifier: MIT
// Standard output and error: lines go to the kernel's log under the task's name, as hosted programs' do (docs/hosted.md). A line is
// logged when it is complete or longer than the kernel takes, and at the end of the program.
#include "calls_c.h"
#include "mutex.h"

#include <abi/traps.h>
#include <errno.h>
#include <linux/uio.h>
#include <string.h>

#define LINE_MOST 1024u // gila_log's most
#define FILES 3u	// 0: input, 1: output, 2: errors
#define VECTORS_MOST 1024u // UIO_MAXIOV

static struct line {
	struct mutex lock;
	uint32_t length;      // [lock]
	char text[LINE_MOST]; // [lock]
} lines[FILES];

static void line_flush_locked(struct line *line)
{
	if (line->length)
		(void)gila_log(line->text, line->length);
	line->length = 0;
}

static void line_add_locked(struct line *line, const char *text, uint64_t size)
{
	while (size > 0) {
		const char *feed = text;
		while (feed < text + size && *feed != '\n' && feed - text < LINE_MOST - line->length)
			feed++;
		uint64_t piece = (uint64_t)(feed - text);
		memcpy(line->text + line->length, text, piece);
		line->length += (uint32_t)piece;
		bool complete = piece < size && *feed == '\n';
		if (complete || line->length == LINE_MOST)
			line_flush_locked(line);
		text += piece + complete;
		size -= piece + complete;
	}
}

void linux_output_flush(void)
{
	for (unsigned i = 1; i < FILES; i++) {
		mutex_acquire(&lines[i].lock);
		line_flush_locked(&lines[i]);
		mutex_release(&lines[i].lock);
	}
}

static int64_t write_vectors(uint64_t file, const struct iovec *vectors, uint64_t count)
{
	int64_t written = 0;
	if (file != 1 && file != 2)
		return -EBADF;
	struct line *line = &lines[file];
	mutex_acquire(&line->lock);
	for (uint64_t i = 0; i < count; i++) {
		line_add_locked(line, vectors[i].iov_base, vectors[i].iov_len);
		written += (int64_t)vectors[i].iov_len;
	}
	mutex_release(&line->lock);
	return written;
}

int64_t linux_write(struct linux_frame *frame)
{
	struct iovec vector = {(void *)(uintptr_t)frame->rsi, frame->rdx}; // NOLINT
	return write_vectors(frame->rdi, &vector, 1);
}

int64_t linux_writev(struct linux_frame *frame)
{
	if (frame->rdx > VECTORS_MOST)
		return -EINVAL;
	return write_vectors(frame->rdi, (const struct iovec *)(uintptr_t)frame->rsi, frame->rdx); // NOLINT
}
