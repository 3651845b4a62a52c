# SPDX-License-Identifier: MIT
"""What is done with tsgo."""
import os
import signal

import around
import fixtures
import large
from compare import Use
from sessions import Server, Session, wait_for
from uses.common import content, hidden, into_closed_pipe, replace, step, write


def js(name, arguments, **more):
    return Use(name, arguments, make=fixtures.javascript, **more)


def watch(build, folder, run):
    session = Session(build, folder, ["-p", ".", "--watch"])
    run.notes.append(("first build", wait_for(lambda: content(folder, "out/app.js") != "")))
    run.notes.append(("no errors", session.read_until("Found 0 errors") is not None))
    write(folder, "src/lib/twice.ts", "export function twice(n: number): number { return n * 3 }\n")
    run.notes.append(("built again", wait_for(lambda: "n * 3" in content(folder, "out/lib/twice.js"))))
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


def watch_names(build, folder, run):
    """A file is replaced as editors do it, comes by another link, goes away and is back."""
    os.rename(os.path.join(folder, "src/lib"), os.path.join(folder, "one"))
    os.symlink("../one", os.path.join(folder, "src/lib"))
    write(folder, "tsconfig.json", '{"compilerOptions": {"target": "es2020", "module": "esnext", "moduleResolution": "bundler", "resolveJsonModule": true, "preserveSymlinks": true, "outDir": "out", "rootDir": "src"}, "files": ["src/app.ts"]}\n')
    session = Session(build, folder, ["-p", ".", "--watch"])
    run.notes.append(("first build", session.read_until("Found 0 errors") is not None))
    replace(folder, "one/twice.ts", "export const twice = (n: number) => n * 'replaced'.length\n")
    run.notes.append(("built the new file", wait_for(lambda: "replaced" in content(folder, "out/lib/twice.js"))))
    os.rename(os.path.join(folder, "one/twice.ts"), os.path.join(folder, "one/thrice.ts"))
    run.notes.append(("told that it is gone", session.read_until("Cannot find module") is not None))
    os.rename(os.path.join(folder, "one/thrice.ts"), os.path.join(folder, "one/twice.ts"))
    run.notes.append(("it is back", session.read_until("Found 0 errors") is not None))
    session.signal(signal.SIGINT)
    run.notes.append(("Ctrl-C", session.end()))


# The editor watches the files: a server that does so itself may end with an error of its own when it is shut down meanwhile.
EDITOR = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}, "textDocument": {"hover": {"contentFormat": ["markdown"]}}}


def editor(build, folder, run):
    """What an editor asks for while a file is edited."""
    server = Server(build, folder, ["--lsp", "-stdio"])
    run.notes.append(("initialize", server.initialize(EDITOR)))
    text = content(folder, "src/app.ts")
    server.open("src/app.ts", "typescript", text)
    at = {"line": 4, "character": 32}
    for method, more in (("diagnostic", {}), ("hover", {"position": at}), ("definition", {"position": at}), ("references", {"position": at, "context": {"includeDeclaration": True}}),
                         ("rename", {"position": at, "newName": "double"}), ("documentSymbol", {}), ("formatting", {"options": {"tabSize": 2, "insertSpaces": True}}), ("foldingRange", {}),
                         ("signatureHelp", {"position": {"line": 4, "character": 36}}), ("semanticTokens/full", {})):
        run.notes.append((method, server.request("textDocument/" + method, server.document("src/app.ts", **more))))
    completion = server.request("textDocument/completion", server.document("src/app.ts", position=at, context={"triggerKind": 1}))
    run.notes.append(("completion", sorted(item["label"] for item in completion.get("items", [])) if isinstance(completion, dict) else completion))
    server.notify("textDocument/didChange", textDocument={"uri": f"{server.root}/src/app.ts", "version": 2}, contentChanges=[{"text": text + "let wrong: string = 4;\n"}])
    run.notes.append(("after an edit", server.request("textDocument/diagnostic", server.document("src/app.ts"))))
    write(folder, "src/lib/twice.ts", "export function thrice(n: number): number { return n * 3 }\n")
    server.notify("workspace/didChangeWatchedFiles", changes=[{"uri": f"{server.root}/src/lib/twice.ts", "type": 2}])
    run.notes.append(("after another file changed", server.request("textDocument/diagnostic", server.document("src/app.ts"))))
    run.notes += [("symbols", server.request("workspace/symbol", {"query": "thrice"})), ("shut down", server.stop())]


def editor_itself(build, folder, run):
    """The macOS build watches the files itself (FSEvents) if the editor does not; the Linux build of this version does not."""
    server = Server(build, folder, ["--lsp", "-stdio"])
    server.initialize()
    server.open("src/app.ts", "typescript", content(folder, "src/app.ts"))

    def faults():
        return len((server.request("textDocument/diagnostic", server.document("src/app.ts")) or {}).get("items", []))
    run.notes.append(("no fault", faults()))
    # The watcher may come a little later than the answer: the file changes until it is seen.
    seen = build.kind == "linux" or wait_for(lambda: write(folder, "src/lib/twice.ts", "export const thrice = 3;\n") or faults() > 0)
    run.notes.append(("it sees that a file changes", seen))
    server.signal(signal.SIGTERM)
    run.notes.append(("SIGTERM", server.end()))


def service(build, folder, run):
    """The programming interface, by JSON-RPC."""
    server = Server(build, folder, ["--api", "-async", "-cwd", folder])
    run.notes.append(("initialize", server.request("initialize", None)))
    run.notes.append(("settings", server.request("parseConfigFile", {"file": folder + "/tsconfig.json"})))
    run.notes.append(("snapshot", server.request("updateSnapshot", {"openProject": folder + "/tsconfig.json"})))
    run.notes.append(("no such method", server.request("nope", {})))
    server.close_input()
    run.notes.append(("ends with its input", server.end()))


def workspace(folder):
    """Three projects; the last needs both others."""
    options = '{"compilerOptions": {"composite": true, "rootDir": ".", "outDir": "../out/%s", "target": "es2020", "module": "esnext", "moduleResolution": "bundler"}, "references": [%s]}\n'
    fixtures.put(folder, {
        "base/tsconfig.json": options % ("base", ""), "base/base.ts": "export interface Base { name: string }\nexport const base: Base = { name: 'base' };\n",
        "side/tsconfig.json": options % ("side", '{"path": "../base"}'), "side/side.ts": "import { Base, base } from '../base/base';\nexport const side = (b: Base = base) => b.name.length;\n",
        "top/tsconfig.json": options % ("top", '{"path": "../base"}, {"path": "../side"}'), "top/top.ts": "import { base } from '../base/base';\nimport { side } from '../side/side';\nconsole.log(side(base));\n",
        "tsconfig.json": '{"files": [], "references": [{"path": "./top"}]}\n', "broken/tsconfig.json": '{"compilerOptions": {"target": "es1", "nope": [}}\n', "broken/a.ts": "let x = 1;\n"})


def edited(build, folder, run):
    """Built; nothing to do; a change below reaches what is above; an error stops it; all is cleaned."""
    steps = ((None, None), (None, None), ("base/base.ts", "export interface Base { name: string, more?: number }\nexport const base: Base = { name: 'changed' };\n"), ("side/side.ts", "export const side: string = 4;\n"))
    for name, text in steps:
        if name:
            write(folder, name, text)
        step(build, folder, run, ["--build", "--verbose"])
    step(build, folder, run, ["--build", "--clean"])


def projects(name, arguments, **more):
    return Use(name, arguments, make=workspace, same=CLOCK, **more)


CLOCK = ((r"\d+:\d+:\d+( [AP]M)?", "TIME"), (r"\d+(\.\d+)?(ms|s)\b", "TIME"))

USES = [
    Use("version", ["--version"]), Use("help", ["--help"]), Use("all options", ["--all"]),
    js("check a project", ["-p", ".", "--noEmit"]), js("emit a project", ["-p", "."]),
    js("type errors", ["--ignoreConfig", "--noEmit", "--strict", "src/wrong.ts"], fails=True), js("pretty errors", ["--ignoreConfig", "--noEmit", "--pretty", "src/wrong.ts"], fails=True),
    js("syntax errors", ["--ignoreConfig", "--noEmit", "src/bad.ts"], fails=True), js("120 modules", ["--ignoreConfig", "--outDir", "out", "--declaration", "--sourceMap", "many/m0.ts"]),
    js("show the configuration", ["--showConfig", "-p", "."]), Use("init", ["--init"]),
    js("incremental", None, steps=[["-p", ".", "--incremental"], ["-p", ".", "--incremental"]]),
    js("list of files", ["-p", ".", "--noEmit", "--listFilesOnly"], same=((r"[^\s]*/lib/(lib\.[a-z0-9.]*d\.ts)", r"LIB/\1"),)),
    js("error: no such file", ["nope.ts"]), js("error: bad flag", ["--nope"]), js("error: no project", ["-p", "nowhere"]),
    js("watch, rebuild, Ctrl-C", None, session=watch), js("watch, names change", None, session=watch_names),
    projects("build of three projects", None, steps=[["--build", "--verbose"], ["--build", "--verbose"], ["--build", "--dry"], ["--build", "--force", "--verbose"], ["--build", "--clean"]]),
    projects("build after changes", None, session=edited),
    js("language server", None, session=editor), js("language server that watches", None, session=editor_itself, files=False), js("service", None, session=service),
    js("one thread", ["-p", ".", "--singleThreaded", "--declarationMap", "--removeComments"]), js("javascript, checked", ["--ignoreConfig", "--allowJs", "--checkJs", "--jsx", "preserve", "--outDir", "out", "src/view.jsx"], fails=True),
    js("closed pipe", None, session=into_closed_pipe(["--all"])), js("error: disk full", ["--all"], stdout="/dev/full"),
    js("error: full disk", ["--ignoreConfig", "--singleThreaded", "--outDir", "full", "many/m0.ts"], around=around.small_disk(8)),
    Use("error: unreadable file", ["-p", "."], make=hidden(fixtures.javascript, "src/lib/twice.ts"), around=around.NOBODY), projects("error: broken settings", ["-p", "broken"]),
    js("no network", ["-p", ".", "--noEmit"], around=around.NO_NETWORK),
    Use("large: check 300 files", ["-p", ".", "--noEmit"], make=large.project, large=True), Use("large: emit 300 files", ["-p", "."], make=large.project, large=True),
]
