"""Hooks: the six points, their order, what they see, and what their failure does."""
import json
import os

import pytest

from kit.runtime import wait_for
from oracle import inside

POINTS = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
INSIDE = {"createContainer", "startContainer"}


@pytest.fixture
def script(place):
    """script(text): a hook of the host that does this, in a file that is executable."""
    made = []

    def make(text):
        path = place / f"hook{len(made)}"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        made.append(path)
        return path

    return make


def notes(place, point, script):
    """A hook that notes its name, its state and its mount and pid namespaces in the host's file
    system. startContainer runs where that is not seen."""
    log = place / "log"
    log.touch()
    return {"path": str(script(
        f"state=$(cat); echo {point} >>{log}; echo \"$state\" >{place}/seen.{point}; "
        f"readlink /proc/self/ns/mnt >{place}/mnt.{point}; pwd >{place}/pwd.{point}; "
        f"env >{place}/env.{point}")),
        "args": ["hook", point], "env": [f"POINT={point}"]}


def outside(place, script):
    return {p: [notes(place, p, script)] for p in POINTS if p not in INSIDE}


SLEEP = {"process.args": ["/bin/sleep", "1000"]}


@pytest.mark.only("onggi", why="Debian's runc runs poststart at create")
def test_order_and_state(place, script, create):
    made = create(SLEEP, {"hooks": outside(place, script), "annotations": {"a": "b"}})
    log = place / "log"
    assert log.read_text().split() == ["prestart", "createRuntime"]
    pid = made.pid
    made.start()
    wait_for(lambda: "poststart" in log.read_text())
    made.stop()
    assert "poststop" not in log.read_text()
    made.delete().ok()
    assert log.read_text().split() == ["prestart", "createRuntime", "poststart", "poststop"]
    for point, status in (("prestart", "creating"), ("createRuntime", "creating"),
                          ("poststart", "running"), ("poststop", "stopped")):
        state = json.loads((place / f"seen.{point}").read_text())
        assert state["id"] == made.id
        assert state["bundle"] == str(made.bundle.path)
        assert state["status"] == status
        assert state["annotations"] == {"a": "b"}
        assert point == "poststop" or state["pid"] == pid


def test_they_run_in_the_namespaces_of_the_runtime(place, script, runtime, bundle):
    made = bundle({"hooks": outside(place, script)})
    runtime.run(made).ok()
    for point in ("prestart", "createRuntime", "poststart", "poststop"):
        assert (place / f"mnt.{point}").read_text().strip() == inside.own_namespace("mnt")


def test_their_environment_is_what_is_given(place, script, runtime, bundle):
    runtime.run(bundle({"hooks": outside(place, script)}), env={**os.environ, "SECRET": "1"}).ok()
    env = (place / "env.createRuntime").read_text()
    assert "POINT=createRuntime" in env
    assert "SECRET" not in env


def test_arguments(place, script, runtime, bundle):
    hook = {"path": str(script(f'echo "$0:$1:$2" >{place}/args')), "args": ["zero", "one", "two"]}
    runtime.run(bundle({"hooks": {"createRuntime": [hook]}})).ok()
    assert (place / "args").read_text().endswith(":one:two\n")


def test_several_of_one_kind_in_order(place, script, runtime, bundle):
    hooks = [{"path": str(script(f"echo {n} >>{place}/order"))} for n in range(5)]
    runtime.run(bundle({"hooks": {"createRuntime": hooks}})).ok()
    assert (place / "order").read_text().split() == list("01234")


def test_create_container_sees_the_mounts_of_the_container(place, script, runtime, bundle):
    """It runs in the container's namespaces before the root is changed: the host's paths are still
    there, and the container's mounts below its root."""
    hook = {"path": str(script(
        f"cat >{place}/seen; readlink /proc/self/ns/mnt >{place}/mnt; "
        f"readlink /proc/self/ns/net >{place}/net; grep -c rootfs/proc /proc/self/mountinfo >{place}/n"))}
    runtime.run(bundle({"hooks": {"createContainer": [hook]}})).ok()
    assert (place / "mnt").read_text().strip() != inside.own_namespace("mnt")
    assert (place / "net").read_text().strip() != inside.own_namespace("net")
    assert int((place / "n").read_text()) >= 1
    assert json.loads((place / "seen").read_text())["status"] == "creating"


def test_start_container_runs_inside_before_the_command(runtime, bundle):
    made = bundle({"process.args": ["/bin/cat", "/tmp/trace"], "root.readonly": False,
                   "hooks": {"startContainer": [{"path": "/bin/hook", "args": ["hook"]}]}})
    hook = made.rootfs / "bin/hook"
    hook.write_text("#!/bin/sh\ncat >/tmp/state; hostname >/tmp/trace\n")
    hook.chmod(0o755)
    assert runtime.run(made).ok().out == "box\n"
    state = json.loads((made.rootfs / "tmp/state").read_text())
    assert state["status"] == "created"


@pytest.mark.parametrize("point", ["prestart", "createRuntime", "createContainer"])
def test_failure_before_the_start_ends_the_launch(script, runtime, bundle, point):
    hook = {"path": str(script("echo because of this >&2; exit 3"))}
    done = runtime.call("create", "--bundle", bundle(SLEEP, {"hooks": {point: [hook]}}).path,
                        runtime.name()).failed("3")
    if runtime.kind == "onggi":
        assert point in done.err and "because of this" in done.err
    assert runtime.ids() == []


@pytest.mark.only("onggi", why="runc's start does not wait for them")
def test_failure_of_start_container(runtime, bundle, create):
    made = create({"hooks": {"startContainer": [{"path": "/bin/false"}]}})
    made.call("start").failed()
    made.wait()


@pytest.mark.only("onggi", why="runtime-spec 1.3: Debian's runc is older")
def test_failure_of_poststart_stops_the_container(script, create):
    made = create(SLEEP, {"hooks": {"poststart": [{"path": str(script("exit 1"))}]}})
    made.call("start").failed("poststart")
    made.wait()


def test_failure_of_poststop_is_a_warning(script, started):
    made = started({"hooks": {"poststop": [{"path": str(script("exit 1"))}]}})
    made.stop()
    made.delete().ok()


@pytest.mark.only("onggi", why="runc ends at the first")
def test_poststop_of_all_runs_though_the_first_fails(place, script, started):
    made = started({"hooks": {"poststop": [{"path": str(script("exit 1"))},
                                           {"path": str(script(f"touch {place}/second"))}]}})
    made.stop().delete().ok()
    assert (place / "second").exists()


def test_hook_that_is_not_there(runtime, bundle):
    runtime.run(bundle({"hooks": {"createRuntime": [{"path": "/nowhere/hook"}]}})).failed(
        "/nowhere/hook")


def test_hook_with_a_relative_path(runtime, bundle):
    done = runtime.run(bundle({"hooks": {"createRuntime": [{"path": "bin/hook"}]}})).failed()
    assert runtime.kind != "onggi" or "absolute" in done.err


@pytest.mark.only("onggi", why="Debian's runc waits for the children of the hook")
@pytest.mark.parametrize("point", ["createRuntime", "createContainer"])
def test_timeout(place, script, runtime, bundle, point):
    """The hook is killed, with what it started. That it has begun is seen by its note."""
    hook = {"path": str(script(f"echo $$ >{place}/pid; sleep 7777")), "timeout": 1}
    done = runtime.run(bundle({"hooks": {point: [hook]}})).failed()
    assert runtime.kind != "onggi" or "1" in done.err
    if point == "createRuntime":
        pid = (place / "pid").read_text().strip()
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"))


def test_timeout_of_a_fast_one(script, runtime, bundle):
    hook = {"path": str(script("exit 0")), "timeout": 60}
    runtime.run(bundle({"hooks": {"createRuntime": [hook]}})).ok()


@pytest.mark.parametrize("timeout", [0, -1])
def test_timeout_must_be_positive(script, runtime, bundle, timeout):
    if runtime.kind != "onggi":
        pytest.skip("runc and crun take it for no limit, or for one that is over")
    hook = {"path": str(script("exit 0")), "timeout": timeout}
    runtime.run(bundle({"hooks": {"createRuntime": [hook]}})).failed("timeout")


def test_hook_that_does_not_read_its_input(script, runtime, bundle):
    runtime.run(bundle({"hooks": {"createRuntime": [{"path": str(script("exec <&-; exit 0"))}]},
                        "annotations": {"big": "x" * 200000}})).ok()


def test_hooks_get_no_descriptor_of_the_runtime(place, script, runtime, bundle):
    hook = script("")
    hook.write_text("#!/usr/bin/python3 -ISB\nimport os\n"
                    f"open('{place}/fds', 'w').write(' '.join(os.listdir('/proc/self/fd')))\n")
    runtime.run(bundle({"hooks": {"createRuntime": [{"path": str(hook)}]}})).ok()
    fds = set((place / "fds").read_text().split())
    assert fds <= {"0", "1", "2", "3", "4"}  # 3 and 4: the file it writes, the directory it lists
