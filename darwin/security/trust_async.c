// SPDX-License-Identifier: MIT
// SecTrustEvaluateAsync and its kin: the evaluation and then the program's block, on the program's queue. Facts: Apple's SecTrust.h.
#include "trust.h"

#include "../dispatch/block.h"

#include <stdlib.h>

struct dispatch_queue;
void darwin_dispatch_async_f(struct dispatch_queue *queue, void *context, void (*function)(void *));
struct dispatch_queue *darwin_dispatch_get_global_queue(intptr_t identifier, uintptr_t flags);

struct plain_block { // (trust, result)
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, struct trust *trust, uint32_t result);
};
struct error_block { // (trust, good, error)
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, struct trust *trust, bool good, struct object *error);
};
struct question {
	struct trust *trust;
	void *block;
	bool with_error;
};

static void answer(void *context)
{
	struct question *question = context;
	struct object *error = NULL;
	bool good = darwin_SecTrustEvaluateWithError(question->trust, &error);
	if (question->with_error)
		((struct error_block *)question->block)->invoke(question->block, question->trust, good, error);
	else
		((struct plain_block *)question->block)
			->invoke(question->block, question->trust, (uint32_t)question->trust->result);
	darwin_CFRelease(error);
	darwin_CFRelease(question->trust);
	block_release(question->block);
	free(question);
}

static int32_t ask(struct trust *trust, struct dispatch_queue *queue, const void *block, bool with_error)
{
	struct question *question = trust && block ? malloc(sizeof(*question)) : NULL;
	if (!question)
		return SEC_PARAM;
	darwin_CFRetain(trust);
	*question = (struct question){trust, block_copy(block), with_error};
	darwin_dispatch_async_f(queue ? queue : darwin_dispatch_get_global_queue(0, 0), question, answer);
	return SEC_SUCCESS;
}

int32_t darwin_SecTrustEvaluateAsync(struct trust *trust, struct dispatch_queue *queue, const void *block)
{
	return ask(trust, queue, block, false);
}

int32_t darwin_SecTrustEvaluateAsyncWithError(struct trust *trust, struct dispatch_queue *queue, const void *block)
{
	return ask(trust, queue, block, true);
}
