# SPDX-License-Identifier: MIT
"""The programs, their versions, and what is done with them."""
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import fixtures
from compare import Session, Use, environment, wait_for

# npm package of the macOS build, of the Linux build, version(s), path in the package
PROGRAMS = {
    "esbuild": ("@esbuild/darwin-x64@0.28.2", "@esbuild/linux-x64@0.28.2", "bin/esbuild"),
    "tsgo": ("@typescript/native-preview-darwin-x64@7.0.0-dev.20260707.2", "@typescript/native-preview-linux-x64@7.0.0-dev.20260707.2", "lib/tsgo"),
    "lefthook": ("lefthook-darwin-x64@2.2.2", "lefthook-linux-x64@2.2.2", "bin/lefthook"),
    "ast-grep": ("@ast-grep/cli-darwin-x64@0.51.1", "@ast-grep/cli-linux-x64-gnu@0.51.1", "ast-grep"),
    "biome": ("@biomejs/cli-darwin-x64@2.6.8", "@biomejs/cli-linux-x64@2.6.8", "biome"),
    "pagefind": ("@pagefind/darwin-x64@1.6.0", "@pagefind/linux-x64@1.6.0", "bin/pagefind_extended"),
    "7zip": ("7zip-bin-mac@1.0.1", "7zip-bin-linux@1.3.1", ("7za", "x64/7za")),
}

TIMES = ((r"\d+(\.\d+)?(ms|µs|s)\b", "TIME"),)


def js(name, arguments, **more):
    return Use(name, arguments, make=fixtures.javascript, **more)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url):
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            time.sleep(0.02)
    return "no answer", b""


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def content(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


# ---- esbuild --------------------------------------------------------------------------------------------------------


def esbuild_watch(build, folder, run):
    session = Session(build, folder, ["src/app.ts", "--bundle", "--outfile=o.js", "--watch=forever"])
    run.notes.append(("first build", session.read_until("build finished") is not None))
    write(folder, "src/lib/twice.ts", "export function twice(n: number) { return n * 3 }\n")
    run.notes.append(("built again", wait_for(lambda: "n * 3" in content(folder, "o.js"))))
    write(folder, "src/lib/twice.ts", "export function twice(n: number) { return ( }\n")
    run.notes.append(("told the error", session.read_until("ERROR.*") is not None))
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


def esbuild_serve(build, folder, run):
    port = free_port()
    session = Session(build, folder, ["src/app.ts", "--bundle", f"--serve=127.0.0.1:{port}", "--servedir=.", "--outdir=out"])
    for path in ("out/app.js", "src/data.json", "nothing"):
        run.notes.append((path, fetch(f"http://127.0.0.1:{port}/{path}")))
    session.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", session.end()))


def esbuild_closed_pipe(build, folder, run):
    shell = "\"$@\" | head -c 10 >/dev/null; echo ${PIPESTATUS[0]}"
    done = subprocess.run(["bash", "-c", shell, "sh"] + build.argv(["many/m0.ts", "--bundle"]), cwd=folder, env=environment({}), capture_output=True, check=False)
    run.out, run.err = done.stdout, done.stderr


def esbuild_service(build, folder, run):
    """The binary protocol that esbuild's JavaScript package speaks: the version, then packets."""
    done = subprocess.run(build.argv(["--service=0.28.2", "--ping"]), cwd=folder, input=b"", capture_output=True, env=environment({}), timeout=60, check=False)
    run.out, run.err = done.stdout, done.stderr
    run.notes.append(("status", done.returncode))


ESBUILD = [
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
    js("watch, rebuild, Ctrl-C", None, session=esbuild_watch), js("serve and fetch", None, session=esbuild_serve),
    js("closed pipe", None, session=esbuild_closed_pipe), Use("service", None, session=esbuild_service),
]

# ---- tsgo -----------------------------------------------------------------------------------------------------------


def tsgo_watch(build, folder, run):
    session = Session(build, folder, ["-p", ".", "--watch"])
    run.notes.append(("first build", wait_for(lambda: content(folder, "out/app.js") != "")))
    run.notes.append(("no errors", session.read_until("Found 0 errors") is not None))
    write(folder, "src/lib/twice.ts", "export function twice(n: number): number { return n * 3 }\n")
    run.notes.append(("built again", wait_for(lambda: "n * 3" in content(folder, "out/lib/twice.js"))))
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


TSGO = [
    Use("version", ["--version"]), Use("help", ["--help"]), Use("all options", ["--all"]),
    js("check a project", ["-p", ".", "--noEmit"]), js("emit a project", ["-p", "."]),
    js("type errors", ["--ignoreConfig", "--noEmit", "--strict", "src/wrong.ts"], fails=True), js("pretty errors", ["--ignoreConfig", "--noEmit", "--pretty", "src/wrong.ts"], fails=True),
    js("syntax errors", ["--ignoreConfig", "--noEmit", "src/bad.ts"], fails=True), js("120 modules", ["--ignoreConfig", "--outDir", "out", "--declaration", "--sourceMap", "many/m0.ts"]),
    js("show the configuration", ["--showConfig", "-p", "."]), Use("init", ["--init"]),
    js("incremental", None, steps=[["-p", ".", "--incremental"], ["-p", ".", "--incremental"]]),
    js("list of files", ["-p", ".", "--noEmit", "--listFilesOnly"], same=((r"[^\s]*/lib/(lib\.[a-z0-9.]*d\.ts)", r"LIB/\1"),)),
    js("error: no such file", ["nope.ts"]), js("error: bad flag", ["--nope"]), js("error: no project", ["-p", "nowhere"]),
    js("watch, rebuild, Ctrl-C", None, session=tsgo_watch),
]

# ---- lefthook -------------------------------------------------------------------------------------------------------

# Go walks a map in another order each time; hooks name the path of the program that wrote them.
SECONDS = ((r"\d+\.\d+ seconds", "TIME"), (r"/[^\s\"']*/(bin/lefthook)", r"\1"), (r"\(pre-push, pre-commit\)", "(pre-commit, pre-push)"))


def hook(name, arguments, **more):
    more.setdefault("same", SECONDS)
    return Use(name, arguments, make=fixtures.repository, **more)


def lefthook_commit(build, folder, run):
    """git itself runs the hook, which finds the program by LEFTHOOK_BIN."""
    wrapper = os.path.join(os.path.dirname(folder), f"lefthook-{build.kind}")
    with open(wrapper, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexec " + " ".join(build.command) + " \"$@\"\n")
    os.chmod(wrapper, 0o755)
    env = environment({"LEFTHOOK_BIN": wrapper, "GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@x", "GIT_COMMITTER_NAME": "T", "GIT_COMMITTER_EMAIL": "t@x"})
    subprocess.run(build.argv(["install"]), cwd=folder, env=env, capture_output=True, check=False)
    done = subprocess.run(["git", "commit", "-m", "second"], cwd=folder, env=env, capture_output=True, check=False)
    run.notes += [("commit", done.returncode), ("hook ran", b"files one.js" in done.stdout + done.stderr)]
    for name in os.listdir(os.path.join(folder, ".git/hooks")):
        os.remove(os.path.join(folder, ".git/hooks", name))  # they name the build's own path


LEFTHOOK = [
    Use("version", ["version"]), Use("help", ["--help"]), hook("install", ["install"], files=False), hook("run", ["run", "pre-commit"]),
    hook("run all files", ["run", "pre-commit", "--all-files"]), hook("a hook that fails", ["run", "pre-push", "--force"], fails=True),
    hook("run one command", ["run", "tools", "--command", "env"]), hook("a command ended by a signal", ["run", "tools", "--command", "signal"], fails=True),
    hook("stage what was fixed", ["run", "fix"]), hook("dump", ["dump"]), hook("dump json", ["dump", "--format", "json"]), hook("validate", ["validate"]),
    hook("uninstall", None, steps=[["install"], ["uninstall"]]), hook("git commit runs it", None, session=lefthook_commit),
    hook("no interactive, no tty", ["run", "pre-commit", "--no-tty"]),
    hook("error: no such hook", ["run", "nope"]), hook("error: bad flag", ["--nope"]), Use("error: no repository", ["run", "pre-commit"], same=SECONDS),
    hook("switched off", ["run", "pre-commit"], env={"LEFTHOOK": "0"}),
]

# ---- ast-grep -------------------------------------------------------------------------------------------------------


def source(name, arguments, **more):
    return Use(name, arguments, make=fixtures.code, **more)


AST_GREP = [
    Use("version", ["--version"]), Use("help", ["--help"]), source("search", ["run", "-p", "console.log($A)", "-l", "ts", "-j", "1", "lib"]),
    source("search, json", ["run", "-p", "console.log($$$A)", "-l", "js", "--json", "-j", "1", "a.js"]),
    source("rewrite", ["run", "-p", "console.log($A)", "-r", "print($A)", "-l", "js", "a.js"]),
    source("rewrite in place", ["run", "-p", "console.log($A)", "-r", "print($A)", "-l", "js", "-U", "a.js"]),
    source("python", ["run", "-p", "print($X)", "-l", "py", "py"]), source("rust", ["run", "-p", "fn $F() { $$$ }", "-l", "rs", "rs", "--json=compact"]),
    source("scan with rules", ["scan", "-j", "1"], fails=True), source("scan and fix", ["scan", "-U", "-j", "1"]), source("scan, github format", ["scan", "--format", "github", "-j", "1"], fails=True),
    source("test of rules", ["test", "--skip-snapshot-tests"]), source("an inline rule", ["scan", "-j", "1", "--inline-rules", "{id: x, language: js, rule: {pattern: debugger}}", "a.js"]),
    source("standard input", ["run", "-p", "$A + $B", "-l", "js", "--stdin"], stdin=b"let x = 1 + 2;\n"), source("debug query", ["run", "-p", "f($A)", "-l", "js", "--debug-query=ast", "a.js"], fails=True),
    Use("completions", ["completions", "bash"]), source("error: no such path", ["run", "-p", "x", "-l", "js", "nowhere"]), source("error: bad flag", ["run", "--nope"]),
    source("error: no such language", ["run", "-p", "x", "-l", "klingon"]), source("error: bad rule", ["scan", "--inline-rules", "{id: x, language: js}"]),
]

# ---- biome ----------------------------------------------------------------------------------------------------------


def lint(name, arguments, **more):
    return Use(name, arguments, make=fixtures.code, same=TIMES + ((r"\d+((?:\x1b\[\d*m)*)(ms|µs|s)\b", r"TIME\1"), (r'uration":\d+', "TIME"), (r'time="[0-9.]+"', "TIME")), **more)


BIOME = [
    Use("version", ["--version"]), Use("help", ["--help"]), lint("lint", ["lint", "a.js", "lib"], fails=True), lint("format", ["format", "lib"], fails=True), lint("format in place", ["format", "--write", "lib"]),
    lint("check", ["check", "a.js", "style.css"], fails=True), lint("check and fix", ["check", "--write", "a.js", "lib"], fails=True), lint("fix what is unsafe", ["lint", "--write", "--unsafe", "a.js", "lib"], fails=True),
    lint("ci", ["ci", "lib/d.json"], fails=True), lint("json report", ["lint", "--reporter=json", "a.js"], fails=True), lint("junit report", ["lint", "--reporter=junit", "a.js"], fails=True),
    lint("standard input", ["format", "--stdin-file-path=x.ts"], stdin=b"let  x:number=1\n"), lint("explain a rule", ["explain", "noDebugger"]), lint("init", ["init"]),
    lint("search", ["search", "`console.log($x)`", "a.js"]), lint("migrate", None, steps=[["init"], ["migrate"]]),
    lint("error: syntax", ["check", "broken.js"]), lint("error: no such path", ["lint", "nowhere.js"]), lint("error: bad flag", ["lint", "--nope"]),
    lint("error: disk full", ["format", "lib"], stdout="/dev/full"),
]

# ---- pagefind -------------------------------------------------------------------------------------------------------

# The languages are told in any order.
PAGES = ((r"Discovered \d languages: [a-z, ]+", "LANGUAGES"), (r"(  \* [a-z]{2}: \d+ pages?\n)+", "LANGUAGES\n"), (r"\d+\.\d+ seconds", "TIME"), (r"v?\d+\.\d+\.\d+ \(Extended\)", "VERSION"), (r"127\.0\.0\.1:\d+|localhost:\d+", "ADDRESS"))


def pages(name, arguments, **more):
    # The search engine in WebAssembly is part of the program, and not the same in both builds.
    return Use(name, arguments, make=fixtures.site, same=PAGES, ignore=(r"/wasm\.[a-z]+\.pagefind$",), **more)


def pagefind_serve(build, folder, run):
    session = Session(build, folder, ["--site", "site", "--serve"])
    address = session.read_until(r"http://[a-z0-9.]+:\d+")
    port = address.decode().rsplit(":", 1)[1] if address else "1"
    status, page = fetch(f"http://127.0.0.1:{port}/page1.html")
    entry = fetch(f"http://127.0.0.1:{port}/pagefind/pagefind-entry.json")
    run.notes += [("page", status, page), ("entry", entry[0], sorted(json.loads(entry[1] or "{}"))), ("nothing", fetch(f"http://127.0.0.1:{port}/nothing")[0])]
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


PAGEFIND = [
    Use("version", ["--version"]), Use("help", ["--help"]), pages("index", ["--site", "site"]), pages("index, verbose", ["--site", "site", "--verbose", "--force-language", "en"], files=False),
    pages("another folder", ["--site", "site", "--output-path", "out"]), pages("some pages", ["--site", "site", "--glob", "page1*.html"]),
    pages("one language", ["--site", "site", "--force-language", "en"]), pages("a root selector", ["--site", "site", "--root-selector", "main"]),
    pages("quiet", ["--site", "site", "--quiet"]), pages("excluded elements", ["--site", "site", "--exclude-selectors", "h1"]), pages("playground", ["--site", "site", "--write-playground"]),
    pages("serve and fetch", None, session=pagefind_serve, files=False), pages("error: no such site", ["--site", "nowhere"]), pages("error: bad flag", ["--nope"]),
    pages("error: nothing to index", ["--site", "site", "--glob", "*.none"]),
]

# ---- 7zip -----------------------------------------------------------------------------------------------------------

# The two packages were compiled at different times with different options: the head names them, and the processor.
# Darwin's text for an error without a number has a colon.
HEAD = ((r"Unknown error: ", "Unknown error "), (r"7-Zip \(a\)[^\n]*\np7zip Version [^\n]*\n(\([^\n]*\n|[^\n]*CPU[^\n]*\n)*", "HEAD\n"), (r"7-Zip \(A\)[^\n]*\n", "HEAD\n"))


# The macOS build writes names in parts (e, then the accent) into archives, as macOS' file systems keep them: then the bytes differ.
def pack(name, arguments=None, **more):
    return Use(name, arguments, make=fixtures.files, same=HEAD, **more)


SEVENZIP = [
    pack("help", ["--help"]), pack("information", ["i"], files=False), pack("7z", ["a", "-mmt=1", "o.7z", "in"], files=False),
    pack("compress, list, test, extract", steps=[["a", "-mmt=1", "-mtc=off", "o.7z", "in", "-x!in/r*"], ["l", "o.7z"], ["t", "o.7z"], ["x", "-oout", "o.7z"]]),
    pack("names beyond ASCII", steps=[["a", "-mmt=1", "o.7z", "in"], ["l", "-ba", "o.7z"], ["x", "-oout", "o.7z"]], ignore=(r"\.7z$",)),
    pack("zip", steps=[["a", "-tzip", "o.zip", "in", "-x!in/r*"], ["l", "o.zip"], ["x", "-oout", "o.zip"]]), pack("tar", steps=[["a", "-ttar", "o.tar", "in", "-x!in/r*"], ["l", "o.tar"], ["x", "-oout", "o.tar"]]),
    pack("gzip", steps=[["a", "-tgzip", "o.gz", "in/text.txt"], ["t", "o.gz"]]), pack("bzip2", steps=[["a", "-tbzip2", "-mmt=1", "o.bz2", "in/text.txt"], ["t", "o.bz2"]]),
    pack("xz", steps=[["a", "-txz", "-mmt=1", "o.xz", "in/text.txt"], ["t", "o.xz"]]), pack("more threads", steps=[["a", "-mmt=2", "o.7z", "in/text.txt"], ["t", "o.7z"]], files=False),
    pack("a password", steps=[["a", "-psecret", "-mhe=on", "-mmt=1", "o.7z", "in/text.txt"], ["t", "-psecret", "o.7z"], ["t", "-pwrong", "o.7z"]], files=False, fails=True),
    pack("volumes", steps=[["a", "-v10k", "-mx=0", "-mtc=off", "o.7z", "in/text.txt"], ["t", "o.7z.001"]]), pack("delete", steps=[["a", "-mmt=1", "o.7z", "in"], ["d", "o.7z", "in/empty"], ["l", "o.7z"]], files=False),
    pack("rename", steps=[["a", "-mmt=1", "o.7z", "in/empty"], ["rn", "o.7z", "in/empty", "in/full"], ["l", "o.7z"]], files=False), pack("hash", ["h", "-scrcsha256", "in"]),
    pack("to standard output", steps=[["a", "o.7z", "-mmt=1", "in/text.txt"], ["e", "-so", "o.7z"]], files=False), pack("from standard input", ["a", "-si", "-mmt=1", "o.7z"], stdin=b"text\n" * 1000, files=False),
    pack("error: no such file", ["a", "o.7z", "nope"]), pack("error: damaged archive", ["t", "damaged.7z"]), pack("error: bad switch", ["--nope"]), pack("error: no archive", ["x", "nope.7z"]),
    pack("error: disk full", steps=[["a", "-ttar", "o.tar", "in/text.txt"], ["e", "-so", "o.tar"]], stdout="/dev/full", files=False),
]

USES = {"esbuild": ESBUILD, "tsgo": TSGO, "lefthook": LEFTHOOK, "ast-grep": AST_GREP, "biome": BIOME, "pagefind": PAGEFIND, "7zip": SEVENZIP}
