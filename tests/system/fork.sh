#!/bin/bash
# SPDX-License-Identifier: MIT
# fork makes a task of its own; threads that end leave no port behind (counted by the kernel).
. "$(dirname "$0")/lib.sh"
begin
boot || finish
check "fork and threads" "$PROGRAMS/forked"
halt
finish
