// SPDX-License-Identifier: MIT
// The sockets: programs of the same user that the kernel did not start ask here to become a task, by connecting to the
// listening socket and saying hello. Who they are is asked of Linux (SO_PEERCRED), never of them.
//
// The socket lies in a directory that belongs to this user alone (mode 0700). A process whose chain of parents holds
// one that is a task becomes a child of that task, else a stranger. One that is a task already and whose old socket
// is gone has been replaced by exec: it keeps its task. Descriptors for S2C requests pass here as well.
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define PARENTS_LIMIT 32
#define MESSAGES_AT_ONCE 64
#define RECEIVED_LIMIT 8u // descriptors that wait for whoever asked for them

static char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
static int listen_file = -1;

const char *checkin_path(void) { return socket_path; }

bool linux_socket_default(char *path, size_t room)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	int size = snprintf(path, room, "%s/gila-%u/session", base && *base ? base : "/tmp", (unsigned)geteuid());
	return size > 0 && (size_t)size < room;
}

// ---- Listening -----------------------------------------------------------------------------------------------------

// The directory of the socket exists, is ours, and nobody else may enter.
static bool directory_prepare(const char *path)
{
	char directory[sizeof(socket_path)];
	snprintf(directory, sizeof(directory), "%s", path);
	char *slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return true;
	*slash = 0;
	if (mkdir(directory, 0700) < 0 && errno != EEXIST) {
		host_complain("the socket directory %s cannot be made: %s", directory, strerror(errno));
		return false;
	}
	struct stat status;
	if (lstat(directory, &status) < 0 || !S_ISDIR(status.st_mode)) {
		host_complain("the socket directory %s is not a directory", directory);
		return false;
	}
	if (status.st_uid != geteuid() || (status.st_mode & 022)) {
		host_complain("the socket directory %s is not ours alone (owner %u, mode %03o)", directory,
			      (unsigned)status.st_uid, status.st_mode & 0777);
		return false;
	}
	return true;
}

// A socket file that nobody listens on is a leftover.
static bool leftover_remove(const struct sockaddr_un *address)
{
	int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool alive = probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0;
	if (probe >= 0)
		close(probe);
	if (alive) {
		host_complain("a kernel is running at %s already; stop it, or choose another --socket", socket_path);
		return false;
	}
	return unlink(socket_path) == 0 || errno == ENOENT;
}

// A socket that somebody bound and listens on, for this kernel.
static bool socket_adopt(int file)
{
	int listening = 0, type = 0;
	socklen_t size = sizeof(type);
	if (getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_SEQPACKET ||
	    getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 || !listening) {
		host_complain("descriptor %d is not a socket of type SOCK_SEQPACKET that listens", file);
		return false;
	}
	fcntl(file, F_SETFD, FD_CLOEXEC);
	fcntl(file, F_SETFL, O_NONBLOCK);
	listen_file = file;
	if (source_add(listen_file, SOURCE_LISTEN, 0, 0))
		return true;
	host_complain("the socket %s cannot be watched: %s", socket_path, strerror(errno));
	return false;
}

bool checkin_listen(const char *path, int listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		host_complain("the socket path %s is too long: %zu bytes, at most %zu", path, strlen(path),
			      sizeof(address.sun_path) - 1);
		return false;
	}
	snprintf(socket_path, sizeof(socket_path), "%s", path);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (listening > 0)
		return socket_adopt(listening);
	if (!directory_prepare(path) || !leftover_remove(&address)) {
		socket_path[0] = 0;
		return false;
	}
	listen_file = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0077);
	bool bound = listen_file >= 0 && bind(listen_file, (struct sockaddr *)&address, sizeof(address)) == 0;
	int error = errno;
	umask(mask);
	if (bound && listen(listen_file, 512) == 0 && source_add(listen_file, SOURCE_LISTEN, 0, 0))
		return true;
	host_complain("the socket %s cannot be made: %s", path, strerror(bound ? errno : error));
	if (!bound)
		socket_path[0] = 0;
	return false;
}

void checkin_unlink(void)
{
	if (socket_path[0])
		unlink(socket_path);
	socket_path[0] = 0;
}

void checkin_close(void)
{
	checkin_unlink();
	source_remove(listen_file);
	close(listen_file);
}

static void checkin_accept_one(int file)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	if (getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.uid != geteuid()) {
		log_line("linux", "a process of user %u was refused: not the user of this kernel", (unsigned)peer.uid);
		close(file);
		return;
	}
	if (!idle_client_came()) { // it looks for another kernel
		close(file);
		return;
	}
	struct process *process = process_create(peer.pid);
	if (!process) {
		idle_client_went();
		log_line("linux", "process %d was refused: %u processes are the limit", peer.pid, PROCESS_LIMIT);
		close(file);
		return;
	}
	process->client = true;
	process->user = peer.uid;
	process->group = peer.gid;
	process->socket = file;
	if (!source_add(file, SOURCE_SOCKET, process->index, process->generation))
		process_died(process);
}

void checkin_accept(void)
{
	for (;;) {
		int file = accept4(listen_file, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (file >= 0)
			checkin_accept_one(file);
		else if (errno != EINTR && errno != ECONNABORTED)
			break;
	}
	if (errno == EMFILE || errno == ENFILE)
		log_line("linux", "no descriptor is left for a new process: %s", strerror(errno));
}

// ---- Welcome -------------------------------------------------------------------------------------------------------

static int send_message(int file, const void *data, size_t size, const int *files, unsigned count)
{
	char control[CMSG_SPACE(2 * sizeof(int))];
	memset(control, 0, sizeof(control));
	struct iovec vector = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
	if (count > 0) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), files, count * sizeof(int));
	}
	return sendmsg(file, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? errno : 0;
}

// Another CPU may find the process dead and close its socket at any time: hence the lock, which is held for a moment only.
static int send_to(struct process *process, const void *data, size_t size, const int *files, unsigned count)
{
	md_lock_acquire(&process->lock);
	int error = process->socket < 0 ? ESRCH : send_message(process->socket, data, size, files, count);
	md_lock_release(&process->lock);
	return error;
}

int checkin_welcome(struct process *process)
{
	int files[2];
	struct channel *channel = channel_create(process, &files[0]);
	if (!channel)
		return errno;
	files[1] = channel->doorbell;
	struct channel_welcome welcome = {
		.kind = CHANNEL_WELCOME,
		.version = CHANNEL_VERSION,
		.server = (uint32_t)getpid(),
		.signal = (uint32_t)s2c_signal(),
	};
	// It may have died meanwhile, on another CPU: nobody would take the channel off it again.
	md_lock_acquire(&process->lock);
	bool alive = (process->state == PROCESS_CONNECTED || process->state == PROCESS_LIVE) && !process->channel;
	if (alive)
		process->channel = channel;
	md_lock_release(&process->lock);
	if (!alive) {
		channel_release(channel);
		close(files[0]);
		return ESRCH;
	}
	int error = send_to(process, &welcome, sizeof(welcome), files, 2);
	close(files[0]);
	return error;
}

int s2c_send_descriptor(struct process *process, uint32_t id, int file)
{
	struct channel_descriptor descriptor = {CHANNEL_DESCRIPTOR, id};
	return send_message(process->socket, &descriptor, sizeof(descriptor), &file, 1); // the lock is held
}

// ---- Hello ---------------------------------------------------------------------------------------------------------

static void checkin_refuse(struct process *process, const char *why)
{
	struct channel_welcome refusal = {.kind = CHANNEL_REFUSED, .version = CHANNEL_VERSION};
	snprintf(refusal.reason, sizeof(refusal.reason), "%s", why);
	log_line("linux", "process %d (%s) was refused: %s", process->pid, process->name, why);
	(void)send_to(process, &refusal, sizeof(refusal), NULL, 0);
	process_died(process);
}

// The nearest ancestor that is a task, with references of both; NULL: none.
static struct process *parent_find(pid_t pid, struct task **task)
{
	char state;
	for (int i = 0; i < PARENTS_LIMIT && pid > 1; i++) {
		if (!process_stat(pid, &pid, &state))
			return NULL;
		struct process *process = process_find(pid);
		if (!process)
			continue;
		md_lock_acquire(&process->lock);
		*task = process->state == PROCESS_LIVE ? task_reference(process->task) : NULL;
		md_lock_release(&process->lock);
		if (*task)
			return process;
		process_release(process);
	}
	return NULL;
}

// A process that is a task says hello again: its program was replaced. The struct of the new connection gives its
// socket to the old one, which keeps its task.
static void checkin_exec(struct process *process, struct process *old)
{
	process_execed(old);
	md_lock_acquire(&old->lock);
	bool taken = old->state == PROCESS_LIVE && !old->channel && old->socket < 0;
	if (taken) {
		// The new one's lock, too: another CPU may come to its socket. Nobody takes these two the other way round,
		// since only the old one is registered.
		md_lock_acquire(&process->lock);
		source_remove(process->socket);
		old->socket = process->socket;
		process->socket = -1;
		md_lock_release(&process->lock);
		process_rename_locked(old, process->name);
	}
	md_lock_release(&old->lock);
	if (!taken) {
		checkin_refuse(process, "the task of this process is ending");
		return;
	}
	int error = checkin_welcome(old);
	md_lock_acquire(&old->lock); // it may have died meanwhile, and its socket with it
	if (!error && old->socket >= 0 && !source_add(old->socket, SOURCE_SOCKET, old->index, old->generation))
		error = errno;
	md_lock_release(&old->lock);
	if (error)
		process_refuse(old, strerror(error));
	process_died(process);
}

static struct task *checkin_task(struct process *process, const struct channel_hello *hello)
{
	struct task *parent_task = NULL, *task = NULL;
	struct process *parent = parent_find(process->pid, &parent_task);
	if (!hello->token)
		task = kern_task_attach(parent_task, process->name);
	else if (parent)
		task = clone_claim(parent->pid, hello->token);
	if (parent) {
		task_release(parent_task);
		process_release(parent);
	}
	return task;
}

static void checkin_new(struct process *process, const struct channel_hello *hello)
{
	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd < 0) {
		checkin_refuse(process, strerror(errno));
		return;
	}
	struct task *task = checkin_task(process, hello);
	if (task && process->client && !hello->token)
		kern_task_process(task, process->user, process->group, (uint32_t)process->pid);
	if (!task) {
		checkin_refuse(process, hello->token ? "no clone with this token is expected" : "no room for a task");
		return;
	}
	process_register(process);
	process_bind(process, task);
	int error = checkin_welcome(process);
	if (error)
		process_refuse(process, strerror(error));
	if (!source_add(process->pidfd, SOURCE_DEATH, process->index, process->generation))
		process_refuse(process, "no room for an event source");
}

static void checkin_hello(struct process *process, const struct channel_hello *hello, size_t size)
{
	if (size != sizeof(*hello) || hello->kind != CHANNEL_HELLO || hello->version != CHANNEL_VERSION) {
		checkin_refuse(process, "its hello is not of this version of Gila");
		return;
	}
	memcpy(process->name, hello->name, sizeof(process->name) - 1);
	process->name[sizeof(process->name) - 1] = 0;
	for (char *c = process->name; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	struct process *old = process_find(process->pid);
	if (old) {
		checkin_exec(process, old);
		process_release(old);
	} else {
		checkin_new(process, hello);
	}
}

// ---- Events --------------------------------------------------------------------------------------------------------

struct received {
	struct list link;
	uint32_t id;
	int file;
};

int s2c_received(struct process *process, uint32_t id)
{
	int file = -1;
	md_lock_acquire(&process->lock);
	list_for_each_safe(link, &process->received) {
		struct received *received = container_of(link, struct received, link);
		if (file < 0 && (id == 0 || received->id == id)) {
			list_remove(link);
			file = received->file;
			kfree(&account_kernel, received, sizeof(*received));
		}
	}
	md_lock_release(&process->lock);
	return file;
}

// Whoever asked for it will look; a client that sends more than is asked for loses the oldest.
static void keep_descriptor(struct process *process, const void *data, size_t size, int file)
{
	const struct channel_descriptor *message = data;
	if (file < 0)
		return;
	struct received *received = NULL;
	if (size == sizeof(*message) && message->kind == CHANNEL_DESCRIPTOR)
		received = kalloc(&account_kernel, sizeof(*received));
	if (!received) {
		close(file);
		return;
	}
	received->id = message->id;
	received->file = file;
	unsigned count = 0;
	md_lock_acquire(&process->lock);
	list_push_back(&process->received, &received->link);
	list_for_each(link, &process->received)
		count++;
	md_lock_release(&process->lock);
	if (count > RECEIVED_LIMIT && (file = s2c_received(process, 0)) >= 0)
		close(file);
}

// One message and at most one descriptor. <0: nothing there, or the end (*end).
static ssize_t receive_message(int socket, void *data, size_t room, int *file, bool *end)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec vector = {data, room};
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	*file = -1;
	ssize_t size = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	*end = size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
	if (size <= 0)
		return -1;
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(file, CMSG_DATA(header), sizeof(int));
	return size;
}

static void socket_ended(struct process *process, enum process_state state)
{
	if (state == PROCESS_CONNECTED)
		process_died(process);
	else if (!process_exiting(process->pid)) // an end is reported by its own event
		process_execed(process);
}

void checkin_socket_event(struct process *process)
{
	char data[sizeof(struct channel_hello) + 1];
	for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
		md_lock_acquire(&process->lock);
		enum process_state state = process->state;
		// While one CPU looks at the hello no other reads; it comes back here afterwards.
		bool busy = state == PROCESS_DEAD || process->socket < 0 || (state == PROCESS_CONNECTED && process->greeted);
		int file = -1;
		bool end = false;
		ssize_t size = busy ? -1 : receive_message(process->socket, data, sizeof(data), &file, &end);
		if (size > 0 && state == PROCESS_CONNECTED)
			process->greeted = true;
		md_lock_release(&process->lock);
		if (end)
			socket_ended(process, state);
		if (size < 0)
			return;
		if (state == PROCESS_LIVE) {
			keep_descriptor(process, data, (size_t)size, file);
			continue;
		}
		if (file >= 0)
			close(file);
		checkin_hello(process, (struct channel_hello *)(void *)data, (size_t)size);
	}
	process_refuse(process, "it floods its socket");
}
