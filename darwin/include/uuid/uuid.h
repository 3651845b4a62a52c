// SPDX-License-Identifier: MIT
// UUIDs. Facts: uuid(3).
#ifndef DARWIN_INCLUDE_UUID_UUID_H
#define DARWIN_INCLUDE_UUID_UUID_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
void uuid_generate(unsigned char[16]), uuid_generate_time(unsigned char[16]);
void uuid_unparse(const unsigned char[16], char[37]);
int uuid_parse(const char *, unsigned char[16]), uuid_is_null(const unsigned char[16]);
#ifdef __cplusplus
}
#endif

#endif
