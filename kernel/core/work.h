// SPDX-License-Identifier: MIT
// Deferred work: a function to be called soon by a kernel thread, where it may block and take any lock. Posting never
// fails or allocates; an item that is already posted is not posted twice. Items run in order of posting, several
// kernel threads serve them (so one that blocks does not stop the rest).
#ifndef KERNEL_CORE_WORK_H
#define KERNEL_CORE_WORK_H

#include "base.h"
#include "list.h"

struct work {
	struct list link;
	void (*run)(struct work *work);
	bool posted;
};

void work_module_init(void);
static inline void work_init(struct work *work, void (*run)(struct work *work))
{
	list_init(&work->link);
	work->run = run;
	work->posted = false;
}
void work_post(struct work *work);

#endif
