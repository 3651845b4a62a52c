// SPDX-License-Identifier: MIT
// The Linux calls that are answered: number (asm/unistd_64.h), function linux_NAME. Included by call.c, for
// the dispatch, and by calls_c.h, for the prototypes.

// memory.c, brk.c
LINUX_CALL(__NR_mmap, mmap)
LINUX_CALL(__NR_munmap, munmap)
LINUX_CALL(__NR_mprotect, mprotect)
LINUX_CALL(__NR_mremap, mremap)
LINUX_CALL(__NR_madvise, madvise)
LINUX_CALL(__NR_brk, brk)

// thread.c, clone.c
LINUX_CALL(__NR_clone, clone)
LINUX_CALL(__NR_clone3, clone3)
LINUX_CALL(__NR_exit, exit)
LINUX_CALL(__NR_set_tid_address, set_tid_address)
LINUX_CALL(__NR_set_robust_list, set_robust_list)
LINUX_CALL(__NR_gettid, gettid)
LINUX_CALL(__NR_arch_prctl, arch_prctl)
LINUX_CALL(__NR_rseq, rseq)

// schedule.c
LINUX_CALL(__NR_sched_yield, sched_yield)
LINUX_CALL(__NR_sched_getaffinity, sched_getaffinity)

// futex_call.c
LINUX_CALL(__NR_futex, futex)

// clock.c
LINUX_CALL(__NR_clock_gettime, clock_gettime)
LINUX_CALL(__NR_clock_getres, clock_getres)
LINUX_CALL(__NR_clock_nanosleep, clock_nanosleep)
LINUX_CALL(__NR_nanosleep, nanosleep)
LINUX_CALL(__NR_gettimeofday, gettimeofday)
LINUX_CALL(__NR_time, time)

// process.c
LINUX_CALL(__NR_exit_group, exit_group)
LINUX_CALL(__NR_getpid, getpid)
LINUX_CALL(__NR_getppid, getppid)
LINUX_CALL(__NR_getuid, getuid)
LINUX_CALL(__NR_geteuid, geteuid)
LINUX_CALL(__NR_getgid, getgid)
LINUX_CALL(__NR_getegid, getegid)
LINUX_CALL(__NR_uname, uname)
LINUX_CALL(__NR_prlimit64, prlimit64)
LINUX_CALL(__NR_getrlimit, getrlimit)
LINUX_CALL(__NR_readlink, readlink)
LINUX_CALL(__NR_readlinkat, readlinkat)
LINUX_CALL(__NR_getrandom, getrandom)

// signal.c
LINUX_CALL(__NR_rt_sigaction, rt_sigaction)
LINUX_CALL(__NR_rt_sigprocmask, rt_sigprocmask)
LINUX_CALL(__NR_sigaltstack, sigaltstack)
LINUX_CALL(__NR_kill, kill)
LINUX_CALL(__NR_tkill, tkill)
LINUX_CALL(__NR_tgkill, tgkill)

// output.c, file.c
LINUX_CALL(__NR_write, write)
LINUX_CALL(__NR_writev, writev)
LINUX_CALL(__NR_read, read)
LINUX_CALL(__NR_readv, readv)
LINUX_CALL(__NR_close, close)
LINUX_CALL(__NR_fstat, fstat)
LINUX_CALL(__NR_newfstatat, newfstatat)
LINUX_CALL(__NR_lseek, lseek)
LINUX_CALL(__NR_ioctl, ioctl)
LINUX_CALL(__NR_fcntl, fcntl)
LINUX_CALL(__NR_poll, poll)
