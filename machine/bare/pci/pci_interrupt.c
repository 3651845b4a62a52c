// SPDX-License-Identifier: MIT
// Interrupts by messages (PCI 3.0, 6.8), and the last step before a driver: see pci.h.
#include "pci_steps.h"

// MSI-X (6.8.2)
#define MSIX_ENABLE (1u << 31) // of the dword with id and next
#define MSIX_MASK_ALL (1u << 30)
#define ENTRY_ADDRESS 0u
#define ENTRY_ADDRESS_HIGH 4u
#define ENTRY_DATA 8u
#define ENTRY_CONTROL 12u
#define ENTRY_MASKED 1u
// MSI (6.8.1)
#define MSI_ENABLE (1u << 16)
#define MSI_COUNT (7u << 20) // how many messages are enabled, as a power of two
#define MSI_WIDE (1u << 23)

uint32_t pci_interrupt_count(const struct pci_function *function)
{
	if (!function->ready)
		return 0;
	return function->msix ? function->msix_entries : function->msi ? 1 : 0;
}

static uint64_t entry_address(const struct pci_function *function, uint32_t entry)
{
	return function->ranges[function->table_bar].address + function->table_offset + 16ull * entry;
}

static void table_write(const struct pci *pci, uint64_t address, uint32_t value)
{
	pci->access->write(pci->access->context, address, value);
}

static void mask_entry(const struct pci *pci, const struct pci_function *function, uint32_t entry)
{
	uint64_t control = entry_address(function, entry) + ENTRY_CONTROL;
	table_write(pci, control, pci->access->read(pci->access->context, control) | ENTRY_MASKED); // other bits are reserved
}

static void set_msi(const struct pci *pci, const struct pci_function *function, uint64_t address, uint32_t data)
{
	uint32_t head = pci_config_read(pci, function, function->msi), at = function->msi + 4u;
	pci_config_write(pci, function, function->msi, head & ~(MSI_ENABLE | MSI_COUNT));
	pci_config_write(pci, function, at, (uint32_t)address);
	at += 4;
	if (head & MSI_WIDE) {
		pci_config_write(pci, function, at, (uint32_t)(address >> 32));
		at += 4;
	}
	pci_config_write(pci, function, at, data & 0xffff);
	pci_config_write(pci, function, function->msi, (head & ~MSI_COUNT) | MSI_ENABLE);
}

void pci_interrupt_set(const struct pci *pci, const struct pci_function *function, uint32_t entry, uint64_t address,
		       uint32_t data)
{
	if (entry >= pci_interrupt_count(function))
		return;
	if (!function->msix) {
		set_msi(pci, function, address, data);
		return;
	}
	// 6.8.3.5: an entry is changed while it is masked only.
	uint64_t at = entry_address(function, entry);
	mask_entry(pci, function, entry);
	table_write(pci, at + ENTRY_ADDRESS, (uint32_t)address);
	table_write(pci, at + ENTRY_ADDRESS_HIGH, (uint32_t)(address >> 32));
	table_write(pci, at + ENTRY_DATA, data);
	uint32_t control = pci->access->read(pci->access->context, at + ENTRY_CONTROL);
	table_write(pci, at + ENTRY_CONTROL, control & ~ENTRY_MASKED);
}

void pci_interrupt_mask(const struct pci *pci, const struct pci_function *function, uint32_t entry)
{
	if (entry >= pci_interrupt_count(function))
		return;
	if (function->msix) {
		mask_entry(pci, function, entry);
		// The write has reached the device when this is answered.
		(void)pci->access->read(pci->access->context, entry_address(function, entry) + ENTRY_CONTROL);
		return;
	}
	uint32_t head = pci_config_read(pci, function, function->msi);
	pci_config_write(pci, function, function->msi, head & ~MSI_ENABLE);
}

void pci_enable(const struct pci *pci, const struct pci_function *function)
{
	if (!function->ready)
		return;
	if (function->msix) {
		uint32_t head = pci_config_read(pci, function, function->msix);
		pci_config_write(pci, function, function->msix, head | MSIX_ENABLE | MSIX_MASK_ALL);
		for (uint32_t i = 0; i < function->msix_entries; i++)
			mask_entry(pci, function, i);
		pci_config_write(pci, function, function->msix, (head | MSIX_ENABLE) & ~MSIX_MASK_ALL);
	}
	if (function->msi) {
		uint32_t head = pci_config_read(pci, function, function->msi);
		pci_config_write(pci, function, function->msi, head & ~MSI_ENABLE);
	}
	pci_config_write(pci, function, CONFIG_COMMAND,
			 (pci_command(pci, function) & ~(uint32_t)COMMAND_MASTER) | COMMAND_NO_INTX);
}

void pci_master(const struct pci *pci, const struct pci_function *function, bool on)
{
	if (!function->ready)
		return;
	uint32_t command = pci_command(pci, function);
	pci_config_write(pci, function, CONFIG_COMMAND, on ? command | COMMAND_MASTER : command & ~(uint32_t)COMMAND_MASTER);
	(void)pci_command(pci, function); // answered behind whatever the function wrote before
}
