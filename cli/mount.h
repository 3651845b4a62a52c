// SPDX-License-Identifier: MIT
// The table of mounts of the running system.
#ifndef CLI_MOUNT_H
#define CLI_MOUNT_H

// Without GILA_MOUNTS in the environment: takes it from the running system, as its shell has it. For the host, once the system
// is reached.
void mounts_adopt(void);

#endif
