// SPDX-License-Identifier: MIT
// Waiting for processes. Facts: xnu's bsd/sys/wait.h.
#ifndef DARWIN_INCLUDE_SYS_WAIT_H
#define DARWIN_INCLUDE_SYS_WAIT_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
pid_t waitpid(pid_t, int *, int);
#define WIFEXITED(status) (((status) & 0177) == 0)
#define WEXITSTATUS(status) ((status) >> 8 & 0xff)
#define WIFSIGNALED(status) (((status) & 0177) != 0177 && ((status) & 0177) != 0)
#define WTERMSIG(status) ((status) & 0177)
#ifdef __cplusplus
}
#endif

#endif
