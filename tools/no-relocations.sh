#!/bin/sh
# SPDX-License-Identifier: MIT
# no-relocations.sh FILE: refuses an ELF image that would have to be relocated, or linked, before it can run.
relocations=$(readelf -rW "$1" | grep R_) && { echo "$1 needs relocations:"; echo "$relocations"; exit 1; }
readelf -lW "$1" | grep -E 'INTERP|TLS|RWE' && { echo "$1 has segments that it must not have"; exit 1; }
exit 0
