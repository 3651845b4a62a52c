// SPDX-License-Identifier: MIT
// Property lists from and to streams. Facts: CFPropertyList.h.
#include "plist.h"
#include "stream.h"

#include <stdlib.h>

int64_t darwin_CFReadStreamRead(struct stream *stream, uint8_t *to, int64_t room);
int64_t darwin_CFWriteStreamWrite(struct stream *stream, const uint8_t *from, int64_t count);
const void *darwin_CFPropertyListCreateWithData(const void *allocator, const struct data *data, uint64_t options,
						int64_t *format, struct object **error);
struct data *darwin_CFPropertyListCreateData(const void *allocator, const void *object, int64_t format,
					     uint64_t options, struct object **error);

// `size` 0: all that there is.
const void *darwin_CFPropertyListCreateWithStream(const void *allocator, struct stream *stream, int64_t size,
						  uint64_t options, int64_t *format, struct object **error)
{
	struct bytes bytes = {0};
	uint8_t block[4096];
	int64_t got = 1;
	while (got > 0 && (size <= 0 || (int64_t)bytes.count < size)) {
		int64_t room = size > 0 && size - (int64_t)bytes.count < (int64_t)sizeof(block)
				       ? size - (int64_t)bytes.count
				       : (int64_t)sizeof(block);
		got = darwin_CFReadStreamRead(stream, block, room);
		if (got > 0)
			bytes_add(&bytes, block, (size_t)got);
	}
	struct data *data = data_take(&bytes);
	const void *object = got < 0 ? NULL : darwin_CFPropertyListCreateWithData(NULL, data, options, format, error);
	if (got < 0 && error) // Facts: Foundation's FoundationErrors.h: NSPropertyListReadStreamError
		*error = error_make("NSCocoaErrorDomain", 3842, "The stream cannot be read.");
	darwin_CFRelease(data);
	return object;
}

// How many bytes were written; 0: none.
int64_t darwin_CFPropertyListWrite(const void *object, struct stream *stream, int64_t format, uint64_t options,
				   struct object **error)
{
	struct data *data = darwin_CFPropertyListCreateData(NULL, object, format, options, error);
	int64_t size = data ? darwin_CFDataGetLength(data) : 0, done = 0, count = 1;
	for (; done < size && count > 0; done += count > 0 ? count : 0)
		count = darwin_CFWriteStreamWrite(stream, darwin_CFDataGetBytePtr(data) + done, size - done);
	if (data && done < size && error) // NSPropertyListWriteStreamError
		*error = error_make("NSCocoaErrorDomain", 3851, "The stream cannot be written.");
	darwin_CFRelease(data);
	return done < size ? 0 : done;
}

// The older names of both, which give a text for what is wrong.
const void *darwin_CFPropertyListCreateFromStream(const void *allocator, struct stream *stream, int64_t size,
						  uint64_t options, int64_t *format, struct string **text)
{
	const void *object = darwin_CFPropertyListCreateWithStream(NULL, stream, size, options, format, NULL);
	if (!object && text)
		*text = string_format("The property list cannot be read.");
	return object;
}

int64_t darwin_CFPropertyListWriteToStream(const void *object, struct stream *stream, int64_t format,
					   struct string **text)
{
	int64_t done = darwin_CFPropertyListWrite(object, stream, format, 0, NULL);
	if (done == 0 && text)
		*text = string_format("The property list cannot be written.");
	return done;
}
