// SPDX-License-Identifier: MIT
// Boot to prompt: from the start of `gila boot` on a pseudo-terminal to the prompt on it.
#ifndef BENCH_BOOT_H
#define BENCH_BOOT_H

// command: path of gila. Each round boots one system at a socket of its own in `folder` and ends it again.
void measure_boot(const char *command, const char *image, const char *folder, unsigned rounds);

#endif
