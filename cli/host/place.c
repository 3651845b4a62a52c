// SPDX-License-Identifier: MIT
// The place of the host's gila: its standard streams. See place.h.
//
// SIGINT ends the program as usual, except at the prompt, where it ends the running command. At the prompt the terminal gives
// keys while a line is edited and is as it was while a command runs.
#include "../place.h"

#include "../cli.h"
#include "../interrupt.h"
#include "../mount.h"

#include <abi/traps.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

const bool place_is_host = true;

static bool reached; // the kernel knows this process
static bool apart;   // this is the child of place_apart
static bool by_keys;
static struct termios before;

bool place_reach(const char **why)
{
	static char text[256];
	const char *socket = getenv("GILA_SOCKET"), *base = getenv("XDG_RUNTIME_DIR");
	*why = text;
	if (reached)
		return true;
	reached = gila_task_id() != 0;
	if (reached) {
		mounts_adopt();
		return true;
	}
	if (socket)
		snprintf(text, sizeof(text), "no system runs at %s (gila boot starts one)", socket);
	else
		snprintf(text, sizeof(text), "no system runs at %s/gila-%u/session (gila boot starts one)",
			 base && *base ? base : "/tmp", (unsigned)geteuid());
	return false;
}

bool place_write(const char *text, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t count = write(STDOUT_FILENO, text + done, size - done);
		if (count < 0 && errno != EINTR)
			return false;
		done += count > 0 ? (size_t)count : 0;
	}
	return true;
}

void place_complain(const char *line) { fputs(line, stderr); }

size_t place_width(void)
{
	struct winsize size;
	if (!isatty(STDOUT_FILENO))
		return 0;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool place_apart(int *status)
{
	int how = 0;
	pid_t child = reached ? -1 : fork();
	apart = child == 0;
	if (child <= 0)
		return false;
	while (waitpid(child, &how, 0) < 0 && errno == EINTR)
		;
	// SIGKILL is how the system took it along.
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : WTERMSIG(how) == SIGKILL ? CLI_OK : CLI_FAILED;
	return true;
}

void place_apart_end(int status)
{
	if (apart)
		_exit(status);
}

void place_listen(void) { interrupt_clear(); }

// ---- Input ---------------------------------------------------------------------------------------------------------

static sigset_t interrupts;

static void *listener_main(void *argument)
{
	int number;
	while (sigwait(&interrupts, &number) == 0)
		interrupt_raise();
	return NULL;
}

// From now on SIGINT is for a thread that waits for it.
static void listener_start(void)
{
	pthread_t thread;
	sigemptyset(&interrupts);
	sigaddset(&interrupts, SIGINT);
	pthread_sigmask(SIG_BLOCK, &interrupts, NULL);
	if (pthread_create(&thread, NULL, listener_main, NULL) == 0)
		pthread_detach(thread);
	else
		pthread_sigmask(SIG_UNBLOCK, &interrupts, NULL);
}

static void terminal_set(bool keys)
{
	struct termios raw = before;
	if (!by_keys)
		return;
	if (keys) {
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
		raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
	}
	tcsetattr(STDIN_FILENO, TCSADRAIN, keys ? &raw : &before);
}

static void terminal_give_back(void) { terminal_set(false); }

bool place_input_begin(bool *keys, const char **why)
{
	*keys = by_keys = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
	if (by_keys) {
		listener_start();
		atexit(terminal_give_back);
		terminal_set(true);
	}
	return true;
}

enum place_input place_input_read(char *to, size_t room, size_t *size)
{
	ssize_t count;
	do
		count = read(STDIN_FILENO, to, room);
	while (count < 0 && errno == EINTR);
	*size = count > 0 ? (size_t)count : 0;
	return count > 0 ? PLACE_INPUT : PLACE_INPUT_END;
}

void place_input_pause(bool pause) { terminal_set(!pause); }

void place_input_end(void) { terminal_set(false); }
