// SPDX-License-Identifier: MIT
// posix_spawn with all that it can be asked, the exec family, waitid.
// spawns                 checks all of it
// spawns show NAME...    prints what it finds of itself: files, session, group, mask, folder
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static char self[1024], output[4096];
static pid_t child;
static int status;

static int show(int count, char **words)
{
	char folder[1024];
	sigset_t mask;
	for (int i = 2; i < count; i++) {
		if (strcmp(words[i], "files") == 0)
			for (int file = 0; file < 40; file++)
				if (fcntl(file, F_GETFD) >= 0)
					printf("%d ", file);
		if (strcmp(words[i], "session") == 0)
			printf("%s ", getsid(0) == getpid() ? "session" : "-");
		if (strcmp(words[i], "group") == 0)
			printf("%s ", getpgrp() == getpid() ? "group" : "-");
		if (strcmp(words[i], "mask") == 0 && sigprocmask(SIG_BLOCK, NULL, &mask) == 0)
			printf("%x ", mask);
		if (strcmp(words[i], "usr1") == 0)
			printf("%s ", signal(SIGUSR1, SIG_DFL) == SIG_IGN ? "ignored" : "default");
		if (strcmp(words[i], "folder") == 0)
			printf("%s ", getcwd(folder, sizeof(folder)));
		if (strcmp(words[i], "word") == 0)
			printf("%s ", getenv("WORD"));
		if (strcmp(words[i], "name") == 0)
			printf("%s ", words[0]);
	}
	puts(".");
	return 6;
}

static int is(const char *expected)
{
	if (strcmp(output, expected) == 0)
		return 1;
	fprintf(stderr, "it is: %s", output);
	return 0;
}

static void take_output(int file)
{
	size_t used = 0;
	ssize_t size;
	while ((size = read(file, output + used, sizeof(output) - 1 - used)) > 0)
		used += (size_t)size;
	output[used] = '\0';
	close(file);
}

// Its standard output goes through descriptor 30 of a pipe.
static void run(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, const char *path, const char *what)
{
	int ends[2];
	char *words[] = {(char *)"spawned", (char *)"show", (char *)(unsigned long)what, NULL};
	CHECK(pipe(ends) == 0 && dup2(ends[1], 30) == 30 && close(ends[1]) == 0 && fcntl(ends[0], F_SETFD, 1) == 0);
	CHECK(posix_spawn_file_actions_adddup2(actions, 30, 1) == 0);
	CHECK(posix_spawn(&child, path, actions, attributes, words, environ) == 0);
	close(30);
	take_output(ends[0]);
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 6);
	posix_spawn_file_actions_destroy(actions);
	posix_spawn_file_actions_init(actions);
}

static void check_spawn(void)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set = 1u << (SIGUSR2 - 1), usr1 = 1u << (SIGUSR1 - 1);
	CHECK(posix_spawn_file_actions_init(&actions) == 0 && posix_spawnattr_init(&attributes) == 0);
	CHECK(dup2(0, 11) == 11 && dup2(0, 12) == 12 && fcntl(12, F_SETFD, 1) == 0);
	run(&actions, &attributes, self, "files");
	CHECK(is("0 1 2 11 30 .\n"));
	CHECK(posix_spawn_file_actions_addinherit_np(&actions, 12) == 0 &&
	      posix_spawn_file_actions_addclose(&actions, 11) == 0);
	run(&actions, &attributes, self, "files");
	CHECK(is("0 1 2 12 30 .\n"));
	CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_CLOEXEC_DEFAULT) == 0);
	CHECK(posix_spawn_file_actions_addopen(&actions, 15, "/dev/null", O_RDWR | O_CREAT, 0600) == 0);
	CHECK(posix_spawn_file_actions_addinherit_np(&actions, 12) == 0);
	run(&actions, &attributes, self, "files");
	CHECK(is("1 12 15 .\n"));
	CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID) == 0);
	run(&actions, &attributes, self, "session");
	CHECK(is("session .\n"));
	CHECK(posix_spawnattr_setflags(&attributes,
				       POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) == 0);
	CHECK(posix_spawnattr_setsigmask(&attributes, &set) == 0 &&
	      posix_spawnattr_setsigdefault(&attributes, &usr1) == 0);
	signal(SIGUSR1, SIG_IGN);
	run(&actions, &attributes, self, "mask");
	CHECK(is("40000000 .\n"));
	run(&actions, &attributes, self, "usr1");
	CHECK(is("default .\n"));
	run(&actions, &attributes, self, "group");
	CHECK(is("group .\n"));
	run(&actions, NULL, self, "usr1");
	CHECK(is("ignored .\n"));
	signal(SIGUSR1, SIG_DFL);
	CHECK(posix_spawn_file_actions_addchdir_np(&actions, "/usr") == 0 &&
	      posix_spawn_file_actions_addchdir_np(&actions, "lib") == 0);
	run(&actions, NULL, self, "folder");
	CHECK(is("/usr/lib .\n"));
	CHECK(mkdir("inner", 0755) == 0 && symlink(self, "inner/link") == 0 &&
	      posix_spawn_file_actions_addchdir_np(&actions, "inner") == 0);
	run(&actions, NULL, "./link", "name");
	CHECK(is("spawned .\n"));
	char *words[] = {(char *)"x", NULL};
	CHECK(posix_spawn_file_actions_addclose(&actions, -1) == EBADF);
	CHECK(posix_spawn_file_actions_addopen(&actions, 9, "nowhere/at/all", O_RDONLY, 0) == 0);
	CHECK(posix_spawn(&child, self, &actions, NULL, words, environ) == ENOENT);
	CHECK(posix_spawn(&child, "/etc/passwd", NULL, NULL, words, environ) == EACCES);
	CHECK(posix_spawnp(&child, "nowhere-at-all", NULL, NULL, words, environ) == ENOENT);
}

static void check_suspended(void)
{
	posix_spawnattr_t attributes;
	siginfo_t info;
	int ends[2];
	char *words[] = {(char *)"spawned", (char *)"show", (char *)"name", NULL}, byte;
	posix_spawn_file_actions_t actions;
	CHECK(pipe(ends) == 0 && posix_spawn_file_actions_init(&actions) == 0 &&
	      posix_spawn_file_actions_adddup2(&actions, ends[1], 1) == 0);
	CHECK(posix_spawnattr_init(&attributes) == 0 &&
	      posix_spawnattr_setflags(&attributes, POSIX_SPAWN_START_SUSPENDED) == 0);
	CHECK(posix_spawn(&child, self, &actions, &attributes, words, environ) == 0 && close(ends[1]) == 0);
	CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && read(ends[0], &byte, 1) == -1 && errno == EAGAIN);
	CHECK(waitpid(child, &status, WNOHANG | WUNTRACED) == 0);
	CHECK(kill(child, SIGCONT) == 0);
	CHECK(waitid(P_PID, (unsigned)child, &info, WEXITED | WNOWAIT) == 0);
	CHECK(info.si_signo == SIGCHLD && info.si_code == CLD_EXITED && info.si_status == 6 && info.si_pid == child);
	take_output(ends[0]);
	CHECK(waitpid(child, &status, 0) == child && is("spawned .\n"));
}

// Runs `body` in a child whose output is taken.
#define IN_CHILD(body)                                                                                                 \
	do {                                                                                                           \
		int ends_[2];                                                                                          \
		CHECK(pipe(ends_) == 0);                                                                               \
		child = fork();                                                                                        \
		if (child == 0) {                                                                                      \
			dup2(ends_[1], 1), close(ends_[0]), close(ends_[1]);                                           \
			body;                                                                                          \
			_exit(99);                                                                                     \
		}                                                                                                      \
		close(ends_[1]);                                                                                       \
		take_output(ends_[0]);                                                                                 \
		CHECK(waitpid(child, &status, 0) == child);                                                            \
	} while (0)

static void set_exec(void)
{
	posix_spawnattr_t attributes;
	char *words[] = {(char *)"replaced", (char *)"show", (char *)"name", NULL};
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETEXEC);
	posix_spawn(NULL, self, NULL, &attributes, words, environ);
}

static void check_exec(void)
{
	char *environment[] = {(char *)"WORD=other", NULL}, *words[] = {(char *)"script", (char *)"one", NULL};
	FILE *file = fopen("plain", "w");
	fputs("echo shell $0 $1\nexit 5\n", file);
	fclose(file);
	chmod("plain", 0755);
	IN_CHILD(set_exec());
	CHECK(WEXITSTATUS(status) == 6 && is("replaced .\n"));
	IN_CHILD(execle(self, "listed", "show", "name", "word", NULL, environment));
	CHECK(WEXITSTATUS(status) == 6 && is("listed other .\n"));
	IN_CHILD(execvP("plain", "/nowhere:.", words)); // no first line: the shell's
	CHECK(WEXITSTATUS(status) == 5 && is("shell ./plain one\n"));
	CHECK(execvp("./nowhere", words) == -1 && errno == ENOENT && execvp("/etc", words) == -1 && errno == EACCES);
	file = fopen("by-env", "w"); // Linux' env could not run what it names
	fprintf(file, "#!/usr/bin/env the-program show name\n");
	fclose(file);
	file = fopen("by-env2", "w");
	fprintf(file, "#!/usr/bin/env the-program\n");
	fclose(file);
	CHECK(chmod("by-env2", 0755) == 0 && symlink(self, "the-program") == 0);
	setenv("PATH", ".:/usr/bin:/bin", 1);
	char *shown[] = {(char *)"by-env2", (char *)"name", NULL};
	IN_CHILD(execvp("./by-env2", shown)); // runs: the-program ./by-env2 name
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 8);
}

// What a kqueue tells of processes.
static void check_events(void)
{
	int queue = kqueue(), ends[2];
	char byte;
	CHECK(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		read(ends[0], &byte, 1);
		_exit(21);
	}
	struct kevent change = {.ident = (uintptr_t)child, .filter = EVFILT_PROC, .flags = EV_ADD, .fflags = 1},
		      event;						      // NOTE_TRACK
	CHECK(kevent(queue, &change, 1, NULL, 0, NULL) == -1 && errno == 45); // ENOTSUP
	change.fflags = NOTE_EXIT | NOTE_EXITSTATUS;
	CHECK(kevent(queue, &change, 1, NULL, 0, NULL) == 0 && write(ends[1], "x", 1) == 1);
	CHECK(kevent(queue, NULL, 0, &event, 1, NULL) == 1 && event.ident == (uintptr_t)child && event.data == 21 << 8);
	CHECK(waitpid(child, &status, 0) == child);
	change.ident = 4000000;
	CHECK(kevent(queue, &change, 1, NULL, 0, NULL) == -1 && errno == 3); // ESRCH
}

static void check_stops(void)
{
	siginfo_t info;
	child = fork();
	if (child == 0) {
		raise(SIGSTOP);
		raise(SIGKILL);
	}
	CHECK(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK(kill(child, SIGCONT) == 0);
	CHECK(waitid(P_PID, (unsigned)child, &info, WEXITED) == 0 && info.si_code == CLD_KILLED &&
	      info.si_status == SIGKILL);
	CHECK(waitpid(child, &status, 0) == -1 && errno == 10); // ECHILD
	CHECK(waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == -1 && errno == 10);
}

int main(int count, char **words)
{
	if (count > 2 && strcmp(words[1], "show") == 0)
		return show(count, words);
	if (count > 1 && strstr(words[1], "by-env"))
		return 8;
	for (int file = 3; file < 40; file++)
		close(file);
	strlcpy(self, words[0], sizeof(self));
	check_spawn();
	check_suspended();
	check_exec();
	check_stops();
	check_events();
	CHECK(getuid() != geteuid() || !issetugid());
	puts("spawns are fine");
	return 0;
}
