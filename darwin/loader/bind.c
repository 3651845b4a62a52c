// SPDX-License-Identifier: MIT
// Binds an image: moves its pointers, and looks up what it imports.
//
// What is not there is bound to a stub that names it when it is called (stub.c), or to 0 if the image says that it may be missing.
// With a list of what is missing (bind_missing) nothing runs: `gila run --missing` prints it.
#include "bind.h"

#include "fixups.h"
#include "image.h"
#include "stub.h"
#include "trie.h"

#include <stdlib.h>
#include <string.h>

struct bind_options bind_options;

struct bound {
	struct image *image;
	enum { BOUND_STRONG, BOUND_WEAK_TABLE } table;
};

static void *export_address(const struct image *image, const struct trie_export *found)
{
	uint64_t base = image->macho.base + image->slide;
	if (found->kind == TRIE_ABSOLUTE)
		return (void *)(uintptr_t)found->offset;
	if (found->resolver)
		return ((void *(*)(void))(uintptr_t)(base + found->resolver))();
	return (void *)(uintptr_t)(base + found->offset);
}

static void *target_address(struct image_target target, const char *symbol, bool *weak)
{
	const struct system_symbol *known;
	if (target.image)
		return image_export(target.image, symbol, weak);
	return target.library ? system_address_find(target.library, symbol, &known) : NULL;
}

void *image_export(const struct image *image, const char *symbol, bool *weak)
{
	struct trie_export found;
	*weak = false;
	if (trie_find(image->macho.exports, symbol, &found)) {
		*weak = found.weak;
		if (found.ordinal == 0)
			return export_address(image, &found);
		if (found.ordinal > image->macho.dylib_count || !image->targets)
			return NULL;
		return target_address(image->targets[found.ordinal - 1], found.imported[0] ? found.imported : symbol,
				      weak);
	}
	// Without a trie the table of symbols tells: Dart writes such libraries.
	void *own = image->macho.exports.size == 0 ? image_symbol_find(image, symbol) : NULL;
	if (own)
		return own;
	for (unsigned i = 0; i < image->macho.dylib_count && image->targets; i++) {
		void *address = image->macho.dylibs[i].kind == MACHO_DYLIB_REEXPORT
				    ? target_address(image->targets[i], symbol, weak)
				    : NULL;
		if (address)
			return address;
	}
	return NULL;
}

// A definition that is not weak is preferred, then the first.
static void *lookup_images(const char *symbol, bool global)
{
	void *first = NULL;
	for (unsigned i = 0; i < image_count; i++) {
		bool weak;
		void *address = global && images[i]->local ? NULL : image_export(images[i], symbol, &weak);
		if (address && !weak)
			return address;
		if (!first)
			first = address;
	}
	return first;
}

static void *lookup_system(const char *symbol)
{
	const struct system_symbol *known;
	void *address = system_address_find(NULL, symbol, &known);
	for (unsigned i = 0; i < image_count && !address; i++)
		for (unsigned j = 0; j < images[i]->macho.dylib_count && images[i]->targets && !address; j++)
			if (images[i]->targets[j].library)
				address = system_address_find(images[i]->targets[j].library, symbol, &known);
	return address;
}

void *image_lookup_flat(const char *symbol, bool global)
{
	void *address = lookup_images(symbol, global);
	return address ? address : lookup_system(symbol);
}

void *image_lookup_from(unsigned index, const char *symbol)
{
	void *address = NULL;
	bool weak;
	for (unsigned i = index; i < image_count && !address; i++)
		address = image_export(images[i], symbol, &weak);
	return address ? address : lookup_system(symbol);
}

static void *lookup_below(const struct image *image, const char *symbol, bool *seen)
{
	bool weak;
	seen[image->index] = true;
	void *address = image_export(image, symbol, &weak);
	for (unsigned i = 0; i < image->macho.dylib_count && image->targets && !address; i++) {
		const struct image *other = image->targets[i].image;
		if (other ? !seen[other->index] : image->targets[i].library != NULL)
			address = other ? lookup_below(other, symbol, seen)
					: target_address(image->targets[i], symbol, &weak);
	}
	return address;
}

void *image_lookup_below(const struct image *image, const char *symbol)
{
	bool seen[IMAGES] = {false};
	return lookup_below(image, symbol, seen);
}

static const char *library_of(const struct image *image, int ordinal)
{
	return ordinal > 0 ? image->macho.dylibs[ordinal - 1].name : "any library";
}

static bool is_gone(const struct image *image, int ordinal)
{
	return ordinal > 0 && image->macho.dylibs[ordinal - 1].kind == MACHO_DYLIB_WEAK &&
	       !image->targets[ordinal - 1].image && !image->targets[ordinal - 1].library;
}

// The address for a binding; 0 for what may be missing.
static void *bind_address(struct image *image, const struct fixup_bind *bind)
{
	const struct system_symbol *known = NULL;
	void *address = NULL;
	bool weak;
	if (bind->ordinal > 0) {
		struct image_target target = image->targets[bind->ordinal - 1];
		if (target.image)
			address = image_export(target.image, bind->symbol, &weak);
		else if (target.library)
			address = system_address_find(target.library, bind->symbol, &known);
	} else if (bind->ordinal == ORDINAL_SELF)
		address = image_export(image, bind->symbol, &weak);
	else if (bind->ordinal == ORDINAL_MAIN)
		address = image_export(images[0], bind->symbol, &weak);
	else
		address = image_lookup_flat(bind->symbol, false);
	void *other = address ? interpose(image, address) : NULL;
	if (other != address)
		return other;
	if (address)
		return known && bind_options.trace && !known->data ? stub_trace(known) : address;
	// A weak library that is not there has weak symbols alone.
	if (bind->weak_import || is_gone(image, bind->ordinal))
		return NULL;
	if (bind_options.missing)
		bind_options.missing(image, bind->symbol, library_of(image, bind->ordinal));
	return stub_missing(image->path, bind->symbol, library_of(image, bind->ordinal));
}

static bool call_bind(void *context, const struct fixup_bind *bind)
{
	struct bound *bound = context;
	uint64_t *pointer = image_at(bound->image, bind->address);
	void *address = bound->table == BOUND_WEAK_TABLE
			    ? interpose(bound->image, image_lookup_flat(bind->symbol, false))
			    : bind_address(bound->image, bind);
	// The weak table repeats what is bound already, so that all images agree on one definition.
	if (!address && bound->table == BOUND_WEAK_TABLE)
		return true;
	*pointer = address ? (uint64_t)(uintptr_t)address + (uint64_t)bind->addend : 0;
	return true;
}

static bool call_rebase(void *context, uint64_t address)
{
	struct bound *bound = context;
	*(uint64_t *)image_at(bound->image, address) += bound->image->slide;
	return true;
}

static bool call_point(void *context, uint64_t address, uint64_t target, uint8_t high8)
{
	struct bound *bound = context;
	*(uint64_t *)image_at(bound->image, address) = (target + bound->image->slide) | (uint64_t)high8 << 56;
	return true;
}

static uint64_t call_read(void *context, uint64_t address)
{
	struct bound *bound = context;
	return *(uint64_t *)image_at(bound->image, address);
}

bool image_bind(struct image *image, struct macho_error *error)
{
	struct bound bound = {image, BOUND_STRONG};
	const struct fixup_calls calls = {&bound, call_rebase, call_bind, call_point, call_read};
	const struct macho *macho = &image->macho;
	if (image->slide && !fixups_rebase(macho, &calls, error))
		return false;
	if (!fixups_bind(macho, FIXUPS_BIND, &calls, error) || !fixups_bind(macho, FIXUPS_LAZY, &calls, error) ||
	    !fixups_chained(macho, &calls, error) || !fixups_classic(macho, &calls, error))
		return false;
	bound.table = BOUND_WEAK_TABLE;
	return fixups_bind(macho, FIXUPS_WEAK, &calls, error);
}
