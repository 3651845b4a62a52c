// SPDX-License-Identifier: MIT
// Power off and reset as the tables describe them (ACPI Specification 6.5, 4.8.3.2, 4.8.3.6 and 4.8.3.7).
#include "acpi.h"

// PM1 control (4.8.3.2.1)
#define SCI_EN 1u
#define SLP_TYP_SHIFT 10u
#define SLP_TYP_MASK (7u << SLP_TYP_SHIFT)
#define SLP_EN (1u << 13)
// Sleep control (4.8.3.7)
#define REDUCED_SLP_TYP_SHIFT 2u
#define REDUCED_SLP_EN (1u << 5)

#define ENABLE_LOOKS 300000u // reading a port takes about a microsecond

// 5.2.9: the firmware sets SCI_EN when it has handed the registers over.
static void enter_acpi_mode(const struct acpi_power *power, const struct acpi_registers *registers)
{
	if (!power->smi_command.bytes || registers->read(registers->context, &power->pm1a) & SCI_EN)
		return;
	registers->write(registers->context, &power->smi_command, power->acpi_enable);
	for (uint32_t i = 0; i < ENABLE_LOOKS; i++)
		if (registers->read(registers->context, &power->pm1a) & SCI_EN)
			return;
}

static void write_sleep(const struct acpi_register *control, const struct acpi_registers *registers, uint32_t type,
			uint32_t go)
{
	if (!control->bytes)
		return;
	uint32_t value = registers->read(registers->context, control) & ~(SLP_TYP_MASK | SLP_EN);
	registers->write(registers->context, control, value | type << SLP_TYP_SHIFT | go);
}

void acpi_power_off(const struct acpi_power *power, const struct acpi_registers *registers)
{
	if (!power->sleep_known)
		return;
	if (power->sleep.bytes) {
		registers->write(registers->context, &power->sleep,
				 (uint32_t)power->sleep_a << REDUCED_SLP_TYP_SHIFT | REDUCED_SLP_EN);
		return;
	}
	if (!power->pm1a.bytes)
		return;
	enter_acpi_mode(power, registers);
	// First the type in both, then the bit that starts it: some chips want to see the type before.
	write_sleep(&power->pm1a, registers, power->sleep_a, 0);
	write_sleep(&power->pm1b, registers, power->sleep_b, 0);
	write_sleep(&power->pm1a, registers, power->sleep_a, SLP_EN);
	write_sleep(&power->pm1b, registers, power->sleep_b, SLP_EN);
}

void acpi_reset(const struct acpi_power *power, const struct acpi_registers *registers)
{
	if (power->reset.bytes)
		registers->write(registers->context, &power->reset, power->reset_value);
}
