// SPDX-License-Identifier: MIT
// Shared memory and semaphores. Facts: xnu's bsd/sys/{ipc,shm,sem,semaphore,mman}.h.
#ifndef DARWIN_INCLUDE_SYS_SHM_H
#define DARWIN_INCLUDE_SYS_SHM_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma pack(push, 4)
struct shmid_ds {
	unsigned perm[4];
	unsigned short mode, seq;
	int key;
	size_t shm_segsz;
	pid_t shm_lpid, shm_cpid;
	unsigned short shm_nattch;
	time_t shm_atime, shm_dtime, shm_ctime;
	void *internal;
};
#pragma pack(pop)
struct sembuf {
	unsigned short sem_num;
	short sem_op, sem_flg;
};
enum { IPC_CREAT = 01000, IPC_EXCL = 02000, IPC_NOWAIT = 04000, IPC_RMID = 0, IPC_STAT = 2, IPC_PRIVATE = 0, GETVAL = 5, SETVAL = 8 };
int shmget(int, size_t, int), shmctl(int, int, struct shmid_ds *), shmdt(const void *);
void *shmat(int, const void *, int);
int semget(int, int, int), semop(int, struct sembuf *, size_t), semctl(int, int, int, ...);
int *sem_open(const char *, int, ...);
int sem_close(int *), sem_unlink(const char *), sem_post(int *), sem_wait(int *), sem_trywait(int *);
int shm_open(const char *, int, ...), shm_unlink(const char *);
void *mmap(void *, size_t, int, int, int, off_t);
int munmap(void *, size_t), ftruncate(int, off_t);
enum { PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1 };
#ifdef __cplusplus
}
#endif

#endif
