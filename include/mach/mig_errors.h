// SPDX-License-Identifier: MIT
// MIG_* codes, which stubs return beside KERN_* and MACH_*, and the reply that carries a bare error. Values of macOS
// <mach/mig_errors.h>.
#ifndef MACH_MIG_ERRORS_H
#define MACH_MIG_ERRORS_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/mig.h>
#include <mach/ndr.h>

#define MIG_TYPE_ERROR -300	 // client: the reply has the wrong shape
#define MIG_REPLY_MISMATCH -301	 // client: the reply has the wrong id
#define MIG_REMOTE_ERROR -302	 // the server found an error
#define MIG_BAD_ID -303		 // server: no such routine
#define MIG_BAD_ARGUMENTS -304	 // server: the request has the wrong shape
#define MIG_NO_REPLY -305	 // server: the reply comes later, or never
#define MIG_EXCEPTION -306	 // the server raised an exception
#define MIG_ARRAY_TOO_LARGE -307 // client: the array does not fit
#define MIG_SERVER_DIED -308	 // the server went away before it answered
#define MIG_TRAILER_ERROR -309	 // the trailer has an unknown format

#pragma pack(push, 4)
typedef struct {
	mach_msg_header_t Head;
	NDR_record_t NDR;
	kern_return_t RetCode;
} mig_reply_error_t;
#pragma pack(pop)

_Static_assert(sizeof(mig_reply_error_t) == 36, "MIG error reply");

#endif
