# SPDX-License-Identifier: MIT
"""What is done with formatters: dprint (Rust, plugins of WebAssembly), clang-format (C++), elm-format (Haskell), buildifier (Go), rumdl (Rust)."""
import os
import shutil

import fixtures
from compare import Use
from uses.common import TIMES, into_closed_pipe, step, write



# ---- dprint: its plugins are compiled when they are first used ----------------------------------------------------------

DPRINT_HOME = {"DPRINT_CACHE_DIR": "{folder}/.cache"}


def plugin(folder, name, package):
    import packages  # which needs this module's list
    shutil.copy(os.path.join(packages.fetch(package), "plugin.wasm"), os.path.join(folder, name + ".wasm"))
    write(folder, "dprint.json", '{"lineWidth": 30, "indentWidth": 3, "excludes": ["**/.cache"], "plugins": ["./%s.wasm"]}\n' % name)
    fixtures.put(folder, {"a.json": '{"b":1,\n"a": [1,2,   3]}\n', "c.json": "{}", "bad.json": "{[\n", "src/b.ts": "export function  add(x:number,y:number){return x+y}\nconst s=\"text\"\n"})


def json_plugin(folder):
    plugin(folder, "json", "@dprint/json@0.24.0")


def typescript_plugin(folder):
    plugin(folder, "typescript", "@dprint/typescript@0.96.1")


def dprint(name, arguments, **more):
    more.setdefault("env", DPRINT_HOME)
    more.setdefault("make", json_plugin)
    return Use(name, arguments, same=TIMES, ignore=(r"^\.cache",), **more)


DPRINT = [
    Use("version", ["--version"]), Use("help", ["--help"], same=((r"/[^\s]*/dprint", "CACHE"),)), dprint("check", ["check", "a.json"], fails=True),
    dprint("format", None, steps=[["fmt", "a.json", "c.json"], ["check", "a.json", "c.json"], ["fmt", "--incremental", "a.json"]], sorted_out=True), dprint("TypeScript", ["fmt", "src/b.ts"], make=typescript_plugin),
    dprint("standard input", ["fmt", "--stdin", "x.json"], stdin=b'{"a":[1,2]}'), dprint("what it knows", None, steps=[["output-file-paths"], ["output-resolved-config"]], sorted_out=True),
    dprint("error: syntax", ["fmt", "bad.json"]), dprint("error: bad flag", ["fmt", "--nope"]),
]


# ---- clang-format ---------------------------------------------------------------------------------------------------

def c_sources(folder):
    fixtures.put(folder, {
        "a.c": "#include <stdio.h>\n#include <assert.h>\nint main(int argc,char**argv){for(int i=0;i<argc;i++){printf(\"%d %s\\n\",i,argv[i]);}switch(argc){case 1:return 0;default:break;}return 1;}\n",
        "b.cpp": "template<typename T,int N> class V:public B<T>{public: V():x(0),y{1}{} auto f()->decltype(x){return [=](auto q){return q*x;}(2);} T x,y;};\n",
        "c.js": "const f=(a,b)=>{return a+b}\nfunction g(){return `text ${f(1,2)}`}\n", "d.proto": "syntax=\"proto3\"; message M{string a=1;repeated int32 b=2;}\n",
        "style/.clang-format": "BasedOnStyle: Google\nIndentWidth: 8\nUseTab: Always\n", "style/e.c": "int f(int a){if(a)return 1;else return 2;}\n", "broken/.clang-format": "IndentWidth: [\n", "broken/f.c": "int x;\n"})


def clang(name, arguments, **more):
    return Use(name, arguments, make=c_sources, **more)


CLANG_FORMAT = [
    Use("version", ["--version"]), Use("help", ["--help"], same=((r"/[^\s\"']*clang-format", "clang-format"),)), clang("C, C++, JavaScript, protocol buffers", ["a.c", "b.cpp", "c.js", "d.proto"]),
    clang("in place, by the folder's style", ["-i", "style/e.c"]), clang("styles", None, steps=[["--style=Mozilla", "a.c"], ["--style=WebKit", "b.cpp"], ["--style={BasedOnStyle: LLVM, ColumnLimit: 40}", "a.c"]]),
    clang("lines, replacements", None, steps=[["--lines=1:2", "a.c"], ["--output-replacements-xml", "a.c"]]), clang("check", ["--dry-run", "--Werror", "a.c"], fails=True),
    clang("standard input", ["--assume-filename=x.c"], stdin=b"int  main ( ) { }\n"), clang("the settings", ["--dump-config", "--style=Chromium"]), clang("error: broken settings", ["broken/f.c"]),
    clang("error: no such file", ["nowhere.c"]), clang("closed pipe", None, session=into_closed_pipe(["a.c"])),
]


# ---- elm-format -----------------------------------------------------------------------------------------------------

def elm_sources(folder):
    fixtures.put(folder, {"src/Main.elm": "module Main exposing (..)\nimport Html exposing (text)\ntype alias M={a:Int,b:String}\nmain = text <| String.fromInt (add  1 2)\nadd a b=a+b\n",
                          "src/Wide.elm": "module Wide exposing (a)\na=\"\u00e4\u4f60\"\n", "src/Bad.elm": "module Bad exposing (\n", "elm.json": '{"type": "application", "source-directories": ["src"], "elm-version": "0.19.1", "dependencies": {"direct": {}, "indirect": {}}, "test-dependencies": {"direct": {}, "indirect": {}}}\n'})


def elm(name, arguments, **more):
    more.setdefault("env", {"LANG": "C.UTF-8"})
    return Use(name, arguments, make=elm_sources, **more)


ELM_FORMAT = [
    Use("help", ["--help"]), elm("in place", ["src/Main.elm", "--yes"]), elm("two files", ["src/Main.elm", "src/Wide.elm", "--yes"], sorted_out=True), elm("validate", ["--validate", "src/Main.elm"], fails=True),
    elm("standard input", ["--stdin"], stdin="module A exposing (a)\na=\"\u00e4\"\n".encode()), elm("another file", ["src/Main.elm", "--output", "out.elm"]), elm("as JSON", ["src/Main.elm", "--json"]),
    elm("error: syntax", ["src/Bad.elm", "--yes"]), elm("error: no such file", ["nowhere.elm"]), elm("error: bad flag", ["--nope"]),
]


# ---- buildifier -----------------------------------------------------------------------------------------------------

def build_files(folder):
    fixtures.put(folder, {"BUILD": "cc_library(srcs=['b.cc','a.cc'],name='x',deps=[':z',':y'])\nload('//x:y.bzl','b','a')\n", "defs.bzl": "def f(a,b = 1):\n  return {'x':a,'y':b,}\n\nglob(['**'])\n",
                          "sub/BUILD.bazel": "java_library(name = 'j',)\n", "bad/BUILD": "cc_library(\n"})


def buildifier(name, arguments, **more):
    return Use(name, arguments, make=build_files, same=((r"/tmp/[^\s]*", "TEMPORARY"), (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S*( \S+)?", "TIME")), **more)


BUILDIFIER = [
    Use("version", ["--version"], same=()), buildifier("format", ["BUILD", "defs.bzl"]), buildifier("check", ["--mode=check", "BUILD", "sub/BUILD.bazel"], fails=True),
    buildifier("a difference", ["--mode=diff", "BUILD"], fails=True), buildifier("lint", ["--lint=warn", "--mode=check", "BUILD", "defs.bzl"], fails=True),
    buildifier("lint and fix", ["--lint=fix", "BUILD", "defs.bzl"]), buildifier("all below", ["-r", "sub"]), buildifier("standard input", ["--type=build"], stdin=b"a(name='x')\n"),
    buildifier("error: syntax", ["bad/BUILD"]), buildifier("error: no such file", ["nowhere"]),
]


# ---- rumdl ----------------------------------------------------------------------------------------------------------

def texts(folder):
    fixtures.put(folder, {"README.md": "#Title\n\n* one\n- two\n\n\n\nA line with trailing spaces   \nhttp://example.org\n\n```\ncode\n```\n| a | b |\n|--|--|\n| 1 | 2 |\n",
                          "docs/a.md": "# A\n\n### C\n\n1. x\n3. y\n\n[link](nowhere.md)\n", "docs/good.md": "# Good\n\nText.\n", ".rumdl.toml": "[global]\ndisable = [\"MD013\"]\n", "broken/.rumdl.toml": "[global\n", "broken/a.md": "# A\n"})


def rumdl(name, arguments, **more):
    more.setdefault("env", {"RUMDL_CACHE_DIR": ".cache"})
    return Use(name, arguments, make=texts, same=TIMES, ignore=(r"cache",), **more)


def changed_settings(build, folder, run):
    for words in (["init", "--config", "other.toml"], ["config", "--no-defaults"], ["check", "--no-cache", "docs/a.md"]):
        step(build, folder, run, words)


RUMDL = [
    Use("version", ["--version"]), Use("help", ["--help"]), rumdl("check", ["check", "."], fails=True, sorted_out=True), rumdl("fix", ["check", "--fix", "."], fails=True), rumdl("format", ["fmt", "README.md"]),
    rumdl("as JSON", ["check", "--output-format", "json", "."], fails=True), rumdl("for GitHub", ["check", "--output-format", "github", "docs"], fails=True), rumdl("standard input", ["check", "--stdin"], stdin=b"#No space\n", fails=True),
    rumdl("rules", None, steps=[["rule"], ["rule", "MD001"], ["explain", "MD009"]]), rumdl("settings", None, session=changed_settings, files=False),
    rumdl("error: broken settings", ["check", "--config", "broken/.rumdl.toml", "broken/a.md"]), rumdl("error: bad flag", ["--nope"]),
]

PROGRAMS = {
    "dprint": ("@dprint/darwin-x64@0.54.0", "@dprint/linux-x64-glibc@0.54.0", "dprint", DPRINT),
    "clang-format": ("clang-format@1.8.0", "clang-format@1.8.0", ("bin/darwin_x64/clang-format", "bin/linux_x64/clang-format"), CLANG_FORMAT),
    "elm-format": ("@avh4/elm-format-darwin-x64@0.8.8-1", "@avh4/elm-format-linux-x64@0.8.8-1", "elm-format", ELM_FORMAT),
    "buildifier": ("@bazel/buildifier-darwin_x64@0.29.0", "@bazel/buildifier-linux_x64@0.29.0", ("buildifier.mac", "buildifier"), BUILDIFIER),
    "rumdl": ("@rumdl/cli-darwin-x64@0.2.22", "@rumdl/cli-linux-x64@0.2.22", "rumdl", RUMDL),
}
