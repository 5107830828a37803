"""Completion scripts and the manual page, used by the shells and readers they are for."""
import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.only("onggi", why="a promise of ours")

BASH = """
source <("$RUNTIME" completion bash)
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _onggi_runtime; printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def shell(runtime, place):
    """Runs a script with the runtime first in PATH, under its own name; it uses the test's root."""
    (place / "bin").mkdir()
    program = place / "bin/onggi-runtime"
    program.write_text(f'#!/bin/sh\nexec {runtime.path} --root {runtime.root} "$@"\n')
    program.chmod(0o755)
    env = dict(os.environ, PATH=f"{place}/bin:{os.environ['PATH']}", HOME=str(place),
               RUNTIME=runtime.path)

    def run(*argv):
        if not shutil.which(argv[0]):
            pytest.skip(f"{argv[0]} is not installed")
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=True,
                              timeout=60).stdout.split()
    return run


def bash(shell, *words):
    return shell("bash", "-c", BASH, "bash", "onggi-runtime", *words)


def test_bash_completes_commands(shell):
    assert set(bash(shell, "s")) == {"start", "state", "spec"}
    assert {"create", "exec", "completion", "help"} <= set(bash(shell, ""))


def test_bash_completes_options(shell):
    assert "--root" in bash(shell, "--r")
    assert set(bash(shell, "create", "--pid")) == {"--pidfd-socket", "--pid-file"}
    assert "--bundle" not in bash(shell, "kill", "--")


def test_bash_completes_values(shell):
    assert set(bash(shell, "list", "--format", "")) == {"table", "json"}
    assert set(bash(shell, "--log-format", "j")) == {"json"}


def test_bash_knows_which_words_are_values(shell):
    """A value that looks like a command is none."""
    assert "--bundle" in bash(shell, "--root", "list", "create", "--b")
    assert "--quiet" in bash(shell, "--root", "create", "list", "--q")


def test_bash_completes_containers(shell, started):
    made = started()
    assert made.id in bash(shell, "state", "")
    assert made.id in bash(shell, "exec", "")


def fish(shell, line):
    script = f"onggi-runtime completion fish | source; complete -C '{line}'"
    return shell("fish", "--no-config", "-c", script)


def test_fish_completes(shell):
    assert "create" in fish(shell, "onggi-runtime cr")
    assert "--format" in fish(shell, "onggi-runtime list --for")
    assert {"table", "json"} <= set(fish(shell, "onggi-runtime list --format "))


def test_zsh_takes_the_script(shell, runtime, place):
    script = place / "_onggi-runtime"
    script.write_text(runtime.call("completion", "zsh").ok().out)
    shell("zsh", "-n", str(script))


def test_a_shell_that_is_unknown(runtime):
    runtime.call("completion", "csh").failed("csh", "fish")


def test_the_manual_page_is_sound(shell, runtime, place):
    page = place / "onggi-runtime.8"
    page.write_text(runtime.call("help", "--man").ok().out)
    words = shell("man", "-l", str(page))
    for word in ("create", "--console-socket", "--resources", "SYNOPSIS"):
        assert word in words
