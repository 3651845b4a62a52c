// SPDX-License-Identifier: MIT
// The kernel's codes as Linux' error numbers.
#include "linux.h"

#include <errno.h>

int64_t linux_error(kern_return_t code)
{
	switch (code) {
	case KERN_SUCCESS:
		return 0;
	case KERN_INVALID_ADDRESS:
		return -EFAULT;
	case KERN_PROTECTION_FAILURE:
		return -EACCES;
	case KERN_NO_SPACE:
	case KERN_RESOURCE_SHORTAGE:
		return -ENOMEM;
	case KERN_ABORTED:
		return -EINTR;
	case KERN_OPERATION_TIMED_OUT:
		return -ETIMEDOUT;
	case KERN_NOT_SUPPORTED:
		return -ENOSYS;
	default:
		return -EINVAL;
	}
}
