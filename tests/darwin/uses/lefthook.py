# SPDX-License-Identifier: MIT
"""What is done with lefthook."""
import os
import signal
import subprocess

import around
import fixtures
from compare import Use, environment
from sessions import Terminal, wait_for
from uses.common import content, hidden, into_closed_pipe, step, write

# Go walks a map in another order each time; hooks name the path of the program that wrote them.
SECONDS = ((r"\d+\.\d+ seconds", "TIME"), (r"/[^\s\"']*/(bin/lefthook)", r"\1"), (r"\((pre-push, pre-commit|pre-commit, pre-push|commit-msg, post-checkout|post-checkout, commit-msg)\)", "(HOOKS)"))


def hook(name, arguments, **more):
    more.setdefault("same", SECONDS)
    return Use(name, arguments, make=fixtures.repository, **more)


def wrapped(build, folder):
    """A script that is the build."""
    wrapper = os.path.join(os.path.dirname(folder), f"lefthook-{build.kind}")
    write(os.path.dirname(folder), f"lefthook-{build.kind}", "#!/bin/sh\nexec " + " ".join(build.command) + " \"$@\"\n")
    os.chmod(wrapper, 0o755)
    return wrapper


def commit(build, folder, run):
    """git itself runs the hook, which finds the program by LEFTHOOK_BIN."""
    wrapper = wrapped(build, folder)
    env = environment({"LEFTHOOK_BIN": wrapper, "GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@x", "GIT_COMMITTER_NAME": "T", "GIT_COMMITTER_EMAIL": "t@x"})
    subprocess.run(build.argv(["install"]), cwd=folder, env=env, capture_output=True, check=False)
    done = subprocess.run(["git", "commit", "-m", "second"], cwd=folder, env=env, capture_output=True, check=False)
    run.notes += [("commit", done.returncode), ("hook ran", b"files one.js" in done.stdout + done.stderr)]
    for name in os.listdir(os.path.join(folder, ".git/hooks")):
        os.remove(os.path.join(folder, ".git/hooks", name))  # they name the build's own path


def workshop(folder):
    """Hooks of all kinds: scripts, parallel ones, groups, ones that skip, ones that take long or ask."""
    fixtures.repository(folder)
    fixtures.put(folder, {
        "lefthook.yml": "output: [summary, failure, execution, execution_out, skips]\nskip_output: [meta]\n"
                        "wait:\n  commands:\n    long:\n      run: echo $$ >pid; echo begun; sleep 100 & wait; echo over\n"
                        "ask:\n  commands:\n    question:\n      interactive: true\n      run: printf 'name? '; read word; echo \"hello $word\"; test -t 0 && echo a terminal\n"
                        "stop:\n  commands:\n    itself:\n      interactive: true\n      run: echo $$ >pid; echo begun; while [ ! -e go ]; do sleep 0.05; done; echo over\n"
                        "many:\n  parallel: true\n  jobs:\n" + "".join(f"    - name: job{i}\n      run: sleep 0.0{i}; echo {i} >made{i}\n" for i in range(8)) +
                        "group:\n  jobs:\n    - name: both\n      group:\n        piped: true\n        jobs:\n          - name: first\n            run: echo first\n          - name: second\n            run: exit 7\n"
                        "          - name: third\n            run: echo never\n"
                        "skipped:\n  commands:\n    on-main:\n      skip:\n        - ref: main\n      run: echo no\n    only-js:\n      glob: '*.{js,ts}'\n      exclude: ['two.js']\n      run: echo {all_files}\n"
                        "commit-msg:\n  scripts:\n    check.sh:\n      runner: sh\n"
                        "post-checkout:\n  follow: true\n  jobs:\n    - run: echo {0} and {1}\n",
        "lefthook-local.yml": "skipped:\n  commands:\n    only-js:\n      tags: [local]\n", ".lefthook/commit-msg/check.sh": "grep -q good \"$1\" || { echo bad message; exit 4; }\n",
        "message": "a good message\n", "bad": "a message\n", "broken/lefthook.yml": "pre-commit:\n  commands: [\n", "far.yml": ""})
    git_hooks = os.path.join(folder, ".git/hooks")
    for name in os.listdir(git_hooks):
        os.remove(os.path.join(git_hooks, name))


def workshop_with(text):
    def made(folder):
        workshop(folder)
        write(folder, "lefthook.yml", text)
    return made


def work(name, arguments, **more):
    more.setdefault("same", SECONDS)
    more.setdefault("make", workshop)
    return Use(name, arguments, **more)


def state_of(pid):
    """Linux' letter for the state of a process: T is stopped (proc(5))."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def terminal(build, folder, run):
    """Colours on a terminal, and a hook that asks there."""
    session = Terminal(build, folder, ["run", "ask"])
    run.notes.append(("asks", session.read_until(r"name\? ") is not None))
    session.write(b"Ada\r")
    run.notes += [("answers", session.read_until(r"hello Ada")), ("has a terminal", session.read_until("a terminal")), ("status", session.end())]


def own_terminals(build, folder, run):
    """At a terminal each hook gets one of its own, whose output is passed on."""
    session = Terminal(build, folder, ["run", "group"])
    run.notes += [(word, session.read_until(word) is not None) for word in (r"first\s+\n", "exit status 7", "third.*broken pipe")] + [("status", session.end())]
    session = Terminal(build, folder, ["run", "many"])
    run.notes.append(("status", session.end()))


def interrupt(build, folder, run):
    """Ctrl-C is typed while a hook runs: it and the hook end."""
    session = Terminal(build, folder, ["run", "wait"])
    run.notes.append(("begun", wait_for(lambda: content(folder, "pid").strip() != "")))
    pid = content(folder, "pid").strip()
    session.write(b"\x03")
    run.notes += [("status", session.end()), ("the hook is gone", wait_for(lambda: not os.path.exists(f"/proc/{pid}")))]
    write(folder, "pid", "")


def job_control(build, folder, run):
    """An interactive shell stops it by Ctrl-Z while a hook runs, and takes it back."""
    words = " ".join(build.argv(["run", "stop"]))
    shell = Terminal(type(build)("", ["bash", "--norc", "--noprofile", "-i"], ""), folder, [], env={"PS1": "> ", "HISTFILE": "", "TERM": "dumb"})
    shell.write(words.encode() + b"\r")
    run.notes.append(("begun", wait_for(lambda: content(folder, "pid").strip() != "")))
    pid = content(folder, "pid").strip()
    shell.write(b"\x1a")
    run.notes += [("the shell says so", shell.read_until("Stopped") is not None), ("the hook is stopped", wait_for(lambda: state_of(pid) == "T"))]
    write(folder, "go", "")
    shell.write(b"fg\r")
    run.notes.append(("goes on to its end", shell.read_until(r"over") is not None))
    shell.write(b"wait; echo status $?; exit 3\r")
    run.notes += [("told the status", shell.read_until(r"status 0") is not None), ("the shell ends", shell.end())]
    write(folder, "pid", "")


def hooks_for_git(build, folder, run):
    """Hooks with arguments, run by git: a message that is refused, a branch that is checked out."""
    wrapper = wrapped(build, folder)
    env = environment({"LEFTHOOK_BIN": wrapper, "GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@x", "GIT_COMMITTER_NAME": "T", "GIT_COMMITTER_EMAIL": "t@x"})
    step(build, folder, run, ["install"])
    for words in (["commit", "-q", "-m", "a message"], ["commit", "-q", "-m", "good"], ["checkout", "-q", "-b", "other"]):
        done = subprocess.run(["git", *words], cwd=folder, env=env, capture_output=True, check=False)
        run.notes.append((words[0], done.returncode, b"bad message" in done.stdout + done.stderr))
    step(build, folder, run, ["check-install"])
    for name in os.listdir(os.path.join(folder, ".git/hooks")):
        os.remove(os.path.join(folder, ".git/hooks", name))


USES = [
    Use("version", ["version"]), Use("help", ["--help"]), hook("install", ["install"], files=False), hook("run", ["run", "pre-commit"]),
    hook("run all files", ["run", "pre-commit", "--all-files"]), hook("a hook that fails", ["run", "pre-push", "--force"], fails=True),
    hook("run one command", ["run", "tools", "--command", "env"]), hook("a command ended by a signal", ["run", "tools", "--command", "signal"], fails=True),
    hook("stage what was fixed", ["run", "fix"]), hook("dump", ["dump"]), hook("dump json", ["dump", "--format", "json"]), hook("validate", ["validate"]),
    hook("uninstall", None, steps=[["install"], ["uninstall"]]), hook("git commit runs it", None, session=commit),
    hook("no interactive, no tty", ["run", "pre-commit", "--no-tty"]),
    hook("error: no such hook", ["run", "nope"]), hook("error: bad flag", ["--nope"]), Use("error: no repository", ["run", "pre-commit"], same=SECONDS),
    hook("switched off", ["run", "pre-commit"], env={"LEFTHOOK": "0"}),
    work("scripts", None, steps=[["run", "commit-msg", "message"]]), work("a script that refuses", ["run", "commit-msg", "bad"], fails=True),
    work("eight jobs at once", ["run", "many"], same=SECONDS + ((r"(?m)^.*job\d.*$", "JOB"),)), work("a group that stops", ["run", "group"], fails=True), work("what is skipped", ["run", "skipped"], steps=[["run", "skipped"], ["run", "skipped", "--tag", "local"]]),
    work("files from standard input", ["run", "skipped", "--files-from-stdin"], stdin=b"one.js\0two.js\0"), work("add a hook", None, steps=[["add", "--dirs", "pre-push"], ["check-install"]], fails=True, files=False),
    work("verbose", ["run", "group", "--verbose"], fails=True, same=SECONDS + ((r"pid: \d+", "PID"), (r"(?m)^│.*\n", ""))), work("the local settings", ["dump"]),
    work("on a terminal", None, session=terminal), work("a terminal for each hook", None, session=own_terminals), work("Ctrl-C", None, session=interrupt), work("job control", None, session=job_control), work("hooks with arguments, by git", None, session=hooks_for_git),
    work("closed pipe", None, session=into_closed_pipe(["dump"])), work("error: disk full", ["dump"], stdout="/dev/full"),
    work("error: full disk", ["install"], around=around.small_disk(4, fill=True, folder=".git/hooks"), files=False, same=SECONDS + ((r"hooks/[a-z-]+", "hooks/NAME"),)),
    work("error: broken settings", ["dump"], make=workshop_with("pre-commit:\n  commands: [\n")), work("error: settings that mean nothing", ["validate"], make=workshop_with("pre-commit:\n  commands: 7\nnope: [1]\n")),
    work("error: unreadable file", ["dump"], make=hidden(workshop, "lefthook.yml"), around=around.NOBODY, env={"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}),
    work("error: no network", ["install"], make=workshop_with("remotes:\n  - git_url: https://192.0.2.1/none.git\n    ref: main\n    configs: [lefthook.yml]\n"), around=around.NO_NETWORK, files=False),
]
