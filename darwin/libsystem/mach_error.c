// SPDX-License-Identifier: MIT
// Texts of Mach's errors. Facts: the words that mach_error_string of macOS gives (xnu's
// osfmk/mach/{kern_return,message}.h name the errors).
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <stddef.h>
#include <stdio.h>

static const char *const kernel[] = {
	"(os/kern) successful",
	"(os/kern) invalid address",
	"(os/kern) protection failure",
	"(os/kern) no space available",
	"(os/kern) invalid argument",
	"(os/kern) failure",
	"(os/kern) resource shortage",
	"(os/kern) not receiver",
	"(os/kern) no access",
	"(os/kern) memory failure",
	"(os/kern) memory error",
	"(os/kern) already in set",
	"(os/kern) not in set",
	"(os/kern) name exists",
	"(os/kern) aborted",
	"(os/kern) invalid name",
	"(os/kern) invalid task",
	"(os/kern) invalid right",
	"(os/kern) invalid value",
	"(os/kern) urefs overflow",
	"(os/kern) invalid capability",
	"(os/kern) right exists",
	"(os/kern) invalid host",
	"(os/kern) memory present",
	NULL,
	NULL,
	"(os/kern) invalid processor set",
	"(os/kern) policy limit exceeded",
	"(os/kern) invalid policy",
	"(os/kern) invalid object",
	"(os/kern) already waiting",
	"(os/kern) default set",
	"(os/kern) exception protected",
	"(os/kern) invalid ledger",
	"(os/kern) invalid memory control",
	"(os/kern) invalid security",
	"(os/kern) not depressed",
	"(os/kern) terminated",
	"(os/kern) lock set destroyed",
	"(os/kern) lock unstable",
	"(os/kern) lock owned by another",
	"(os/kern) lock owned by self",
	"(os/kern) semaphore destroyed",
	NULL,
	"(os/kern) RPC terminated",
	NULL,
	"(os/kern) not supported",
	"(os/kern) node down",
	"(os/kern) thread not waiting",
	"(os/kern) operation timed out",
};

static const struct {
	int error;
	const char *text;
} others[] = {
	{MACH_SEND_IN_PROGRESS, "(ipc/send) in progress"},
	{MACH_SEND_INVALID_DATA, "(ipc/send) invalid data"},
	{MACH_SEND_INVALID_DEST, "(ipc/send) invalid destination port"},
	{MACH_SEND_TIMED_OUT, "(ipc/send) timed out"},
	{MACH_SEND_INTERRUPTED, "(ipc/send) interrupted"},
	{MACH_SEND_MSG_TOO_SMALL, "(ipc/send) msg too small"},
	{MACH_SEND_INVALID_REPLY, "(ipc/send) invalid reply port"},
	{MACH_SEND_INVALID_RIGHT, "(ipc/send) invalid port right"},
	{MACH_SEND_INVALID_NOTIFY, "(ipc/send) invalid notify port"},
	{MACH_SEND_INVALID_MEMORY, "(ipc/send) invalid memory"},
	{MACH_SEND_NO_BUFFER, "(ipc/send) no msg buffer"},
	{MACH_SEND_TOO_LARGE, "(ipc/send) msg too large"},
	{MACH_SEND_INVALID_TYPE, "(ipc/send) invalid msg-type"},
	{MACH_SEND_INVALID_HEADER, "(ipc/send) invalid msg-header"},
	{MACH_RCV_IN_PROGRESS, "(ipc/rcv) in progress"},
	{MACH_RCV_INVALID_NAME, "(ipc/rcv) invalid name"},
	{MACH_RCV_TIMED_OUT, "(ipc/rcv) timed out"},
	{MACH_RCV_TOO_LARGE, "(ipc/rcv) msg too large"},
	{MACH_RCV_INTERRUPTED, "(ipc/rcv) interrupted"},
	{MACH_RCV_PORT_CHANGED, "(ipc/rcv) port changed"},
	{MACH_RCV_INVALID_NOTIFY, "(ipc/rcv) invalid notify port"},
	{MACH_RCV_INVALID_DATA, "(ipc/rcv) invalid data"},
	{MACH_RCV_PORT_DIED, "(ipc/rcv) port died"},
	{MACH_RCV_IN_SET, "(ipc/rcv) port in set"},
	{MACH_RCV_HEADER_ERROR, "(ipc/rcv) header error"},
	{MACH_RCV_BODY_ERROR, "(ipc/rcv) body error"},
	{MIG_TYPE_ERROR, "(ipc/mig) client type check failure"},
	{MIG_REPLY_MISMATCH, "(ipc/mig) wrong reply msg-id"},
	{MIG_REMOTE_ERROR, "(ipc/mig) server detected error"},
	{MIG_BAD_ID, "(ipc/mig) bad request message ID"},
	{MIG_BAD_ARGUMENTS, "(ipc/mig) server type check failure"},
	{MIG_NO_REPLY, "(ipc/mig) no reply should be sent"},
	{MIG_EXCEPTION, "(ipc/mig) server raised exception"},
	{MIG_ARRAY_TOO_LARGE, "(ipc/mig) array not large enough"},
	{MIG_SERVER_DIED, "(ipc/mig) server died"},
	{1100, "(ipc/bootstrap) not privileged"},
	{1101, "(ipc/bootstrap) name in use"},
	{1102, "(ipc/bootstrap) unknown service name"},
	{1103, "(ipc/bootstrap) service already active"},
	{1105, "(ipc/bootstrap) out of memory"},
};

const char *darwin_mach_error_string(int error)
{
	if (error >= 0 && (size_t)error < sizeof(kernel) / sizeof(*kernel) && kernel[error])
		return kernel[error];
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (others[i].error == error)
			return others[i].text;
	return "unknown error code";
}

void darwin_mach_error(const char *what, int error)
{
	fprintf(stderr, "%s: %s (0x%x)\n", what, darwin_mach_error_string(error), (unsigned)error);
}
