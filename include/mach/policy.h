// SPDX-License-Identifier: MIT
// policy_t: the scheduling policy in the info structures. Values of macOS <mach/policy.h>.
#ifndef MACH_POLICY_H
#define MACH_POLICY_H

typedef int policy_t;

#define POLICY_NULL 0
#define POLICY_TIMESHARE 1
#define POLICY_RR 2
#define POLICY_FIFO 4
#define POLICYCLASS_FIXEDPRI (POLICY_RR | POLICY_FIFO)

#endif
