# SPDX-License-Identifier: MIT
"""What is done with tools for packages and repositories: turbo, syncpack, sherif, git-cliff, rescript, sentry-cli, selenium-manager (Rust; rescript
has OCaml's compiler beside it), tsgolint, app-builder, bazelisk (Go)."""
import json
import os
import subprocess
import zipfile

import around
import fixtures
from compare import Use
from uses.common import TIMES, content, step, write
from uses.more_data import picture

HOME = {"HOME": "{folder}"}

# ---- a repository of several packages -------------------------------------------------------------------------------

def packages(folder):
    def package(name, **more):
        return json.dumps({"name": name, "version": "1.0.0", "license": "MIT", "scripts": {"build": f"echo built {name} > dist.txt; echo building {name}", "fail": "exit 3", "env": "echo WORD is $WORD"}, **more})
    fixtures.put(folder, {"package.json": json.dumps({"name": "root", "private": True, "packageManager": "npm@9.2.0", "workspaces": ["packages/*"], "devDependencies": {"lodash": "^4.17.0"}}),
                          "package-lock.json": json.dumps({"name": "root", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "root", "workspaces": ["packages/*"]}, "node_modules/a": {"resolved": "packages/a", "link": True}, "node_modules/b": {"resolved": "packages/b", "link": True}, "packages/a": {"version": "1.0.0"}, "packages/b": {"version": "1.0.0"}, "packages/c": {"version": "1.0.0"}}}),
                          "turbo.json": '{"ui": "stream", "tasks": {"build": {"dependsOn": ["^build"], "outputs": ["dist.txt"]}, "fail": {}, "env": {"env": ["WORD"]}}}\n',
                          "packages/a/package.json": package("a", dependencies={"lodash": "^4.17.0", "react": "17.0.0"}), "packages/b/package.json": package("b", dependencies={"a": "*", "lodash": "~4.16.0", "react": "18.0.0"}),
                          "packages/c/package.json": package("c", devDependencies={"b": "*", "typescript": "^5.0.0", "react": "17.0.0"}, dependencies={"typescript": "^5.1.0"})})


def repository(folder):
    packages(folder)
    fixtures.git(folder, "init", "-q", "-b", "main")
    fixtures.git(folder, "add", ".")
    fixtures.git(folder, "commit", "-q", "-m", "first")


# ---- turbo ----------------------------------------------------------------------------------------------------------

QUIET = {"TURBO_TELEMETRY_DISABLED": "1", "TURBO_NO_UPDATE_NOTIFIER": "1", "DO_NOT_TRACK": "1", **HOME}


def turbo(name, arguments, **more):
    more.setdefault("env", QUIET)
    return Use(name, arguments, make=repository, same=TIMES + ((r"\b[0-9a-f]{16,40}\b", "HASH"), (r"/[^\s\"']*/npm\b", "NPM"), (r"(?m)^ *(Time|Run): .*$", "TIME"), (r'"(id|startTime|endTime|executionTime)": ?"?\w+"?', "RUN"), (r"(?m)^.*npm (notice|WARN).*\n", "")),
               ignore=(r"^\.turbo", r"/\.turbo", r"^Library", r"^node_modules", r"^\.npm", r"^\.cache", r"^\.config"), **more)


def remembered(build, folder, run):
    """The second time all comes from the cache; a change reaches what is above it."""
    for _ in range(2):
        step(build, folder, run, ["run", "build", "--no-daemon", "--output-logs=hash-only", "--concurrency=1"], env=QUIET)
    write(folder, "packages/b/new.txt", "changed\n")
    step(build, folder, run, ["run", "build", "--no-daemon", "--output-logs=hash-only", "--concurrency=1"], env=QUIET)


TURBO = [
    Use("version", ["--version"]), turbo("help", ["--help"]), turbo("run", ["run", "build", "--no-daemon", "--concurrency=1"]), turbo("from the cache", None, session=remembered), turbo("what would run", ["run", "build", "--no-daemon", "--dry=json"]),
    turbo("graph", ["run", "build", "--no-daemon", "--graph=graph.dot"]), turbo("one package", ["run", "build", "--no-daemon", "--filter=b...", "--concurrency=1"]), turbo("list", None, steps=[["ls"], ["ls", "a"], ["ls", "--output=json"]]),
    turbo("prune", ["prune", "b"]), turbo("a task that fails", ["run", "fail", "--no-daemon", "--concurrency=1", "--continue"], fails=True, sorted_out=True), turbo("error: no such task", ["run", "nope", "--no-daemon"]), turbo("error: bad flag", ["run", "build", "--nope"]),
]


# ---- syncpack, sherif -----------------------------------------------------------------------------------------------

def syncpack(name, arguments, **more):
    return Use(name, arguments, make=packages, same=TIMES, **more)


SYNCPACK = [
    Use("version", ["--version"]), Use("help", ["--help"]), syncpack("lint", ["lint"], fails=True), syncpack("list", None, steps=[["list"], ["list", "--dependencies", "react"], ["json"]], fails=True), syncpack("fix", ["fix"], fails=True),
    syncpack("format", None, steps=[["format", "--check"], ["format"]], fails=True), syncpack("error: bad flag", ["--nope"]), syncpack("error: nothing there", ["lint", "--source", "nowhere/*.json"]),
]


def sherif(name, arguments, **more):
    return Use(name, arguments, make=packages, same=TIMES, **more)


SHERIF = [
    Use("version", ["--version"]), Use("help", ["--help"]), sherif("check", ["."], fails=True), sherif("fix", ["--fix", "--select", "highest", "--no-install"], fails=True), sherif("rules that are left out", ["-r", "multiple-dependency-versions", "-i", "react", "--fail-on-warnings"], fails=True),
    sherif("error: no such folder", ["nowhere"]), sherif("error: bad flag", ["--nope"]),
]


# ---- git-cliff ------------------------------------------------------------------------------------------------------

def history(folder):
    fixtures.put(folder, {"file": "0\n", "cliff.toml": "[changelog]\nbody = \"{% for c in commits %}{{ c.id | truncate(length=7, end='') }} {{ c.message | upper_first }} ({{ c.author.name }}, {{ c.author.timestamp | date }})\\n{% endfor %}\"\n[git]\nconventional_commits = true\n", "broken.toml": "[changelog\n"})
    env = {**os.environ, **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "T"), ("EMAIL", "t@example.org"), ("DATE", "2024-01-02T03:04:05Z"))}}

    def git(*words):
        subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True)
    git("init", "-q", "-b", "main")
    for i, message in enumerate(("feat: begin", "fix(parser): a \u00e4 is read", "docs: words", "feat!: another format\n\nBREAKING CHANGE: old files are not read", "chore: v1", "perf: faster", "not a conventional one", "fix: last")):
        write(folder, "file", f"{i}\n")
        git("add", ".")
        git("commit", "-q", "-m", message)
        if i in (2, 4):
            git("tag", "-a", f"v0.{i}.0", "-m", f"release {i}")


def cliff(name, arguments, **more):
    return Use(name, arguments, make=history, same=((r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*", "TIME"), (r'"timestamp":\d{10,}', "TIME")), **more)


GIT_CLIFF = [
    Use("version", ["--version"]), Use("help", ["--help"]), cliff("all", []), cliff("the last release", ["--latest", "--strip", "all"]), cliff("what is not released", ["--unreleased", "--tag", "v1.0.0"]), cliff("own template", ["--config", "cliff.toml", "-o", "CHANGES.md"]),
    cliff("prepended", ["--unreleased", "--tag", "v1.0.0", "--prepend", "file"]), cliff("next version", ["--bumped-version"]), cliff("what it knows", ["--context"]), cliff("init", ["--init", "keepachangelog"]),
    cliff("error: no repository", ["--repository", "/"]), cliff("error: broken settings", ["--config", "broken.toml"]), cliff("error: bad flag", ["--nope"]),
]


# ---- rescript -------------------------------------------------------------------------------------------------------

def sources(folder):
    fixtures.put(folder, {"a.res": "type t = {name: string, n: int}\nlet rec fact = n => n < 2 ? 1 : n * fact(n - 1)\nlet x = {name: `a ${\"b\"}`,n:fact(5)}\nmodule M = { let y = switch x.n { | 1 => #one | _ => #other } }\n", "b.resi": "type t={name:string}\nlet  f:(int,int)=>int\n",
                          "bad.res": "let x = (1,\n", "wrong.res": "type t = A | B(t)\nexternal add: (t, t) => t = \"%addint\"\nlet x: t = \"text\"\n", "plain.res": "type t = A | B(t)\nlet f = x => switch x { | A => B(A) | B(y) => y }\n"})


def compiler(*steps):
    """bsc.exe is the compiler that rescript runs."""
    def session(build, folder, run):
        beside = type(build)(build.kind, build.command[:-1] + [os.path.join(os.path.dirname(build.command[-1]), "bsc.exe")], "")
        os.chmod(beside.command[-1], 0o755)
        for words in steps:
            step(beside, folder, run, words)
    return session


def rescript(name, arguments, **more):
    return Use(name, arguments, make=sources, same=TIMES + ((r"/[^\s\"']*/(rescript|bsc)\.exe", r"\1"), (r"/[^\s\"']*/bin/", "BIN/")), ignore=(r"\.cm[it]+$", r"rescript\.lock"), **more)


RESCRIPT = [
    Use("version", ["--version"]), Use("help", ["--help"]), rescript("format", ["format", "a.res", "b.resi"], files=True), rescript("format, check", ["format", "--check", "a.res"], fails=True), rescript("standard input", ["format", "--stdin", ".res"], stdin=b"let  x=1\n"),
    rescript("the compiler", None, session=compiler(["-v"], ["-format", "a.res"], ["-dparsetree", "-only-parse", "a.res"], ["-nostdlib", "-nopervasives", "-bs-package-output", "esmodule:.", "plain.res"])),
    rescript("type errors", None, session=compiler(["-nostdlib", "-nopervasives", "wrong.res"], ["-only-parse", "bad.res"], ["-nope"])), rescript("error: syntax", ["format", "bad.res"]), rescript("error: no project", ["build"]), rescript("error: bad flag", ["--nope"]),
]


# ---- tsgolint -------------------------------------------------------------------------------------------------------

TSGOLINT = [
    Use("help", ["--help"]), Use("lint", ["--tsconfig", "tsconfig.json"], make=fixtures.javascript, fails=True, same=TIMES + ((r"using \d+ threads", "THREADS"),)), Use("list files", ["--list-files"], make=fixtures.javascript, fails=True, same=TIMES + ((r"using \d+ threads", "THREADS"),)),
    Use("error: no project", ["--tsconfig", "nowhere.json"]), Use("error: bad flag", ["--nope"]), Use("error: nothing to do", ["headless"], stdin=b"{"),
]


# ---- app-builder ----------------------------------------------------------------------------------------------------

def to_pack(folder):
    fixtures.put(folder, {"icon.png": picture(512, 512), "in/a.bin": bytes(i * i % 251 for i in range(300000)), "in/deep/b.txt": "text\n", "package.json": '{"name": "x", "version": "1.0.0", "dependencies": {"dep": "1"}}\n', "node_modules/dep/package.json": '{"name": "dep", "version": "1.0.0"}\n', "bad.png": b"\x89PNG\r\n\x1a\n"})
    os.symlink("a.bin", os.path.join(folder, "in/link"))
    with zipfile.ZipFile(os.path.join(folder, "a.zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("in/a.bin", "in/deep/b.txt"):
            archive.writestr(zipfile.ZipInfo(name), content(folder, name) if name.endswith("txt") else bytes(range(256)) * 999)


def builder(name, arguments, **more):
    return Use(name, arguments, make=to_pack, same=TIMES + ((r"\x1b\[[\d;]*m", ""), (r"(?m)^goroutine [\s\S]*\Z", "STACK"), (r"/[^\s]*\.go:\d+", "PLACE")), env={"COLUMNS": "80", **HOME}, **more)


APP_BUILDER = [
    Use("version", ["--version"]), builder("help", ["--help"]), builder("block map", ["blockmap", "--input", "in/a.bin", "--output", "a.blockmap"]), builder("block map, no compression", ["blockmap", "--input", "in/a.bin", "--output", "a.blockmap", "--compression", "deflate"]),
    builder("icons for Linux", ["icon", "--format", "set", "--input", "icon.png", "--out", "out", "--root", "."]), builder("icon for Windows", ["icon", "--format", "ico", "--input", "icon.png", "--out", "out", "--root", "."]), builder("icon for macOS", ["icon", "--format", "icns", "--input", "icon.png", "--out", "out", "--root", "."]),
    builder("copy", ["copy", "--from", "in", "--to", "out"]), builder("unpack", ["unzip", "--input", "a.zip", "--output", "out"]), builder("what is needed", ["node-dep-tree", "--dir", "."]), builder("error: no such file", ["blockmap", "--input", "nowhere"]), builder("error: bad flag", ["--nope"]),
]


# ---- bazelisk: runs another program, of Linux or of macOS ------------------------------------------------------------

def workspace(folder):
    fixtures.put(folder, {"WORKSPACE": "", "real.sh": "#!/bin/sh\necho \"bazel $*\" in $(basename $PWD)\nread word && echo \"read $word\"\nexit 7\n", "tools/bazel": "#!/bin/sh\necho \"wrapper: $*\"\nexec \"$BAZEL_REAL\" \"$@\"\n"})
    os.chmod(os.path.join(folder, "real.sh"), 0o755)
    os.chmod(os.path.join(folder, "tools/bazel"), 0o755)


def bazelisk(name, arguments, **more):
    return Use(name, arguments, make=workspace, env={"USE_BAZEL_VERSION": "{folder}/real.sh", **HOME}, ignore=(r"^\.cache", r"^Library"), same=((r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "TIME"),), **more)


BAZELISK = [
    bazelisk("what it is told is run", ["build", "//x:y", "--flag"], stdin=b"a word\n", fails=True), bazelisk("status and no input", ["test"], fails=True), bazelisk("version", ["version"], fails=True), bazelisk("end of flags", ["run", "//x", "--", "--word", "a b"], fails=True),
    Use("error: no network", ["build"], make=workspace, env={"USE_BAZEL_VERSION": "7.0.0", **HOME}, around=around.NO_NETWORK, ignore=(r"cache", r"Library"), same=((r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "TIME"), (r"/(darwin|linux)/", "/SYSTEM/"), (r"(darwin|linux)-x86_64", "SYSTEM"), (r"/[^\s\"]*work/bazelisk[^\s\"]*", "CACHE"), (r"127.0.0.1:\d+|\[::1\]:\d+", "PORT"), (r"lookup releases.bazel.build.*", "NO NAMES"))),
]


# ---- sentry-cli, selenium-manager -----------------------------------------------------------------------------------

def bundle(folder):
    fixtures.put(folder, {"dist/app.js": "function f(a){return a+1}console.log(f(1));\n//# sourceMappingURL=app.js.map\n", "dist/app.js.map": '{"version":3,"file":"app.js","sources":["app.ts"],"sourcesContent":["function f(a: number) { return a + 1 }"],"names":[],"mappings":"AAAA"}\n', "mapping.txt": "com.example.A -> a.b:\n    int x -> y\n", "broken.properties": "[x"})


def sentry(name, arguments, **more):
    return Use(name, arguments, make=bundle, env={"SENTRY_LOG_LEVEL": "error", "SENTRY_DISABLE_UPDATE_CHECK": "1", **HOME}, same=TIMES + ((r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*", "TIME"), (r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", "ID"), (r"(?m)^.*(INFO|WARN|DEBUG) .*\n", "")), **more)


SENTRY = [
    Use("version", ["--version"]), Use("help", ["--help"]), sentry("identifiers in a bundle", ["sourcemaps", "inject", "dist"]), sentry("identifier of a mapping", ["proguard", "uuid", "mapping.txt"]), sentry("help of a command", ["sourcemaps", "inject", "--help"]),
    sentry("debug files", None, steps=[["debug-files", "check", "/bin/true"], ["debug-files", "find", "00000000-0000-0000-0000-000000000001", "-p", "."]], fails=True), sentry("error: no token", ["info"]), sentry("error: no such file", ["sourcemaps", "inject", "nowhere"]), sentry("error: bad flag", ["--nope"]),
]

SELENIUM = [Use("version", ["--version"]), Use("help", ["--help"])] + [
    Use(name, words, env=HOME, around=around.NO_NETWORK, same=((r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?", "TIME"), (r'"timestamp": \d+', "TIME"), (r"(mac|linux)[-_]?(os|x64|64)?\b", "SYSTEM"), (r"0x[0-9a-f]+", "ADDRESS")), ignore=(r"^\.cache",), fails=True)
    for name, words in (("error: no such browser", ["--browser", "nope", "--output", "json"]), ("error: no driver, offline", ["--driver", "geckodriver", "--offline", "--avoid-browser-download", "--output", "shell", "--driver-version", "0.33.0"]), ("error: bad flag", ["--nope"]), ("nothing asked", []))]

PROGRAMS = {
    "turbo": ("turbo-darwin-64@2.8.17", "turbo-linux-64@2.8.17", "bin/turbo", TURBO),
    "syncpack": ("syncpack-darwin-x64@15.3.3", "syncpack-linux-x64@15.3.3", "bin/syncpack", SYNCPACK),
    "sherif": ("sherif-darwin-x64@1.13.0", "sherif-linux-x64@1.13.0", "bin/sherif", SHERIF),
    "git-cliff": ("git-cliff-darwin-x64@2.13.1", "git-cliff-linux-x64@2.13.1", "bin/git-cliff", GIT_CLIFF),
    "rescript": ("@rescript/darwin-x64@12.2.0", "@rescript/linux-x64@12.2.0", "bin/rescript.exe", RESCRIPT),
    "tsgolint": ("@oxlint-tsgolint/darwin-x64@7.0.2007", "@oxlint-tsgolint/linux-x64@7.0.2007", "tsgolint", TSGOLINT),
    "app-builder": ("app-builder-bin@4.2.0", "app-builder-bin@4.2.0", ("mac/app-builder_amd64", "linux/x64/app-builder"), APP_BUILDER),
    "bazelisk": ("@bazel/bazelisk@1.28.1", "@bazel/bazelisk@1.28.1", ("bazelisk-darwin_amd64", "bazelisk-linux_amd64"), BAZELISK),
    "sentry-cli": ("@sentry/cli-darwin@3.8.0", "@sentry/cli-linux-x64@3.8.0", "bin/sentry-cli", SENTRY),
    "selenium-manager": ("selenium-webdriver@4.49.0", "selenium-webdriver@4.49.0", ("bin/macos/selenium-manager", "bin/linux-x86_64/selenium-manager"), SELENIUM),
}
