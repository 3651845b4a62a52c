# SPDX-License-Identifier: MIT
"""What is done with ast-grep."""
import os
import signal
import subprocess

import around
import fixtures
import large
from compare import Use, environment
from sessions import Server, Terminal
from uses.common import content, hidden, into_closed_pipe, step, write

def source(name, arguments, **more):
    return Use(name, arguments, make=fixtures.code, **more)


def editor(build, folder, run):
    """What an editor asks for: faults of the rules, a fix, again after an edit, and after the rules changed."""
    server = Server(build, folder, ["lsp"])
    run.notes.append(("initialize", server.initialize()))
    text = content(folder, "lib/b.ts")
    server.open("lib/b.ts", "typescript", text)
    faults = server.diagnostics("b.ts")
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 0}}
    run.notes += [("faults", faults), ("fixes", server.request("textDocument/codeAction", server.document("lib/b.ts", range=whole, context={"diagnostics": faults}))),
                  ("hover", server.request("textDocument/hover", server.document("lib/b.ts", position={"line": 0, "character": 46})))]
    server.notify("textDocument/didChange", textDocument={"uri": f"{server.root}/lib/b.ts", "version": 2}, contentChanges=[{"text": text * 3}])
    run.notes += [("faults after an edit", server.diagnostics("b.ts")), ("shut down", server.stop())]


def interrupted(build, folder, run):
    server = Server(build, folder, ["lsp"])
    run.notes.append(("initialize", server.initialize() != "no answer"))
    server.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", server.end()))


def interactive(build, folder, run):
    """Each change is confirmed on a terminal: one is taken, one is not, then it is left."""
    session = Terminal(build, folder, ["run", "-p", "console.log($$$A)", "-r", "print($$$A)", "-l", "js", "-i", "a.js"])
    run.notes.append(("asks", session.read_until(r"\[y\]es") is not None))
    session.write(b"y")
    run.notes.append(("asks again", session.read_until(r"\[y\]es") is not None))
    session.write(b"n")
    run.notes.append(("status", session.end()))


def short_name(build, folder, run):
    """sg, the other program of the package, runs ast-grep from the folder that it lies in."""
    beside = build.command[:-1] + [os.path.join(os.path.dirname(build.command[-1]), "sg")]
    os.chmod(beside[-1], 0o755)
    done = subprocess.run(beside + ["run", "-p", "console.log($A)", "-l", "js", "a.js"], cwd=folder, env=environment({}), capture_output=True, check=False, timeout=60)
    run.out, run.err = done.stdout, done.stderr
    run.notes.append(("status", done.returncode))


def new_project(build, folder, run):
    for words in (["new", "project", "-y"], ["new", "rule", "no-var", "-l", "js", "-y"], ["new", "test", "no-var", "-y"]):
        step(build, folder, run, words)
    write(folder, "rules/no-var.yml", "id: no-var\nlanguage: js\nmessage: no var\nrule:\n  pattern: var $A = $B\nfix: let $A = $B\n")
    for name in [name for name in os.listdir(os.path.join(folder, "rule-tests")) if name.endswith("yml")] if os.path.isdir(os.path.join(folder, "rule-tests")) else []:
        write(folder, "rule-tests/" + name, "id: no-var\nvalid: ['let a = 1']\ninvalid: ['var a = 1']\n")
    for words in (["test", "-U"], ["test"], ["scan", "-j", "1"]):
        step(build, folder, run, words)


def broken(folder):
    fixtures.code(folder)
    write(folder, "sgconfig.yml", "ruleDirs: [rules\n")


USES = [
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
    source("outline", ["outline", "--json=compact", "lib"]), source("scan, json", ["scan", "--json=stream", "-j", "1"], fails=True), source("scan, sarif", ["scan", "--format", "sarif", "-j", "1"], fails=True),
    source("a strict pattern, with context", ["run", "-p", "console.log($A)", "-l", "ts", "--strictness", "ast", "-C", "2", "-j", "1", "lib"]), source("globs", ["run", "-p", "$A", "--globs", "!*.ts", "-l", "tsx", "--json=compact", "-j", "1", "lib"]),
    source("colours", ["run", "-p", "console.log($A)", "-l", "js", "--color", "always", "a.js"], env={"NO_COLOR": ""}), source("a link as a path", ["run", "-p", "console.log($A)", "-l", "js", "a.js", "--follow"]),
    Use("a new project", None, session=new_project), source("language server", None, session=editor), source("language server, Ctrl-C", None, session=interrupted), source("confirm on a terminal", None, session=interactive),
    source("the short name", None, session=short_name, files=False), source("closed pipe", None, session=into_closed_pipe(["run", "-p", "$A", "-l", "js", "--json", "-j", "1", "a.js"])),
    source("broken input", ["run", "-p", "function $F() { $$$ }", "-l", "js", "broken.js"], fails=True), source("error: disk full", ["run", "-p", "console.log($A)", "-l", "js", "a.js"], stdout="/dev/full"),
    source("error: full disk", ["run", "-p", "console.log($A)", "-r", "print($A, 'longer than before', 'and longer', 'and more', 'of it')", "-l", "js", "-U", "full/a.js"], around=around.small_disk(8, copied="a.js", fill=True), same=((r"\.tmp\w+", "TEMPORARY"),)),
    Use("error: broken settings", ["scan"], make=broken), Use("error: unreadable file", ["run", "-p", "console.log($A)", "-l", "ts", "-j", "1", "lib/b.ts"], make=hidden(fixtures.code, "lib/b.ts"), around=around.NOBODY),
    source("no network", ["scan", "-j", "1"], fails=True, around=around.NO_NETWORK),
    Use("large: rewrite 2,000 files", ["run", "-p", "console.log($A, $B)", "-r", "print($A, $B)", "-l", "ts", "-U", "."], make=large.tree, large=True),
    Use("large: search 2,000 files", ["run", "-p", "if ($A % $B === 0) { $$$ } else { $$$ }", "-l", "ts", "."], make=large.tree, large=True, sorted_out=True),
]
