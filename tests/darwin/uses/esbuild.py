# SPDX-License-Identifier: MIT
"""What is done with esbuild."""
import concurrent.futures
import os
import signal
import ssl
import struct
import subprocess
import urllib.request

import around
import fixtures
import large
from compare import Use
from sessions import Session, wait_for
from uses.common import TIMES, content, fetch, free_port, hidden, into_closed_pipe, replace, write


def js(name, arguments, **more):
    return Use(name, arguments, make=fixtures.javascript, **more)


def watch(build, folder, run):
    session = Session(build, folder, ["src/app.ts", "--bundle", "--outfile=o.js", "--watch=forever"])
    run.notes.append(("first build", session.read_until("build finished") is not None))
    write(folder, "src/lib/twice.ts", "export function twice(n: number) { return n * 3 }\n")
    run.notes.append(("built again", wait_for(lambda: "n * 3" in content(folder, "o.js"))))
    write(folder, "src/lib/twice.ts", "export function twice(n: number) { return ( }\n")
    run.notes.append(("told the error", session.read_until("ERROR.*") is not None))
    run.notes.append(("took the output away", wait_for(lambda: not os.path.exists(os.path.join(folder, "o.js")))))
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


def serve(build, folder, run):
    port = free_port()
    session = Session(build, folder, ["src/app.ts", "--bundle", f"--serve=127.0.0.1:{port}", "--servedir=.", "--outdir=out"])
    for path in ("out/app.js", "src/data.json", "nothing"):
        run.notes.append((path, fetch(f"http://127.0.0.1:{port}/{path}")))
    session.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", session.end()))


def serve_many(build, folder, run):
    """Two hundred requests by sixteen clients at once, for files and for what is built anew on each request."""
    port = free_port()
    session = Session(build, folder, ["many/m0.ts", "--bundle", f"--serve=127.0.0.1:{port}", "--servedir=.", "--outdir=out"])
    first = fetch(f"http://127.0.0.1:{port}/out/m0.js")
    paths = ["out/m0.js", "many/m7.ts", "src/data.json", "many/"] * 50
    with concurrent.futures.ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda path: fetch(f"http://127.0.0.1:{port}/{path}"), paths))
    run.notes += [("first", first)] + [(path, sorted({status for at, (status, _) in enumerate(answers) if paths[at] == path}), len({body for at, (_, body) in enumerate(answers) if paths[at] == path}))
                                       for path in paths[:4]]
    run.notes.append(("all the same as the first", all(answer == first for at, answer in enumerate(answers) if at % 4 == 0)))
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


def serve_secret(build, folder, run):
    """HTTPS with a certificate of our own."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "30", "-subj", "/CN=localhost"],
                   cwd=folder, capture_output=True, check=True)
    port = free_port()
    session = Session(build, folder, [f"--serve=127.0.0.1:{port}", "--servedir=src", "--certfile=cert.pem", "--keyfile=key.pem"])
    run.notes.append(("it listens", session.read_until(f"https://127.0.0.1:{port}") is not None))
    with urllib.request.urlopen(f"https://127.0.0.1:{port}/data.json", context=ssl._create_unverified_context(), timeout=20) as answer:
        run.notes.append((answer.status, answer.read()))
    session.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", session.end()))
    for name in ("key.pem", "cert.pem"):
        os.remove(os.path.join(folder, name))


def watch_names(build, folder, run):
    """What is watched is renamed, replaced as editors do it, and goes away and comes back, all behind a symbolic link."""
    os.rename(os.path.join(folder, "src/lib"), os.path.join(folder, "one"))
    os.symlink("../one", os.path.join(folder, "src/lib"))
    session = Session(build, folder, ["src/app.ts", "--bundle", "--outfile=o.js", "--watch=forever"])
    run.notes.append(("first build", session.read_until("build finished") is not None))
    replace(folder, "one/twice.ts", "export const twice = (n: number) => n * 'replaced'.length\n")
    run.notes.append(("built the new file", wait_for(lambda: '"replaced"' in content(folder, "o.js"))))
    os.rename(os.path.join(folder, "one/twice.ts"), os.path.join(folder, "one/thrice.ts"))
    run.notes.append(("told that it is gone", session.read_until("Could not resolve") is not None))
    os.rename(os.path.join(folder, "one/thrice.ts"), os.path.join(folder, "one/twice.ts"))
    run.notes.append(("it is back", session.read_until("build finished") is not None))
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


def watch_input(build, folder, run):
    """--watch without forever ends with its standard input."""
    session = Session(build, folder, ["src/app.ts", "--bundle", "--outfile=o.js", "--watch"])
    run.notes.append(("first build", session.read_until("build finished") is not None))
    session.close_input()
    run.notes.append(("ends with its input", session.end()))


# ---- the protocol that esbuild's JavaScript package speaks (its lib/shared/stdio_protocol) --------------------------


def packed(value):
    """A value as bytes: a kind, then the value."""
    if value is None:
        return b"\0"
    if isinstance(value, bool):
        return bytes((1, value))
    if isinstance(value, int):
        return b"\2" + struct.pack("<I", value)
    if isinstance(value, (str, bytes)):
        data = value.encode() if isinstance(value, str) else value
        return bytes((3 if isinstance(value, str) else 4,)) + struct.pack("<I", len(data)) + data
    if isinstance(value, list):
        return b"\5" + struct.pack("<I", len(value)) + b"".join(packed(item) for item in value)
    return b"\6" + struct.pack("<I", len(value)) + b"".join(packed(key)[1:] + packed(item) for key, item in value.items())


def unpacked(data, at=0):
    """(value, where the next begins)"""
    kind, at = data[at], at + 1
    if kind < 2:
        return (None, at) if kind == 0 else (bool(data[at]), at + 1)
    number, at = struct.unpack_from("<I", data, at)[0], at + 4
    if kind == 2:
        return number, at
    if kind in (3, 4):
        piece = data[at:at + number]
        return (piece.decode() if kind == 3 else piece), at + number
    items = [] if kind == 5 else {}
    for _ in range(number):
        if kind == 6:
            size = struct.unpack_from("<I", data, at)[0]
            key, at = data[at + 4:at + 4 + size].decode(), at + 4 + size
            items[key], at = unpacked(data, at)
        else:
            item, at = unpacked(data, at)
            items.append(item)
    return items, at


class Service(Session):
    def __init__(self, build, folder):
        super().__init__(build, folder, ["--service=0.28.2"], apart=True)
        self.number, self.asked = 0, []
        self.version = self.packet()

    def packet(self):
        size = self.read_bytes(4)
        return self.read_bytes(struct.unpack("<I", size)[0]) if size else None

    def send(self, number, value):
        body = struct.pack("<I", number) + packed(value)
        self.write(struct.pack("<I", len(body)) + body)

    def ask(self, **request):
        self.number += 1
        self.send(self.number * 2, request)
        while True:
            packet = self.packet()
            if packet is None:
                return "no answer"
            number, (value, _) = struct.unpack_from("<I", packet)[0], unpacked(packet, 4)
            if number == self.number * 2 + 1:
                return value
            if number % 2 == 0:  # a question: of a plugin, or that a build has ended
                self.asked.append(value.get("command"))
                self.send(number + 1, {"errors": [], "warnings": []} if value.get("command") == "on-end" else {})


def service(build, folder, run):
    """As the package does: transform, a context that is built, built again after a change, and let go; errors; many requests in a row."""
    session = Service(build, folder)
    run.notes.append(("version", session.version))
    run.notes.append(("transform", session.ask(command="transform", flags=["--loader=ts", "--minify", "--sourcemap=external", "--sourcefile=a.ts"], inputFS=False, input=b"enum E { A }\nconsole.log(E.A as any)\n")))
    run.notes.append(("an error", session.ask(command="transform", flags=[], inputFS=False, input=b"let x = (")))
    build_it = {"command": "build", "key": 0, "entries": [["", "src/app.ts"]], "flags": ["--bundle", "--outfile=o.js", "--log-level=silent"], "write": True, "stdinContents": None,
                "stdinResolveDir": None, "absWorkingDir": folder, "nodePaths": [], "context": True}
    run.notes.append(("a context", session.ask(**build_it)))
    run.notes.append(("build", session.ask(command="rebuild", key=0)))
    first = content(folder, "o.js")
    write(folder, "src/lib/twice.ts", "export const twice = (n: number) => n * 3\n")
    run.notes.append(("build again", session.ask(command="rebuild", key=0)))
    run.notes += [("it changed", first != content(folder, "o.js") and "n * 3" in content(folder, "o.js")), ("let go", session.ask(command="dispose", key=0))]
    run.notes.append(("a hundred", [session.ask(command="transform", flags=["--loader=ts"], inputFS=False, input=f"let a: number = {i}".encode())["code"] for i in range(100)]))
    session.close_input()
    run.notes.append(("ends with its input", session.end()))


def packages(folder):
    """Packages as npm and pnpm lay them out: conditions, links, a scope, one that is broken."""
    fixtures.put(folder, {
        "main.js": "import a from 'a'; import { b } from '@scope/b/deep'; import * as c from 'linked'; import text from './note.txt'; import './side.css'; console.log(a, b, c, text, process.env.NODE_ENV);\n"
                   "//! a legal comment\nif (DEBUG) console.log('debug'); debugger;\n",
        "note.txt": "text\n", "side.css": "@media (prefers-color-scheme: dark) { a { inset: 0; color: color-mix(in srgb, red, blue) } }\n",
        "node_modules/a/package.json": '{"name": "a", "exports": {".": {"import": "./a.mjs", "require": "./a.cjs"}}, "sideEffects": false}', "node_modules/a/a.mjs": "export default 'module a'\n",
        "node_modules/a/a.cjs": "module.exports = 'common a'\n", "node_modules/@scope/b/package.json": '{"name": "@scope/b", "exports": {"./deep": "./deep.js"}}',
        "node_modules/@scope/b/deep.js": "export const b = 'deep b'\n", "store/linked@1/node_modules/linked/package.json": '{"name": "linked", "main": "index.js"}',
        "store/linked@1/node_modules/linked/index.js": "exports.c = require('a')\n", "broken/package.json": '{"name": }', "broken/x.js": "export const x = 1\n", "broken/tsconfig.json": "{ no }",
    })
    os.symlink("../store/linked@1/node_modules/linked", os.path.join(folder, "node_modules/linked"))
    os.makedirs(os.path.join(folder, "store/linked@1/node_modules/a"))
    fixtures.put(folder, {"store/linked@1/node_modules/a/index.js": "module.exports = 'inner a'\n"})


def closed(folder):
    fixtures.javascript(folder)
    os.mkdir(os.path.join(folder, "out"), 0o555)


def modules(name, arguments, **more):
    return Use(name, arguments, make=packages, same=TIMES, **more)


USES = [
    Use("version", ["--version"]), Use("help", ["--help"]),
    js("bundle", ["src/app.ts", "--bundle", "--outfile=o.js"], same=TIMES),
    js("minify with source map and metafile", ["src/app.ts", "--bundle", "--minify", "--sourcemap", "--metafile=m.json", "--outfile=o.js"], same=TIMES),
    js("splitting", ["src/app.ts", "src/lazy.ts", "--bundle", "--splitting", "--format=esm", "--outdir=out"], same=TIMES),
    js("120 modules", ["many/m0.ts", "--bundle", "--minify", "--sourcemap=inline", "--outfile=o.js"], same=TIMES),
    js("css", ["src/style.css", "--bundle", "--loader:.svg=dataurl", "--outfile=o.css", "--target=chrome80"], same=TIMES),
    js("jsx", ["src/view.jsx", "--jsx=automatic", "--format=cjs"]),
    js("analyze", ["src/app.ts", "--bundle", "--analyze", "--outfile=o.js"], same=TIMES),
    Use("standard input", ["--loader=ts", "--sourcemap"], stdin=b"enum E { A }\nlet x: E = E.A\n"),
    js("error: syntax", ["src/bad.ts", "--bundle"]), js("error: no such file", ["nope.ts"]), js("error: bad flag", ["--nope"]),
    js("error: older target", ["src/app.ts", "--target=es5"]),
    js("error: output is a folder", ["src/app.ts", "--bundle", "--outfile=src"], same=TIMES),
    js("error: disk full", ["many/m0.ts", "--bundle"], stdout="/dev/full"),
    js("watch, rebuild, Ctrl-C", None, session=watch), js("serve and fetch", None, session=serve),
    js("closed pipe", None, session=into_closed_pipe(["many/m0.ts", "--bundle"])), js("service", None, session=service),
    modules("packages", ["main.js", "--bundle", "--loader:.txt=text", "--define:DEBUG=false", "--drop:debugger", "--legal-comments=linked", "--outdir=out", "--target=chrome90", "--keep-names"]),
    modules("packages, links kept, for node", ["main.js", "--bundle", "--loader:.txt=copy", "--define:DEBUG=true", "--platform=node", "--format=cjs", "--preserve-symlinks", "--outdir=out", "--entry-names=[name]-[hash]",
                                               "--external:a", "--metafile=m.json"]),
    modules("all of it by paths", ["main.js", "store/linked@1/node_modules/linked/index.js", "--loader:.txt=dataurl", "--outdir=out", "--outbase=.", "--minify", "--mangle-props=^x"]),
    js("watch, names change", None, session=watch_names), js("watch ends with its input", None, session=watch_input),
    js("serve, many at once", None, session=serve_many), js("serve by TLS", None, session=serve_secret),
    modules("error: broken package.json", ["broken/x.js", "--bundle"]), modules("error: broken settings", ["broken/x.js", "--bundle", "--tsconfig=broken/tsconfig.json"]),
    Use("error: unreadable file", ["src/app.ts", "--bundle", "--outfile=o.js"], make=hidden(fixtures.javascript, "src/lib/twice.ts"), same=TIMES, around=around.NOBODY),
    Use("error: a folder where nothing may be written", ["src/app.ts", "--bundle", "--outfile=out/o.js"], make=closed, same=TIMES, around=around.NOBODY),
    js("error: full disk", ["many/m0.ts", "--bundle", "--outfile=full/o.js"], same=TIMES, around=around.small_disk(16)),
    js("error: no network", ["--servedir=src", "--serve=192.0.2.1:8000"], same=TIMES + ((r"can't assign requested", "cannot assign requested"),), around=around.NO_NETWORK),
    Use("large: bundle 1,500 modules", ["src/d0/m0.ts", "--bundle", "--minify", "--sourcemap", "--metafile=m.json", "--outfile=o.js"], make=large.bundle, same=TIMES, large=True),
    Use("large: 1,500 files, one by one", ["./src/**/*.ts", "--outdir=out", "--target=es2017", "--sourcemap"], make=large.bundle, same=TIMES, large=True),
]
