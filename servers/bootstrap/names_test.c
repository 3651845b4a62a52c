// SPDX-License-Identifier: MIT
// Names are found, are given once, go with their port, and are bounded in number.
#include "names.h"

#include <gila/test.h>
#include <stdio.h>

TEST(a_name_belongs_to_one_port)
{
	CHECK_EQ(names_find("com.example.a"), MACH_PORT_NULL);
	CHECK_EQ(names_add("com.example.a", 0x103), 0);
	CHECK_EQ(names_add("com.example.a", 0x203), BOOTSTRAP_ACTIVE);
	CHECK_EQ(names_add("com.example.b", 0x103), 0);
	CHECK_EQ(names_add("", 0x303), 0);
	CHECK_EQ(names_find("com.example.a"), 0x103);
	CHECK_EQ(names_find("com.example.b"), 0x103);
	CHECK_EQ(names_find(""), 0x303);
	CHECK_EQ(names_drop(0x103), 2);
	CHECK_EQ(names_find("com.example.b"), MACH_PORT_NULL);
	CHECK_EQ(names_drop(0x103), 0);
	CHECK_EQ(names_add("com.example.a", 0x203), 0);
	CHECK_EQ(names_drop(0x203) + names_drop(0x303), 2);
}

TEST(names_are_bounded)
{
	char name[32];
	for (unsigned i = 0; i < NAMES_MOST; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		CHECK_EQ(names_add(name, 0x103 + (i % 2)), 0);
	}
	CHECK_EQ(names_add("one more", 0x203), BOOTSTRAP_NO_MEMORY);
	CHECK_EQ(names_drop(0x103), NAMES_MOST / 2);
	CHECK_EQ(names_add("one more", 0x203), 0);
	CHECK_EQ(names_find("n1"), 0x104);
	CHECK_EQ(names_drop(0x104) + names_drop(0x203), NAMES_MOST / 2 + 1);
}
