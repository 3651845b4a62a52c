// SPDX-License-Identifier: MIT
// Signals. Facts: xnu's bsd/sys/{signal,_types/_ucontext64}.h, osfmk/mach/i386/_structs.h.
#ifndef DARWIN_INCLUDE_SIGNAL_H
#define DARWIN_INCLUDE_SIGNAL_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum {
	SIGHUP = 1,
	SIGINT,
	SIGQUIT,
	SIGILL,
	SIGTRAP,
	SIGABRT,
	SIGEMT,
	SIGFPE,
	SIGKILL,
	SIGBUS,
	SIGSEGV,
	SIGSYS,
	SIGPIPE,
	SIGALRM,
	SIGTERM,
	SIGURG,
	SIGSTOP,
	SIGTSTP,
	SIGCONT,
	SIGCHLD,
	SIGTTIN,
	SIGTTOU,
	SIGIO,
	SIGXCPU,
	SIGXFSZ,
	SIGVTALRM,
	SIGPROF,
	SIGWINCH,
	SIGINFO,
	SIGUSR1,
	SIGUSR2
};
enum { SA_ONSTACK = 1, SA_RESTART = 2, SA_RESETHAND = 4, SA_NOCLDSTOP = 8, SA_NODEFER = 0x10, SA_NOCLDWAIT = 0x20, SA_SIGINFO = 0x40 };
enum { ILL_ILLOPC = 1, FPE_INTDIV = 7, SEGV_MAPERR = 1, BUS_ADRERR = 2, TRAP_BRKPT = 1, CLD_EXITED = 1, CLD_KILLED = 2 };
enum { SIG_BLOCK = 1, SIG_UNBLOCK = 2, SIG_SETMASK = 3 };
enum { SS_ONSTACK = 1, SS_DISABLE = 4 };
#define SIG_DFL ((void (*)(int))0)
#define SIG_IGN ((void (*)(int))1)
typedef struct {
	int si_signo, si_errno, si_code;
	pid_t si_pid;
	uid_t si_uid;
	int si_status;
	void *si_addr;
	void *si_value;
	long si_band;
	unsigned long pad[7];
} siginfo_t;
typedef struct {
	void *ss_sp;
	size_t ss_size;
	int ss_flags;
} stack_t;
struct mcontext {
	unsigned short trapno, cpu;
	unsigned err;
	unsigned long faultvaddr;
	unsigned long rax, rbx, rcx, rdx, rdi, rsi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15, rip, rflags, cs, fs,
		gs;
	char floats[524];
};
typedef struct {
	int uc_onstack;
	sigset_t uc_sigmask;
	stack_t uc_stack;
	void *uc_link;
	size_t uc_mcsize;
	struct mcontext *uc_mcontext;
} ucontext_t;
struct sigaction {
	union {
		void (*sa_handler)(int);
		void (*sa_sigaction)(int, siginfo_t *, void *);
	};
	sigset_t sa_mask;
	int sa_flags;
};
int sigaction(int, const struct sigaction *, struct sigaction *);
int sigaltstack(const stack_t *, stack_t *);
int sigprocmask(int, const sigset_t *, sigset_t *);
int kill(pid_t, int);
int raise(int);
int killpg(pid_t, int);
void (*signal(int, void (*)(int)))(int);
int sigpending(sigset_t *);
int sigsuspend(const sigset_t *);
int sigwait(const sigset_t *, int *);
int siginterrupt(int, int);
int sighold(int);
int sigrelse(int);
char *strsignal(int);
extern const char *const sys_signame[32];
#ifdef __cplusplus
}
#endif

#endif
