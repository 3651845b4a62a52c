// SPDX-License-Identifier: MIT
// Everything Mach in one include. The three headers at the end are generated from abi/*.defs.
#ifndef MACH_MACH_H
#define MACH_MACH_H

#include <mach/mach_init.h>
#include <mach/mach_time.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig.h>
#include <mach/mig_errors.h>
#include <mach/mk_timer.h>
#include <mach/ndr.h>
#include <mach/notify.h>
#include <mach/std_types.h>
#include <mach/thread_switch.h>

#include <mach/mach_port.h>
#include <mach/mach_traps.h>
#include <mach/semaphore.h>

#endif
