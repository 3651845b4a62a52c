#!/bin/bash
# SPDX-License-Identifier: MIT
# Own programs for Darwin, made by Debian's clang and ld64.lld against darwin/include and the stubs of darwin/symbols.tsv, run by
# `gila run`; and files that are damaged. GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

build() {
	local programs=tests/darwin/programs name
	for name in files threads signals events processes missing; do
		compile $programs/$name.c "$work/$name.o" && link "$work/$name" "$work/$name.o" -U _gila_has_no_such_function || return 1
	done
	compile $programs/library.c "$work/library.o" -fPIC && mkdir -p "$work/lib" &&
		link "$work/lib/liblibrary.dylib" -dylib -install_name @rpath/liblibrary.dylib "$work/library.o" || return 1
	compile $programs/images.c "$work/images.o" && link "$work/images" "$work/images.o" "$work/lib/liblibrary.dylib" -rpath @loader_path/lib -U _nowhere_at_all || return 1
	compile $programs/trust.c "$work/trust.o" && link "$work/trust" "$work/trust.o" -lCoreFoundation -lSecurity || return 1
	compile $programs/exceptions.cpp "$work/exceptions.o" -fexceptions -std=c++11 && link "$work/exceptions" "$work/exceptions.o" -lc++ || return 1
	compile $programs/exceptions.cpp "$work/exceptions-small.o" -fexceptions -std=c++11 -fomit-frame-pointer && link "$work/exceptions-small" "$work/exceptions-small.o" -lc++
}

# A damaged file: one line that names it, and status 126.
refused() { # refused NAME FILE TEXT
	local got
	got=$(timeout -k 1 20 "$gila" run "$2" 2>&1)
	local result=$?
	if [ "$result" = 126 ] && [ "$(wc -l <<<"$got")" = 1 ] && [[ "$got" == "gila: run: $2: "*"$3"* ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1: status $result, output: $got"
	fi
}

poke() { # poke FROM TO OFFSET HEX
	cp "$1" "$2"
	printf "$(sed 's/../\\x&/g' <<<"$4")" | dd of="$2" bs=1 seek="$3" conv=notrunc status=none
}

build || cannot_build
for name in files threads signals events exceptions exceptions-small; do
	runs "$name" 0 "are fine" "$work/$name"
done
runs processes 0 "are fine" "$work/processes"
runs images 0 $'library begins\nprogram begins\nimages are fine\nat exit\nlibrary ends' "$work/images"
runs "a function that is not there" 134 $'before\ngila: '"$work/missing: _gila_has_no_such_function of" "$work/missing"
runs "its name in --missing" 1 "_gila_has_no_such_function" --missing "$work/missing"
runs "--missing of a program that has all" 0 "" --missing "$work/files"
runs "--trace" 0 'mkdir("d", 0x1ed)' --trace "$work/files"
runs "--env" 5 "] hello" --env WORD=hello "$work/processes" echo
runs "arguments" 5 "[--json] [--] -" "$work/processes" echo --json -- <<<""
runs "a Linux program" 3 "" /bin/sh -c 'exit 3'
runs "no such program" 127 "nowhere: No such file or directory" "$work/nowhere"
runs "ended by a signal" 143 "" "$work/processes" die 15
check "in a row of commands" test "$("$gila" -c 'run /bin/echo one; run /bin/echo two')" = $'one\ntwo'
check "standard input" test "$(echo words | "$gila" run /bin/cat)" = words

# A root of our own stands for the system's CA store, as OpenSSL lets it be named.
(
	cd "$work" || exit 1
	openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -subj /CN=Root 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=host 2>/dev/null
	printf 'subjectAltName=DNS:host.example\n' >host.ext
	openssl x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile host.ext -outform DER -out host.der 2>/dev/null
)
runs "a good certificate" 0 "good 2" --env SSL_CERT_FILE="$work/ca.pem" "$work/trust" "$work/host.der" host.example
runs "a certificate of another host" 1 "-67602" --env SSL_CERT_FILE="$work/ca.pem" "$work/trust" "$work/host.der" other.example
runs "a certificate that is too old" 1 "-67818" --env SSL_CERT_FILE="$work/ca.pem" "$work/trust" "$work/host.der" host.example 2000000000
runs "a certificate of nobody" 1 "-67843" "$work/trust" "$work/host.der" host.example
clang -target arm64-apple-macos11 -ffreestanding -x c -c - -o "$work/arm64.o" <<<'int main(void) { return 0; }'
llvm-lipo-14 -create "$work/processes" "$work/arm64.o" -output "$work/universal" && runs "a universal file" 5 "universal] -" "$work/universal" echo
llvm-lipo-14 -create "$work/arm64.o" -output "$work/arm-only" && refused "arm64 only" "$work/arm-only" "arm64"
head -c 6000 "$work/files" >"$work/short"
refused "cut short" "$work/short" "cut short"
head -c 20 "$work/files" >"$work/head"
refused "cut inside the header" "$work/head" "ends inside"
poke "$work/files" "$work/magic" 0 cefaedfe
refused "32 bits" "$work/magic" "header"
poke "$work/files" "$work/type" 12 01000000
refused "an object file" "$work/type" "neither a program nor a library"
poke "$work/files" "$work/size" 20 ffffff00
refused "load commands that are too long" "$work/size" "longer than the file"
refused "a library as a program" "$work/lib/liblibrary.dylib" "it is a library"
mv "$work/lib/liblibrary.dylib" "$work/lib/gone"
refused "a library that is not there" "$work/images" "@rpath/liblibrary.dylib is not there"
: >"$work/empty"
chmod +x "$work/empty"
refused "an empty file" "$work/empty" "Exec format error"
finish
