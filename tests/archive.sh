#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests of the image maker and of the kernel's archive reader against the host's tar and xz:
#   tests/archive.sh ARCHIVE_DUMP [SOURCE]
# ARCHIVE_DUMP is tests/archive_dump.c, built with kernel/boot/{lzma,tar,archive}.c; SOURCE is a folder to pack
# (/usr/share/doc). Prints a line for each failure and "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd)
dump=$(realpath "$1")
source=${2:-/usr/share/doc}
mkimage="$here/../tools/mkimage.py"
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

ok() { # NAME COMMAND...: the command succeeds
	name=$1
	shift
	if "$@" >out 2>err; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "archive.sh: $name: failed: $*"
		sed 's/^/    /' err | head -5
	fi
}

refused() { # NAME TEXT COMMAND...: the command exits with 1 and its message contains the text
	name=$1 text=$2
	shift 2
	"$@" >out 2>err
	status=$?
	if [ $status -eq 1 ] && grep -qF -e "$text" err; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "archive.sh: $name: exit status $status, expected a message with: $text"
		sed 's/^/    /' err | head -5
	fi
}

# An archive ($1, a .tar or .tar.lzma) unpacks to the same tree as with tar: bytes, modes of files, link targets.
same_as_tar() {
	rm -rf ours theirs
	mkdir ours theirs
	case $1 in
	*.lzma) xz --format=lzma -dc "$1" | tar -xpf - -C theirs ;;
	*) tar -xpf "$1" -C theirs ;;
	esac || return 1
	"$dump" "$1" ours || return 1
	(cd theirs && find . ! -type d -printf '%y %m %s %l %p\n' | sort) >theirs.list
	(cd ours && find . ! -type d -printf '%y %m %s %l %p\n' | sort) >ours.list
	(cd theirs && find . -type d | sort) >>theirs.list
	(cd ours && find . -type d | sort) >>ours.list
	cmp theirs.list ours.list && diff -r --no-dereference theirs ours
}

for format in gnu pax ustar; do
	tar --format=$format --hard-dereference -cf packed.tar -C "$source" . 2>/dev/null
	ok "tar --format=$format of $source" same_as_tar packed.tar
done
xz --format=lzma -1 packed.tar
ok "xz of tar of $source" same_as_tar packed.tar.lzma
rm -rf packed.tar* ours theirs

# Long names and links, odd characters, an empty file and directory, directories that are only implied.
deep=$(printf 'directory-with-a-long-name/%.0s' 1 2 3 4 5 6 7 8 9 10 11 12)
mkdir -p "tree/$deep" tree/empty "tree/with space"
echo deep >"tree/${deep}file"
: >"tree/with space/nothing"
ln -s "$deep/$deep" tree/long-link
ln -s . "tree/${deep}link"
chmod 0705 tree/empty
for format in gnu pax; do
	tar --format=$format -cf long.tar -C tree .
	ok "long names, $format" same_as_tar long.tar
	(cd tree && find . ! -type d) | tar --format=$format -cf implied.tar -C tree -T -
	ok "implied directories, $format" same_as_tar implied.tar
done

# What the kernel must refuse.
echo x >f
tar --hard-dereference -cf dup.tar f f
refused "duplicate" "byte 1024: /f: the path is in the archive twice" "$dump" dup.tar
tar -Pcf absolute.tar "$work/f"
refused "absolute path" "escapes" "$dump" absolute.tar
tar -Pcf parent.tar --transform 's,^f,../f,' f
refused "parent path" "escapes" "$dump" parent.tar
ln -f f hard
tar -cf hard.tar f hard
refused "hard link" "byte 1024: /hard: unsupported type" "$dump" hard.tar
head -c 1000 dup.tar >cut.tar
refused "cut tar" "truncated" "$dump" cut.tar
xz --format=lzma -k dup.tar
head -c 100 dup.tar.lzma >cut.tar.lzma
refused "cut lzma" "truncated" "$dump" cut.tar.lzma
(cat dup.tar.lzma && echo) >more.tar.lzma
refused "trailing bytes" "extra bytes" "$dump" more.tar.lzma
xz -k dup.tar && mv dup.tar.xz xz.tar.lzma
refused "not LZMA" "not LZMA" "$dump" xz.tar.lzma
head -c 300000000 /dev/zero | xz --format=lzma -1 >zero.tar.lzma
refused "more than may be unpacked" "larger than the memory" "$dump" zero.tar.lzma

# The image maker.
mkdir host
echo program >host/init
cat >good.manifest <<MANIFEST
# A comment
file /system/bin/init \${HOST}/init 0755   # and one behind
file "/system/cfg/with space" \${HOST}/init

dir /empty 0700
dir /system 0711
link /bin system/bin
link /deep/link /${deep}x
file /${deep}file host/init
MANIFEST
cat >good.list <<LIST
d 0755 0 /
l 0777 10 /bin -> system/bin
d 0755 0 /deep
d 0700 0 /empty
d 0711 0 /system
f 0755 8 /system/bin/init
f 0644 8 /system/cfg/with space
LIST
make_image() { "$mkimage" --manifest good.manifest --define HOST=host --output "$@"; }
listed() { "$dump" "$1" | grep -v -e directory-with -e '/system/[a-z]*$' >list && cmp list good.list; }
unpacked_by_xz() { xz --format=lzma -dc "$1" | tar -tvf - && mkdir -p x && "$dump" "$1" x && cmp "x/${deep}file" host/init; }
ok "image" make_image one.tar.lzma --depfile one.d
ok "image lists as told" listed one.tar.lzma
ok "image for xz and tar" unpacked_by_xz one.tar.lzma
touch -d 2001-01-01 host/init
ok "image again" env LC_ALL=C TZ=Asia/Tokyo PYTHONHASHSEED=7 "$mkimage" --manifest good.manifest --define HOST=host --output two.tar.lzma
ok "the same input gives the same bytes" cmp one.tar.lzma two.tar.lzma
ok "dependencies" grep -q '^one.tar.lzma: good.manifest host/init$' one.d

wrong() { # NAME MESSAGE LINE: a manifest whose second line is wrong
	printf 'dir /system\n%s\n' "$3" >wrong.manifest
	refused "manifest: $1" "mkimage: wrong.manifest:2: $2" "$mkimage" --manifest wrong.manifest --define A=b --output wrong.tar.lzma
}
wrong "kind" "unknown kind of entry: fille" "fille /a f"
wrong "words" "expected file PATH SOURCE [MODE]" "file /a"
wrong "too many words" "expected link PATH TARGET" "link /a b c"
wrong "quote" "malformed word" 'dir "/a'
wrong "mode" "mode is not octal" "dir /a 0788"
wrong "missing source" "host/none: No such file or directory" "file /a host/none"
wrong "folder as source" "host: Is a directory" "file /a host"
wrong "undefined name" '${NONE} is not defined' 'file /a ${NONE}/x'
wrong "malformed name" 'malformed ${NAME}' 'file /a ${x'
wrong "relative path" 'path in the image must start with "/"' "dir system"
wrong "parent" 'path in the image has ".."' "dir /system/../.."
wrong "root" "the image's root" "dir /"
wrong "duplicate" "/system is there already, from line 1" "dir /system"
wrong "long path" "path in the image is too long" "dir /$(printf 'x%.0s' $(seq 300))"
printf 'file /a f\ndir /a/b\n' >wrong.manifest
refused "manifest: file as directory" "wrong.manifest:2: /a above /a/b is not a directory, see line 1" "$mkimage" --manifest wrong.manifest --output wrong.tar.lzma
printf 'dir /a/b\nfile /a f\n' >wrong.manifest
refused "manifest: directory as file" "wrong.manifest:2: /a is there already, from line 1" "$mkimage" --manifest wrong.manifest --output wrong.tar.lzma
refused "no manifest" "none.manifest: No such file" "$mkimage" --manifest none.manifest --output wrong.tar.lzma
refused "no folder for the output" "No such file or directory" "$mkimage" --manifest good.manifest --define HOST=host --output none/x.tar.lzma
ok "nothing is written after a mistake" test ! -e wrong.tar.lzma

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
