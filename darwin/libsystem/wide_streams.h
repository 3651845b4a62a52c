// SPDX-License-Identifier: MIT
// Wide characters of a stream.
#ifndef DARWIN_WIDE_STREAMS_H
#define DARWIN_WIDE_STREAMS_H

#include "stdio.h"

#include <wchar.h>

// WEOF: it failed, and errno says why. The stream becomes one of wide characters.
wint_t wide_write(struct darwin_file *stream, wint_t character);
wint_t wide_read(struct darwin_file *stream);

#endif
