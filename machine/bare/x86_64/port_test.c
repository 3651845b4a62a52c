// SPDX-License-Identifier: MIT
// Ports at work: the identity of PCI's first function through its first mechanism (PCI Local Bus Specification 3.0, 3.2.2.3.2),
// which every PC has.
#include <gila/test.h>
#include <machine/md.h>

TEST(ports_are_read_and_written_in_every_width)
{
	uint32_t whole = 0, half = 0, byte = 0, address = 0;
	CHECK_EQ(md_port_write(0xcf8, 4, 0x80000000), KERN_SUCCESS);
	CHECK_EQ(md_port_read(0xcf8, 4, &address), KERN_SUCCESS);
	CHECK_EQ(address, 0x80000000);
	CHECK_EQ(md_port_read(0xcfc, 4, &whole), KERN_SUCCESS);
	CHECK(whole != 0 && whole != UINT32_MAX);
	CHECK_EQ(md_port_read(0xcfe, 2, &half), KERN_SUCCESS);
	CHECK_EQ(half, whole >> 16);
	CHECK_EQ(md_port_read(0xcfd, 1, &byte), KERN_SUCCESS);
	CHECK_EQ(byte, whole >> 8 & 0xff);
	// The second interrupt controller's mask (Intel 8259A data sheet): a byte that can be written and read back.
	CHECK_EQ(md_port_read(0xa1, 1, &byte), KERN_SUCCESS);
	CHECK_EQ(md_port_write(0xa1, 1, byte ^ 0xffffff0f), KERN_SUCCESS);
	CHECK_EQ(md_port_read(0xa1, 1, &half), KERN_SUCCESS);
	CHECK_EQ(half, (byte ^ 0x0f) & 0xff);
	CHECK_EQ(md_port_write(0xa1, 1, byte), KERN_SUCCESS);
	CHECK_EQ(md_port_read(0xffff, 2, &half), KERN_INVALID_ARGUMENT);
	CHECK_EQ(md_port_read(0x10000, 1, &half), KERN_INVALID_ARGUMENT);
	CHECK_EQ(md_port_write(0xfffd, 4, 0), KERN_INVALID_ARGUMENT);
}
