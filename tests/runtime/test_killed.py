"""The runtime is killed at every system call it makes, and every one of them fails once.

After a kill `delete --force` clears up; after a failure there is nothing to clear up.
"""
import collections
import glob
import pathlib
import re
import shutil
import subprocess

import pytest

from kit.runtime import PATIENCE

pytestmark = [pytest.mark.only("onggi", why="a promise of ours"),
              pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")]

SLEEP = {"process.args": ["/bin/sleep", "1000"]}
# command under test: the commands before it
COMMANDS = {
    "create": ([], ["create"]),
    "run": ([], ["run", "--detach"]),
    "start": ([["create"]], ["start"]),
    "kill": ([["run", "--detach"]], ["kill", "ID", "KILL"]),
    "pause": ([["run", "--detach"]], ["pause"]),
    "resume": ([["run", "--detach"], ["pause"]], ["resume"]),
    "update": ([["run", "--detach"]], ["update", "--pids-limit", "50"]),
    "delete": ([["run", "--detach"]], ["delete", "--force"]),
}
# Nothing can be killed before the first, or after the last; brk is up to the C library.
NOT_KILLED = {"execve", "exit_group", "brk", "arch_prctl"}
# The C library's start; and close(), which closes even when it fails, while strace leaves it out.
NOT_FAILED = {"set_tid_address", "set_robust_list", "rseq", "mprotect", "close"}


def argv(runtime, bundle, name, command):
    bundled = ["--bundle", str(bundle.path)] if command[0] in ("create", "run") else []
    if "ID" in command:
        return runtime.argv(*[name if c == "ID" else c for c in command])
    return runtime.argv(command[0], *bundled, *command[1:], name)


def quietly(line):
    """Not on our pipes: a container keeps them open."""
    return subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=PATIENCE, check=False).returncode


def calls_of(line, trace):
    quietly(["strace", "-o", str(trace), *line])
    names = re.findall(r"^(\w+)\(", trace.read_text(errors="replace"), re.M)
    return {n: c for n, c in collections.Counter(names).items() if n not in NOT_KILLED}


def groups(name):
    return glob.glob(f"/sys/fs/cgroup/**/{name}", recursive=True)


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_every_system_call(runtime, bundle, place, command):
    made, name = bundle(SLEEP), runtime.name()
    before, tested = COMMANDS[command]
    line = argv(runtime, made, name, tested)

    def prepare():
        for step in before:
            assert quietly(argv(runtime, made, name, step)) == 0

    prepare()
    counts = calls_of(line, place / "trace")
    runtime.call("delete", "--force", name).ok()
    assert len(counts) > 10
    for call, times in counts.items():
        for nth in range(1, times + 1):
            prepare()
            quietly(["strace", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={nth}",
                     *line])
            done = runtime.call("delete", "--force", name)
            assert done.status == 0, f"killed at {call} {nth}: {done.err}"
            assert not (runtime.root / name).exists(), f"killed at {call} {nth}"
    assert groups(name) == []


def is_sanitized(runtime):
    """Whether a sanitizer is in the program: it makes system calls of its own."""
    return b"__asan_init" in pathlib.Path(runtime.path).read_bytes()


@pytest.mark.parametrize("error", ["EIO", "ENOMEM"])
@pytest.mark.parametrize("command", ["create", "run"])
def test_every_system_call_fails_once(runtime, bundle, place, command, error):
    if is_sanitized(runtime):
        pytest.skip("the sanitizer cannot do without its own calls")
    made, name = bundle(SLEEP), runtime.name()
    line = argv(runtime, made, name, COMMANDS[command][1])
    counts = calls_of(line, place / "trace")
    runtime.call("delete", "--force", name).ok()
    for call, times in counts.items():
        for nth in range(1, times + 1 if call not in NOT_FAILED else 1):
            with open(place / "said", "w+", encoding="utf-8") as said:
                status = subprocess.run(
                    ["strace", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when={nth}",
                     *line], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                    timeout=PATIENCE, check=False).returncode
                said.seek(0)
                text = said.read()
            where = f"{call} {nth}: status {status}: {text}"
            if status == 0:
                runtime.call("delete", "--force", name).ok()
                continue
            assert status == 1 and "level=error" in text, where
            assert not (runtime.root / name).exists(), where
            assert groups(name) == [], where
