// SPDX-License-Identifier: MIT
// Initialisers and terminators of images, in order: what an image needs is started before it.
// Facts: dyld calls an initialiser with (argc, argv, envp, apple, vars): <mach-o/dyld.h> and dyld's Initializer type.
#include "image.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct image_arguments image_arguments;

static struct image *started[IMAGES]; // [image_lock] in the order in which they were
static unsigned started_count;

typedef void initialiser(int count, char **words, char **environment, char **apple, const void *vars);

static void run(const struct image *image, uint64_t address)
{
	initialiser *function = (initialiser *)address;
	if (find_print_initialisers)
		fprintf(stderr, "dyld[%d]: running initializer %p in %s\n", getpid(), (void *)(uintptr_t)address, image->path);
	function(image_arguments.count, image_arguments.words, image_arguments.environment, image_arguments.apple, NULL);
}

static void run_initialisers(const struct image *image)
{
	for (unsigned i = 0; i < image->macho.section_count; i++) {
		const struct macho_section *section = &image->macho.sections[i];
		const void *at = image_at(image, section->address);
		if (section->type == SECTION_INITIALISERS) {
			for (uint64_t j = 0; j < section->size / 8; j++)
				run(image, ((const uint64_t *)at)[j]); // bound, so they are addresses in memory
		} else if (section->type == SECTION_INITIALISER_OFFSETS) {
			for (uint64_t j = 0; j < section->size / 4; j++)
				run(image, image->macho.base + image->slide + ((const uint32_t *)at)[j]);
		}
	}
}

static void start_targets(const struct image *image, bool upward)
{
	for (unsigned i = 0; i < image->macho.dylib_count; i++)
		if (image->targets[i].image && (image->macho.dylibs[i].kind == MACHO_DYLIB_UPWARD) == upward)
			image_start(image->targets[i].image);
}

void image_start(struct image *image)
{
	pthread_mutex_lock(&image_lock);
	if (image->state == IMAGE_BOUND) {
		image->state = IMAGE_STARTING; // a circle of libraries ends here
		start_targets(image, false);
		run_initialisers(image);
		image->state = IMAGE_STARTED;
		started[started_count++] = image;
		start_targets(image, true); // what lies above it is started after it
	}
	pthread_mutex_unlock(&image_lock);
}

void image_stop_all(void)
{
	while (started_count > 0) {
		const struct image *image = started[--started_count];
		for (unsigned i = 0; i < image->macho.section_count; i++) {
			const struct macho_section *section = &image->macho.sections[i];
			if (section->type != SECTION_TERMINATORS)
				continue;
			void (**functions)(void) = image_at(image, section->address);
			for (uint64_t j = section->size / 8; j > 0; j--)
				functions[j - 1]();
		}
	}
}
