// SPDX-License-Identifier: MIT
// Reading and writing of libdispatch: operations on a descriptor, one after the other in each direction.
//
// A *file* is a descriptor that channels have open, with a lane for each direction; a lane is a serial queue whose function does what can
// be done without waiting, and comes again when the manager says that the descriptor is ready. Channels of one descriptor share its lanes.
// 1. What a lane has is touched on its queue only.
// 2. An operation belongs to a channel's group until its last handler has been added to the program's queue.
#ifndef DARWIN_DISPATCH_IO_H
#define DARWIN_DISPATCH_IO_H

#include "data.h"
#include "manager.h"
#include "queue.h"

enum io_type { IO_STREAM, IO_RANDOM };
enum io_direction { IO_READ, IO_WRITE };

struct io_file;

struct io_operation {
	enum io_direction direction;
	enum io_type type;
	struct io_file *file;
	struct dispatch_queue *queue;  // of the handler
	struct block *handler;
	bool once;		       // the handler gets all at the end: (data, error) instead of (done, data, error)
	const _Atomic uint32_t *stop;  // of the channel
	struct dispatch_group *group;
	int64_t offset;		       // of the next byte, for IO_RANDOM
	size_t left;		       // to read
	size_t low, high;	       // water marks
	struct dispatch_data *data;    // read and not delivered, or to be written
	struct io_operation *next;
};

// A descriptor; the same for those that have it open already.
struct io_file *io_file_open(int file);
void io_file_close(struct io_file *file);
// Adds it to its lane, which frees it at the end.
void io_file_perform(struct io_operation *operation);
// Lanes look again: a channel was stopped.
void io_file_wake(struct io_file *file);
// Calls the handler with an operation that has not begun.
void io_operation_refuse(struct io_operation *operation, int error);

#endif
