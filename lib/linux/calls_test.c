// SPDX-License-Identifier: MIT
// Single calls, without a program: output by lines, memory, what is refused.
#include "calls_c.h"
#include "fake_kernel.h"

#include <asm/unistd_64.h>
#include <errno.h>
#include <gila/test.h>
#include <linux/mman.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>

#define CALL(name, ...) linux_##name(&(struct linux_frame){.rax = __NR_##name, __VA_ARGS__})
#define AT(pointer) (uint64_t)(uintptr_t)(pointer)

static bool logged(const char *text)
{
	bool same = fake_log_length == strlen(text) && memcmp(fake_log, text, fake_log_length) == 0;
	fake_log_length = 0;
	return same;
}

TEST(output_is_logged_by_lines)
{
	static char long_line[2500];
	fake_log_length = 0;
	CHECK_EQ(CALL(write, .rdi = 1, .rsi = AT("one\ntw"), .rdx = 6), 6);
	CHECK(logged("one\n"));
	CHECK_EQ(CALL(write, .rdi = 2, .rsi = AT("error\n"), .rdx = 6), 6); // another line
	CHECK(logged("error\n"));
	struct iovec pieces[] = {{"o", 1}, {"\n\n", 2}, {"three", 5}};
	CHECK_EQ(CALL(writev, .rdi = 1, .rsi = AT(pieces), .rdx = 3), 8);
	CHECK(logged("two\n"));
	linux_output_flush();
	CHECK(logged("three\n"));
	linux_output_flush();
	CHECK(logged(""));
	memset(long_line, 'x', sizeof(long_line));
	CHECK_EQ(CALL(write, .rdi = 1, .rsi = AT(long_line), .rdx = sizeof(long_line)), 2500);
	CHECK_EQ(fake_log_length, 2 * 1025);
	CHECK_EQ(CALL(write, .rdi = 1, .rsi = AT("\n"), .rdx = 1), 1);
	CHECK_EQ(fake_log_length, 2500 + 3);
	fake_log_length = 0;
	CHECK_EQ(CALL(write, .rdi = 0, .rsi = AT("x"), .rdx = 1), -EBADF);
	CHECK_EQ(CALL(writev, .rdi = 1, .rsi = AT(pieces), .rdx = 1025), -EINVAL);
}

#define BYTE(address) (*(volatile char *)(uintptr_t)(address)) // NOLINT

static uint64_t map(uint64_t address, uint64_t size, int prot, int flags)
{
	return (uint64_t)CALL(mmap, .rdi = address, .rsi = size, .rdx = (uint64_t)prot, .r10 = (uint64_t)(MAP_PRIVATE | MAP_ANONYMOUS | flags));
}

TEST(memory_is_mapped_protected_and_given_up)
{
	linux_program.task = 1;
	uint64_t at = map(0, 6 * PAGE_SIZE - 5, PROT_READ | PROT_WRITE, 0);
	CHECK((int64_t)at > 0);
	for (uint64_t i = 0; i < 6; i++)
		BYTE(at + i * PAGE_SIZE) = 1;
	CHECK_EQ(CALL(mprotect, .rdi = at + PAGE_SIZE, .rsi = 1, .rdx = PROT_READ), 0);
	CHECK_EQ(CALL(madvise, .rdi = at, .rsi = 3 * PAGE_SIZE, .rdx = MADV_DONTNEED), 0);
	CHECK(BYTE(at) == 0 && BYTE(at + PAGE_SIZE) == 0 && BYTE(at + 2 * PAGE_SIZE) == 0 && BYTE(at + 3 * PAGE_SIZE) == 1);
	CHECK_EQ(CALL(mprotect, .rdi = at + PAGE_SIZE, .rsi = PAGE_SIZE, .rdx = PROT_READ | PROT_WRITE), 0);
	BYTE(at + PAGE_SIZE) = 3;
	CHECK_EQ(map(at, PAGE_SIZE, PROT_READ, MAP_FIXED_NOREPLACE), -EEXIST);
	CHECK_EQ(map(at, PAGE_SIZE, PROT_READ, MAP_FIXED), at);
	CHECK(map(at, PAGE_SIZE, PROT_READ, 0) != at); // a hint
	uint64_t moved = (uint64_t)CALL(mremap, .rdi = at + PAGE_SIZE, .rsi = PAGE_SIZE, .rdx = 9 * PAGE_SIZE, .r10 = MREMAP_MAYMOVE);
	CHECK((int64_t)moved > 0 && moved != at + PAGE_SIZE && BYTE(moved) == 3 && BYTE(moved + 8 * PAGE_SIZE) == 0);
	CHECK_EQ(CALL(mremap, .rdi = at + PAGE_SIZE, .rsi = PAGE_SIZE, .rdx = PAGE_SIZE, .r10 = 0), -EFAULT); // gone
	CHECK_EQ(CALL(madvise, .rdi = at, .rsi = 6 * PAGE_SIZE, .rdx = MADV_DONTNEED), -ENOMEM);		 // a hole
	CHECK_EQ(CALL(munmap, .rdi = at, .rsi = 6 * PAGE_SIZE), 0);
	CHECK_EQ(CALL(munmap, .rdi = moved, .rsi = 9 * PAGE_SIZE), 0);
}

TEST(memory_refuses_nonsense)
{
	CHECK_EQ(map(0, 0, PROT_READ, 0), -EINVAL);
	CHECK_EQ(map(0, UINT64_MAX, PROT_READ, 0), -ENOMEM);
	CHECK_EQ(map(5, PAGE_SIZE, PROT_READ, MAP_FIXED), -EINVAL);
	CHECK_EQ(map(UINT64_MAX - PAGE_SIZE + 1, 2 * PAGE_SIZE, PROT_READ, MAP_FIXED), -EINVAL);
	CHECK_EQ(map(0, PAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, 0), -EACCES);
	CHECK_EQ(map(0, PAGE_SIZE, 64, 0), -EINVAL);
	CHECK_EQ(CALL(munmap, .rdi = 5, .rsi = PAGE_SIZE), -EINVAL);
	CHECK_EQ(CALL(munmap, .rdi = PAGE_SIZE, .rsi = UINT64_MAX), -EINVAL);
	CHECK_EQ(CALL(mprotect, .rdi = 5, .rsi = PAGE_SIZE, .rdx = 0), -EINVAL);
	CHECK_EQ(CALL(mprotect, .rdi = PAGE_SIZE, .rsi = UINT64_MAX - 2 * PAGE_SIZE + 1, .rdx = 0), -ENOMEM);
	CHECK_EQ(CALL(mremap, .rdi = PAGE_SIZE, .rsi = UINT64_MAX, .rdx = PAGE_SIZE), -EINVAL);
	CHECK_EQ(CALL(madvise, .rdi = UINT64_MAX - PAGE_SIZE + 1, .rsi = 2 * PAGE_SIZE, .rdx = MADV_DONTNEED), -EINVAL);
}

TEST(calls_have_names)
{
	CHECK(strcmp(linux_name(__NR_read), "read") == 0 && strcmp(linux_name(__NR_futex), "futex") == 0);
	CHECK(strcmp(linux_name(450), "set_mempolicy_home_node") == 0);
	CHECK(!linux_name(400) && !linux_name(100000));
}

TEST(poll_says_what_is_ready)
{
	struct pollfd files[] = {{.fd = 0, .events = POLLIN}, {.fd = 1, .events = POLLIN}, {.fd = 3, .events = POLLIN}};
	CHECK_EQ(CALL(poll, .rdi = AT(files), .rsi = 3, .rdx = 0), 2);
	CHECK(files[0].revents == POLLIN && files[1].revents == 0 && files[2].revents == POLLNVAL);
	CHECK_EQ(CALL(poll, .rdi = AT(files), .rsi = 1000, .rdx = 0), -EINVAL);
}

TEST(futex_times_are_checked)
{
	uint32_t word = 1;
	int64_t bad[2] = {0, 1000000000};
	CHECK_EQ(CALL(futex, .rdi = AT(&word), .rsi = 0, .rdx = 1, .r10 = AT(bad)), -EINVAL);
	CHECK_EQ(CALL(futex, .rdi = AT(&word) + 1, .rsi = 1, .rdx = 1), -EINVAL);
	CHECK_EQ(CALL(futex, .rdi = AT(&word), .rsi = 9, .rdx = 1, .r9 = 0), -EINVAL);
	CHECK_EQ(CALL(futex, .rdi = AT(&word), .rsi = 128, .rdx = 2), -EAGAIN);
	CHECK_EQ(CALL(futex, .rdi = AT(&word), .rsi = 13, .rdx = 1), -ENOSYS);
}
