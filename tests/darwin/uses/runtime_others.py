# SPDX-License-Identifier: MIT
"""What is done with sass (Dart, compiled ahead of time) and workerd."""
import os
import signal

from compare import Use
from sessions import Session, wait_for
from uses.common import content, fetch, free_port, write

# ---- sass -----------------------------------------------------------------------------------------------------------
SASS = {
    "main.scss": "@use 'sass:math';\n@use 'parts/colours' as c;\n@mixin wide($n) { width: math.div(100%, $n); @content; }\n"
                 "@each $name, $value in c.$all { .t-#{$name} { color: $value; &:hover { color: color.mix($value, white); } } }\n"
                 "@for $i from 1 through 20 { .w-#{$i} { @include wide($i) { margin: math.sqrt($i) * 1px; } } }\n%base { top: 0 }\n.a { @extend %base; b { c: 1 + 2 } }\n",
    "bad.scss": "a {\n  b: $nothing;\n}\n",
    "warns.scss": "@warn 'look';\n@debug 1 + 1;\na { b: c }\n",
    "plain.sass": "a\n  b: c\n  &:d\n    e: f\n",
}


def styles(folder):
    for name, text in SASS.items():
        write(folder, name, text.replace("@use 'sass:math';", "@use 'sass:math';\n@use 'sass:color';"))
    os.mkdir(os.path.join(folder, "parts"))
    write(folder, "parts/_colours.scss", "$all: (red: #f00, blue: rgb(0, 0, 255), pale: hsl(200, 50%, 80%));\n")


def large(folder):
    styles(folder)
    for i in range(300):
        write(folder, f"parts/_p{i}.scss", "".join(f".p{i}-{j} {{ a: {i} * {j}px; &:b {{ c: lighten(#123456, {j % 50}%) }} }}\n" for j in range(40)))
    write(folder, "large.scss", "".join(f"@import 'parts/p{i}';\n" for i in range(300)))


def sass_watch(build, folder, run):
    session = Session(build, folder, ["--watch", "--no-source-map", "main.scss", "out.css"])
    run.notes.append(("first", wait_for(lambda: "t-red" in content(folder, "out.css"))))
    run.notes.append(("watches", session.read_until("watching for changes") is not None))
    write(folder, "parts/_colours.scss", "$all: (green: #0f0);\n")
    run.notes.append(("again", wait_for(lambda: "t-green" in content(folder, "out.css"))))
    session.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", session.end()))


def sass(name, arguments=None, **more):
    more.setdefault("make", styles)
    return Use(name, arguments, **more)


SASS_USES = [
    sass("version", ["--version"]), sass("help", ["--help"], fails=True), sass("compile", ["main.scss", "out.css"]), sass("compressed", ["--style=compressed", "--no-source-map", "main.scss"]),
    sass("embedded sources", ["--embed-sources", "--embed-source-map", "main.scss", "out.css"]), sass("indented", ["plain.sass"]), sass("a folder", [".:out", "--no-error-css"], fails=True, sorted_out=True),
    sass("standard input", ["--stdin"], stdin=b"a { b { c: 10px * 3 } }"), sass("warnings", ["warns.scss"]), sass("error: unknown variable", ["bad.scss", "out.css"]), sass("error: no such file", ["nowhere.scss"]),
    sass("error: bad flag", ["--nothing"]), sass("watch, rebuild, SIGTERM", session=sass_watch), sass("error: disk full", ["main.scss"], stdout="/dev/full", same=((r"OS Error: [^\n]*", "ERROR"), (r"#\d+ .*\n", ""))),
    sass("large: 300 files", ["--quiet", "large.scss", "out.css"], make=large, large=True),
]

# ---- workerd --------------------------------------------------------------------------------------------------------
CONFIG = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "files", disk = (path = "files"))],
  sockets = [(name = "http", address = "127.0.0.1:PORT", http = (), service = "main"), (name = "disk", address = "127.0.0.1:OTHER", http = (), service = "files")]
);
const worker :Workerd.Worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2024-09-01", compatibilityFlags = ["nodejs_compat"],
  bindings = [(name = "TEXT", text = "bound"), (name = "KEY", json = "[1, 2]")]);
"""
WORKER = """import { Buffer } from 'node:buffer';
export default {
	async fetch(request, env) {
		const { pathname } = new URL(request.url);
		if (pathname === '/hash')
			return new Response(Buffer.from(await crypto.subtle.digest('SHA-256', await request.arrayBuffer())).toString('hex'));
		if (pathname === '/stream')
			return new Response(new Blob(['line\\n'.repeat(1000)]).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')));
		if (pathname === '/throw')
			throw new Error('thrown');
		await new Promise((done) => setTimeout(done, 5));
		return Response.json({ pathname, text: env.TEXT, key: env.KEY, html: await new HTMLRewriter().on('p', { element(e) { e.setInnerContent('new'); } }).transform(new Response('<p>old</p>')).text() });
	},
	async test(controller, env) { if (env.TEXT !== 'bound') throw new Error('no'); console.log('tested'); },
};
"""


def worker(folder, port=8080, other=8081):
    write(folder, "config.capnp", CONFIG.replace("PORT", str(port)).replace("OTHER", str(other)))
    write(folder, "worker.js", WORKER)
    os.makedirs(os.path.join(folder, "files"), exist_ok=True)
    write(folder, "files/page.txt", "a file\n")


def workerd_serve(build, folder, run):
    port, other = free_port(), free_port()
    worker(folder, port, other)
    session = Session(build, folder, ["serve", "config.capnp"])
    run.notes += [(path, fetch(f"http://127.0.0.1:{port}{path}")) for path in ("/", "/stream", "/hash", "/throw", "/a/b?c")]
    run.notes += [("many", sorted({fetch(f"http://127.0.0.1:{port}/{i}")[0] for i in range(100)})), ("disk", fetch(f"http://127.0.0.1:{other}/page.txt"))]
    session.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", session.end()))
    os.remove(os.path.join(folder, "config.capnp"))


WORKERD_USES = [
    Use("version", ["--version"]), Use("help", ["--help"]), Use("help serve", ["serve", "--help"]), Use("test", ["test", "config.capnp"], make=worker, same=((r"\d+(\.\d+)?\s?(ms|s|µs)\b", "TIME"),)),
    Use("serve, fetch, SIGTERM", session=workerd_serve), Use("compile", ["compile", "config.capnp", "--config-only"], make=worker), Use("error: no such file", ["serve", "nowhere.capnp"]), Use("error: bad flag", ["--nothing"]),
]

# ---- ibazel ---------------------------------------------------------------------------------------------------------
BAZEL = """#!/bin/sh
echo "bazel $*" >>log
case "$*" in
*query*) ;;
*info*) echo "workspace: $PWD" ;;
*fail*) echo "it fails" >&2; exit 1 ;;
*build*) echo built ;;
esac
"""


def bazel(folder):
    write(folder, "bazel", BAZEL)
    os.chmod(os.path.join(folder, "bazel"), 0o755)
    write(folder, "WORKSPACE", "")


def ibazel(*arguments):
    """It runs the script that stands for bazel, waits for changes, and ends when it is told to."""
    def session(build, folder, run):
        one = Session(build, folder, ["-bazel_path", os.path.join(folder, "bazel"), *arguments])
        run.notes.append(("it runs", wait_for(lambda: " ".join(arguments) in content(folder, "log"))))
        run.notes.append(("it says so", one.read_until("(built|it fails)") is not None))
        one.signal(signal.SIGKILL)
        run.notes.append(("end", one.end()))
    return session


IBAZEL_USES = [
    Use("usage", [], fails=True), Use("error: bad flag", ["-nothing"]), Use("build", make=bazel, session=ibazel("build", "//a:b")),
    Use("a build that fails", make=bazel, session=ibazel("build", "//a:fail")), Use("error: no bazel", ["-bazel_path", "/nowhere/bazel", "build", "//a:b"], make=bazel, limit=10, same=((r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "TIME"),)),
]
