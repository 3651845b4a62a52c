// SPDX-License-Identifier: MIT
// kernel/devices by message (abi/device.defs).
#include "../core/base.h"

#include <abi/device_server.h>

kern_return_t device_call_list(struct lpc_request *rq, uint32_t after, struct device_record *records,
			       mach_msg_type_number_t *recordsCnt)
{
	*recordsCnt = 0;
	return KERN_SUCCESS;
}

kern_return_t device_call_drivers(struct lpc_request *rq, uint32_t after, struct device_driver_record *records,
				  mach_msg_type_number_t *recordsCnt)
{
	*recordsCnt = 0;
	return KERN_SUCCESS;
}

kern_return_t device_call_add_driver(struct lpc_request *rq, const char *compatible, const uint8_t *recipe,
				     mach_msg_type_number_t recipeCnt, mach_port_t image, boolean_t replace, uint32_t *bound,
				     kern_return_t *code, char complaint[160])
{
	return KERN_NOT_SUPPORTED;
}

kern_return_t device_call_remove_driver(struct lpc_request *rq, const char *compatible) { return KERN_NOT_FOUND; }
