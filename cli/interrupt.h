// SPDX-License-Identifier: MIT
// Ctrl-C, and commands that can be left behind.
//
// The place's listener calls interrupt_raise. Commands that go on look at interrupt_raised, or wait with interrupt_pause. What
// waits for a server that does not answer can do neither; so the prompt runs commands with interrupt_run, in a thread of their
// own, which it leaves to itself when it has not ended soon after Ctrl-C. Such a thread ends, silently, when its call does.
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

struct cli;

void interrupt_raise(void);
// Forgets what was raised before.
void interrupt_clear(void);
bool interrupt_raised(void);
// Waits. False: Ctrl-C came before or meanwhile.
bool interrupt_pause(unsigned milliseconds);
// command_run_text in a thread of its own. CLI_FAILED, with a complaint, when it was left behind.
int interrupt_run(struct cli *cli, const char *text);

#endif
