#!/bin/bash
# SPDX-License-Identifier: MIT
# bench/metal.sh: counts instructions of the release variant on the metal, beside goals and other kernels' figures. `make bench
# MACHINE=x86_64` builds and runs it; docs/bench.md says how it is counted.
#
# Two boots under QEMU with -icount shift=0: one with bench/metal/main.c in the shell's place, and one of the diskless system whose
# shell shuts down at once, for what a boot takes.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build/release}
work=$(mktemp -d /tmp/gila-bench-metal.XXXXXX)
trap 'rm -rf "$work"' EXIT

# boot NAME ARCHIVE [QEMU OPTION]...: the serial console goes to $work/NAME. False: it did not end as it should.
boot() {
	local name=$1 archive=$2
	shift 2
	timeout "${METAL_TIME:-300}" "${QEMU:-qemu-system-x86_64}" -machine q35 -accel tcg,thread=single -icount shift=0,sleep=off \
		-cpu max -m 512 -smp 1 -display none -serial stdio -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel "$build/bare/kernel.elf" -initrd "$archive" "$@" </dev/null >"$work/$name" 2>"$work/$name.errors"
	[ $? = 33 ] && return
	echo "bench: the boot for $name did not end well:" >&2
	tail -n 5 "$work/$name" "$work/$name.errors" >&2
	return 1
}

boot calls "$build/system/bench-metal.tar.lzma" -device edu || exit 1
grep -q bench-end "$work/calls" || { grep bench-failed "$work/calls" >&2; exit 1; }
# The log goes to the second line when a driver has the first one.
boot diskless "$build/gila.tar.lzma" -append exec=shutdown -serial "file:$work/diskless.second" || exit 1
size -A "$build/bare/kernel.elf" >"$work/size"

echo "QEMU $("${QEMU:-qemu-system-x86_64}" --version | sed -n '1s/.*version \([^ ]*\).*/\1/p'), TCG, -icount shift=0: instructions, user and kernel"
echo "Other kernels: measured the same way on the same QEMU, as the goals were set; not measured by this run"
cat "$work/size" "$work/calls" "$work/diskless" "$work/diskless.second" | tr -d '\r' | awk '
function line(what, mode, min, max, goal, sel4, mach, pipe) {
	goals += goal != "-"
	met += goal != "-" && mode <= goal
	printf "%-44s %10s %10s %10s %10s  %-7s %8s %9s %9s\n", what, mode, min, max, goal, goal == "-" ? "-" : mode <= goal ? "yes" : "no",
		sel4, mach, pipe
}
function row(name, what, goal, sel4, mach, pipe) {
	if (name in mode) line(what, mode[name], min[name], max[name], goal, sel4, mach, pipe)
	else printf "%-44s not measured\n", what
}
function value(what, number, goal) { line(what, number, "", "", goal, "", "", "") }
function seconds(text) { gsub(/[\[\] ]/, "", text); return text * 1000000000 }
# kernel.elf
$1 == ".text" || $1 == ".boot" { text += $2 }
$1 == ".data" || $1 == ".bss" || $1 == ".boot.bss" { data += $2 }
# the logs
/bench-row / { for (i = 1; i <= NF; i++) if ($i == "bench-row") { mode[$(i+1)] = $(i+2); min[$(i+1)] = $(i+3); max[$(i+1)] = $(i+4) } }
/bench-value / { for (i = 1; i <= NF; i++) if ($i == "bench-value") is[$(i+1)] = $(i+2) }
/boot: archive: / { match($0, /^\[[^]]*\]/); unpacked_at = seconds(substr($0, 1, RLENGTH)); match($0, /unpacked [0-9]+/); unpacked = substr($0, RSTART + 9, RLENGTH - 9); if (!first_unpacked) first_unpacked = unpacked }
/device tree 0/ { match($0, /^\[[^]]*\]/); devices_at = seconds(substr($0, 1, RLENGTH)) }
/metal: .*first instruction/ { match($0, /started [0-9]+/); start = substr($0, RSTART + 8, RLENGTH - 8); match($0, /[0-9]+ of them/); measuring = substr($0, RSTART, RLENGTH - 8) }
/shell: taken/ { match($0, /^\[[^]]*\]/); shell_at = seconds(substr($0, 1, RLENGTH)) }
/boot: shutdown, by request/ { match($0, /^\[[^]]*\]/); prompt_at = seconds(substr($0, 1, RLENGTH)) }
END {
	printf "%-44s %10s %10s %10s %10s  %-7s %8s %9s %9s\n", "what", "mode", "min", "max", "goal", "reached", "seL4", "GNU Mach", "Linux"
	printf "%-44s %10s %10s %10s %10s  %-7s %8s %9s %9s\n", "", "", "", "", "", "", "16.0", "1.8", "6.1 pipe"
	row("null-trap", "null trap", 80, 82, 58, 373)
	row("general-trap", "thread id", "-", "", "", "")
	row("seat-look-up", "seat look-up", "-", "", "", "")
	row("call-header-only", "call and reply, header only", 480, 454, 1824, "")
	row("call-32", "call and reply, 32 bytes", 520, 496, 1862, 10400)
	row("call-64", "call and reply, 64 bytes", 560, 1698, 1890, "")
	row("call-256", "call and reply, 256 bytes", 800, 1938, 2086, 11312)
	row("call-1024", "call and reply, 1024 bytes", "-", "", "", "")
	row("call-one-right", "call and reply, one right moved", 1200, "", "", "")
	row("call-right-both-ways", "call and reply, one right there and back", "-", "", "", "")
	row("out-of-line-4K", "call and reply, 4 KiB out of line", "-", "", "", "")
	row("out-of-line-1M", "call and reply, 1 MiB out of line", "-", "", "", "")
	row("send-to-queue-receive", "send to a queue, later receive", "-", "", "", "")
	row("notification", "no-senders notification", "-", "", "", "")
	row("interrupt-to-driver", "interrupt to driver", "-", "", "", "")
	value("  of these: from kern_interrupt to its message", is["interrupt-to-send"], "-")
	value("  until the driver has it", is["interrupt-send-to-receive"], "-")
	value("  until its trap ends", is["interrupt-receive-to-exit"], "-")
	row("context-switch", "context switch (yield between two threads)", "-", "", "", "")
	row("copy-on-write-fault", "copy-on-write fault", "-", "", "", "")
	row("task-clone", "task clone", "-", "", "", "")
	print ""
	value("boot: first instruction to the prompt", start + prompt_at, 300000000)
	value("  of these: measuring the clock", measuring, "-")
	value("  unpacking the archive", unpacked_at - devices_at, "-")
	value("  init, to the shell", shell_at - unpacked_at, "-")
	value("  the shell, to the prompt", prompt_at - shell_at, "-")
	value("kernel text, bytes", text, 200 * 1024)
	value("kernel memory after a diskless boot, bytes", is["kernel-bytes"] - first_unpacked + data + (4096 + 512) * 64 + 8 * 16384, 2 * 1024 * 1024)
	value("  of these: data and zeroed data", data, "-")
	value("  a CPU'"'"'s trace and its stacks", (4096 + 512) * 64 + 8 * 16384, "-")
	value("  and besides: the unpacked archive", first_unpacked, "-")
	value("idle thread, bytes", is["idle-thread-bytes"], 1536)
	printf "%d of %d goals reached\n", met, goals
}'
