// SPDX-License-Identifier: MIT
// The local APIC's base register (Intel SDM volume 3, 10.12.1 and 10.12.5).
#include "processor.h"

// From "disabled" to x2APIC leads no direct way: such a write faults.
unsigned processor_apic_base(uint64_t base, bool x2apic, uint64_t steps[2])
{
	unsigned count = 0;
	if (!(base & APIC_BASE_ENABLED) || !x2apic)
		steps[count++] = base |= APIC_BASE_ENABLED;
	if (x2apic)
		steps[count++] = base | APIC_BASE_X2APIC;
	return count;
}
