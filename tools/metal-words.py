#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Words for the kernel's command line, from the host's shell:  tools/metal-words.py 'exec=ls /; ps' root=LABEL=data
# Each argument becomes one word, written as in URLs, as `gila boot` does it (cli/host/boot.c); init reads them back (docs/boot.md).
# An empty argument becomes nothing.
import sys
from urllib.parse import quote

WORD_MOST = 4096  # servers/init/main.c
words = []
for argument in sys.argv[1:]:
    name, equals, text = argument.partition("=")
    if equals and text:
        words.append(f"{name}={quote(text, safe='-_./,;:=+@')}")
        if len(words[-1]) >= WORD_MOST:
            sys.exit(f"{name}: too long ({len(words[-1])} bytes as it travels, of {WORD_MOST})")
print(*words)
