// SPDX-License-Identifier: MIT
// Workgroups. Facts: <os/workgroup_object.h>, <os/workgroup_parallel.h>.
#ifndef DARWIN_INCLUDE_OS_WORKGROUP_H
#define DARWIN_INCLUDE_OS_WORKGROUP_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
typedef struct os_workgroup_s *os_workgroup_t;
typedef struct {
	uint32_t sig;
	char opaque[36];
} os_workgroup_join_token_s;
os_workgroup_t os_workgroup_parallel_create(const char *, void *);
os_workgroup_t os_workgroup_create_with_workgroup(const char *, os_workgroup_t);
int os_workgroup_join(os_workgroup_t, os_workgroup_join_token_s *);
void os_workgroup_leave(os_workgroup_t, os_workgroup_join_token_s *);
void os_workgroup_cancel(os_workgroup_t);
bool os_workgroup_testcancel(os_workgroup_t);
int os_workgroup_max_parallel_threads(os_workgroup_t, void *);
int os_workgroup_set_working_arena(os_workgroup_t, void *, uint32_t, void (*)(void *));
void *os_workgroup_get_working_arena(os_workgroup_t, uint32_t *);
void os_release(void *);
#ifdef __cplusplus
}
#endif

#endif
