"""create, start, state, kill, delete, list: a container from birth to death."""
import datetime
import json
import os
import signal
import subprocess

import pytest

from kit.runtime import Container, wait_for
from oracle import inside

SLEEP = {"process.args": ["/bin/sleep", "1000"]}


def exits(code):
    return {"process.args": ["/bin/sh", "-c", f"exit {code}"]}


# --- the way of a container ----------------------------------------------------------------------

def test_created_waits_until_started(create):
    made = create(SLEEP)
    assert made.status == "created"
    assert "sleep" not in inside.proc(made.pid, "cmdline")
    made.start()
    assert made.status == "running"
    wait_for(lambda: inside.proc(made.pid, "cmdline") == "/bin/sleep\x001000\0")
    made.stop()
    assert made.status == "stopped"
    made.delete().ok()


def test_a_created_container_runs_nothing_of_its_own(create):
    made = create({"process.args": ["/bin/touch", "/tmp/ran"], "root.readonly": False})
    assert not (made.bundle.rootfs / "tmp/ran").exists()
    made.start().wait()
    assert (made.bundle.rootfs / "tmp/ran").exists()


def test_state_has_what_the_specification_demands(create):
    made = create(SLEEP, {"annotations": {"org.example.key": "value"}})
    state = made.runtime.state(made.id)
    assert state["id"] == made.id
    assert state["status"] == "created"
    assert state["bundle"] == str(made.bundle.path)
    assert state["ociVersion"].startswith("1.")
    assert state["annotations"]["org.example.key"] == "value"
    assert os.path.exists(f"/proc/{state['pid']}")


@pytest.mark.only("onggi", "runc", why="crun's state has no rootfs and owner")
def test_state_has_what_runc_adds(create):
    made = create(SLEEP)
    state = made.runtime.state(made.id)
    assert state["rootfs"] == str(made.bundle.rootfs)
    assert state["owner"] in ("", "root")
    created = datetime.datetime.fromisoformat(state["created"][:19])
    assert abs(datetime.datetime.utcnow() - created) < datetime.timedelta(hours=1)


def test_stopped_has_pid_0(started):
    made = started().stop()
    assert made.runtime.state(made.id)["pid"] == 0


def test_an_init_that_nobody_reaps_counts_as_stopped(started):
    """The runtime's caller is this test, which does not wait for the grandchild: tini does. A
    subreaper that does not wait leaves a zombie."""
    script = """
import ctypes, subprocess, sys
ctypes.CDLL(None).prctl(36, 1)
subprocess.run(sys.argv[1:], check=True)
input()
"""
    made = started(exits(0))  # only for its bundle and runtime
    made.wait()
    name = made.runtime.name()
    keeper = subprocess.Popen(
        ["/usr/bin/python3", "-c", script,
         *made.runtime.argv("run", "--detach", "--bundle", made.bundle.path, name)],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: name in made.runtime.ids() and made.runtime.status(name) == "stopped")
        zombies = [p for p in os.listdir("/proc") if p.isdigit() and
                   f") Z {keeper.pid} " in inside.proc(p, "stat")]
        assert len(zombies) == 1
    finally:
        keeper.communicate(b"\n")
    made.runtime.call("delete", name).ok()


def test_its_end_is_noticed(started):
    made = started(exits(3))
    made.wait()


def test_the_parent_of_init_is_the_caller_of_the_runtime(started):
    """What a shim that is a subreaper relies on. Here process 1 is the reaper."""
    made = started()
    assert inside.fields(inside.proc(made.pid, "status"))["PPid"] == "1"


def test_delete_removes_everything(started):
    made = started()
    groups = {inside.group_of(made.pid, c) for c in ("memory", "pids", "devices")
              if inside.has_controller(c)}
    made.stop().delete().ok()
    assert not any(map(os.path.exists, groups))
    assert list(made.runtime.root.iterdir()) == []


def test_two_containers_at_once(started):
    one, two = started(), started()
    assert one.pid != two.pid
    assert inside.namespace(one.pid, "pid") != inside.namespace(two.pid, "pid")
    one.stop()
    assert two.status == "running"


# --- steps that are refused ------------------------------------------------------------------------

def test_same_id_twice(runtime, started, bundle):
    made = started()
    runtime.call("create", "--bundle", bundle(SLEEP).path, made.id).failed("exist")
    assert made.status == "running"


def test_delete_of_a_running_container(started):
    made = started()
    made.call("delete").failed("not stopped" if made.runtime.kind != "onggi" else "running")
    assert made.status == "running"


def test_delete_of_a_created_container_kills_it(create):
    made = create(SLEEP)
    pid = made.pid
    made.delete().ok()
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))


def dead(pid):
    """It has ended, whether process 1 has reaped it by now or not."""
    try:
        return inside.fields(inside.proc(pid, "status"))["State"].startswith("Z")
    except OSError:
        return True


def test_forced_delete_kills(started):
    made = started()
    pid = made.pid
    made.delete("--force").ok()
    assert dead(pid)


def test_delete_of_nothing(runtime):
    runtime.call("delete", "nobody").failed("does not exist")
    runtime.call("delete", "--force", "nobody").ok()


@pytest.mark.parametrize("command", ["state", "start", "kill", "ps", "pause", "resume", "events"])
def test_commands_on_nothing(runtime, command):
    if runtime.kind == "crun" and command == "events":
        pytest.skip("crun has no events")
    runtime.call(command, "nobody").failed("does not exist" if runtime.kind != "crun" else "")


def test_second_start(started):
    started().call("start").failed("cannot start")


def test_start_of_a_stopped_container(started):
    made = started().stop()
    made.call("start").failed("cannot start", "stopped")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a b", "a\nb", "é", "/abs"])
def test_bad_ids(runtime, bundle, name):
    made = bundle(SLEEP)
    runtime.call("create", "--bundle", made.path, name).failed()
    assert list(runtime.root.iterdir()) == []


@pytest.mark.parametrize("name", ["a.b", "a_b-c+d", "0", "A" * 60])
def test_good_ids(runtime, bundle, name):
    made = bundle(SLEEP, {"linux.cgroupsPath": f"/{runtime.name()}"})
    assert Container(runtime, made, "--detach", name=name, command="run").ok().status == "running"


def test_too_many_arguments(runtime):
    runtime.call("state", "one", "two").failed()
    runtime.call("state").failed()


# --- kill --------------------------------------------------------------------------------------------

TRAPS = {"process.args": ["/bin/sh", "-c", """
for s in HUP INT TERM USR1 WINCH; do trap "echo $s" $s; done
trap "echo RT; exit 5" 35
echo ready; while :; do sleep 0.05; done"""]}


@pytest.mark.parametrize("how, shown", [
    ("TERM", "TERM"), ("SIGTERM", "TERM"), ("15", "TERM"), ("term", "TERM"), ("SIGUSR1", "USR1"),
    ("1", "HUP"), ("2", "INT"), ("SIGWINCH", "WINCH"), ("35", "RT")])
def test_kill_sends_the_signal(started, how, shown):
    made = started(TRAPS)
    wait_for(lambda: "ready" in made.output)
    made.call("kill", how).ok()
    wait_for(lambda: shown in made.output)


def test_kill_sends_term_by_default(started):
    made = started(TRAPS)
    wait_for(lambda: "ready" in made.output)
    made.call("kill").ok()
    wait_for(lambda: "TERM" in made.output)


def test_kill_of_an_unknown_signal(started):
    started().call("kill", "NONSENSE").failed("signal")


def test_kill_of_a_stopped_container_says_what_clients_look_for(started):
    made = started().stop()
    done = made.call("kill", "KILL").failed()
    assert any(w in done.err for w in ("container not running", "no such process",
                                       "process already finished", "not running"))


@pytest.mark.only("onggi", "crun", why="Debian's runc is older than this")
def test_kill_all_of_a_stopped_container_is_fine(started):
    started().stop().call("kill", "--all", "KILL").ok()


def test_kill_of_a_created_container(create):
    made = create(SLEEP)
    made.call("kill", "KILL").ok()
    made.wait()


def test_kill_reaches_all_without_a_pid_namespace(started):
    """SIGKILL of a container that shares the host's pid namespace takes all of its processes."""
    made = started({"linux.namespaces-": "pid",
                    "process.args": ["/bin/sh", "-c", "sleep 3333 & sleep 3334 & wait"]})
    wait_for(lambda: len(made.call("ps", "--format=json").json()) == 3)
    members = made.call("ps", "--format=json").json()
    made.call("kill", "--all", "KILL").ok()
    wait_for(lambda: not any(os.path.exists(f"/proc/{p}") for p in members))


# --- run ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("code", [0, 1, 7, 126, 255])
def test_run_ends_with_the_status_of_the_command(runtime, bundle, code):
    assert runtime.run(bundle(exits(code))).status == code


@pytest.mark.parametrize("name", ["KILL", "SEGV"])
def test_run_ends_with_128_and_the_signal(runtime, bundle, name):
    """Init itself cannot be killed from inside: a container in the host's pid namespace can."""
    made = bundle({"process.args": ["/bin/sh", "-c", f"kill -{name} $$"],
                   "linux.namespaces-": "pid"})
    assert runtime.run(made).status == 128 + getattr(signal, "SIG" + name)


def test_run_passes_output_errors_and_input(runtime, bundle):
    made = bundle({"process.args": ["/bin/sh", "-c", "cat; echo err >&2"]})
    done = runtime.run(made, stdin="hello\n")
    assert (done.out, done.err) == ("hello\n", "err\n")


def test_run_forwards_signals(runtime, bundle):
    made = bundle(TRAPS)
    with runtime.popen("run", "--bundle", made.path, runtime.name(), stdout=subprocess.PIPE,
                       text=True) as running:
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGUSR1)
        assert running.stdout.readline() == "USR1\n"
        running.send_signal(35)
        assert running.stdout.readline() == "RT\n"
        assert running.wait() == 5


def test_a_signal_during_the_launch_does_not_end_the_runtime(runtime, bundle, place):
    """It would leave a container behind that nobody waits for."""
    hook = place / "hook"
    hook.write_text("#!/bin/sh\nkill -USR1 $PPID\n")
    hook.chmod(0o755)
    made = bundle(exits(5), {"hooks": {"createRuntime": [{"path": str(hook)}]}})
    assert runtime.run(made).status == 5


def test_run_detached(runtime, bundle, place):
    made = Container(runtime, bundle(SLEEP), "--detach", "--pid-file", place / "pid",
                     command="run").ok()
    assert made.status == "running"
    assert (place / "pid").read_text() == str(made.pid)


def test_run_keep(runtime, bundle):
    name = runtime.name()
    done = runtime.call("run", "--keep", "--bundle", bundle(exits(4)).path, name)
    if "flag provided but not defined" in done.err:
        pytest.skip("Debian's runc is older than this")
    assert done.status == 4
    assert runtime.status(name) == "stopped"
    runtime.call("delete", name).ok()


def test_run_deletes_after_a_failure(runtime, bundle):
    runtime.run(bundle({"process.args": ["/bin/nonsense"]})).failed("/bin/nonsense")
    assert runtime.ids() == []


def test_bundle_is_the_working_directory_by_default(runtime, bundle):
    done = runtime.call("run", runtime.name(), cwd=bundle(exits(9)).path)
    assert done.status == 9


def test_relative_bundle(runtime, bundle):
    made = bundle(exits(9))
    assert runtime.call("run", "-b", made.path.name, runtime.name(),
                        cwd=made.path.parent).status == 9


def test_pid_file_of_create(create, place):
    made = create(SLEEP, flags=["--pid-file", place / "pid"])
    assert (place / "pid").read_text() == str(made.pid)
    assert sorted(p.name for p in place.iterdir()) == ["bundle1", "pid", "state"]


def test_no_pid_file_of_a_failed_create(runtime, bundle, place):
    made = bundle({"root.path": "nowhere"})
    runtime.call("create", "--pid-file", place / "pid", "--bundle", made.path,
                 runtime.name()).failed()
    assert not (place / "pid").exists()


# --- list --------------------------------------------------------------------------------------------

def test_list_of_nothing(runtime):
    assert runtime.ids() == []
    lines = runtime.call("list").ok().out.splitlines()
    assert len(lines) == 1
    assert lines[0].split()[:4] == ["ID", "PID", "STATUS", "BUNDLE"]


@pytest.mark.only("onggi", "runc", why="crun writes an array")
def test_list_of_nothing_as_json(runtime):
    assert runtime.call("list", "--format", "json").json() in (None, [])


def test_list(runtime, started, create):
    one, two = started(), create(SLEEP)
    assert sorted(runtime.ids()) == sorted([one.id, two.id])
    table = {l.split()[0]: l.split()[1:] for l in runtime.call("list").ok().out.splitlines()[1:]}
    assert table[one.id][:3] == [str(one.pid), "running", str(one.bundle.path)]
    assert table[two.id][:3] == [str(two.pid), "created", str(two.bundle.path)]
    rows = {r["id"]: r for r in json.loads(runtime.call("list", "-f", "json").ok().out)}
    assert rows[one.id]["status"] == "running"
    assert rows[two.id]["bundle"] == str(two.bundle.path)


def test_list_of_an_unknown_format(runtime):
    runtime.call("list", "--format", "xml").failed()


def test_list_without_a_state_root(runtime):
    runtime.root.rmdir()
    assert runtime.ids() == []
    runtime.root.mkdir(exist_ok=True)
