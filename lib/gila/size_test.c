// SPDX-License-Identifier: MIT
#include <gila/error.h>
#include <gila/size.h>
#include <gila/test.h>

#include <mach/message.h>
#include <mach/mig_errors.h>
#include <string.h>

TEST(sizes_are_parsed)
{
	uint64_t size = 7;
	CHECK(gila_size_parse("64M", &size));
	CHECK_EQ(size, 64 << 20);
	CHECK(gila_size_parse("0", &size));
	CHECK_EQ(size, 0);
	CHECK(gila_size_parse("18446744073709551615", &size));
	CHECK_EQ(size, UINT64_MAX);
	CHECK(!gila_size_parse("18446744073709551616", &size));
	CHECK(!gila_size_parse("17179869184G", &size));
	CHECK(!gila_size_parse("", &size));
	CHECK(!gila_size_parse("M", &size));
	CHECK(!gila_size_parse("1 M", &size));
	CHECK(!gila_size_parse("-1", &size));
	CHECK_EQ(size, UINT64_MAX);
}

TEST(durations_are_parsed)
{
	uint64_t time;
	CHECK(gila_duration_parse("250ms", &time));
	CHECK_EQ(time, 250000000);
	CHECK(gila_duration_parse("2min", &time));
	CHECK_EQ(time, UINT64_C(120000000000));
	CHECK(!gila_duration_parse("5", &time));
	CHECK(!gila_duration_parse("5m", &time));
}

TEST(every_error_has_a_text)
{
	CHECK(strcmp(gila_error_text(FILE_NOT_FOUND), "no such file or directory") == 0);
	CHECK(strcmp(gila_error_text(MIG_BAD_ID), "the server has no such routine") == 0);
	CHECK(strcmp(gila_error_text(MACH_RCV_BODY_ERROR | MACH_MSG_IPC_SPACE), "no room for the rights in the message") == 0);
	CHECK(strcmp(gila_error_text(0x12345), "error 0x12345") == 0);
}
