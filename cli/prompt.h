// SPDX-License-Identifier: MIT
// The prompt: reads lines and runs them until the end of the input.
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include "cli.h"

// On a terminal: a prompt and the line editor; CLI_OK at Ctrl-D or after `shutdown`. Else lines are run as they come, and the
// result is the status of the first command that failed.
int prompt_run(struct cli *cli);

#endif
