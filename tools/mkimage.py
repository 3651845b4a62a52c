#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a boot image: a .tar.lzma archive, from a manifest. The same input gives the same bytes.

    tools/mkimage.py --manifest system/diskless/manifest --define PROGRAMS=build/release/image --output build/gila.tar.lzma
    tools/mkimage.py --manifest system/disk/root.manifest --define PROGRAMS=build/release/image --tree build/release/root

With --tree it makes a directory of the host instead, for tools/mkdisk.sh; one that is there is replaced.

A manifest has one entry a line; "#" starts a comment; a word with spaces stands in double quotes:

    file PATH SOURCE [MODE]   the file SOURCE of the host as PATH in the image (mode 0644)
    dir  PATH [MODE]          a directory (mode 0755); directories that are only implied need no line
    link PATH TARGET          a symbolic link at PATH that leads to TARGET

${NAME} in PATH, SOURCE and TARGET is replaced by the VALUE of --define NAME=VALUE. SOURCE is relative to the current
directory. Owners and times are not kept. Every mistake is printed as "MANIFEST:LINE: what"; nothing is written then.

Formats: POSIX.1-2017, pax, "ustar Interchange Format"; "The .lzma File Format" (XZ Utils), with the true size in the
header and an end marker, so that the kernel can allocate the memory before it unpacks.
"""
import argparse
import lzma
import os
import re
import shutil
import stat
import struct
import sys

BLOCK = 512
PATH_MAX, NAME_MAX, DEPTH_MAX = 1023, 255, 64  # kernel/boot/tar.h


class Mistake(Exception):
    """Something wrong in a line of the manifest."""


def split_words(line):
    """The words of a line, without its comment."""
    words, rest = [], line.strip()
    while rest and not rest.startswith("#"):
        match = re.match(r'"([^"]*)"(?=\s|#|$)|([^\s"#]+)(?=\s|$)', rest)
        if not match:
            raise Mistake(f"malformed word at: {rest}")
        words.append(match.group(1) if match.group(2) is None else match.group(2))
        rest = rest[match.end():].lstrip()
    return words


def substitute(word, defines):
    def value(match):
        if match.group(1) not in defines:
            raise Mistake(f"${{{match.group(1)}}} is not defined (--define {match.group(1)}=VALUE)")
        return defines[match.group(1)]
    result = re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value, word)
    if "${" in result:
        raise Mistake(f"malformed ${{NAME}} in {word}")
    return result


def image_path(word):
    """A path in the image, as the archive holds it: without the leading "/"."""
    parts = [part for part in word.split("/") if part not in ("", ".")]
    path = "/".join(parts)
    size = len(os.fsencode(path))
    if not word.startswith("/"):
        raise Mistake(f'path in the image must start with "/": {word}')
    if ".." in parts:
        raise Mistake(f'path in the image has "..": {word}')
    if not parts:
        raise Mistake("the image's root has no entry")
    if size > PATH_MAX or len(parts) > DEPTH_MAX or any(len(os.fsencode(part)) > NAME_MAX for part in parts):
        raise Mistake(f"path in the image is too long: {word}")
    return path


def parse_mode(words, default):
    if not words:
        return default
    if not re.fullmatch(r"[0-7]{3,5}", words[0]) or int(words[0], 8) > 0o7777:
        raise Mistake(f"mode is not octal, from 000 to 7777: {words[0]}")
    return int(words[0], 8)


def read_source(name):
    try:
        with open(name, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Mistake(f"not a regular file: {name}")
            return file.read()
    except OSError as error:
        raise Mistake(f"{name}: {error.strerror}") from error


def parse_line(words, defines, sources):
    """The path and the entry (kind, mode, contents) of one line."""
    usage = {"file": ("file PATH SOURCE [MODE]", 3, 4), "dir": ("dir PATH [MODE]", 2, 3),
             "link": ("link PATH TARGET", 3, 3)}
    kind = words[0]
    if kind not in usage:
        raise Mistake(f"unknown kind of entry: {kind} (expected file, dir or link)")
    text, least, most = usage[kind]
    if not least <= len(words) <= most:
        raise Mistake(f"expected {text}")
    path = image_path(substitute(words[1], defines))
    if kind == "dir":
        return path, (kind, parse_mode(words[2:], 0o755), b"")
    second = substitute(words[2], defines)
    if kind == "link":
        if not 0 < len(os.fsencode(second)) <= PATH_MAX:
            raise Mistake("the link's target is empty or too long")
        return path, (kind, 0o777, os.fsencode(second))
    mode = parse_mode(words[3:], 0o644)
    data = read_source(second)
    sources.append(second)
    return path, (kind, mode, data)


def add_entry(entries, lines, number, path, entry):
    """Adds an entry and the directories above it."""
    kept = entries.get(path)
    implied = kept is not None and lines[path][1]
    if kept is not None and not (implied and entry[0] == "dir"):
        raise Mistake(f"/{path} is there already, from line {lines[path][0]}")
    entries[path], lines[path] = entry, (number, False)
    parts = path.split("/")
    for end in range(1, len(parts)):
        parent = "/".join(parts[:end])
        if parent not in entries:
            entries[parent], lines[parent] = ("dir", 0o755, b""), (number, True)
        elif entries[parent][0] != "dir":
            raise Mistake(f"/{parent} above /{path} is not a directory, see line {lines[parent][0]}")


def read_manifest(name, defines):
    """Entries by path, the source files, and the mistakes as lines of text."""
    entries, lines, sources, mistakes = {}, {}, [], []
    try:
        with open(name, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except OSError as error:
        return entries, sources, [f"{name}: {error.strerror}"]
    for number, line in enumerate(text.split("\n"), 1):
        try:
            words = split_words(line)
            if words:
                path, entry = parse_line(words, defines, sources)
                add_entry(entries, lines, number, path, entry)
        except Mistake as mistake:
            mistakes.append(f"{name}:{number}: {mistake}")
    return entries, sources, mistakes


def tar_header(name, kind, mode, size, link):
    header = bytearray(BLOCK)
    for at, field in ((0, name), (100, b"%07o\0" % mode), (108, b"%07o\0" % 0), (116, b"%07o\0" % 0),
                      (124, b"%011o\0" % size), (136, b"%011o\0" % 0), (148, b" " * 8), (156, kind), (157, link),
                      (257, b"ustar\00000"), (329, b"%07o\0" % 0), (337, b"%07o\0" % 0)):
        header[at:at + len(field)] = field
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def pax_record(key, value):
    rest = b" %s=%s\n" % (key, value)
    length = len(rest)
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d%s" % (length, rest)


def tar_entry(path, kind, mode, contents):
    """The blocks of an entry, with a pax header before it where ustar's fields are too small."""
    name = os.fsencode(path) + (b"/" if kind == "dir" else b"")
    link = contents if kind == "link" else b""
    data = contents if kind == "file" else b""
    records = b""
    if len(name) > 100:
        records += pax_record(b"path", name)
    if len(link) > 100:
        records += pax_record(b"linkpath", link)
    if len(data) >= 8 ** 11:
        records += pax_record(b"size", b"%d" % len(data))
    blocks = [tar_header(b"pax", b"x", 0o644, len(records), b""), padded(records)] if records else []
    letter = {"file": b"0", "dir": b"5", "link": b"2"}[kind]
    size = len(data) if len(data) < 8 ** 11 else 0
    return blocks + [tar_header(name[:100], letter, mode, size, link[:100]), padded(data)]


def make_tar(entries):
    blocks = []
    for path in sorted(entries, key=lambda p: [os.fsencode(part) for part in p.split("/")]):
        blocks += tar_entry(path, *entries[path])
    return b"".join(blocks + [bytes(2 * BLOCK)])


def make_lzma(data, preset):
    """Every choice of the encoder is pinned; the dictionary holds all of a usual image, so that the C library, which
    each static program contains, is packed once."""
    dictionary = 1 << 16
    while dictionary < len(data) and dictionary < 1 << 26:
        dictionary <<= 1
    packed = lzma.compress(data, format=lzma.FORMAT_ALONE, filters=[
        {"id": lzma.FILTER_LZMA1, "preset": preset, "dict_size": dictionary, "lc": 3, "lp": 0, "pb": 2}])
    return packed[:5] + struct.pack("<Q", len(data)) + packed[13:]


def write_whole(name, data):
    """Writes a file so that it is there whole or not at all."""
    temporary = f"{name}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            file.write(data)
        os.replace(temporary, name)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def write_tree(name, entries):
    """The entries as files of the host: in a new directory, which then takes the place of the old one."""
    temporary = f"{name}.{os.getpid()}.tmp"
    os.makedirs(temporary)
    for path in sorted(entries):
        kind, mode, contents = entries[path]
        target = os.path.join(temporary, path)
        if kind == "dir":
            os.mkdir(target)
        elif kind == "link":
            os.symlink(contents, os.fsencode(target))
        else:
            with open(target, "wb") as file:
                file.write(contents)
        if kind != "link":
            os.chmod(target, mode)
    shutil.rmtree(name, ignore_errors=True)
    os.rename(temporary, name)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Makes a boot image (.tar.lzma) from a manifest.")
    parser.add_argument("--manifest", required=True, metavar="FILE")
    parser.add_argument("--output", metavar="FILE", help="write the image")
    parser.add_argument("--tree", metavar="DIRECTORY", help="write the files of the image into a directory")
    parser.add_argument("--define", action="append", default=[], metavar="NAME=VALUE",
                        help="for ${NAME} in the manifest")
    parser.add_argument("--depfile", metavar="FILE", help="write what the image is made from, as a rule for make")
    parser.add_argument("--preset", type=int, default=6, choices=range(10), help="effort of compression, 0 to 9 (6)")
    arguments = parser.parse_args()
    defines = {}
    for define in arguments.define:
        name, equals, value = define.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            parser.error(f"--define wants NAME=VALUE, not {define}")
        defines[name] = value
    if bool(arguments.output) == bool(arguments.tree):
        parser.error("either --output or --tree is needed")
    return arguments, defines


def main():
    arguments, defines = parse_arguments()
    entries, sources, mistakes = read_manifest(arguments.manifest, defines)
    for mistake in mistakes:
        print(f"mkimage: {mistake}", file=sys.stderr)
    if mistakes:
        return 1
    try:
        if arguments.tree:
            write_tree(arguments.tree, entries)
        else:
            write_whole(arguments.output, make_lzma(make_tar(entries), arguments.preset))
        if arguments.depfile:
            names = [arguments.manifest] + sorted(set(sources))
            names = [name.replace("$", "$$").replace(" ", "\\ ") for name in names]
            rule = f"{arguments.output or arguments.tree}: {' '.join(names)}\n" + "".join(f"{name}:\n" for name in names)
            write_whole(arguments.depfile, os.fsencode(rule))
    except OSError as error:
        print(f"mkimage: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
