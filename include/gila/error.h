// SPDX-License-Identifier: MIT
// Gila's own return codes, beside those of <mach/kern_return.h>, <mach/message.h> and <mach/mig_errors.h>, and a text
// for every one of them. To print one: gila_error_text(error).
//
// Codes are built as Mach's err_local codes are (<mach/error.h>: six bits of system, twelve of subsystem, fourteen of
// code), so no other range overlaps them.
#ifndef GILA_ERROR_H
#define GILA_ERROR_H

#include <mach/kern_return.h>

#define GILA_ERROR_CODE(subsystem, code) ((kern_return_t)(0x3eu << 26 | (unsigned)(subsystem) << 14 | (unsigned)(code)))

// Files (abi/file.defs).
#define FILE_NOT_FOUND GILA_ERROR_CODE(1, 1)
#define FILE_EXISTS GILA_ERROR_CODE(1, 2)
#define FILE_NOT_DIRECTORY GILA_ERROR_CODE(1, 3)
#define FILE_IS_DIRECTORY GILA_ERROR_CODE(1, 4)
#define FILE_NOT_EMPTY GILA_ERROR_CODE(1, 5)
#define FILE_BAD_NAME GILA_ERROR_CODE(1, 6)   // an empty component, ".", "..", or a NUL
#define FILE_NAME_TOO_LONG GILA_ERROR_CODE(1, 7)
#define FILE_READ_ONLY GILA_ERROR_CODE(1, 8)  // the file system cannot be written
#define FILE_NO_SPACE GILA_ERROR_CODE(1, 9)
#define FILE_STALE GILA_ERROR_CODE(1, 10)     // the handle's file is gone
#define FILE_NO_RIGHT GILA_ERROR_CODE(1, 11)  // the handle was not opened for this
#define FILE_TOO_LARGE GILA_ERROR_CODE(1, 12) // beyond the largest file, or more than one call may carry
#define FILE_BUSY GILA_ERROR_CODE(1, 13)      // the root, or a directory into itself
#define FILE_OTHER_SYSTEM GILA_ERROR_CODE(1, 14) // rename between two file systems
#define FILE_NOT_MOUNTED GILA_ERROR_CODE(1, 15)  // no mount covers the path
#define FILE_DAMAGED GILA_ERROR_CODE(1, 16)      // the server's answer or data make no sense
#define FILE_IO GILA_ERROR_CODE(1, 17)           // the device below failed
#define FILE_NO_BUFFER GILA_ERROR_CODE(1, 18)    // the server does not know the shared buffer (any more)

// The console (abi/console.defs).
#define CONSOLE_INTERRUPTED GILA_ERROR_CODE(2, 1) // Ctrl-C ended the wait for input
#define CONSOLE_CLOSED GILA_ERROR_CODE(2, 2)      // no more input or output: the terminal is gone, or end of input
#define CONSOLE_BUSY GILA_ERROR_CODE(2, 3)        // this session waits for input already

// The bus (abi/bus.defs).
#define BUS_BAD_TOPIC GILA_ERROR_CODE(3, 1)
#define BUS_STALE GILA_ERROR_CODE(3, 2) // the subscription is gone: the bus was restarted
#define BUS_BUSY GILA_ERROR_CODE(3, 3)  // the subscription waits already
#define BUS_FULL GILA_ERROR_CODE(3, 4)  // too many subscriptions

// Block devices (abi/block.defs).
#define BLOCK_FAILED GILA_ERROR_CODE(4, 1)          // the device reported an error
#define BLOCK_OUT_OF_RANGE GILA_ERROR_CODE(4, 2)    // beyond the device's or the session's last sector
#define BLOCK_WRITE_PROTECTED GILA_ERROR_CODE(4, 3) // the device or the session is read-only
#define BLOCK_NO_DEVICE GILA_ERROR_CODE(4, 4)       // the driver has no working device

// Serial lines (abi/serial.defs).
#define SERIAL_NO_DEVICE GILA_ERROR_CODE(5, 1) // there is no working UART
#define SERIAL_POSITION GILA_ERROR_CODE(5, 2)  // the stream is not there: somebody else uses it, or it was lost
#define SERIAL_BUSY GILA_ERROR_CODE(5, 3)      // a later call took this one's place

// What the code means, as one phrase without a full stop. Never NULL; unknown codes give "error 0x..." in a buffer of
// the calling thread.
const char *gila_error_text(kern_return_t error);

#endif
