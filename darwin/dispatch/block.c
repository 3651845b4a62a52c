// SPDX-License-Identifier: MIT
// Blocks, by Debian's BlocksRuntime, which is loaded when the first one is copied. What a block belongs to (its class) is of Darwin's
// names: programs are bound to these when they are loaded, long before.
#include "block.h"

#include "../libsystem/report.h"

#include <dlfcn.h>
#include <stdatomic.h>

void *darwin_NSConcreteStackBlock[32], *darwin_NSConcreteGlobalBlock[32], *darwin_NSConcreteMallocBlock[32],
	*darwin_NSConcreteAutoBlock[32], *darwin_NSConcreteFinalizingBlock[32], *darwin_NSConcreteWeakBlockVariable[32];

static struct {
	void *(*copy)(const void *);
	void (*release)(const void *);
	void (*assign)(void *, const void *, int);
	void (*dispose)(const void *, int);
} runtime;

static void runtime_load(void)
{
	static _Atomic bool loaded;
	if (loaded)
		return;
	void *library = dlopen("libBlocksRuntime.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		report_fatal("blocks: %s (Debian's package libblocksruntime0)", dlerror());
	*(void **)&runtime.copy = dlsym(library, "_Block_copy");
	*(void **)&runtime.release = dlsym(library, "_Block_release");
	*(void **)&runtime.assign = dlsym(library, "_Block_object_assign");
	*(void **)&runtime.dispose = dlsym(library, "_Block_object_dispose");
	if (!runtime.copy || !runtime.release || !runtime.assign || !runtime.dispose)
		report_fatal("blocks: libBlocksRuntime.so.0 has no _Block_copy");
	loaded = true;
}

void *block_copy(const void *block)
{
	runtime_load();
	struct block *copy = block ? runtime.copy(block) : NULL;
	if (copy && copy != block)
		copy->class = darwin_NSConcreteMallocBlock;
	return copy;
}

void block_release(const void *block)
{
	runtime_load();
	if (block)
		runtime.release(block);
}

void *darwin_Block_copy(const void *block)
{
	return block_copy(block);
}

void darwin_Block_release(const void *block)
{
	block_release(block);
}

void darwin_Block_object_assign(void *to, const void *object, int flags)
{
	runtime_load();
	runtime.assign(to, object, flags);
}

void darwin_Block_object_dispose(const void *object, int flags)
{
	runtime_load();
	runtime.dispose(object, flags);
}

void block_call(void *block)
{
	((struct block *)block)->invoke(block);
}

void block_call_release(void *block)
{
	block_call(block);
	block_release(block);
}
