#!/bin/bash
# SPDX-License-Identifier: MIT
# CoreFoundation, SystemConfiguration, IOKit, Security and CommonCrypto by programs for Darwin; their answers beside those of Linux' tools,
# property lists beside Python's. GILA= another gila, SEED= the trees of another run. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
programs=tests/darwin/programs
frameworks=(-lCoreFoundation -lCoreServices -lCFNetwork -lSecurity -lSystemConfiguration -lIOKit -lsqlite3 -lbz2 -llzma -lexpat)

for name in foundation plist system frameworks; do
	compile $programs/$name.c "$work/$name.o" && link "$work/$name" "$work/$name.o" "${frameworks[@]}" || cannot_build
done

# Preferences are found below HOME, in the old style, and are binary when the program wrote them.
mkdir -p "$work/home/Library/Preferences"
echo '{ "from-outside" = 12; }' >"$work/home/Library/Preferences/foundation.plist"
runs foundation 0 "foundation is fine" --env TZ=America/New_York --env HOME="$work/home" "$work/foundation"
check "preferences are written" python3 -c 'import plistlib, sys
with open(sys.argv[1], "rb") as file: sys.exit(plistlib.load(file) != {"from-outside": "12", "mine": 7})' "$work/home/Library/Preferences/foundation.plist"

# A program in an application's folder has its Info.plist and resources.
mkdir -p "$work/Test.app/Contents/MacOS" "$work/Test.app/Contents/Resources"
mv "$work/frameworks" "$work/Test.app/Contents/MacOS"
echo hello >"$work/Test.app/Contents/Resources/words.txt"
python3 -c 'import plistlib, sys
with open(sys.argv[1], "wb") as file:
    plistlib.dump({"CFBundleIdentifier": "org.example.test", "CFBundleExecutable": "frameworks", "CFBundleVersion": "12.3.4"}, file, fmt=plistlib.FMT_BINARY)' \
	"$work/Test.app/Contents/Info.plist"
runs frameworks 0 "frameworks are fine" --env https_proxy=proxy.example:8080 --env no_proxy=.example.org --env LC_ALL= --env LC_MESSAGES= \
	--env LANG=de_AT.UTF-8 "$work/Test.app/Contents/MacOS/frameworks"

# ---- property lists -----------------------------------------------------------------------------------------------------
seed=${SEED:-$RANDOM} trees=60
mkdir "$work/trees"
mapfile -t files < <(python3 tests/darwin/plist_trees.py make "$work/trees" "$seed" $trees)
runs "property lists are read and written" 0 "" "$work/plist" "${files[@]}"
check "property lists come back (SEED=$seed)" python3 tests/darwin/plist_trees.py compare "$work/trees" "$seed" $trees
printf '<plist><dict><key>a</key></dict></plist>' >"$work/broken"
runs "a property list that is damaged" 0 "3840 The property list cannot be read: line 1: a key has no value." "$work/plist" "$work/broken"

# ---- what the system says -----------------------------------------------------------------------------------------------
said() { # said NAME TEXT: a line of the last `ask`
	check "$2" grep -qxF -- "$2" "$work/answer" || cat "$work/answer"
}
ask() { # ask WORD...
	timeout -k 1 30 "$gila" run "$work/system" "$@" >"$work/answer" 2>&1
	check "system $1" test $? = 0
	grep -h 'is false' "$work/answer"
}

http_proxy=http://user@proxy.example:3128/ no_proxy=localhost,.example.org ask network
said network "http proxy.example"
said network "port 3128"
said network "exceptions localhost *.example.org"
said network "loopback 30002"
said network "computer $(hostname -s)"
servers=$(awk '$1 == "nameserver" { printf "%s%s", space, $2; space = " " }' /etc/resolv.conf)
said network "servers ${servers:-(none)}"
for name in /sys/class/net/*; do
	name=${name##*/}
	[ "$name" = lo ] || said network "interface $name"
done

ask machine
id=$(cat /etc/machine-id 2>/dev/null | tr a-f A-F)
[ -n "$id" ] && id="${id:0:8}-${id:8:4}-${id:12:4}-${id:16:4}-${id:20}"
said machine "uuid ${id:-(none)}"

zones=(Europe/Berlin America/New_York Australia/Lord_Howe America/Sao_Paulo Asia/Kathmandu Europe/Dublin Africa/Casablanca UTC)
ask zones "${zones[@]}"
cat >"$work/zones.py" <<'END'
import datetime, sys, zoneinfo
epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
got = [int(line) for line in open(sys.argv[1])]
wanted = [int((epoch + datetime.timedelta(seconds=time)).astimezone(zoneinfo.ZoneInfo(name)).utcoffset().total_seconds())
          for name in sys.argv[2:] for time in range(-2500000000, 4500000000, 1000003)]
sys.exit(got != wanted)
END
check "time zones are Python's" python3 "$work/zones.py" "$work/answer" "${zones[@]}"

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/own.key" -out "$work/own.der" -outform DER -days 30 -subj "/O=Nobody/CN=own.example" \
	-addext subjectAltName=DNS:own.example 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out "$work/ca.pem" -days 30 -subj /CN=Root 2>/dev/null
cat "$work/ca.pem" "$work/ca.pem" >"$work/store.pem"
SSL_CERT_FILE="$work/store.pem" ask trust "$work/own.der"
said trust "summary own.example"
said trust "roots 2"
said trust "message The item could not be found in the keychain."

head -c 54321 "$root/build/release/gila-darwin" >"$work/data"
ask digests "$work/data"
digest() { openssl dgst -r "$@" "$work/data" | cut -d' ' -f1; }
key=$(printf 0123456789abcdef | od -An -tx1 | tr -d ' ') iv=$(printf fedcba9876543210 | od -An -tx1 | tr -d ' ')
for name in MD5 SHA1 SHA224 SHA256 SHA384 SHA512; do
	said digests "$name $(digest -"${name,,}")"
done
said digests "HMAC $(digest -sha256 -hmac key)"
said digests "PBKDF 632c2812e46d4604102ba7618e9d6d7d2f8128f6" # as Python's hashlib.pbkdf2_hmac gives it
for mode in cbc ctr; do
	name=$([ $mode = cbc ] && echo AES || echo CTR)
	said digests "$name $(openssl enc -aes-128-$mode -K "$key" -iv "$iv" -in "$work/data" | sha1sum | cut -d' ' -f1)"
done
finish
