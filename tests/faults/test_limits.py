"""Nothing left of what the machine has: descriptors, processes; and partners that do not answer."""
import contextlib
import os
import resource
import socket
import subprocess
import time

import pytest

from kit.runtime import PREFIX, Container, wait_for
from oracle import inside

SLEEP = {"process.args": ["/bin/sleep", "1000"]}


def limited(runtime, limit, value, *words):
    def lower():
        resource.setrlimit(limit, (value, value))

    with open(runtime.scratch / "output", "wb") as out:
        status = subprocess.run(runtime.argv(*words), stdin=subprocess.DEVNULL, stdout=out,
                                stderr=out, preexec_fn=lower, timeout=30, check=False).returncode
    return status, (runtime.scratch / "output").read_text()


@pytest.mark.parametrize("number", [3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 64])
def test_no_descriptors_left(runtime, bundle, aftermath, number):
    """With ever fewer descriptors it works or says why; what there is can be deleted with 16."""
    name = runtime.name()
    status, said = limited(runtime, resource.RLIMIT_NOFILE, number, "create", "--bundle",
                           bundle(SLEEP, {"process.rlimits": []}).path, name)
    assert status >= 0, f"signal {-status}"
    assert status == 0 or said.strip() or number < 4
    if status == 0:
        runtime.call("start", name).ok()
        status, said = limited(runtime, resource.RLIMIT_NOFILE, 32, "delete", "--force", name)
        assert status == 0, said
    aftermath.none(name, f"{number} descriptors")


def pids_group(limit):
    """A group of our own that this process may put a child into; None if there is none."""
    top = inside.hierarchies().get("pids")
    if not top:
        return None
    own = os.path.join(top, f"{PREFIX}-starved")
    os.mkdir(own)
    with open(os.path.join(own, "pids.max"), "w", encoding="ascii") as f:
        f.write(str(limit))
    return own


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_processes_left(runtime, bundle, aftermath, limit):
    """The runtime is in a group of ours that has room for @limit processes."""
    own = pids_group(limit)
    if not own:
        pytest.skip("no hierarchy of version 1 with pids to put the runtime into")
    name = runtime.name()
    try:
        words = runtime.argv("run", "--bundle", bundle({"process.args": ["/bin/true"]}).path, name)
        done = subprocess.run(
            ["sh", "-c", 'echo $$ >"$0/cgroup.procs"; exec "$@"', own, *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode >= 0
        assert done.returncode == 0 or done.stderr.strip()
    finally:
        wait_for(lambda: not inside.group_value(own, "cgroup.procs"))
        os.rmdir(own)
    aftermath.none(name, f"room for {limit} processes")


@pytest.mark.parametrize("stage", ["prestart", "createRuntime", "createContainer", "startContainer"])
def test_hook_that_hangs(runtime, bundle, aftermath, stage):
    """Its time limit ends it, and the creation with it, in words."""
    hook = {"path": "/bin/sleep", "args": ["sleep", "1000"], "timeout": 1}
    name = runtime.name()
    begin = time.monotonic()
    done = runtime.call("run", "--bundle", bundle(SLEEP, {"hooks": {stage: [hook]}}).path, name)
    assert time.monotonic() - begin < 10
    done.failed(stage if runtime.kind == "onggi" else "")
    aftermath.none(name, f"{stage} hangs")


@pytest.mark.only("onggi", why="a promise of ours")
def test_creation_that_hangs_in_a_hook_is_deleted(runtime, bundle, aftermath):
    """Without a limit it hangs for ever; delete --force from elsewhere ends it."""
    hook = {"path": "/bin/sleep", "args": ["sleep", "1000"]}
    name = runtime.name()
    creation = runtime.popen("create", "--bundle",
                             bundle(SLEEP, {"hooks": {"createRuntime": [hook]}}).path, name,
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    wait_for(own_sleepers)
    begin = time.monotonic()
    runtime.call("delete", "--force", name).ok()
    took = time.monotonic() - begin
    subprocess.run(["kill", "-KILL", *own_sleepers()], check=False)
    creation.wait()
    assert took < 15
    aftermath.none(name, "a creation that hung")


def own_sleepers():
    """Hooks that go on after their creation was ended: processes of this test's own namespace."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if inside.proc(pid, "cmdline") == "sleep\0001000\0":
                found.append(pid)
    return found


@pytest.mark.parametrize("kind", ["nobody listens", "no socket", "a file", "it is closed at once"])
def test_console_whose_peer_is_dead(runtime, bundle, place, aftermath, kind):
    path, name = place / "console", runtime.name()
    listener = socket.socket(socket.AF_UNIX)
    if kind == "a file":
        path.write_text("")
    elif kind != "no socket":
        listener.bind(str(path))
    if kind == "it is closed at once":
        listener.listen()
    made = bundle(SLEEP, {"process.terminal": True})
    process = runtime.popen("create", "--console-socket", path, "--bundle", made.path, name,
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)
    if kind == "it is closed at once":
        listener.accept()[0].close()
    listener.close()
    _, said = process.communicate(timeout=30)
    if process.returncode:
        assert b"console" in said or b"terminal" in said, said
    else:
        assert kind == "it is closed at once"
    aftermath.none(name, kind)


def test_output_that_nobody_reads(runtime, bundle):
    """Messages go into a pipe whose reader is gone: no signal ends a command halfway."""
    made = Container(runtime, bundle(SLEEP)).ok().start()
    for words in (["list"], ["state", made.id], ["start", made.id], ["delete", made.id]):
        reader, writer = os.pipe()
        os.close(reader)
        process = runtime.popen(*words, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer)
        os.close(writer)
        process.wait()
    assert made.status == "running"
    made.delete("--force").ok()
