// SPDX-License-Identifier: MIT
// Waiting for processes. Facts: xnu's bsd/sys/wait.h.
#ifndef DARWIN_INCLUDE_SYS_WAIT_H
#define DARWIN_INCLUDE_SYS_WAIT_H

#include <signal.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { WNOHANG = 1, WUNTRACED = 2, WEXITED = 4, WSTOPPED = 8, WCONTINUED = 0x10, WNOWAIT = 0x20 };
typedef enum { P_ALL, P_PID, P_PGID } idtype_t;
struct rusage;
pid_t wait(int *);
pid_t waitpid(pid_t, int *, int);
pid_t wait4(pid_t, int *, int, struct rusage *);
int waitid(idtype_t, unsigned, siginfo_t *, int);
#define WIFSTOPPED(status) (((status) & 0177) == 0177 && (status) >> 8 != 0x13)
#define WIFCONTINUED(status) (((status) & 0177) == 0177 && (status) >> 8 == 0x13)
#define WSTOPSIG(status) ((status) >> 8 & 0xff)
#define WCOREDUMP(status) ((status) & 0200)
#define WIFEXITED(status) (((status) & 0177) == 0)
#define WEXITSTATUS(status) ((status) >> 8 & 0xff)
#define WIFSIGNALED(status) (((status) & 0177) != 0177 && ((status) & 0177) != 0)
#define WTERMSIG(status) ((status) & 0177)
#ifdef __cplusplus
}
#endif

#endif
