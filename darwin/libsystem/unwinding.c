// SPDX-License-Identifier: MIT
// The unwinder: the host's, after the tables of the images were made known to it.
#include "../loader/unwind.h"

#include <unwind.h>

_Unwind_Reason_Code darwin_Unwind_RaiseException(struct _Unwind_Exception *exception)
{
	unwind_prepare();
	return _Unwind_RaiseException(exception);
}

_Unwind_Reason_Code darwin_Unwind_ForcedUnwind(struct _Unwind_Exception *exception, _Unwind_Stop_Fn stop, void *argument)
{
	unwind_prepare();
	return _Unwind_ForcedUnwind(exception, stop, argument);
}

_Unwind_Reason_Code darwin_Unwind_Backtrace(_Unwind_Trace_Fn trace, void *argument)
{
	unwind_prepare();
	return _Unwind_Backtrace(trace, argument);
}
