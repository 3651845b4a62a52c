// SPDX-License-Identifier: MIT
// The socket of QEMU's -qtest: a line for each access to ports or memory, answered by "OK" and perhaps a value (QEMU's
// documentation, devel/testing/qtest). A program that gets no answer ends.
#ifndef TESTS_QTEST_H
#define TESTS_QTEST_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static FILE *qtest_to, *qtest_from;

static inline void qtest_connect(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name))) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	qtest_to = fdopen(fd, "w");
	qtest_from = fdopen(dup(fd), "r");
	if (!qtest_to || !qtest_from)
		exit(1);
}

// What stands behind "OK", up to `room` bytes with the zero byte.
static inline void qtest_ask_text(const char *line, char *answer, size_t room)
{
	fprintf(qtest_to, "%s\n", line);
	fflush(qtest_to);
	char *start = malloc(room + 4);
	if (!start || !fgets(start, (int)room + 4, qtest_from) || strncmp(start, "OK", 2) != 0) {
		fprintf(stderr, "%s: no answer\n", line);
		exit(1);
	}
	snprintf(answer, room, "%s", start[2] == ' ' ? start + 3 : "");
	free(start);
}

static inline uint64_t qtest_ask(const char *line)
{
	char answer[64];
	qtest_ask_text(line, answer, sizeof(answer));
	return strtoull(answer, NULL, 0);
}

#endif
