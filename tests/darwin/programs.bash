# SPDX-License-Identifier: MIT
# What the scripts beside this one share: they begin with `. tests/darwin/programs.bash` and end with `finish`.
# root: the project; gila: the command under test (GILA= another); work: a folder that goes with the script.
set -u
root=$PWD
make --no-print-directory -s V=release build/gila build/darwin-stubs/stamp || exit 1
gila=${GILA:-$root/build/release/gila}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

check() { # check NAME CONDITION...
	local name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name"
	fi
}

compile() { # compile SOURCE OBJECT [FLAG...]
	local source=$1 object=$2
	shift 2
	clang -target x86_64-apple-macos11 -nostdlibinc -isystem "$root/darwin/include" -I tests/darwin/programs -O1 -Wall -Werror "$@" -c "$source" -o "$object"
}

link() { # link OUTPUT ARGUMENT...
	local output=$1
	shift
	ld64.lld-14 -arch x86_64 -platform_version macos 11.0 11.0 -L "$root/build/darwin-stubs" -lSystem -o "$output" "$@" 2>"$work/link.log" ||
		{ cat "$work/link.log"; return 1; }
}

# Runs a program in a folder of its own: text and exit status as expected.
runs() { # runs NAME STATUS TEXT ARGUMENT...
	local name=$1 status=$2 text=$3 got
	shift 3
	mkdir -p "$work/in"
	got=$(cd "$work/in" && timeout -k 1 60 "$gila" run "$@" 2>&1 </dev/null)
	local result=$?
	rm -rf "$work/in"
	if [ "$result" = "$status" ] && [[ "$got" == *"$text"* ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name: status $result (wanted $status), output: $got"
	fi
}

# The line that all tests end with.
finish() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}

# Without its programs a script has nothing to show.
cannot_build() {
	echo "the programs cannot be built"
	failed=$((failed + 1))
	finish
	exit 1
}
