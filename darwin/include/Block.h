// SPDX-License-Identifier: MIT
// Blocks. Facts: Clang's "Block Implementation Specification".
#ifndef DARWIN_INCLUDE_BLOCK_H
#define DARWIN_INCLUDE_BLOCK_H

#ifdef __cplusplus
extern "C" {
#endif
void *_Block_copy(const void *);
void _Block_release(const void *);
extern void *_NSConcreteGlobalBlock[32], *_NSConcreteStackBlock[32], *_NSConcreteMallocBlock[32];
#define Block_copy(block) ((__typeof__(block))_Block_copy((const void *)(block)))
#define Block_release(block) _Block_release((const void *)(block))
#ifdef __cplusplus
}
#endif

#endif
