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
	bool local;		      // [l] opened with RTLD_LOCAL alone: not found by name in general
	unsigned opened;	      // [l] how often dlopen gave it
	const struct image *loader;   // [I] for which it was loaded: its LC_RPATHs count, too
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

// What DYLD_INSERT_LIBRARIES names, which is started before the program.
extern struct image *image_inserted[];
extern unsigned image_inserted_count;

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

// Defined in the image and external, by the table of symbols; NULL: it is not.
void *image_symbol_find(const struct image *image, const char *symbol);

// Of an export of the image or of what it reexports; NULL: there is none. Thread-local variables: their descriptor.
void *image_export(const struct image *image, const char *symbol, bool *weak);
// Any image, then the system's libraries. `global`: not those that were opened with RTLD_LOCAL.
void *image_lookup_flat(const char *symbol, bool global);
// Images from that index on, then the system's libraries (RTLD_SELF, RTLD_NEXT).
void *image_lookup_from(unsigned index, const char *symbol);
// The image, then what it depends on.
void *image_lookup_below(const struct image *image, const char *symbol);
// Calls for each image that is bound from now on, before its initialisers (_dyld_register_func_for_add_image). [image_lock]
extern void (*image_bound_hook)(const struct image *image);

// ---- between the loader's files -------------------------------------------------------------------------------------
// map.c. False: error has the reason.
bool image_map(struct image *image, int file, struct macho_error *error);
bool image_protect(struct image *image, struct macho_error *error); // read-only segments, when bound
// find.c
void find_begin(void); // looks at DYLD_* of the environment
extern bool find_print_libraries, find_print_initialisers;
bool image_load_inserted(struct image *program, struct image_error *error);
// interpose.c
void interpose_register(const struct image *image); // its tuples, when it is bound
void *interpose(const struct image *image, void *address); // what the image is to get instead
bool interpose_has(const struct image *image);
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
