// SPDX-License-Identifier: MIT
// The Mach-O file format, as far as 64-bit x86 images use it.
//
// Facts: Apple's <mach-o/loader.h>, <mach-o/fat.h>, <mach-o/fixup-chains.h>, <mach/machine.h>. All numbers are little-endian
// in the file except those of the universal header. Structures are copied out of the file before they are used.
#ifndef DARWIN_FORMAT_H
#define DARWIN_FORMAT_H

#include <stdint.h>

enum {
	MACHO_MAGIC_32 = 0xfeedface,
	MACHO_MAGIC_64 = 0xfeedfacf,
	MACHO_FAT = 0xcafebabe,	   // universal: big-endian table of slices
	MACHO_FAT_64 = 0xcafebabf, // the same with 64-bit offsets
};

enum { MACHO_CPU_X86 = 7, MACHO_CPU_X86_64 = 0x01000007, MACHO_CPU_ARM64 = 0x0100000c };
enum { MACHO_EXECUTE = 2, MACHO_DYLIB = 6, MACHO_BUNDLE = 8 };
enum { MACHO_TWO_LEVEL = 0x80, MACHO_PIE = 0x200000 }; // flags of the header

enum {
	LC_SYMTAB = 0x2,
	LC_UNIXTHREAD = 0x5,
	LC_DYSYMTAB = 0xb,
	LC_LOAD_DYLIB = 0xc,
	LC_ID_DYLIB = 0xd,
	LC_SEGMENT_64 = 0x19,
	LC_UUID = 0x1b,
	LC_LAZY_LOAD_DYLIB = 0x20,
	LC_ENCRYPTION_INFO_64 = 0x2c,
	LC_VERSION_MIN_MACOSX = 0x24,
	LC_DYLD_INFO = 0x22,
	LC_BUILD_VERSION = 0x32,
	LC_REQ_DYLD = (int)0x80000000, // the loader must know the command, or refuse the file
	LC_LOAD_WEAK_DYLIB = 0x18 | LC_REQ_DYLD,
	LC_RPATH = 0x1c | LC_REQ_DYLD,
	LC_REEXPORT_DYLIB = 0x1f | LC_REQ_DYLD,
	LC_DYLD_INFO_ONLY = 0x22 | LC_REQ_DYLD,
	LC_LOAD_UPWARD_DYLIB = 0x23 | LC_REQ_DYLD,
	LC_MAIN = 0x28 | LC_REQ_DYLD,
	LC_DYLD_EXPORTS_TRIE = 0x33 | LC_REQ_DYLD,
	LC_DYLD_CHAINED_FIXUPS = 0x34 | LC_REQ_DYLD,
};

struct macho_header {
	uint32_t magic, cpu, cpu_subtype, file_type, commands, commands_size, flags, reserved;
};

struct macho_fat_slice { // big-endian
	uint32_t cpu, cpu_subtype, offset, size, align;
};

struct macho_fat_slice_64 { // big-endian
	uint32_t cpu, cpu_subtype;
	uint64_t offset, size;
	uint32_t align, reserved;
};

struct macho_command {
	uint32_t command, size;
};

struct macho_segment_command {
	uint32_t command, size;
	char name[16];
	uint64_t address, memory_size, file_offset, file_size;
	uint32_t most_protection, protection; // 1 read, 2 write, 4 execute
	uint32_t sections, flags;
};
enum { SEGMENT_READ_ONLY = 0x10 }; // made read-only when its pointers are bound

struct macho_section_command {
	char section[16], segment[16];
	uint64_t address, size;
	uint32_t offset, align, reloc_offset, relocs, flags, reserved1, reserved2, reserved3;
};
enum { // low byte of a section's flags
	SECTION_ZEROFILL = 0x1,
	SECTION_POINTERS = 0x6,
	SECTION_LAZY_POINTERS = 0x7,
	SECTION_INITIALISERS = 0x9,
	SECTION_TERMINATORS = 0xa,
	SECTION_INTERPOSING = 0xd,
	SECTION_TLS_REGULAR = 0x11,
	SECTION_TLS_ZEROFILL = 0x12,
	SECTION_TLS_VARIABLES = 0x13,
	SECTION_INITIALISER_OFFSETS = 0x16,
};

struct macho_dylib_command {
	uint32_t command, size, name, timestamp, version, compatible;
};
struct macho_string_command { // LC_RPATH
	uint32_t command, size, string;
};
struct macho_main_command {
	uint32_t command, size;
	uint64_t entry, stack_size;
};
struct macho_info_command { // LC_DYLD_INFO
	uint32_t command, size;
	uint32_t rebase, rebase_size, bind, bind_size, weak, weak_size, lazy, lazy_size, exports, exports_size;
};
struct macho_linkedit_command {
	uint32_t command, size, offset, length;
};
struct macho_symtab_command {
	uint32_t command, size, symbols, count, strings, strings_size;
};
struct macho_uuid_command {
	uint32_t command, size;
	uint8_t uuid[16];
};
struct macho_version_command { // LC_VERSION_MIN_MACOSX; versions are 16.8.8 bits
	uint32_t command, size, least, sdk;
};
struct macho_build_command { // LC_BUILD_VERSION; platform 1 is macOS
	uint32_t command, size, platform, least, sdk, tools;
};
struct macho_encryption_command {
	uint32_t command, size, offset, length, method, pad;
};
struct macho_thread_command { // LC_UNIXTHREAD with x86_THREAD_STATE64 (flavor 4, 42 words)
	uint32_t command, size, flavor, words;
	uint64_t registers[21]; // rax rbx rcx rdx rdi rsi rbp rsp r8-r15 rip rflags cs fs gs
};
enum { MACHO_THREAD_STATE_64 = 4, MACHO_THREAD_RIP = 16 };

struct macho_dysymtab_command {
	uint32_t command, size;
	uint32_t local, locals, defined, defineds, undefined, undefineds, contents, contents_count, modules, module_count, references,
		reference_count;
	uint32_t indirect, indirect_count, external, external_count, relocations, relocation_count;
};
struct macho_relocation {
	int32_t address;
	uint32_t symbol : 24, relative : 1, length : 2, external : 1, type : 4; // length: of 2 to the power of it bytes
};
struct macho_symbol {
	uint32_t name;
	uint8_t type, section;
	uint16_t description;
	uint64_t value;
};

// Special library ordinals of a binding.
enum { ORDINAL_SELF = 0, ORDINAL_MAIN = -1, ORDINAL_FLAT = -2, ORDINAL_WEAK = -3 };

#endif
