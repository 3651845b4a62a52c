// SPDX-License-Identifier: MIT
// Files, processes. Facts: Libc's <unistd.h>.
#ifndef DARWIN_INCLUDE_UNISTD_H
#define DARWIN_INCLUDE_UNISTD_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { SEEK_SET, SEEK_CUR, SEEK_END };
int ftruncate(int, off_t);
ssize_t pwrite(int, const void *, size_t, off_t);
int close(int);
ssize_t read(int, void *, size_t);
ssize_t write(int, const void *, size_t);
off_t lseek(int, off_t, int);
int dup2(int, int);
int pipe(int[2]);
int unlink(const char *);
int rmdir(const char *);
int symlink(const char *, const char *);
ssize_t readlink(const char *, char *, size_t);
int chdir(const char *);
char *getcwd(char *, size_t);
pid_t fork(void);
pid_t getpid(void);
pid_t getppid(void);
int execve(const char *, char *const[], char *const[]);
int execle(const char *, const char *, ...);
int execv(const char *, char *const[]);
int execvp(const char *, char *const[]);
int execvP(const char *, const char *, char *const[]);
int execl(const char *, const char *, ...);
int fchdir(int);
pid_t setsid(void);
pid_t getsid(pid_t);
pid_t getpgrp(void);
pid_t getpgid(pid_t);
int setpgid(pid_t, pid_t);
pid_t tcgetpgrp(int);
int tcsetpgrp(int, pid_t);
uid_t getuid(void);
int execv(const char *, char *const *);
uid_t geteuid(void);
gid_t getegid(void);
int issetugid(void);
int access(const char *, int);
unsigned sleep(unsigned);
void _exit(int) __attribute__((noreturn));
int usleep(unsigned);
unsigned sleep(unsigned);
int isatty(int);
void *setmode(const char *);
mode_t getmode(const void *, mode_t);
int mkpath_np(const char *, mode_t);
int setiopolicy_np(int, int, int);
int getiopolicy_np(int, int);
char *fflagstostr(unsigned);
int strtofflags(char **, unsigned *, unsigned *);
#ifdef __cplusplus
}
#endif

#endif
