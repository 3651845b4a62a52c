// SPDX-License-Identifier: MIT
// Zones. Facts: libmalloc's <malloc/malloc.h>.
#ifndef DARWIN_INCLUDE_MALLOC_MALLOC_H
#define DARWIN_INCLUDE_MALLOC_MALLOC_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct _malloc_zone_t malloc_zone_t;
size_t malloc_size(const void *), malloc_good_size(size_t);
malloc_zone_t *malloc_default_zone(void), *malloc_create_zone(size_t, unsigned);
void *malloc_zone_malloc(malloc_zone_t *, size_t);
void malloc_zone_free(malloc_zone_t *, void *);
void malloc_set_zone_name(malloc_zone_t *, const char *), malloc_destroy_zone(malloc_zone_t *);
const char *malloc_get_zone_name(malloc_zone_t *);
#ifdef __cplusplus
}
#endif

#endif
