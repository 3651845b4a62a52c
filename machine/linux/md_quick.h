// SPDX-License-Identifier: MIT
// Quick messages: plain functions, as machine/md.h declares them.
#include <machine/md.h>
