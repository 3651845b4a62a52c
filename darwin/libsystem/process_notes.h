// SPDX-License-Identifier: MIT
// What processes tell those who watch them (EVFILT_PROC): that they fork or become another program, and what signals they are sent. Linux
// tells nobody of these; macOS programs tell it themselves, to a datagram socket whose abstract name is that of the process. There is one
// watcher for a process and user at a time. Who is not watched finds no socket.
#ifndef DARWIN_PROCESS_NOTES_H
#define DARWIN_PROCESS_NOTES_H

#include <stdint.h>

#define NOTE_FORK 0x40000000u
#define NOTE_EXEC 0x20000000u
#define NOTE_SIGNAL 0x08000000u

// Tells of a process (0: the calling one). `signal`: Darwin's number, with NOTE_SIGNAL. Keeps errno.
void process_note(int process, uint32_t note, int signal);

// A socket for what a process tells, to be polled; -1: errno says why not (EADDRINUSE: somebody watches it).
int process_notes_open(int process);
// What has been told since: notes, and the last signal.
uint32_t process_notes_take(int socket, int *signal);

#endif
