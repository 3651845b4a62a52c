// SPDX-License-Identifier: MIT
// Images: Mach-O files that are mapped into this process, and the libraries of the system that they name.
//
// image_load maps a file and, in turn, all that it depends on, and binds them; image_start runs initialisers in order, dependencies
// first. A library whose name the system table knows (system.h) is not a file: its symbols are functions of this program.
// 1. Images are never unmapped, and their list only grows: readers need no lock. 2. images[0] is the program.
// Lock: image_lock around everything that loads; recursive, because initialisers may call dlopen.
#ifndef DARWIN_IMAGE_H
#define DARWIN_IMAGE_H

#include "macho.h"
#include "system.h"

#include <pthread.h>

#define IMAGES 512u

enum image_state { IMAGE_MAPPED, IMAGE_BOUND, IMAGE_STARTING, IMAGE_STARTED }; // one way only

struct image;

// What a library ordinal leads to: one of the two, or (a weak library that is not there) none.
struct image_target {
	struct image *image;
	const struct system_library *library;
};

struct image {
	const char *path;	      // [I] absolute
	uint64_t slide;		      // [I] what is added to addresses of the file
	struct image_target *targets; // [l] for each of macho.dylibs
	enum image_state state;	      // [l]
	unsigned index;		      // [I] in `images`
	unsigned long tls_key;	      // [I] of its thread-local variables; 0: it has none
	struct macho macho;	      // [I] large: what of it is not used is not touched
};

extern struct image *images[IMAGES];
extern _Atomic unsigned image_count;
extern pthread_mutex_t image_lock;

// Messages of the loader: "gila: PATH: PLACE: REASON" on standard error.
void image_complain(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Maps the file and its libraries and binds all that is new. NULL: it failed, and error (with file and place) says why.
// `from`: the image whose @loader_path and @rpath hold, or NULL for the program itself.
struct image_error {
	char text[1280];
};
struct image *image_load(const char *path, const struct image *from, struct image_error *error);
// The same for a library by its install name: finds @rpath and the like, or the system's. Both NULL in the result: not there.
struct image_target image_find(const char *name, const struct image *from, bool weak, struct image_error *error);

// Runs the initialisers of the image and of what it depends on, if they did not run.
void image_start(struct image *image);
// Runs terminators, the last started first. Once, at exit.
void image_stop_all(void);

// Address in memory of an address of the file.
static inline void *image_at(const struct image *image, uint64_t address)
{
	return (void *)(uintptr_t)(address + image->slide);
}

// The image that has the address, or NULL.
struct image *image_of(const void *address);
// The symbol at or before the address, from the image's symbol table, and where it begins. NULL: none.
const char *image_symbol_of(const struct image *image, const void *address, const void **start);

// Of an export of the image or of what it reexports; NULL: there is none. Thread-local variables: their descriptor.
void *image_export(const struct image *image, const char *symbol, bool *weak);
// Any image, then the system's libraries.
void *image_lookup_flat(const char *symbol);

// ---- between the loader's files -------------------------------------------------------------------------------------
// map.c. False: error has the reason.
bool image_map(struct image *image, int file, struct macho_error *error);
bool image_protect(struct image *image, struct macho_error *error); // read-only segments, when bound
// bind.c
bool image_bind(struct image *image, struct macho_error *error);
// tls.c
bool image_tls_prepare(struct image *image, struct macho_error *error);
// arguments that initialisers get; set once before image_start (start.c)
struct image_arguments {
	int count;
	char **words, **environment, **apple;
};
extern struct image_arguments image_arguments;

#endif
