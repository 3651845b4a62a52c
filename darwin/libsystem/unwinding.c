// SPDX-License-Identifier: MIT
// The unwinder: the host's (libgcc_s), after the tables of the images were made known to it.
//
// Debian's libc++abi throws by the same functions: it finds this program's before those of the libraries that it was linked with.
#include "../loader/unwind.h"

#include <unwind.h>

// The host's own (../loader/late.c).
_Unwind_Reason_Code late__Unwind_RaiseException(struct _Unwind_Exception *exception);
_Unwind_Reason_Code late__Unwind_ForcedUnwind(struct _Unwind_Exception *exception, _Unwind_Stop_Fn stop, void *argument);
_Unwind_Reason_Code late__Unwind_Backtrace(_Unwind_Trace_Fn trace, void *argument);

_Unwind_Reason_Code _Unwind_RaiseException(struct _Unwind_Exception *exception)
{
	unwind_prepare();
	return late__Unwind_RaiseException(exception);
}

_Unwind_Reason_Code _Unwind_ForcedUnwind(struct _Unwind_Exception *exception, _Unwind_Stop_Fn stop, void *argument)
{
	unwind_prepare();
	return late__Unwind_ForcedUnwind(exception, stop, argument);
}

_Unwind_Reason_Code _Unwind_Backtrace(_Unwind_Trace_Fn trace, void *argument)
{
	unwind_prepare();
	return late__Unwind_Backtrace(trace, argument);
}
