// SPDX-License-Identifier: MIT
// What sysctl knows; see sysctl.h. Facts: xnu's bsd/sys/sysctl.h (CTL_KERN 1, VM 2, HW 6, USER 8), sysctl(3), Intel's manual for CPUID.
//
// The version is that of macOS 14.6 (Darwin 23.6.0): what programs that ask for at least 14.0 accept, as Dart does.
#include "sysctl.h"

#include <cpuid.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

int64_t sysctl_cpus(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
}

int64_t sysctl_memory(void)
{
	return (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
}

static int64_t value_argmax(void)
{
	return sysconf(_SC_ARG_MAX);
}

static int64_t value_files(void)
{
	return sysconf(_SC_OPEN_MAX);
}

static int64_t value_processes(void)
{
	long most = sysconf(_SC_CHILD_MAX);
	return most > 0 && most < 1000000 ? most : 4096;
}

static int64_t value_memory_small(void)
{
	int64_t memory = sysctl_memory();
	return memory > INT32_MAX ? INT32_MAX : memory; // of 32 bits
}

static int64_t value_free_pages(void)
{
	return sysconf(_SC_AVPHYS_PAGES);
}

static int64_t cache(int name, int64_t otherwise)
{
	long size = sysconf(name);
	return size > 0 ? size : otherwise;
}

static int64_t value_l1i(void) { return cache(_SC_LEVEL1_ICACHE_SIZE, 32768); }
static int64_t value_l1d(void) { return cache(_SC_LEVEL1_DCACHE_SIZE, 32768); }
static int64_t value_l2(void) { return cache(_SC_LEVEL2_CACHE_SIZE, 262144); }
static int64_t value_l3(void) { return cache(_SC_LEVEL3_CACHE_SIZE, 8388608); }

// ---- the processor --------------------------------------------------------------------------------------------------

enum { EAX, EBX, ECX, EDX };

static uint32_t cpuid(uint32_t leaf, int part)
{
	uint32_t values[4] = {0};
	__get_cpuid_count(leaf, 0, &values[0], &values[1], &values[2], &values[3]);
	return values[part];
}

// What the processor says of itself; without it, what is usual.
static int64_t value_frequency(void)
{
	uint32_t mhz = cpuid(0x16, EAX) & 0xffff;
	return mhz ? mhz * INT64_C(1000000) : INT64_C(2400000000);
}

static int64_t value_signature(void) { return cpuid(1, EAX); }
static int64_t value_stepping(void) { return cpuid(1, EAX) & 15; }

static int64_t value_family(void)
{
	uint32_t signature = cpuid(1, EAX), family = signature >> 8 & 15;
	return family == 15 ? 15 + (signature >> 20 & 0xff) : family;
}

static int64_t value_model(void)
{
	uint32_t signature = cpuid(1, EAX);
	return (signature >> 4 & 15) | (signature >> 16 & 15) << 4;
}

static int64_t value_features(void)
{
	return (int64_t)((uint64_t)cpuid(1, ECX) << 32 | cpuid(1, EDX));
}

static int64_t value_leaf7(void)
{
	return (int64_t)((uint64_t)cpuid(7, ECX) << 32 | cpuid(7, EBX));
}

#define FEATURE(name, leaf, part, bit)                                                                                 \
	static int64_t value_##name(void) { return cpuid(leaf, part) >> (bit) & 1; }
FEATURE(sse3, 1, ECX, 0)
FEATURE(ssse3, 1, ECX, 9)
FEATURE(fma, 1, ECX, 12)
FEATURE(sse41, 1, ECX, 19)
FEATURE(sse42, 1, ECX, 20)
FEATURE(aes, 1, ECX, 25)
FEATURE(avx, 1, ECX, 28)
FEATURE(bmi, 7, EBX, 3)
FEATURE(avx2, 7, EBX, 5)
FEATURE(bmi2, 7, EBX, 8)
FEATURE(avx512f, 7, EBX, 16)
FEATURE(avx512dq, 7, EBX, 17)
FEATURE(avx512ifma, 7, EBX, 21)
FEATURE(avx512cd, 7, EBX, 28)
FEATURE(avx512bw, 7, EBX, 30)
FEATURE(avx512vl, 7, EBX, 31)
FEATURE(avx512vbmi, 7, ECX, 1)
FEATURE(adx, 7, EBX, 19)
FEATURE(rtm, 7, EBX, 11)
FEATURE(hle, 7, EBX, 4)
FEATURE(rdrand, 1, ECX, 30)
FEATURE(f16c, 1, ECX, 29)
FEATURE(enfstrg, 7, EBX, 9)
FEATURE(virtual, 1, ECX, 31)

static int64_t value_extended_features(void) { return (int64_t)((uint64_t)cpuid(0x80000001, ECX) << 32 | cpuid(0x80000001, EDX)); }
static int64_t value_max_basic(void) { return cpuid(0, EAX); }
static int64_t value_max_extended(void) { return cpuid(0x80000000, EAX); }
static int64_t value_extended_model(void) { return cpuid(1, EAX) >> 16 & 15; }
static int64_t value_extended_family(void) { return cpuid(1, EAX) >> 20 & 0xff; }
static int64_t value_brand_index(void) { return cpuid(1, EBX) & 0xff; }
static int64_t value_physical_bits(void) { return cpuid(0x80000008, EAX) & 0xff; }
static int64_t value_virtual_bits(void) { return cpuid(0x80000008, EAX) >> 8 & 0xff; }

static size_t write_vendor(char *to)
{
	const uint32_t words[3] = {cpuid(0, EBX), cpuid(0, EDX), cpuid(0, ECX)};
	memcpy(to, words, 12);
	to[12] = '\0';
	return 13;
}

static size_t write_brand(char *to)
{
	for (uint32_t leaf = 0; leaf < 3; leaf++) {
		uint32_t words[4] = {0};
		__get_cpuid(0x80000002 + leaf, &words[0], &words[1], &words[2], &words[3]);
		memcpy(to + leaf * 16, words, 16);
	}
	to[48] = '\0';
	return strlen(to) + 1;
}

// ---- structures -----------------------------------------------------------------------------------------------------

static size_t write_boot_time(char *to)
{
	struct timespec now, up;
	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	int64_t nanoseconds = (now.tv_sec - up.tv_sec) * INT64_C(1000000000) + now.tv_nsec - up.tv_nsec;
	const int64_t time[2] = {nanoseconds / 1000000000, nanoseconds % 1000000000 / 1000}; // struct timeval
	memcpy(to, time, sizeof(time));
	return sizeof(time);
}

static size_t write_clock_rate(char *to) // struct clockinfo: hz, tick, tickadj, stathz, profhz
{
	const int32_t rates[5] = {100, 10000, 0, 100, 100};
	memcpy(to, rates, sizeof(rates));
	return sizeof(rates);
}

// Shared by how many processors, and how large: memory, then each level.
static size_t write_cache_users(char *to)
{
	const uint64_t users[10] = {(uint64_t)sysctl_cpus(), 1, 1, (uint64_t)sysctl_cpus()};
	memcpy(to, users, sizeof(users));
	return sizeof(users);
}

static size_t write_cache_sizes(char *to)
{
	const uint64_t sizes[10] = {(uint64_t)sysctl_memory(), (uint64_t)value_l1d(), (uint64_t)value_l2(), (uint64_t)value_l3()};
	memcpy(to, sizes, sizeof(sizes));
	return sizeof(sizes);
}

// A number of this boot of the system, as Linux has it.
static size_t write_boot_id(char *to)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	size_t size = file ? fread(to, 1, 36, file) : 0;
	if (file)
		fclose(file);
	to[size] = '\0';
	for (size_t i = 0; i < size; i++)
		if (to[i] >= 'a' && to[i] <= 'f')
			to[i] -= 'a' - 'A';
	return size + 1;
}

static int64_t value_tasks(void)
{
	struct sysinfo info;
	return sysinfo(&info) == 0 ? info.procs : 0;
}

// How much memory is free: in per cent; 1 of pressure is normal, 2 a warning, 4 critical.
static int64_t value_memory_level(void)
{
	struct sysinfo info;
	if (sysinfo(&info) < 0 || info.totalram == 0)
		return 50;
	return (int64_t)((info.freeram + info.bufferram) * 100 / info.totalram);
}

static int64_t value_pressure(void)
{
	int64_t level = value_memory_level();
	return level > 5 ? 1 : level > 2 ? 2 : 4;
}

static int64_t value_pages(void) { return sysconf(_SC_PHYS_PAGES); }

static size_t write_load(char *to) // struct loadavg: three fixed-point numbers, the scale
{
	double load[3] = {0};
	struct {
		uint32_t load[3], pad;
		int64_t scale;
	} answer = {.scale = 2048};
	getloadavg(load, 3);
	for (int i = 0; i < 3; i++)
		answer.load[i] = (uint32_t)(load[i] * 2048);
	memcpy(to, &answer, sizeof(answer));
	return sizeof(answer);
}

static size_t write_swap(char *to) // struct xsw_usage: total, available, used, size of a page, encrypted
{
	struct sysinfo info;
	struct {
		uint64_t total, available, used;
		uint32_t page, encrypted;
	} answer = {.page = 4096};
	if (sysinfo(&info) == 0) {
		answer.total = (uint64_t)info.totalswap * info.mem_unit;
		answer.available = (uint64_t)info.freeswap * info.mem_unit;
		answer.used = answer.total - answer.available;
	}
	memcpy(to, &answer, sizeof(answer));
	return sizeof(answer);
}

const struct sysctl_variable sysctl_variables[] = {
	{"kern.ostype", 1, 1, 0, NULL, 0, "Darwin", NULL},
	{"kern.osrelease", 1, 2, 0, NULL, 0, SYSCTL_RELEASE, NULL},
	{"kern.osrevision", 1, 3, 4, NULL, 199506, NULL, NULL},
	{"kern.version", 1, 4, 0, NULL, 0, SYSCTL_VERSION, NULL},
	{"kern.argmax", 1, 8, 4, value_argmax, 0, NULL, NULL},
	{"kern.hostname", 1, 10, 0, NULL, 0, NULL, NULL},
	{"kern.maxfilesperproc", 1, 29, 4, value_files, 0, NULL, NULL},
	{"kern.maxfiles", 1, 7, 4, value_files, 0, NULL, NULL},
	{"kern.osversion", 1, 65, 0, NULL, 0, "23G80", NULL},
	{"kern.osproductversion", 0, 0, 0, NULL, 0, "14.6", NULL},
	{"hw.machine", 6, 1, 0, NULL, 0, "x86_64", NULL},
	{"hw.model", 6, 2, 0, NULL, 0, "Gila", NULL},
	{"hw.ncpu", 6, 3, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.byteorder", 6, 4, 4, NULL, 1234, NULL, NULL},
	{"hw.pagesize", 6, 7, 8, NULL, 4096, NULL, NULL},
	{"hw.memsize", 6, 24, 8, sysctl_memory, 0, NULL, NULL},
	{"hw.activecpu", 6, 25, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.logicalcpu", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.logicalcpu_max", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.physicalcpu", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.physicalcpu_max", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.cachelinesize", 0, 0, 8, NULL, 64, NULL, NULL},
	{"hw.cputype", 0, 0, 4, NULL, 7, NULL, NULL},
	{"hw.cpu64bit_capable", 0, 0, 4, NULL, 1, NULL, NULL},
	{"sysctl.proc_translated", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.maxproc", 1, 6, 4, value_processes, 0, NULL, NULL},
	{"kern.maxprocperuid", 0, 0, 4, value_processes, 0, NULL, NULL},
	{"kern.securelevel", 1, 9, 4, NULL, 0, NULL, NULL},
	{"kern.hostid", 1, 11, 4, NULL, 0, NULL, NULL},
	{"kern.posix1version", 1, 17, 4, NULL, 200112, NULL, NULL},
	{"kern.ngroups", 1, 18, 4, NULL, 16, NULL, NULL},
	{"kern.job_control", 1, 19, 4, NULL, 1, NULL, NULL},
	{"kern.saved_ids", 1, 20, 4, NULL, 1, NULL, NULL},
	{"kern.boottime", 1, 21, .write = write_boot_time},
	{"kern.ipc.maxsockbuf", 0, 0, 4, sysctl_socket_buffer, 0, NULL, NULL},
	{"kern.ipc.somaxconn", 0, 0, 4, sysctl_backlog, 0, NULL, NULL},
	{"kern.sysv.shmmax", 0, 0, 8, NULL, 4194304, NULL, NULL},
	{"kern.sysv.shmall", 0, 0, 8, NULL, 1024, NULL, NULL},
	{"kern.bootargs", 0, 0, 0, NULL, 0, "", NULL},
	{"kern.osvariant_status", 0, 0, 8, NULL, 0, NULL, NULL},
	{"kern.hv_support", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.num_files", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.wq_max_threads", 0, 0, 4, NULL, 512, NULL, NULL},
	{"kern.timer.coalescing_enabled", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.uuid", 0, 0, 0, NULL, 0, "00000000-0000-4000-8000-000000000000", NULL},
	{"kern.clockrate", 1, 12, .write = write_clock_rate},
	{"kern.maxvnodes", 1, 5, 4, NULL, 263168, NULL, NULL},
	{"kern.nisdomainname", 1, 22, 0, NULL, 0, "", NULL},
	{"kern.usrstack64", 1, 59, 8, NULL, 0x7ffeefc00000, NULL, NULL},
	{"kern.coredump", 1, 42, 4, NULL, 1, NULL, NULL},
	{"kern.corefile", 1, 41, 0, NULL, 0, "/cores/core.%P", NULL},
	{"kern.sugid_coredump", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.stack_size", 0, 0, 4, NULL, 16384, NULL, NULL},
	{"kern.num_tasks", 0, 0, 4, value_tasks, 0, NULL, NULL},
	{"kern.num_taskthreads", 0, 0, 4, value_tasks, 0, NULL, NULL},
	{"kern.memorystatus_level", 0, 0, 4, value_memory_level, 0, NULL, NULL},
	{"kern.memorystatus_vm_pressure_level", 0, 0, 4, value_pressure, 0, NULL, NULL},
	{"kern.bootsessionuuid", .write = write_boot_id},
	{"kern.hv_vmm_present", 0, 0, 4, value_virtual, 0, NULL, NULL},
	{"kern.iossupportversion", 0, 0, 0, NULL, 0, "15.6", NULL},
	{"kern.osproductversioncompat", 0, 0, 0, NULL, 0, "10.16", NULL},
	{"kern.singleuser", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.safeboot", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.netboot", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.secure_kernel", 0, 0, 4, NULL, 0, NULL, NULL},
	{"kern.aiomax", 1, 46, 4, NULL, 90, NULL, NULL},
	{"kern.aioprocmax", 1, 47, 4, NULL, 16, NULL, NULL},
	{"kern.aiothreads", 1, 48, 4, NULL, 4, NULL, NULL},
	{"kern.ipc.nmbclusters", 0, 0, 4, NULL, 262144, NULL, NULL},
	{"kern.posix.sem.max", 0, 0, 4, NULL, 10000, NULL, NULL},
	{"kern.sysv.shmmin", 0, 0, 8, NULL, 1, NULL, NULL},
	{"kern.sysv.shmmni", 0, 0, 8, NULL, 32, NULL, NULL},
	{"kern.sysv.shmseg", 0, 0, 8, NULL, 8, NULL, NULL},
	{"kern.sysv.semmni", 0, 0, 4, NULL, 8, NULL, NULL},
	{"kern.sysv.semmns", 0, 0, 4, NULL, 87381, NULL, NULL},
	{"kern.sysv.semmsl", 0, 0, 4, NULL, 87381, NULL, NULL},
	{"kern.tty.ptmx_max", 0, 0, 4, sysctl_ptys, 0, NULL, NULL},
	{"vm.pages", 0, 0, 8, value_pages, 0, NULL, NULL},
	{"vm.page_pageable_internal_count", 0, 0, 4, sysctl_internal_pages, 0, NULL, NULL},
	{"vm.page_pageable_external_count", 0, 0, 4, sysctl_external_pages, 0, NULL, NULL},
	{"vm.page_purgeable_count", 0, 0, 4, NULL, 0, NULL, NULL},
	{"vm.page_speculative_count", 0, 0, 4, NULL, 0, NULL, NULL},
	{"vm.compressor_mode", 0, 0, 4, NULL, 4, NULL, NULL},
	{"vm.swap_enabled", 0, 0, 4, NULL, 1, NULL, NULL},
	{"vm.user_wire_limit", 0, 0, 8, sysctl_memory, 0, NULL, NULL},
	{"vm.global_user_wire_limit", 0, 0, 8, sysctl_memory, 0, NULL, NULL},
	{"vm.loadavg", 2, 2, .write = write_load},
	{"vm.swapusage", 2, 5, .write = write_swap},
	{"vm.page_free_count", 0, 0, 4, value_free_pages, 0, NULL, NULL},
	{"vm.pagesize", 0, 0, 4, NULL, 4096, NULL, NULL},
	{"hw.physmem", 6, 5, 4, value_memory_small, 0, NULL, NULL},
	{"hw.usermem", 6, 6, 4, value_memory_small, 0, NULL, NULL},
	{"hw.cpufrequency", 6, 15, 8, value_frequency, 0, NULL, NULL},
	{"hw.cpufrequency_max", 0, 0, 8, value_frequency, 0, NULL, NULL},
	{"hw.cpufrequency_min", 0, 0, 8, value_frequency, 0, NULL, NULL},
	{"hw.busfrequency", 6, 14, 8, NULL, 100000000, NULL, NULL},
	{"hw.tbfrequency", 6, 23, 8, NULL, 1000000000, NULL, NULL},
	{"hw.l1icachesize", 6, 17, 8, value_l1i, 0, NULL, NULL},
	{"hw.l1dcachesize", 6, 18, 8, value_l1d, 0, NULL, NULL},
	{"hw.l2cachesize", 6, 20, 8, value_l2, 0, NULL, NULL},
	{"hw.l3cachesize", 6, 22, 8, value_l3, 0, NULL, NULL},
	{"hw.packages", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.nperflevels", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.perflevel0.physicalcpu", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.perflevel0.logicalcpu", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.cpusubtype", 0, 0, 4, NULL, 8, NULL, NULL}, // CPU_SUBTYPE_X86_64_H
	{"hw.cpufamily", 0, 0, 4, NULL, 0x37fc219f, NULL, NULL}, // CPUFAMILY_INTEL_SKYLAKE
	{"hw.targettype", 0, 0, 0, NULL, 0, "Gila", NULL},
	{"hw.optional.floatingpoint", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.optional.x86_64", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.optional.mmx", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.optional.sse", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.optional.sse2", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.optional.sse3", 0, 0, 4, value_sse3, 0, NULL, NULL},
	{"hw.optional.supplementalsse3", 0, 0, 4, value_ssse3, 0, NULL, NULL},
	{"hw.optional.sse4_1", 0, 0, 4, value_sse41, 0, NULL, NULL},
	{"hw.optional.sse4_2", 0, 0, 4, value_sse42, 0, NULL, NULL},
	{"hw.optional.aes", 0, 0, 4, value_aes, 0, NULL, NULL},
	{"hw.optional.avx1_0", 0, 0, 4, value_avx, 0, NULL, NULL},
	{"hw.optional.avx2_0", 0, 0, 4, value_avx2, 0, NULL, NULL},
	{"hw.optional.fma", 0, 0, 4, value_fma, 0, NULL, NULL},
	{"hw.optional.bmi1", 0, 0, 4, value_bmi, 0, NULL, NULL},
	{"hw.optional.bmi2", 0, 0, 4, value_bmi2, 0, NULL, NULL},
	{"hw.optional.avx512f", 0, 0, 4, value_avx512f, 0, NULL, NULL},
	{"hw.optional.avx512dq", 0, 0, 4, value_avx512dq, 0, NULL, NULL},
	{"hw.optional.avx512ifma", 0, 0, 4, value_avx512ifma, 0, NULL, NULL},
	{"hw.optional.avx512cd", 0, 0, 4, value_avx512cd, 0, NULL, NULL},
	{"hw.optional.avx512bw", 0, 0, 4, value_avx512bw, 0, NULL, NULL},
	{"hw.optional.avx512vl", 0, 0, 4, value_avx512vl, 0, NULL, NULL},
	{"hw.optional.avx512vbmi", 0, 0, 4, value_avx512vbmi, 0, NULL, NULL},
	{"hw.optional.adx", 0, 0, 4, value_adx, 0, NULL, NULL},
	{"hw.optional.rtm", 0, 0, 4, value_rtm, 0, NULL, NULL},
	{"hw.optional.hle", 0, 0, 4, value_hle, 0, NULL, NULL},
	{"hw.optional.rdrand", 0, 0, 4, value_rdrand, 0, NULL, NULL},
	{"hw.optional.f16c", 0, 0, 4, value_f16c, 0, NULL, NULL},
	{"hw.optional.enfstrg", 0, 0, 4, value_enfstrg, 0, NULL, NULL},
	{"hw.cacheconfig", .write = write_cache_users},
	{"hw.cachesize", .write = write_cache_sizes},
	{"hw.cputhreadtype", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.vectorunit", 6, 13, 4, NULL, 1, NULL, NULL},
	{"hw.epoch", 6, 10, 4, NULL, 1, NULL, NULL},
	{"hw.pagesize32", 0, 0, 8, NULL, 4096, NULL, NULL},
	{"hw.memsize_usable", 0, 0, 8, sysctl_memory, 0, NULL, NULL},
	{"hw.busfrequency_min", 0, 0, 8, NULL, 100000000, NULL, NULL},
	{"hw.busfrequency_max", 0, 0, 8, NULL, 100000000, NULL, NULL},
	{"hw.perflevel0.physicalcpu_max", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.perflevel0.logicalcpu_max", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"hw.perflevel0.l1icachesize", 0, 0, 4, value_l1i, 0, NULL, NULL},
	{"hw.perflevel0.l1dcachesize", 0, 0, 4, value_l1d, 0, NULL, NULL},
	{"hw.perflevel0.l2cachesize", 0, 0, 4, value_l2, 0, NULL, NULL},
	{"hw.perflevel0.cpusperl2", 0, 0, 4, NULL, 1, NULL, NULL},
	{"hw.perflevel0.name", 0, 0, 0, NULL, 0, "Standard", NULL},
	{"hw.product", 0, 0, 0, NULL, 0, "Gila", NULL},
	{"hw.optional.arm64", 0, 0, 4, NULL, 0, NULL, NULL},
	{"machdep.cpu.vendor", .write = write_vendor},
	{"machdep.cpu.brand_string", .write = write_brand},
	{"machdep.cpu.features", .write = sysctl_write_features},
	{"machdep.cpu.leaf7_features", .write = sysctl_write_leaf7_features},
	{"machdep.cpu.extfeatures", .write = sysctl_write_more_features},
	{"machdep.cpu.core_count", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"machdep.cpu.thread_count", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"machdep.cpu.cores_per_package", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"machdep.cpu.logical_per_package", 0, 0, 4, sysctl_cpus, 0, NULL, NULL},
	{"machdep.cpu.family", 0, 0, 4, value_family, 0, NULL, NULL},
	{"machdep.cpu.model", 0, 0, 4, value_model, 0, NULL, NULL},
	{"machdep.cpu.stepping", 0, 0, 4, value_stepping, 0, NULL, NULL},
	{"machdep.cpu.signature", 0, 0, 4, value_signature, 0, NULL, NULL},
	{"machdep.cpu.feature_bits", 0, 0, 8, value_features, 0, NULL, NULL},
	{"machdep.cpu.leaf7_feature_bits", 0, 0, 8, value_leaf7, 0, NULL, NULL},
	{"machdep.cpu.extfeature_bits", 0, 0, 8, value_extended_features, 0, NULL, NULL},
	{"machdep.cpu.max_basic", 0, 0, 4, value_max_basic, 0, NULL, NULL},
	{"machdep.cpu.max_ext", 0, 0, 4, value_max_extended, 0, NULL, NULL},
	{"machdep.cpu.extmodel", 0, 0, 4, value_extended_model, 0, NULL, NULL},
	{"machdep.cpu.extfamily", 0, 0, 4, value_extended_family, 0, NULL, NULL},
	{"machdep.cpu.brand", 0, 0, 4, value_brand_index, 0, NULL, NULL},
	{"machdep.cpu.address_bits.physical", 0, 0, 4, value_physical_bits, 0, NULL, NULL},
	{"machdep.cpu.address_bits.virtual", 0, 0, 4, value_virtual_bits, 0, NULL, NULL},
	{"machdep.cpu.cache.linesize", 0, 0, 4, NULL, 64, NULL, NULL},
	{"machdep.cpu.microcode_version", 0, 0, 4, NULL, 1, NULL, NULL},
	{"machdep.tsc.frequency", 0, 0, 8, value_frequency, 0, NULL, NULL},
	{"net.inet.ip.portrange.first", 0, 0, 4, sysctl_first_port, 0, NULL, NULL},
	{"net.inet.ip.portrange.last", 0, 0, 4, NULL, 65535, NULL, NULL},
	{"net.inet.ip.forwarding", 0, 0, 4, sysctl_forwarding, 0, NULL, NULL},
	{"net.inet.ip.ttl", 0, 0, 4, sysctl_ttl, 0, NULL, NULL},
	{"net.inet6.ip6.forwarding", 0, 0, 4, sysctl_forwarding6, 0, NULL, NULL},
	{"net.inet.ip.portrange.hifirst", 0, 0, 4, sysctl_first_port, 0, NULL, NULL},
	{"net.inet.ip.portrange.hilast", 0, 0, 4, NULL, 65535, NULL, NULL},
	{"net.inet.tcp.sendspace", 0, 0, 4, NULL, 131072, NULL, NULL},
	{"net.inet.tcp.recvspace", 0, 0, 4, NULL, 131072, NULL, NULL},
	{"net.inet.tcp.keepidle", 0, 0, 4, sysctl_keep_idle, 0, NULL, NULL},
	{"net.inet.tcp.keepintvl", 0, 0, 4, sysctl_keep_interval, 0, NULL, NULL},
	{"net.inet.tcp.keepcnt", 0, 0, 4, sysctl_keep_count, 0, NULL, NULL},
	{"net.inet.tcp.mssdflt", 0, 0, 4, NULL, 512, NULL, NULL},
	{"net.inet.udp.maxdgram", 0, 0, 4, NULL, 9216, NULL, NULL},
	{"net.inet.udp.recvspace", 0, 0, 4, NULL, 786896, NULL, NULL},
	{"net.local.stream.sendspace", 0, 0, 8, NULL, 8192, NULL, NULL},
	{"net.local.stream.recvspace", 0, 0, 8, NULL, 8192, NULL, NULL},
	{"user.posix2_version", 8, 8, 4, NULL, 200112, NULL, NULL},
	{"user.stream_max", 8, 19, 4, NULL, 20, NULL, NULL},
	{"user.tzname_max", 8, 20, 4, NULL, 255, NULL, NULL},
};
const size_t sysctl_count = sizeof(sysctl_variables) / sizeof(*sysctl_variables);
