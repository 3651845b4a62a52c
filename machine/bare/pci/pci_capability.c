// SPDX-License-Identifier: MIT
// MSI and MSI-X in the list of capabilities (PCI 3.0, 6.7 and 6.8). The list is believed as far as it goes forward in the
// space that it may use: each offset is visited once.
#include "pci_steps.h"

#define STATUS_LIST (1u << 20) // of the dword with the command
#define FIRST 0x40u
#define ID_MSI 0x05u
#define ID_MSIX 0x11u
#define MSIX_SIZE 12u
#define MSI_WIDE (1u << 23) // of the dword with id and next
#define MSI_MASKS (1u << 24)

// The range is where the table's or pending bits' register (6.8.2.4, 6.8.2.5) says, and that much fits.
static bool find_part(const struct pci_function *function, uint32_t value, uint32_t size, uint8_t *bar, uint32_t *offset)
{
	*bar = value & 7;
	*offset = value & ~7u;
	if (*bar >= PCI_BARS)
		return false;
	const struct pci_range *range = &function->ranges[*bar];
	return range->state == PCI_RANGE_WANTED && *offset <= range->size && size <= range->size - *offset;
}

static void find_msix(const struct pci *pci, struct pci_function *function, uint32_t at, uint32_t head)
{
	uint32_t entries = (head >> 16 & (PCI_MSIX_ENTRIES_MAX - 1)) + 1;
	uint32_t table = pci_config_read(pci, function, at + 4), pending = pci_config_read(pci, function, at + 8);
	if (!find_part(function, table, 16 * entries, &function->table_bar, &function->table_offset) ||
	    !find_part(function, pending, 8 * ((entries + 63) / 64), &function->pending_bar, &function->pending_offset)) {
		pci_refuse(pci, function, "its MSI-X table lies outside of its BARs");
		return;
	}
	function->msix = (uint8_t)at;
	function->msix_entries = (uint16_t)entries;
}

static void find_msi(struct pci_function *function, uint32_t at, uint32_t head)
{
	uint32_t size = head & MSI_WIDE ? 16 : 12; // 6.8.1, with 2 bytes to the end of a dword
	if (head & MSI_MASKS)
		size += 8;
	if (at + size <= PCI_CONFIG_SIZE)
		function->msi = (uint8_t)at;
}

void pci_find_capabilities(const struct pci *pci, struct pci_function *function)
{
	bool seen[PCI_CONFIG_SIZE / 4] = {false}, msix = false;
	if (!(pci_config_read(pci, function, CONFIG_COMMAND) & STATUS_LIST))
		return;
	uint32_t at = pci_config_read(pci, function, CONFIG_CAPABILITIES) & 0xfc; // the low two bits are reserved
	while (at >= FIRST && !seen[at / 4]) {
		uint32_t head = pci_config_read(pci, function, at);
		seen[at / 4] = true;
		if ((head & 0xff) == ID_MSI && !function->msi) {
			find_msi(function, at, head);
		} else if ((head & 0xff) == ID_MSIX && !msix && at + MSIX_SIZE <= PCI_CONFIG_SIZE) {
			msix = true;
			find_msix(pci, function, at, head);
		}
		at = head >> 8 & 0xfc;
	}
	if (at != 0)
		pci_refuse(pci, function, at < FIRST ? "a capability lies in its header" : "its capabilities go in a circle");
}
