// SPDX-License-Identifier: MIT
// Births and deaths of user halves, and their reports to the kernel.
#ifndef MACHINE_BARE_LIFE_H
#define MACHINE_BARE_LIFE_H

#include "bare.h"

struct address_space;

// Makes the thread a user half of its task: from now on the machine reports its end. The caller has set its registers
// and queues it. first: the program is there now, and this is its first thread. KERN_TERMINATED: the task is being
// ended.
kern_return_t must_check life_user_starts(struct thread *thread, bool first);
// The user half goes, if nobody has said so before: its state was KERNEL. Reported later, by a CPU that idles or polls.
void life_user_ends(struct thread *thread);
// The task dies of what the thread did.
void life_fault(struct thread *thread, int signal);
// Makes one report, if there is any. No lock is held.
bool life_report(void);
bool life_any_reports(void);

#endif
