// SPDX-License-Identifier: MIT
// A phrase for every return code; see error.h.
#include <gila/error.h>

#include <mach/message.h>
#include <mach/mig_errors.h>
#include <stddef.h>
#include <stdio.h>

struct error_text {
	kern_return_t error;
	const char *text;
};

// In no order: errors are rare.
static const struct error_text texts[] = {
	{KERN_SUCCESS, "done"},
	{KERN_INVALID_ADDRESS, "the address is not mapped"},
	{KERN_PROTECTION_FAILURE, "the memory is protected against this"},
	{KERN_NO_SPACE, "no room in the address space or for a name"},
	{KERN_INVALID_ARGUMENT, "an argument is not valid"},
	{KERN_FAILURE, "it did not work"},
	{KERN_RESOURCE_SHORTAGE, "out of memory or over a limit"},
	{KERN_NOT_RECEIVER, "the receive right is held by another"},
	{KERN_NO_ACCESS, "no access"},
	{KERN_MEMORY_FAILURE, "the memory object is gone"},
	{KERN_MEMORY_ERROR, "the memory object's data could not be had"},
	{KERN_ALREADY_IN_SET, "already in the set"},
	{KERN_NOT_IN_SET, "not in the set"},
	{KERN_NAME_EXISTS, "the name is taken"},
	{KERN_ABORTED, "interrupted"},
	{KERN_INVALID_NAME, "no right has that name"},
	{KERN_INVALID_TASK, "no such task"},
	{KERN_INVALID_RIGHT, "the right is of the wrong kind"},
	{KERN_INVALID_VALUE, "a value is not valid"},
	{KERN_UREFS_OVERFLOW, "too many references to a name"},
	{KERN_INVALID_CAPABILITY, "the port is dead or of the wrong kind"},
	{KERN_RIGHT_EXISTS, "the right is held under another name"},
	{KERN_INVALID_HOST, "no such host"},
	{KERN_TERMINATED, "it was terminated"},
	{KERN_SEMAPHORE_DESTROYED, "the semaphore is gone"},
	{KERN_NOT_SUPPORTED, "not supported on this machine"},
	{KERN_OPERATION_TIMED_OUT, "timed out"},
	{KERN_INSUFFICIENT_BUFFER_SIZE, "the buffer is too small"},
	{KERN_ALREADY_WAITING, "it would wait for itself"},
	{KERN_DENIED, "not granted"},
	{KERN_NOT_FOUND, "not found"},
	{KERN_NOT_WAITING, "nobody waits"},
	{MACH_SEND_INVALID_DATA, "the message cannot be read"},
	{MACH_SEND_INVALID_DEST, "the destination port is dead or not held"},
	{MACH_SEND_TIMED_OUT, "sending timed out"},
	{MACH_SEND_INTERRUPTED, "sending was interrupted"},
	{MACH_SEND_MSG_TOO_SMALL, "the message is shorter than it says"},
	{MACH_SEND_INVALID_REPLY, "the reply port is not valid"},
	{MACH_SEND_INVALID_RIGHT, "a right in the message is not held"},
	{MACH_SEND_INVALID_NOTIFY, "the notify port is not valid"},
	{MACH_SEND_INVALID_MEMORY, "memory in the message cannot be read"},
	{MACH_SEND_NO_BUFFER, "no kernel memory for the message"},
	{MACH_SEND_TOO_LARGE, "the message is too large"},
	{MACH_SEND_INVALID_TYPE, "a descriptor has an unknown type"},
	{MACH_SEND_INVALID_HEADER, "the message's header is not valid"},
	{MACH_SEND_INVALID_OPTIONS, "the options contradict each other"},
	{MACH_RCV_INVALID_NAME, "the port to receive from is not held"},
	{MACH_RCV_TIMED_OUT, "receiving timed out"},
	{MACH_RCV_TOO_LARGE, "the buffer is too small for the message"},
	{MACH_RCV_INTERRUPTED, "receiving was interrupted"},
	{MACH_RCV_INVALID_DATA, "the receive buffer cannot be written"},
	{MACH_RCV_PORT_DIED, "the port died while waiting"},
	{MACH_RCV_HEADER_ERROR, "no room for the rights in the message's header"},
	{MACH_RCV_BODY_ERROR, "no room for the rights in the message"},
	{MIG_TYPE_ERROR, "the reply has the wrong shape"},
	{MIG_REPLY_MISMATCH, "the reply is for another request"},
	{MIG_REMOTE_ERROR, "the server found an error"},
	{MIG_BAD_ID, "the server has no such routine"},
	{MIG_BAD_ARGUMENTS, "the request has the wrong shape"},
	{MIG_NO_REPLY, "no reply"},
	{MIG_EXCEPTION, "the server raised an exception"},
	{MIG_ARRAY_TOO_LARGE, "an array is too large"},
	{MIG_SERVER_DIED, "the server died before it answered; whether it did it is not known"},
	{MIG_TRAILER_ERROR, "the trailer has an unknown format"},
	{FILE_NOT_FOUND, "no such file or directory"},
	{FILE_EXISTS, "it exists already"},
	{FILE_NOT_DIRECTORY, "not a directory"},
	{FILE_IS_DIRECTORY, "it is a directory"},
	{FILE_NOT_EMPTY, "the directory is not empty"},
	{FILE_BAD_NAME, "not a valid name"},
	{FILE_NAME_TOO_LONG, "the name is too long"},
	{FILE_READ_ONLY, "the file system is read-only"},
	{FILE_NO_SPACE, "no space left"},
	{FILE_STALE, "the open file is gone"},
	{FILE_NO_RIGHT, "not opened for that"},
	{FILE_TOO_LARGE, "too large"},
	{FILE_BUSY, "it cannot be moved or removed"},
	{FILE_OTHER_SYSTEM, "the paths lie in different file systems"},
	{FILE_NOT_MOUNTED, "nothing is mounted there"},
	{FILE_DAMAGED, "the file server's answer makes no sense"},
	{FILE_IO, "the device failed"},
	{FILE_NO_BUFFER, "the server does not know the shared buffer"},
	{BLOCK_FAILED, "the device reported an error"},
	{BLOCK_OUT_OF_RANGE, "beyond the end of the device"},
	{BLOCK_WRITE_PROTECTED, "the device is read-only"},
	{BLOCK_NO_DEVICE, "the driver has no working device"},
	{CONSOLE_INTERRUPTED, "interrupted"},
	{CONSOLE_CLOSED, "the terminal is closed"},
	{CONSOLE_BUSY, "the session waits for input already"},
	{SERIAL_NO_DEVICE, "there is no working serial device"},
	{SERIAL_POSITION, "the serial line's stream is elsewhere"},
	{SERIAL_BUSY, "a later call took this one's place"},
	{BUS_BAD_TOPIC, "not a valid topic"},
	{BUS_STALE, "the subscription is gone"},
	{BUS_BUSY, "the subscription waits already"},
	{BUS_FULL, "too many subscriptions"},
};

const char *gila_error_text(kern_return_t error)
{
	static _Thread_local char unknown[32];
	kern_return_t plain = error;
	// Receive errors may have bits that say what ran out.
	if ((error & ~MACH_MSG_MASK) == MACH_RCV_HEADER_ERROR || (error & ~MACH_MSG_MASK) == MACH_RCV_BODY_ERROR)
		plain = error & ~MACH_MSG_MASK;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].error == plain)
			return texts[i].text;
	snprintf(unknown, sizeof(unknown), "error 0x%x", (unsigned)error);
	return unknown;
}
