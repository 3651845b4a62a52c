#!/bin/sh
# SPDX-License-Identifier: MIT
# Sees to it that there is npm: Debian's, by tools/packages.sh, unless there is one. Status 1, and one line that says why, if there cannot be one.
set -eu
command -v npm >/dev/null && exit 0
cd "$(dirname "$0")/.."
tools/packages.sh mk/npm-packages.txt
command -v npm >/dev/null || { echo "npm is not there after its package was installed" >&2; exit 1; }
