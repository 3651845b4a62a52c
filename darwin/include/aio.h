// SPDX-License-Identifier: MIT
// Asynchronous reading and writing. Facts: xnu's bsd/sys/aio.h, bsd/sys/signal.h (struct sigevent).
#ifndef DARWIN_INCLUDE_AIO_H
#define DARWIN_INCLUDE_AIO_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
struct sigevent {
	int sigev_notify, sigev_signo;
	void *sigev_value, *sigev_notify_function, *sigev_notify_attributes;
};
struct aiocb {
	int aio_fildes;
	off_t aio_offset;
	volatile void *aio_buf;
	size_t aio_nbytes;
	int aio_reqprio;
	struct sigevent aio_sigevent;
	int aio_lio_opcode;
};
enum { SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, LIO_NOP = 0, LIO_READ = 1, LIO_WRITE = 2, LIO_NOWAIT = 1, LIO_WAIT = 2, AIO_ALLDONE = 1, AIO_CANCELED = 2, AIO_NOTCANCELED = 4 };
int aio_read(struct aiocb *);
int aio_write(struct aiocb *);
int aio_fsync(int, struct aiocb *);
int aio_error(const struct aiocb *);
ssize_t aio_return(struct aiocb *);
int aio_cancel(int, struct aiocb *);
int aio_suspend(const struct aiocb *const[], int, const struct timespec *);
int lio_listio(int, struct aiocb *const[], int, struct sigevent *);
#ifdef __cplusplus
}
#endif

#endif
