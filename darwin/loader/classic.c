// SPDX-License-Identifier: MIT
// Fixups of files without LC_DYLD_INFO and chains: the tables of LC_DYSYMTAB, as linkers before 2009 wrote them, and Go's own still does.
//
// Pointers to symbols fill sections of their own, and the indirect symbol table says which symbol each is for; relocations lie beside it.
// Facts: struct dysymtab_command and "indirect symbol table" in <mach-o/loader.h>, <mach-o/nlist.h>, <mach-o/reloc.h>; relocations of
// x86_64 count from the first segment that can be written (dyld's Analyzer, "relocBase").
#include "fixups.h"

#include <string.h>

enum { INDIRECT_LOCAL = (int)0x80000000, INDIRECT_ABSOLUTE = 0x40000000 };
enum { SYMBOL_TYPE = 0x0e, SYMBOL_UNDEFINED = 0, SYMBOL_ABSOLUTE = 2, SYMBOL_WEAK_IMPORT = 0x40 };
enum { ORDINAL_OF_FLAT = 0xfe, ORDINAL_OF_MAIN = 0xff }; // in n_desc

struct classic {
	const struct macho *macho;
	const struct fixup_calls *calls;
	struct macho_error *error;
};

static bool check_place(const struct classic *classic, uint64_t address, const char *what)
{
	return fixups_place(classic->macho, address) ||
	       macho_refuse(classic->error, "%s: address 0x%llx is in no segment that can be written", what,
			    (unsigned long long)address);
}

static const char *symbol_name(const struct macho *macho, const struct macho_symbol *symbol)
{
	if (symbol->name >= macho->strings.size ||
	    !memchr(macho->strings.at + symbol->name, 0, macho->strings.size - symbol->name))
		return NULL;
	return (const char *)macho->strings.at + symbol->name;
}

static int symbol_ordinal(const struct macho *macho, const struct macho_symbol *symbol)
{
	int ordinal = symbol->description >> 8;
	if (!(macho->flags & MACHO_TWO_LEVEL) || ordinal == ORDINAL_OF_FLAT)
		return ORDINAL_FLAT;
	return ordinal == ORDINAL_OF_MAIN ? ORDINAL_MAIN : ordinal;
}

// The pointer there becomes the symbol's address and the addend.
static bool point_to_symbol(const struct classic *classic, uint64_t address, uint32_t index, uint64_t addend)
{
	const struct macho *macho = classic->macho;
	const struct fixup_calls *calls = classic->calls;
	struct macho_symbol symbol;
	if (index >= macho->symbols.size / sizeof(symbol))
		return macho_refuse(classic->error, "LC_DYSYMTAB: there is no symbol %u", index);
	memcpy(&symbol, macho->symbols.at + index * sizeof(symbol), sizeof(symbol));
	if ((symbol.type & SYMBOL_TYPE) != SYMBOL_UNDEFINED)
		return calls->point(calls->context, address, symbol.value + addend, 0);
	struct fixup_bind bind = {.address = address,
				  .ordinal = symbol_ordinal(macho, &symbol),
				  .symbol = symbol_name(macho, &symbol),
				  .addend = (int64_t)addend,
				  .weak_import = symbol.description & SYMBOL_WEAK_IMPORT};
	if (!bind.symbol)
		return macho_refuse(classic->error, "LC_DYSYMTAB: the name of symbol %u has no end", index);
	if (bind.ordinal > (int)macho->dylib_count)
		return macho_refuse(classic->error, "LC_DYSYMTAB: %s is of library %d, there are %u", bind.symbol,
				    bind.ordinal, macho->dylib_count);
	return calls->bind(calls->context, &bind);
}

static bool walk_pointers(const struct classic *classic, const struct macho_section *section)
{
	const struct macho *macho = classic->macho;
	for (uint64_t i = 0; i < section->size / 8; i++) {
		uint64_t address = section->address + i * 8;
		uint32_t index;
		if (section->first + i >= macho->indirect.size / sizeof(index))
			return macho_refuse(classic->error, "LC_DYSYMTAB: section %s has more pointers than there are indirect symbols",
					    section->name);
		memcpy(&index, macho->indirect.at + (section->first + i) * sizeof(index), sizeof(index));
		if (!check_place(classic, address, "LC_DYSYMTAB, indirect symbols"))
			return false;
		if (index & INDIRECT_ABSOLUTE)
			continue;
		if (index & (uint32_t)INDIRECT_LOCAL) {
			if (!classic->calls->rebase(classic->calls->context, address))
				return false;
		} else if (!point_to_symbol(classic, address, index, 0))
			return false;
	}
	return true;
}

static bool relocations_start(const struct macho *macho, uint64_t *start)
{
	for (unsigned i = 0; i < macho->segment_count; i++) {
		*start = macho->segments[i].address;
		if (macho_segment_mapped(&macho->segments[i]) && (macho->segments[i].protection & 2))
			return true;
	}
	return false;
}

static bool walk_relocations(const struct classic *classic, struct macho_range range, bool external)
{
	const char *what = external ? "LC_DYSYMTAB, external relocations" : "LC_DYSYMTAB, local relocations";
	uint64_t start = 0;
	if (range.size > 0 && !relocations_start(classic->macho, &start))
		return macho_refuse(classic->error, "%s: no segment can be written", what);
	for (size_t i = 0; i < range.size / sizeof(struct macho_relocation); i++) {
		struct macho_relocation from;
		memcpy(&from, range.at + i * sizeof(from), sizeof(from));
		uint64_t address = start + (uint64_t)(int64_t)from.address;
		// X86_64_RELOC_UNSIGNED of 8 bytes: others a loader does not get.
		if (from.type != 0 || from.length != 3 || from.relative || from.external != external)
			return macho_refuse(classic->error, "%s: number %zu is of a kind that is not known", what, i);
		if (!check_place(classic, address, what))
			return false;
		if (external ? !point_to_symbol(classic, address, from.symbol, classic->calls->read(classic->calls->context, address))
			     : !classic->calls->rebase(classic->calls->context, address))
			return false;
	}
	return true;
}

bool fixups_classic(const struct macho *macho, const struct fixup_calls *calls, struct macho_error *error)
{
	const struct classic classic = {macho, calls, error};
	if (macho->has_fixups)
		return true;
	for (unsigned i = 0; i < macho->section_count; i++) {
		const struct macho_section *section = &macho->sections[i];
		if ((section->type == SECTION_POINTERS || section->type == SECTION_LAZY_POINTERS) &&
		    !walk_pointers(&classic, section))
			return false;
	}
	return walk_relocations(&classic, macho->local_relocations, false) &&
	       walk_relocations(&classic, macho->external_relocations, true);
}
