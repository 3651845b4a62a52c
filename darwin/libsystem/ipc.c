// SPDX-License-Identifier: MIT
// Shared memory and semaphores: POSIX' by name, System V's. Facts: xnu's bsd/sys/{ipc,shm,sem,msg,semaphore}.h, shm_open(2), sem_open(2).
#include "errno.h"
#include "file.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int darwin_shm_open(const char *name, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	unsigned mode = file_flags_to_host(flags) & O_CREAT ? va_arg(arguments, unsigned) : 0;
	va_end(arguments);
	if (strlen(name) > 31) // PSHMNAMLEN
		return errno_set(63);
	return (int)errno_result(shm_open(name, file_flags_to_host(flags), mode));
}

int darwin_shm_unlink(const char *name) { return (int)errno_result(shm_unlink(name)); }

// SEM_FAILED is -1.
sem_t *darwin_sem_open(const char *name, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	bool makes = file_flags_to_host(flags) & O_CREAT;
	unsigned mode = makes ? va_arg(arguments, unsigned) : 0, value = makes ? va_arg(arguments, unsigned) : 0;
	va_end(arguments);
	sem_t *semaphore = strlen(name) > 31 ? SEM_FAILED : sem_open(name, file_flags_to_host(flags), mode, value);
	if (semaphore != SEM_FAILED)
		return semaphore;
	strlen(name) > 31 ? errno_set(63) : (int)errno_result(-1);
	return (sem_t *)-1;
}

int darwin_sem_close(sem_t *semaphore) { return (int)errno_result(sem_close(semaphore)); }
int darwin_sem_unlink(const char *name) { return (int)errno_result(sem_unlink(name)); }
int darwin_sem_post(sem_t *semaphore) { return (int)errno_result(sem_post(semaphore)); }
int darwin_sem_wait(sem_t *semaphore) { return (int)errno_result(sem_wait(semaphore)); }
int darwin_sem_trywait(sem_t *semaphore) { return (int)errno_result(sem_trywait(semaphore)); }
// Darwin has only those with a name: sem_init(2).
int darwin_sem_init(void *semaphore, int shared, unsigned value) { return (void)semaphore, (void)shared, (void)value, errno_set(DARWIN_ENOSYS); }
int darwin_sem_destroy(void *semaphore) { return (void)semaphore, errno_set(DARWIN_ENOSYS); }
int darwin_sem_getvalue(void *semaphore, int *value) { return (void)semaphore, (void)value, errno_set(DARWIN_ENOSYS); }

// ---- System V: flags (IPC_CREAT, IPC_EXCL, IPC_NOWAIT, SHM_RDONLY, SEM_UNDO) and IPC_RMID, SET, STAT are the same -----

struct darwin_ipc_perm {
	uint32_t user, group, creator_user, creator_group;
	uint16_t mode, sequence;
	int32_t key;
};

static struct darwin_ipc_perm perm_of(const struct ipc_perm *from)
{
	return (struct darwin_ipc_perm){from->uid, from->gid, from->cuid, from->cgid, (uint16_t)from->mode, (uint16_t)from->__seq, from->__key};
}

static void perm_to_host(const struct darwin_ipc_perm *from, struct ipc_perm *to)
{
	to->uid = from->user;
	to->gid = from->group;
	to->mode = from->mode & 0777;
}

#pragma pack(push, 4)
struct darwin_shmid {
	struct darwin_ipc_perm perm;
	uint64_t size;
	int32_t last, creator;
	uint16_t attached;
	int64_t attach_time, detach_time, change_time;
	void *internal;
};
struct darwin_semid {
	struct darwin_ipc_perm perm;
	int32_t base;
	uint16_t count;
	int64_t operation_time;
	int32_t pad1;
	int64_t change_time;
	int32_t pad2, pad3[4];
};
struct darwin_msqid {
	struct darwin_ipc_perm perm;
	int32_t first, last;
	uint64_t bytes, messages, most_bytes;
	int32_t sender, receiver;
	int64_t send_time;
	int32_t pad1;
	int64_t receive_time;
	int32_t pad2;
	int64_t change_time;
	int32_t pad3, pad4[4];
};
#pragma pack(pop)

int darwin_shmget(int key, size_t size, int flags) { return (int)errno_result(shmget(key, size, flags)); }

void *darwin_shmat(int id, const void *at, int flags)
{
	void *where = shmat(id, at, flags);
	if (where == (void *)-1)
		errno_result(-1);
	return where;
}

int darwin_shmdt(const void *at) { return (int)errno_result(shmdt(at)); }

int darwin_shmctl(int id, int command, struct darwin_shmid *of)
{
	struct shmid_ds host;
	if (command == IPC_RMID)
		return (int)errno_result(shmctl(id, IPC_RMID, NULL));
	if ((command != IPC_STAT && command != IPC_SET) || !of)
		return errno_set(DARWIN_EINVAL);
	if (shmctl(id, IPC_STAT, &host) < 0)
		return (int)errno_result(-1);
	if (command == IPC_SET) {
		perm_to_host(&of->perm, &host.shm_perm);
		return (int)errno_result(shmctl(id, IPC_SET, &host));
	}
	*of = (struct darwin_shmid){perm_of(&host.shm_perm), host.shm_segsz, host.shm_lpid, host.shm_cpid, (uint16_t)host.shm_nattch, host.shm_atime, host.shm_dtime, host.shm_ctime, NULL};
	return 0;
}

int darwin_semget(int key, int count, int flags) { return (int)errno_result(semget(key, count, flags)); }
int darwin_semop(int id, struct sembuf *operations, size_t count) { return (int)errno_result(semop(id, operations, count)); }

union semun {
	int value;
	void *pointer;
	unsigned short *values;
};

static int semctl_info(int id, int command, struct darwin_semid *of)
{
	struct semid_ds host;
	union semun argument = {.pointer = &host};
	if (semctl(id, 0, IPC_STAT, argument) < 0)
		return (int)errno_result(-1);
	if (command == IPC_SET) {
		perm_to_host(&of->perm, &host.sem_perm);
		return (int)errno_result(semctl(id, 0, IPC_SET, argument));
	}
	*of = (struct darwin_semid){.perm = perm_of(&host.sem_perm), .count = (uint16_t)host.sem_nsems, .operation_time = host.sem_otime, .change_time = host.sem_ctime};
	return 0;
}

int darwin_semctl(int id, int number, int command, ...)
{
	static const int hosts[] = {[3] = GETNCNT, GETPID, GETVAL, GETALL, GETZCNT, SETVAL, SETALL}; // Darwin's 3 to 9
	va_list arguments;
	va_start(arguments, command);
	union semun argument = va_arg(arguments, union semun);
	va_end(arguments);
	if (command == IPC_STAT || command == IPC_SET)
		return semctl_info(id, command, argument.pointer);
	if (command != IPC_RMID && (command < 3 || command > 9))
		return errno_set(DARWIN_EINVAL);
	return (int)errno_result(semctl(id, number, command == IPC_RMID ? IPC_RMID : hosts[command], argument));
}

int darwin_msgget(int key, int flags) { return (int)errno_result(msgget(key, flags)); }
int darwin_msgsnd(int id, const void *message, size_t size, int flags) { return (int)errno_result(msgsnd(id, message, size, flags)); }
long darwin_msgrcv(int id, void *to, size_t size, long type, int flags) { return errno_result(msgrcv(id, to, size, type, flags)); }

int darwin_ftok(const char *path, int project)
{
	return (int)errno_result(ftok(path, project));
}

int darwin_msgctl(int id, int command, struct darwin_msqid *of) // IPC_RMID 0, IPC_SET 1, IPC_STAT 2 in both
{
	struct msqid_ds host;
	if (command == IPC_SET) {
		if (msgctl(id, IPC_STAT, &host) < 0)
			return (int)errno_result(-1);
		perm_to_host(&of->perm, &host.msg_perm);
		host.msg_qbytes = of->most_bytes;
	}
	int result = (int)errno_result(msgctl(id, command, &host));
	if (result == 0 && command == IPC_STAT)
		*of = (struct darwin_msqid){.perm = perm_of(&host.msg_perm), .bytes = host.__msg_cbytes, .messages = host.msg_qnum, .most_bytes = host.msg_qbytes, .sender = host.msg_lspid,
					    .receiver = host.msg_lrpid, .send_time = host.msg_stime, .receive_time = host.msg_rtime, .change_time = host.msg_ctime};
	return result;
}
