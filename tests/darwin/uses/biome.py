# SPDX-License-Identifier: MIT
"""What is done with biome."""
import contextlib
import os
import signal
import subprocess
import tempfile

import around
import fixtures
import large
from compare import Use, environment
from sessions import Server, wait_for
from uses.common import TIMES, content, hidden, into_closed_pipe, write

def lint(name, arguments, **more):
    more.setdefault("make", fixtures.code)
    return Use(name, arguments, same=TIMES + ((r"\d+((?:\x1b\[\d*m)*)(ms|µs|s)\b", r"TIME\1"), (r'uration":\d+', "TIME"), (r'time="[0-9.]+"', "TIME")), **more)


@contextlib.contextmanager
def home(run):
    """The environment with a home of its own, so that no other daemon is meant: short, as the name of a socket must be. At the end nobody may be left who has it."""
    with tempfile.TemporaryDirectory(prefix="b") as folder:
        try:
            yield {"HOME": folder, "TMPDIR": folder, "XDG_CACHE_HOME": folder, "XDG_RUNTIME_DIR": folder}
        finally:
            gone = wait_for(lambda: not processes_with(folder), 10)
            for pid in processes_with(folder):
                os.kill(pid, signal.SIGKILL)
            run.notes.append(("no process is left", gone))


def processes_with(word):
    """Those that have it in their environment."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if word.encode() in file.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


def command(build, folder, run, words, env):
    """The daemon keeps standard output: it goes to a file."""
    with tempfile.TemporaryFile() as out:
        done = subprocess.run(build.argv(words), cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment(env), timeout=60, check=False)
        out.seek(0)
        run.out += out.read()
    run.notes.append((words[0], done.returncode))


def daemon(build, folder, run):
    """Started, used by three commands, stopped: it is reached by a socket in the file system."""
    with home(run) as env:
        for words in (["start"], ["lint", "--use-server", "a.js"], ["check", "--write", "--use-server", "lib/d.json"], ["format", "--use-server", "lib"], ["stop"], ["stop"], ["lint", "--use-server", "a.js"]):
            command(build, folder, run, words, env)


def editor(build, folder, run):
    """What an editor asks for, by a daemon that is started for it, and ends with it."""
    with home(run) as env:
        server = Server(build, folder, ["lsp-proxy"], env=env)
        run.notes.append(("initialize", server.initialize()))
        server.open("a.js", "javascript", content(folder, "a.js"))
        faults = server.diagnostics("a.js")
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 5, "character": 0}}
        run.notes += [("faults", faults), ("formatting", server.request("textDocument/formatting", server.document("a.js", options={"tabSize": 4, "insertSpaces": False}))),
                      ("fixes", server.request("textDocument/codeAction", server.document("a.js", range=whole, context={"diagnostics": faults})))]
        server.notify("textDocument/didChange", textDocument={"uri": f"{server.root}/a.js", "version": 2}, contentChanges=[{"text": "debugger;\n"}])
        run.notes += [("after an edit", server.diagnostics("a.js")), ("shut down", server.stop())]


def interrupted(build, folder, run):
    with home(run) as env:
        server = Server(build, folder, ["lsp-proxy"], env=env)
        run.notes.append(("initialize", server.initialize() != "no answer"))
        server.signal(signal.SIGINT)
        run.notes.append(("Ctrl-C", server.end()))


def configured(text):
    def made(folder):
        fixtures.code(folder)
        write(folder, "biome.json", text)
    return made


def repository(folder):
    fixtures.code(folder)
    write(folder, "biome.json", '{"vcs": {"enabled": true, "clientKind": "git", "useIgnoreFile": true, "defaultBranch": "main"}}\n')
    write(folder, ".gitignore", "lib/c.tsx\n")
    fixtures.git(folder, "init", "-q", "-b", "main")
    fixtures.git(folder, "add", ".")
    fixtures.git(folder, "commit", "-q", "-m", "first")
    write(folder, "a.js", "debugger;\n")
    fixtures.git(folder, "add", "a.js")


RULES = '{"formatter": {"indentStyle": "space", "lineWidth": 40}, "linter": {"rules": {"style": {"noVar": "error"}, "suspicious": {"noConsole": "warn"}}}, "javascript": {"formatter": {"quoteStyle": "single"}}, "overrides": [{"includes": ["lib/**"], "linter": {"enabled": false}}]}\n'
USES = [
    Use("version", ["--version"]), Use("help", ["--help"]), lint("lint", ["lint", "a.js", "lib"], fails=True), lint("format", ["format", "lib"], fails=True), lint("format in place", ["format", "--write", "lib"]),
    lint("check", ["check", "a.js", "style.css"], fails=True), lint("check and fix", ["check", "--write", "a.js", "lib"], fails=True), lint("fix what is unsafe", ["lint", "--write", "--unsafe", "a.js", "lib"], fails=True),
    lint("ci", ["ci", "lib/d.json"], fails=True), lint("json report", ["lint", "--reporter=json", "a.js"], fails=True), lint("junit report", ["lint", "--reporter=junit", "a.js"], fails=True),
    lint("standard input", ["format", "--stdin-file-path=x.ts"], stdin=b"let  x:number=1\n"), lint("explain a rule", ["explain", "noDebugger"]), lint("init", ["init"]),
    lint("search", ["search", "`console.log($x)`", "a.js"]), lint("migrate", None, steps=[["init"], ["migrate"]]),
    lint("error: syntax", ["check", "broken.js"]), lint("error: no such path", ["lint", "nowhere.js"]), lint("error: bad flag", ["lint", "--nope"]),
    lint("error: disk full", ["format", "lib"], stdout="/dev/full"),
    lint("settings and overrides", ["check", "."], make=configured(RULES), fails=True), lint("what changed in git", ["check", "--changed"], make=repository, fails=True), lint("what is staged, ignored files", ["lint", "--staged", "--verbose"], make=repository, fails=True),
    lint("github and gitlab reports", None, steps=[["lint", "--reporter=github", "a.js"], ["lint", "--reporter=gitlab", "a.js"], ["lint", "--reporter=summary", "a.js"]], fails=True),
    lint("one rule", ["lint", "--only=suspicious/noDebugger", "--max-diagnostics=1", "--colors=force", "a.js", "lib"], fails=True), lint("daemon", None, session=daemon), lint("language server", None, session=editor),
    lint("language server, Ctrl-C", None, session=interrupted), lint("closed pipe", None, session=into_closed_pipe(["lint", "--reporter=json", "a.js", "lib"])), lint("error: broken settings", ["lint", "a.js"], make=configured('{"linter": {\n')),
    lint("error: unknown settings", ["lint", "a.js"], make=configured('{"linter": {"nope": 1}}\n')), lint("error: unreadable file", ["lint", "lib/b.ts"], make=hidden(fixtures.code, "lib/b.ts"), around=around.NOBODY),
    lint("error: full disk", ["format", "--write", "full/lib"], around=around.small_disk(24, copied="lib", fill=True)), lint("error: no network", ["upgrade"], around=around.NO_NETWORK),
    lint("no network", ["lint", "a.js"], around=around.NO_NETWORK, fails=True),
    lint("large: lint 500 files", ["lint", "src", "--max-diagnostics=none", "--reporter=summary"], make=large.sources, fails=True, large=True), lint("large: format 500 files", ["format", "--write", "src"], make=large.sources, large=True),
    lint("large: check and fix 500 files", ["check", "--write", "--unsafe", "src", "--reporter=summary"], make=large.sources, fails=True, large=True),
]
