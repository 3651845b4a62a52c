# SPDX-License-Identifier: MIT
"""The programs, their versions, and what is done with them: a file for each program."""
from uses import ast_grep, biome, esbuild, lefthook, more_data, more_format, more_packages, more_web, pagefind, sevenzip, tsgo

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
USES = {"esbuild": esbuild.USES, "tsgo": tsgo.USES, "lefthook": lefthook.USES, "ast-grep": ast_grep.USES, "biome": biome.USES,
        "pagefind": pagefind.USES, "7zip": sevenzip.USES}

# Those of `make test-macos-more`: the same, and the uses.
MORE_OF_ALL = {**more_format.PROGRAMS, **more_web.PROGRAMS, **more_packages.PROGRAMS, **more_data.PROGRAMS}
MORE = {name: entry[:3] for name, entry in MORE_OF_ALL.items()}
USES.update({name: entry[3] for name, entry in MORE_OF_ALL.items()})
EVERY = {**PROGRAMS, **MORE}
# Symbols that are known to be missing, by program: none of its uses needs them.
MISSING = {"recheck": {"_objc_msgSend", "_objc_msgSend_stret", "_OBJC_CLASS_$_NSProcessInfo", "_OBJC_CLASS_$_NSDictionary"}}
