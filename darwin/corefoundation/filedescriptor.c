// SPDX-License-Identifier: MIT
// CFFileDescriptor: a run loop is told once, each time that it is enabled, that a descriptor can be read or written.
// Facts: CFFileDescriptor.h.
#include "ready.h"
#include "runloop.h"

#include "../libsystem/futex.h"

#include <stddef.h>

int darwin_close(int file);

struct file_descriptor {
	struct object head;
	struct ready ready;
	int file;
	bool closes;
	_Atomic bool invalid;
	struct source *source; // [lock]
	void (*called)(struct file_descriptor *descriptor, uint64_t what, void *info);
	struct callback_context context;
};

static _Atomic uint32_t lock;

static void invalidate(struct file_descriptor *descriptor)
{
	if (atomic_exchange(&descriptor->invalid, true))
		return;
	ready_close(&descriptor->ready);
	if (descriptor->closes)
		darwin_close(descriptor->file);
	context_drop(&descriptor->context);
}

static void descriptor_destroy(struct object *object)
{
	invalidate((struct file_descriptor *)object);
}

static const struct object_type descriptor_type = {.name = "CFFileDescriptor", .destroy = descriptor_destroy};

static struct file_descriptor *of_ready(struct ready *ready)
{
	return (struct file_descriptor *)((char *)ready - offsetof(struct file_descriptor, ready));
}

static void tell(struct ready *ready)
{
	struct file_descriptor *descriptor = of_ready(ready);
	futex_lock(&lock);
	struct source *source = descriptor->source;
	if (source)
		source_tell(source);
	futex_unlock(&lock);
}

static void perform(void *object)
{
	struct file_descriptor *descriptor = object;
	uint32_t what = ready_take(&descriptor->ready); // READY_* are kCFFileDescriptor*CallBack
	if (what && !descriptor->invalid)
		descriptor->called(descriptor, what, descriptor->context.info);
}

uint64_t darwin_CFFileDescriptorGetTypeID(void)
{
	return (uintptr_t)&descriptor_type;
}

struct file_descriptor *darwin_CFFileDescriptorCreate(const void *allocator, int file, uint8_t closes,
						      void (*called)(struct file_descriptor *descriptor, uint64_t what,
								     void *info),
						      const struct callback_context *context)
{
	if (file < 0 || !called)
		return NULL;
	struct file_descriptor *descriptor = object_make(&descriptor_type, sizeof(*descriptor));
	ready_open(&descriptor->ready, file, tell);
	descriptor->file = file;
	descriptor->closes = closes;
	descriptor->called = called;
	context_take(&descriptor->context, context);
	return descriptor;
}

int darwin_CFFileDescriptorGetNativeDescriptor(const struct file_descriptor *descriptor)
{
	return descriptor->invalid ? -1 : descriptor->file;
}

void darwin_CFFileDescriptorGetContext(const struct file_descriptor *descriptor, struct callback_context *context)
{
	*context = descriptor->context;
}

void darwin_CFFileDescriptorEnableCallBacks(struct file_descriptor *descriptor, uint64_t what)
{
	if (!descriptor->invalid)
		ready_ask(&descriptor->ready, (uint32_t)what & (READY_READ | READY_WRITE));
}

void darwin_CFFileDescriptorDisableCallBacks(struct file_descriptor *descriptor, uint64_t what)
{
	ready_forget(&descriptor->ready, (uint32_t)what);
}

void darwin_CFFileDescriptorInvalidate(struct file_descriptor *descriptor)
{
	darwin_CFRetain(descriptor);
	invalidate(descriptor);
	futex_lock(&lock);
	struct source *source = descriptor->source;
	descriptor->source = NULL;
	futex_unlock(&lock);
	if (source)
		darwin_CFRunLoopSourceInvalidate(source);
	darwin_CFRelease(source);
	darwin_CFRelease(descriptor);
}

uint8_t darwin_CFFileDescriptorIsValid(const struct file_descriptor *descriptor)
{
	return !descriptor->invalid;
}

// One for all that ask. What happened before is told to it.
struct source *darwin_CFFileDescriptorCreateRunLoopSource(const void *allocator, struct file_descriptor *descriptor,
							  int64_t order)
{
	if (descriptor->invalid)
		return NULL;
	if (!descriptor->source) {
		struct source *source = source_of_object(descriptor, order, perform);
		futex_lock(&lock);
		descriptor->source = source;
		futex_unlock(&lock);
		if (descriptor->ready.happened)
			source_tell(source);
	}
	return (struct source *)(uintptr_t)darwin_CFRetain(descriptor->source);
}
