// SPDX-License-Identifier: MIT
// posix_spawn. Usually the host's (it does not copy the address space); the two flags that it lacks are done here: POSIX_SPAWN_SETEXEC
// is execve with all that was asked for, in this process, and POSIX_SPAWN_START_SUSPENDED the same in a child that first stops.
#include "process_notes.h"
#include "spawn.h"

#include "environment.h"
#include "errno.h"
#include "exec.h"
#include "signals.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct spawn_attributes no_attributes;
static const struct spawn_actions no_actions;

// ---- which descriptors stay: with POSIX_SPAWN_CLOEXEC_DEFAULT only those that the actions name ------------------------

static bool is_kept(const struct spawn_actions *actions, int file)
{
	bool kept = false;
	for (size_t i = 0; i < actions->count; i++) {
		const struct spawn_action *action = &actions->list[i];
		if (action->to == file && action->kind <= SPAWN_INHERIT)
			kept = action->kind != SPAWN_CLOSE;
	}
	return kept;
}

static int highest_kept(const struct spawn_actions *actions)
{
	int highest = -1;
	for (size_t i = 0; i < actions->count; i++)
		if (actions->list[i].kind <= SPAWN_INHERIT && actions->list[i].to > highest &&
		    is_kept(actions, actions->list[i].to))
			highest = actions->list[i].to;
	return highest;
}

// ---- in this process ------------------------------------------------------------------------------------------------

static int apply_action(const struct spawn_action *action)
{
	int file, error;
	switch (action->kind) {
	case SPAWN_CLOSE: return close(action->file) < 0 ? errno : 0;
	case SPAWN_INHERIT: return fcntl(action->file, F_SETFD, 0) < 0 ? errno : 0;
	case SPAWN_CHDIR: return chdir(action->path) < 0 ? errno : 0;
	case SPAWN_FCHDIR: return fchdir(action->file) < 0 ? errno : 0;
	case SPAWN_DUP2:
		if (action->file == action->to)
			return fcntl(action->file, F_SETFD, 0) < 0 ? errno : 0;
		return dup2(action->file, action->to) < 0 ? errno : 0;
	default: break;
	}
	file = open(action->path, action->flags, action->mode);
	if (file < 0)
		return errno;
	if (file == action->to)
		return 0;
	error = dup2(file, action->to) < 0 ? errno : 0;
	close(file);
	return error;
}

// The host's error, or 0.
static int apply(const struct spawn_actions *actions, const struct spawn_attributes *attributes)
{
	sigset_t mask;
	int flags = attributes->flags, error = 0;
	if ((flags & SPAWN_SETSID) && setsid() < 0)
		return errno;
	if ((flags & SPAWN_SETPGROUP) && setpgid(0, attributes->group) < 0)
		return errno;
	if ((flags & SPAWN_RESETIDS) && (setegid(getgid()) < 0 || seteuid(getuid()) < 0))
		return errno;
	for (size_t i = 0; i < actions->count && !error; i++)
		error = apply_action(&actions->list[i]);
	if (flags & SPAWN_CLOEXEC_DEFAULT) {
		int highest = highest_kept(actions);
		for (int file = 0; file <= highest; file++)
			if (!is_kept(actions, file))
				fcntl(file, F_SETFD, FD_CLOEXEC);
		close_range((unsigned)highest + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	}
	for (int number = 1; number < 32 && (flags & SPAWN_SETSIGDEF); number++)
		if (attributes->default_signals >> (number - 1) & 1)
			signal(signals_to_host(number), SIG_DFL);
	signals_set_to_host(attributes->mask, &mask);
	if (flags & SPAWN_SETSIGMASK)
		sigprocmask(SIG_SETMASK, &mask, NULL);
	return error;
}

// Stops before it becomes the program: SIGCONT starts it, as it does on Darwin.
static int spawn_suspended(int *process, const struct exec_plan *plan, const struct spawn_actions *actions,
			   const struct spawn_attributes *attributes, char *const environment[])
{
	int ends[2], error = 0;
	if (access(plan->path, X_OK) < 0)
		return errno;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	int high = fcntl(ends[1], F_DUPFD_CLOEXEC, 1000); // out of the way of what the actions name
	if (high >= 0) {
		close(ends[1]);
		ends[1] = high;
	}
	int child = fork();
	if (child == 0) {
		error = apply(actions, attributes);
		if (write(ends[1], &error, sizeof(error)) != sizeof(error) || error)
			_exit(127);
		close(ends[1]);
		raise(SIGSTOP);
		execve(plan->path, plan->words, environment);
		_exit(127);
	}
	close(ends[1]);
	if (child < 0)
		error = errno;
	else if (read(ends[0], &error, sizeof(error)) != sizeof(error))
		error = ECHILD;
	close(ends[0]);
	siginfo_t info;
	if (child > 0 && error)
		waitpid(child, NULL, 0);
	else if (child > 0 && waitid(P_PID, (id_t)child, &info, WSTOPPED | WEXITED | WNOWAIT) == 0 &&
		 info.si_code == CLD_STOPPED)
		waitpid(child, NULL, WUNTRACED | WNOHANG); // the program does not hear of that stop
	*process = child;
	return error;
}

// ---- by the host ----------------------------------------------------------------------------------------------------

static int host_action(posix_spawn_file_actions_t *host, const struct spawn_action *action)
{
	switch (action->kind) {
	case SPAWN_CLOSE: return posix_spawn_file_actions_addclose(host, action->file);
	case SPAWN_OPEN:
		return posix_spawn_file_actions_addopen(host, action->to, action->path, action->flags,
							(mode_t)action->mode);
	case SPAWN_CHDIR: return posix_spawn_file_actions_addchdir_np(host, action->path);
	case SPAWN_FCHDIR: return posix_spawn_file_actions_addfchdir_np(host, action->file);
	default: return posix_spawn_file_actions_adddup2(host, action->file, action->to); // one to itself is inherited
	}
}

static int host_actions(posix_spawn_file_actions_t *host, const struct spawn_actions *actions, bool close_rest)
{
	int error = 0, highest = highest_kept(actions);
	for (size_t i = 0; i < actions->count && !error; i++)
		error = host_action(host, &actions->list[i]);
	for (int file = 0; file <= highest && close_rest && !error; file++)
		if (!is_kept(actions, file))
			error = posix_spawn_file_actions_addclose(host, file);
	return error || !close_rest ? error : posix_spawn_file_actions_addclosefrom_np(host, highest + 1);
}

static int host_attributes(posix_spawnattr_t *host, const struct spawn_attributes *attributes)
{
	sigset_t set;
	int flags = attributes->flags &
		    (SPAWN_RESETIDS | SPAWN_SETPGROUP | SPAWN_SETSIGDEF | SPAWN_SETSIGMASK); // the same bits
	signals_set_to_host(attributes->default_signals, &set);
	posix_spawnattr_setsigdefault(host, &set);
	signals_set_to_host(attributes->mask, &set);
	posix_spawnattr_setsigmask(host, &set);
	posix_spawnattr_setpgroup(host, attributes->group);
	return posix_spawnattr_setflags(host,
					(short)(flags | (attributes->flags & SPAWN_SETSID ? POSIX_SPAWN_SETSID : 0)));
}

static int spawn_by_host(int *process, const struct exec_plan *plan, const struct spawn_actions *actions,
			 const struct spawn_attributes *attributes, char *const environment[])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attribute;
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attribute);
	int error = host_actions(&files, actions, attributes->flags & SPAWN_CLOEXEC_DEFAULT);
	if (!error)
		error = host_attributes(&attribute, attributes);
	if (!error)
		error = posix_spawn(process, plan->path, &files, &attribute, plan->words, environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attribute);
	return error;
}

// ---- posix_spawn ----------------------------------------------------------------------------------------------------

// A relative name is looked up where the actions lead to. False: too long.
static bool path_after_actions(const char *path, const struct spawn_actions *actions, char *to)
{
	char folder[PATH_MAX] = "";
	size_t used = 0;
	for (size_t i = 0; i < actions->count && path[0] != '/'; i++) {
		const struct spawn_action *action = &actions->list[i];
		if (action->kind == SPAWN_FCHDIR)
			used = (size_t)snprintf(folder, sizeof(folder), "/proc/self/fd/%d/", action->file);
		if (action->kind != SPAWN_CHDIR)
			continue;
		if (action->path[0] == '/')
			used = 0;
		else if (used == 0 && getcwd(folder, sizeof(folder) - 1))
			used = strlen(strcat(folder, "/"));
		used += (size_t)snprintf(folder + used, sizeof(folder) - used, "%s/", action->path);
		if (used >= sizeof(folder))
			return false;
	}
	return snprintf(to, PATH_MAX, "%.*s%s", (int)used, folder, path) < PATH_MAX;
}

int darwin_posix_spawn(int *process, const char *path, struct spawn_actions *const *actions,
		       struct spawn_attributes *const *attributes, char *const words[], char *const environment[])
{
	struct exec_plan plan;
	char whole[PATH_MAX];
	const struct spawn_actions *files = actions && *actions ? *actions : &no_actions;
	const struct spawn_attributes *how = attributes && *attributes ? *attributes : &no_attributes;
	int child = 0, error;
	if (!environment)
		environment = environment_get();
	if (!path_after_actions(path, files, whole))
		return 63; // ENAMETOOLONG
	if (!exec_plan_make(&plan, whole, words))
		return DARWIN_ENOMEM;
	if (how->flags & SPAWN_SETEXEC) {
		error = apply(files, how);
		if (!error && (how->flags & SPAWN_SUSPENDED))
			raise(SIGSTOP);
		if (!error)
			process_note(0, NOTE_EXEC, 0), execve(plan.path, plan.words, environment), error = errno;
	} else if (how->flags & SPAWN_SUSPENDED)
		error = spawn_suspended(&child, &plan, files, how, environment);
	else
		error = spawn_by_host(&child, &plan, files, how, environment);
	exec_plan_free(&plan);
	if (!error)
		process_note(0, NOTE_FORK, 0);
	if (!error && process)
		*process = child;
	return errno_to_darwin(error);
}

int darwin_posix_spawnp(int *process, const char *name, struct spawn_actions *const *actions,
			struct spawn_attributes *const *attributes, char *const words[], char *const environment[])
{
	char path[PATH_MAX];
	int error = exec_search(name, path);
	if (error)
		return error;
	error = darwin_posix_spawn(process, path, actions, attributes, words, environment);
	if (error != 8) // ENOEXEC: a script without its first line is the shell's
		return error;
	char **shell = exec_shell_words(path, words);
	error = shell ? darwin_posix_spawn(process, "/bin/sh", actions, attributes, shell, environment) : DARWIN_ENOMEM;
	free(shell);
	return error;
}
