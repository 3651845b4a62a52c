# SPDX-License-Identifier: MIT
"""What is done with tools of the web: oxlint, lightningcss, wizer (Rust), quick-lint-js, hermesc (C++), flow (OCaml), elm (Haskell),
recheck (Java, compiled)."""
import os
import subprocess

import fixtures
from compare import Use, environment
from sessions import Server
from uses.common import TIMES, content, into_closed_pipe, step, write



# ---- oxlint ---------------------------------------------------------------------------------------------------------

def oxlint(name, arguments, **more):
    more.setdefault("make", fixtures.code)
    more.setdefault("sorted_out", True)
    return Use(name, arguments, same=TIMES + ((r"\d+ threads", "THREADS"), (r'"start_time": ?[\d.]+', "TIME"), (r'time="[\d.]+"', "TIME")), **more)


def oxlint_settings(folder):
    fixtures.code(folder)
    write(folder, ".oxlintrc.json", '{"plugins": ["typescript", "unicorn", "react"], "categories": {"suspicious": "warn"}, "rules": {"no-debugger": "error", "no-console": "off"}, "overrides": [{"files": ["*.ts"], "rules": {"no-unused-vars": "off"}}]}\n')


def oxlint_editor(build, folder, run):
    """The language server is the other program of the package."""
    beside = type(build)(build.kind, build.command[:-1] + [os.path.join(os.path.dirname(build.command[-1]), "oxc_language_server")], "")
    os.chmod(beside.command[-1], 0o755)
    server = Server(beside, folder, [])
    run.notes.append(("initialize", server.initialize({"textDocument": {"codeAction": {}}})))
    server.open("a.js", "javascript", content(folder, "a.js"))
    run.notes += [("faults", server.diagnostics("a.js")), ("shut down", server.stop())]


OXLINT = [
    Use("version", ["--version"]), Use("help", ["--help"]), oxlint("lint", ["."], fails=True), oxlint("fix", ["--fix", "."], fails=True), oxlint("all categories", ["-D", "all", "--threads=1", "a.js", "lib"], fails=True),
    oxlint("settings and overrides", ["."], make=oxlint_settings, fails=True), oxlint("JSON, GitHub, checkstyle", None, steps=[["-f", "json", "a.js"], ["-f", "github", "a.js"], ["-f", "checkstyle", "a.js"], ["-f", "junit", "a.js"]]),
    oxlint("rules", ["--rules"]), oxlint("init", ["--init"]), oxlint("print the settings", ["--print-config", "."], make=oxlint_settings), oxlint("language server", None, session=oxlint_editor, files=False),
    oxlint("error: syntax", ["broken.js"]), oxlint("error: bad flag", ["--nope"]), oxlint("closed pipe", None, session=into_closed_pipe(["--rules"])),
]


# ---- lightningcss ---------------------------------------------------------------------------------------------------

def styles(folder):
    fixtures.javascript(folder)
    fixtures.put(folder, {"wide.css": ".a { color: color-mix(in lab, red 30%, blue); inset: 0 1px; user-select: none; width: calc(1px + 2px * 3) }\n@media (width >= 600px) { .b:is(.c, .d) { & .e { color: oklch(60% 0.2 30) } } }\n@custom-media --w (max-width: 30em);\n@media (--w) { a { color: red } }\n",
                          "modules.css": ".title { composes: base from './other.css' }\n", "other.css": ".base { color: blue }\n", "bad.css": ".a { color: \n@@ }}\n"})


def css(name, arguments, **more):
    return Use(name, arguments, make=styles, same=((r"\(\d+\) panicked", "(THREAD) panicked"),), **more)


LIGHTNINGCSS = [
    Use("version", ["--version"]), Use("help", ["--help"]), css("minify", ["--minify", "wide.css"]), css("targets", ["--targets", "chrome 70", "--custom-media", "wide.css"]), css("bundle, source map", ["--bundle", "--sourcemap", "-m", "src/style.css", "-o", "out.css"]),
    css("modules", ["--css-modules", "--bundle", "modules.css", "-o", "out.css"]), css("a folder of outputs", ["-m", "-d", "out", "wide.css", "other.css"]), css("standard input", ["-m"], stdin=b"a { color: #ff0000 }\n"),
    css("recovery", ["--error-recovery", "bad.css"]), css("error: syntax", ["bad.css"]), css("error: no such file", ["nowhere.css"]), css("error: disk full", ["wide.css"], stdout="/dev/full"),
]


# ---- wizer: a module is run before its time, by wasmtime's compiler -------------------------------------------------

def wasm(*sections):
    return b"\0asm\1\0\0\0" + b"".join(bytes([number, len(body)]) + body for number, body in sections)


def functions(*bodies):
    return bytes([len(bodies)]) + b"".join(bytes([len(body)]) + body for body in bodies)


def module(folder):
    """(global (mut i32) 1) (memory 1): wizer.initialize sets the global and 4 bytes of memory; run returns the global. Others trap, loop, are damaged."""
    types, memory = (1, b"\x02\x60\x00\x00\x60\x00\x01\x7f"), (5, b"\x01\x00\x01")
    begin = b"\x10wizer.initialize\x00\x00"
    whole = wasm(types, (3, b"\x02\x00\x01"), memory, (6, b"\x01\x7f\x01\x41\x01\x0b"), (7, b"\x02" + begin + b"\x03run\x00\x01"),
                 (10, functions(b"\x00\x41\x2a\x24\x00\x41\x08\x41\xd2\x09\x36\x02\x00\x0b", b"\x00\x23\x00\x0b")))
    # (local i32) (loop (i32.store8 (local.get 0) (i32.const 7)) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 5000))))
    loop = b"\x01\x01\x7f\x03\x40\x20\x00\x41\x07\x3a\x00\x00\x20\x00\x41\x01\x6a\x22\x00\x41\x88\x27\x49\x0d\x00\x0b\x0b"
    fixtures.put(folder, {"in.wasm": whole, "bad.wasm": whole[:60], "renamed.wasm": whole.replace(b"wizer.initialize", b"a-different-name"),
                          "trap.wasm": wasm(types, (3, b"\x01\x00"), (7, b"\x01" + begin), (10, functions(b"\x00\x00\x0b"))),
                          "loop.wasm": wasm(types, (3, b"\x01\x00"), memory, (7, b"\x01" + begin), (10, functions(loop)))})


def wizer(name, arguments, **more):
    return Use(name, arguments, make=module, **more)


WIZER = [
    Use("version", ["--version"]), Use("help", ["--help"]), wizer("initialise", ["in.wasm", "-o", "out.wasm"]), wizer("another function", ["renamed.wasm", "-f", "a-different-name", "-o", "out.wasm"]), wizer("a loop in memory", ["loop.wasm", "-o", "out.wasm"]),
    wizer("with WASI", ["--allow-wasi", "in.wasm", "-o", "out.wasm"]), wizer("error: it traps", ["trap.wasm", "-o", "out.wasm"]), wizer("error: damaged", ["bad.wasm", "-o", "out.wasm"]), wizer("error: no such function", ["renamed.wasm", "-o", "out.wasm"]),
]


# ---- quick-lint-js --------------------------------------------------------------------------------------------------

def scripts(folder):
    fixtures.javascript(folder)
    fixtures.put(folder, {"a.js": "let x = 1;\nlet x = 2;\nif (x = 3) { y(); }\nconst z;\nfor (let i of [1,2) {}\n`${x`\n", "good.js": "export const a = 1;\n", "quick-lint-js.config": '{"globals": {"y": true}}\n', "broken.config": '{"globals": [}\n'})


def quick(name, arguments, **more):
    return Use(name, arguments, make=scripts, **more)


def quick_editor(build, folder, run):
    server = Server(build, folder, ["--lsp-server"])
    run.notes.append(("initialize", server.initialize()))
    server.open("a.js", "javascript", content(folder, "a.js"))
    run.notes += [("faults", server.diagnostics("a.js")), ("shut down", server.stop())]


QUICK_LINT = [
    Use("version", ["--version"]), Use("help", ["--help"]), quick("lint", ["a.js"], fails=True), quick("for vim and emacs", None, steps=[["--output-format=vim-qflist-json", "--vim-file-bufnr=2", "a.js"], ["--output-format=emacs-lisp", "a.js"]], fails=True),
    quick("JSX and TypeScript", ["--language=experimental-typescript", "src/app.ts", "--language=javascript-jsx", "src/view.jsx"], fails=True), quick("standard input", ["--stdin"], stdin=b"let a = ;\n", fails=True), quick("chosen errors", ["--exit-fail-on=E0001", "good.js"]),
    quick("language server", None, session=quick_editor), quick("error: no such file", ["nowhere.js"]), quick("error: broken settings", ["--config-file=broken.config", "good.js"]), quick("error: bad flag", ["--nope"]),
]


# ---- hermesc --------------------------------------------------------------------------------------------------------

def programs(folder):
    fixtures.put(folder, {"a.js": "'use strict';\nfunction fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }\nvar o = {a: 1, get b() { return this.a }, ['c' + 1]: [1, , 3]};\ntry { print(fib(10), o.b, /x+/g.exec('axx')) } catch (e) { throw e } finally { o = null }\nfor (var k in o) switch (k) { case 'a': break; default: continue }\n",
                          "big.js": "".join(f"function f{i}(x, y) {{ return x * {i} + y.length + '{'s' * (i % 17)}' }}\n" for i in range(600)), "bad.js": "function ( {\n", "map.js": "var a = 1;\nprint(a);\n//# sourceMappingURL=map.js.map\n"})


def hermes(name, arguments, **more):
    return Use(name, arguments, make=programs, **more)


HERMESC = [
    Use("version", ["--version"]), Use("help", ["--help"]), hermes("bytecode", ["-O", "-emit-binary", "-out", "a.hbc", "a.js"]), hermes("bytecode of 600 functions, source map", ["-O", "-g", "-emit-binary", "-output-source-map", "-out", "big.hbc", "big.js"]),
    hermes("bytecode as text", ["-O0", "-dump-bytecode", "a.js"]), hermes("syntax tree", ["-dump-ast", "-dump-source-location=both", "a.js"]), hermes("intermediate code", None, steps=[["-dump-ir", "-O", "a.js"], ["-dump-lir", "a.js"], ["-dump-ra", "a.js"]]),
    hermes("as JavaScript", ["-dump-js", "big.js"]), hermes("standard input", ["-dump-ast"], stdin=b"1 + 2\n"), hermes("warnings", ["-Werror", "-emit-binary", "-out", "a.hbc", "a.js"], fails=True), hermes("error: syntax", ["bad.js"]), hermes("error: no such file", ["nowhere.js"]),
    hermes("error: disk full", ["-dump-bytecode", "big.js"], stdout="/dev/full"),
]


# ---- flow: a server that is started for it --------------------------------------------------------------------------

def typed(folder):
    fixtures.put(folder, {".flowconfig": "[options]\nserver.max_workers=2\n", "a.js": "/* @flow */\nimport { twice } from './b';\nconst s: string = twice(2);\nexport type P = {| +a: number, b?: string |};\n(s: number);\n",
                          "b.js": "// @flow\nexport function twice(n: number): number { return n * 2 }\n", "good/c.js": "// @flow\nexport const c: number = 1;\n", "bad/d.js": "// @flow\nlet x = (;\n"})


FLOW_ENV = {"FLOW_TEMP_DIR": "{folder}/.tmp", "HOME": "{folder}"}


def flow(name, arguments, **more):
    return Use(name, arguments, make=typed, env=FLOW_ENV, same=TIMES + ((r"pid \d+", "PID"), (r"/[^\s]*\.(log|lock)", "LOG"), (r"\d+(\.\d+)? seconds?", "TIME")), ignore=(r"^\.tmp", r"flowlib"), **more)


def flow_server(build, folder, run):
    """Started by the first command; asked, told of a change, and stopped."""
    env = environment(FLOW_ENV, folder)
    try:
        for words in (["status", "--retries", "60"], ["type-at-pos", "a.js", "3", "7"], ["get-def", "a.js", "3", "20"], ["autocomplete", "a.js", "3", "20"], ["coverage", "a.js"], ["graph", "dep-graph", "--out", "graph.dot"]):
            done = subprocess.run(build.argv(words), cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False)
            run.out += done.stdout
            run.notes.append((words[0], done.returncode))
        write(folder, "b.js", "// @flow\nexport function twice(n: number): string { return `${n}` }\n")
        done = subprocess.run(build.argv(["force-recheck", "b.js"]), cwd=folder, env=env, capture_output=True, timeout=100, check=False)
        run.notes.append(("recheck", done.returncode))
        done = subprocess.run(build.argv(["status"]), cwd=folder, env=env, capture_output=True, timeout=100, check=False)
        run.out += done.stdout
    finally:
        done = subprocess.run(build.argv(["stop"]), cwd=folder, env=env, capture_output=True, timeout=100, check=False)
        run.notes.append(("stop", done.returncode))


FLOW = [
    flow("version", ["version"]), flow("help", ["--help"]), flow("check", ["check"], fails=True), flow("list files", ["ls"]),
    flow("syntax tree", ["ast", "--pretty"], stdin=b"const a: number = 1\n"), flow("init", ["init", "good"]), flow("a server", None, session=flow_server, files=False),
    flow("error: no project", ["check", "nowhere"]), flow("error: bad flag", ["check", "--nope"]),
]


# ---- elm ------------------------------------------------------------------------------------------------------------

ELM = [
    Use("version", ["--version"]), Use("help", ["--help"]), Use("help of make", ["make", "--help"]), Use("error: no project", ["make", "src/Main.elm"], env={"ELM_HOME": "/nowhere"}), Use("error: bad flag", ["make", "--nope"]),
    Use("error: no such command", ["nope"]), Use("error: broken project", ["make", "a.elm"], make=lambda folder: fixtures.put(folder, {"elm.json": "{\n", "a.elm": ""}), env={"HOME": "{folder}"}, ignore=(r"^\.elm",)),
]

# ---- recheck: Java, compiled by GraalVM -----------------------------------------------------------------------------

def recheck(name, *words, **more):
    return Use(name, ["--random-seed", "1", *words], same=((r"in \d+(\.\d+)? ?m?s", "TIME"),), **more)


RECHECK = [
    Use("help", ["--help"], fails=True), recheck("by its automaton", "--checker", "automaton", "/^(a+)+$/", fails=True), recheck("a safe one", "--checker", "automaton", "/^[a-z]+@example$/i"), recheck("by fuzzing", "--checker", "fuzz", "/^(a|b|ab)*c$/", fails=True),
    recheck("error: no pattern", "nothing"), recheck("error: syntax", "/(a/"), recheck("error: bad flag", "--nope"),
    Use("agent", ["agent"], stdin=b'{"jsonrpc": "2.0+push", "id": 1, "method": "check", "params": {"source": "^(a+)+$", "flags": "", "params": {"checker": "automaton"}}}\n', same=((r'"elapsed":\d+', "TIME"),)),
]

PROGRAMS = {
    "oxlint": ("@oxlint/darwin-x64@1.14.0", "@oxlint/linux-x64-gnu@1.14.0", "oxlint", OXLINT),
    "lightningcss": ("lightningcss-cli-darwin-x64@1.33.0", "lightningcss-cli-linux-x64-gnu@1.33.0", "lightningcss", LIGHTNINGCSS),
    "wizer": ("@bytecodealliance/wizer-darwin-x64@10.0.0", "@bytecodealliance/wizer-linux-x64@10.0.0", "wizer", WIZER),
    "quick-lint-js": ("quick-lint-js@3.2.0", "quick-lint-js@3.2.0", ("darwin-x64/bin/quick-lint-js", "linux-x64/bin/quick-lint-js"), QUICK_LINT),
    "hermesc": ("hermes-engine@0.11.0", "hermes-engine@0.11.0", ("osx-bin/hermesc", "linux64-bin/hermesc"), HERMESC),
    "flow": ("flow-bin@0.266.0", "flow-bin@0.266.0", ("flow-osx-v0.266.0/flow", "flow-linux64-v0.266.0/flow"), FLOW),
    "recheck": ("recheck-macos-x64@4.5.0", "recheck-linux-x64@4.5.0", "recheck", RECHECK),
    "elm": ("@elm_binaries/darwin_x64@0.19.3-0", "@elm_binaries/linux_x64@0.19.3-0", "elm", ELM),
}
