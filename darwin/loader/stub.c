// SPDX-License-Identifier: MIT
// Stubs; see stub.h. A stub loads the address of its record into r11, which no caller keeps, and jumps to the common code.
// 1. Pages of stubs are written first and executed afterwards, through two mappings of the same memory: never both at one address.
#include "stub.h"

#include "../libsystem/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STUB_SIZE 24u
#define STUB_PAGE 65536u

struct stub_record {
	void *address; // to go on to: stub_trace_enter reads it at offset 0
	const char *image, *symbol, *library;
	const struct system_symbol *known;
};

static uint8_t *stub_write, *stub_run;
static size_t stub_used = STUB_PAGE;

static bool stub_more(void)
{
	int memory = (int)syscall(SYS_memfd_create, "stubs", 1u /* MFD_CLOEXEC */);
	if (memory < 0 || ftruncate(memory, STUB_PAGE) < 0)
		return false;
	void *write_at = mmap(NULL, STUB_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	void *run_at = mmap(NULL, STUB_PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
	close(memory);
	if (write_at == MAP_FAILED || run_at == MAP_FAILED)
		return false;
	stub_write = write_at;
	stub_run = run_at;
	stub_used = 0;
	return true;
}

// movabs r11, record; jmp [rip]; the address of the common code
static void *stub_make(struct stub_record *record, void (*common)(void))
{
	if (!record || (stub_used + STUB_SIZE > STUB_PAGE && !stub_more()))
		report_fatal("no memory for stubs");
	uint8_t *at = stub_write + stub_used, *run = stub_run + stub_used;
	uint64_t value = (uintptr_t)record, code = (uintptr_t)common;
	memcpy(at, "\x49\xbb", 2);
	memcpy(at + 2, &value, 8);
	memcpy(at + 10, "\xff\x25\0\0\0\0", 6);
	memcpy(at + 16, &code, 8);
	stub_used += STUB_SIZE;
	return run;
}

__attribute__((used)) static void stub_missing_called(const struct stub_record *record)
{
	report("%s: %s of %s was called, which is not there yet", record->image, record->symbol, record->library);
	abort();
}

struct stub_registers { // as stub_trace_enter pushes them
	double vector[16];
	uint64_t record, rax, r9, r8, rcx, rdx, rsi, rdi;
};

static size_t trace_argument(char *to, size_t room, char kind, uint64_t value)
{
	switch (kind) {
	case 's': {
		if (value == 0)
			return (size_t)snprintf(to, room, "NULL");
		return (size_t)snprintf(to, room, "\"%.200s\"", (const char *)(uintptr_t)value);
	}
	case 'd': return (size_t)snprintf(to, room, "%d", (int)value);
	case 'l': return (size_t)snprintf(to, room, "%lld", (long long)value);
	case 'x': return (size_t)snprintf(to, room, "0x%x", (unsigned)value);
	default: return (size_t)snprintf(to, room, "0x%llx", (unsigned long long)value);
	}
}

__attribute__((used)) static void stub_trace_called(const struct stub_registers *registers)
{
	const struct stub_record *record = (const struct stub_record *)(uintptr_t)registers->record;
	const uint64_t values[6] = {registers->rdi, registers->rsi, registers->rdx,
				    registers->rcx, registers->r8,  registers->r9};
	const char *told = system_symbol_arguments(record->known), *kinds = told ? told : "pppp";
	char line[1600];
	size_t used = (size_t)snprintf(line, sizeof(line), "%ld %s(", syscall(SYS_gettid),
				       system_symbol_name(record->known) + 1);
	for (unsigned i = 0; i < 6 && kinds[i] && kinds[i] != '-' && used < sizeof(line) - 260; i++) {
		if (i > 0)
			used += (size_t)snprintf(line + used, sizeof(line) - used, ", ");
		used += trace_argument(line + used, sizeof(line) - used, kinds[i], values[i]);
	}
	used += (size_t)snprintf(line + used, sizeof(line) - used, ")\n");
	if (write(2, line, used) < 0) {
		// nobody reads the trace: the program goes on without
	}
}

void stub_missing_enter(void);
void stub_trace_enter(void);
__asm__(".text\n"
	".globl stub_missing_enter\n"
	".hidden stub_missing_enter\n"
	"stub_missing_enter:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	and $-16, %rsp\n"
	"	mov %r11, %rdi\n"
	"	call stub_missing_called\n"
	"	ud2\n"
	".globl stub_trace_enter\n"
	".hidden stub_trace_enter\n"
	"stub_trace_enter:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	push %rdi\n"
	"	push %rsi\n"
	"	push %rdx\n"
	"	push %rcx\n"
	"	push %r8\n"
	"	push %r9\n"
	"	push %rax\n"
	"	push %r11\n"
	"	sub $128, %rsp\n"
	"	movups %xmm0, (%rsp)\n"
	"	movups %xmm1, 16(%rsp)\n"
	"	movups %xmm2, 32(%rsp)\n"
	"	movups %xmm3, 48(%rsp)\n"
	"	movups %xmm4, 64(%rsp)\n"
	"	movups %xmm5, 80(%rsp)\n"
	"	movups %xmm6, 96(%rsp)\n"
	"	movups %xmm7, 112(%rsp)\n"
	"	mov %rsp, %rdi\n"
	"	call stub_trace_called\n"
	"	movups (%rsp), %xmm0\n"
	"	movups 16(%rsp), %xmm1\n"
	"	movups 32(%rsp), %xmm2\n"
	"	movups 48(%rsp), %xmm3\n"
	"	movups 64(%rsp), %xmm4\n"
	"	movups 80(%rsp), %xmm5\n"
	"	movups 96(%rsp), %xmm6\n"
	"	movups 112(%rsp), %xmm7\n"
	"	add $128, %rsp\n"
	"	pop %r11\n"
	"	pop %rax\n"
	"	pop %r9\n"
	"	pop %r8\n"
	"	pop %rcx\n"
	"	pop %rdx\n"
	"	pop %rsi\n"
	"	pop %rdi\n"
	"	pop %rbp\n"
	"	jmp *(%r11)\n");

void *stub_missing(const char *image, const char *symbol, const char *library)
{
	struct stub_record *record = calloc(1, sizeof(*record));
	if (record)
		*record = (struct stub_record){NULL, image, symbol, library, NULL};
	return stub_make(record, stub_missing_enter);
}

void *stub_trace(const struct system_symbol *symbol)
{
	static void **made; // for each symbol of the table
	if (!made && !(made = calloc(system_symbol_count, sizeof(*made))))
		report_fatal("no memory for stubs");
	void **stub = &made[symbol - system_symbols];
	if (!*stub) {
		struct stub_record *record = calloc(1, sizeof(*record));
		if (record)
			*record = (struct stub_record){system_symbol_address(symbol), NULL, NULL, NULL, symbol};
		*stub = stub_make(record, stub_trace_enter);
	}
	return *stub;
}
