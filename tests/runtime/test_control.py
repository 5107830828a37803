"""pause, resume, update, events, ps: looking at a running container and changing it."""
import json
import os
import subprocess

import pytest

from kit.runtime import wait_for
from oracle import inside

COUNTS = {"process.args": ["/bin/sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; usleep 10000; done"]}


def frozen(made):
    """By the freezer of v1 or of v2: a host may have both."""
    file = os.path.join(made.group("freezer"), "freezer.state")
    if os.path.exists(file) and inside.group_value(made.group("freezer"), "freezer.state") == "FROZEN":
        return True
    events = os.path.join(made.group(""), "cgroup.events")
    return os.path.exists(events) and "frozen 1" in inside.group_value(made.group(""), "cgroup.events")


def test_pause_stops_every_process(started):
    made = started(COUNTS)
    wait_for(lambda: made.output)
    made.call("pause").ok()
    assert made.status == "paused"
    assert frozen(made)
    before = made.output
    subprocess.run(["sleep", "0.2"], check=True)
    assert made.output == before
    made.call("resume").ok()
    assert made.status == "running"
    wait_for(lambda: made.output != before)


def test_resume_of_a_running_container(started):
    started().call("resume").failed()


def test_pause_of_a_stopped_container(started):
    started().stop().call("pause").failed()


def test_pause_twice(started):
    made = started()
    made.call("pause").ok()
    made.call("pause")  # an error or nothing: it is paused
    assert made.status == "paused"


def test_forced_delete_of_a_paused_container(started):
    made = started()
    made.call("pause").ok()
    made.delete("--force").ok()


def test_kill_of_a_paused_container(started):
    """Nobody has to thaw it for SIGKILL."""
    made = started()
    made.call("pause").ok()
    made.call("kill", "KILL").ok()
    made.wait()


# --- ps ---------------------------------------------------------------------------------------------------

def test_ps_as_json(started):
    made = started({"process.args": ["/bin/sh", "-c", "sleep 3000 & sleep 3001"]})
    wait_for(lambda: len(made.call("ps", "--format=json").json()) >= 2)
    pids = made.runtime.call("ps", "-f", "json", made.id).json()
    assert made.pid in pids
    assert all(isinstance(p, int) for p in pids)
    assert any("3000" in inside.proc(p, "cmdline") for p in pids)


def test_ps_as_a_table(started):
    if subprocess.run(["ps", "-ef"], capture_output=True, check=False).returncode:
        pytest.skip("ps itself does not work here")
    made = started()
    lines = made.runtime.call("ps", made.id).ok().out.splitlines()
    assert "PID" in lines[0]
    assert len(lines) == 2
    assert str(made.pid) in lines[1] and "sleep" in lines[1]


def test_ps_with_arguments_of_ps(started):
    made = started()
    lines = made.runtime.call("ps", made.id, "-o", "pid,comm").ok().out.splitlines()
    assert lines[0].split() == ["PID", "COMMAND"]
    assert lines[1].split() == [str(made.pid), "sleep"]


def test_ps_of_an_unknown_format(started):
    made = started()
    made.runtime.call("ps", "--format", "xml", made.id).failed()


# --- update -------------------------------------------------------------------------------------------------

# flag: (value, controller, file of v1, its value, file of v2, its value)
FLAGS = {
    "--memory": ("67108864", "memory", "memory.limit_in_bytes", "67108864", "memory.max", "67108864"),
    "--memory-reservation": ("33554432", "memory", "memory.soft_limit_in_bytes", "33554432",
                             "memory.low", "33554432"),
    "--cpu-share": ("256", "cpu", "cpu.shares", "256", "cpu.weight", "35"),
    "--cpu-period": ("50000", "cpu", "cpu.cfs_period_us", "50000", "cpu.max", "max 50000"),
    "--cpu-quota": ("30000", "cpu", "cpu.cfs_quota_us", "30000", "cpu.max", "30000 100000"),
    "--cpuset-cpus": ("0", "cpuset", "cpuset.cpus", "0", "cpuset.cpus", "0"),
    "--cpuset-mems": ("0", "cpuset", "cpuset.mems", "0", "cpuset.mems", "0"),
    "--pids-limit": ("55", "pids", "pids.max", "55", "pids.max", "55"),
}


def value_of(made, controller, file1, file2):
    one = os.path.join(made.group(controller), file1)
    return inside.group_value(made.group(controller), file1 if os.path.exists(one) else file2)


@pytest.mark.parametrize("flag", FLAGS)
def test_update_by_flags(started, runtime, flag):
    value, controller, file1, value1, file2, value2 = FLAGS[flag]
    if runtime.kind == "runc" and flag == "--cpu-share" and inside.has_controller("cpu") == "v2":
        pytest.skip("Debian's runc has the older formula")
    if not inside.has_controller(controller):
        pytest.skip(f"no hierarchy of this host has the controller {controller}")
    made = started()
    made.runtime.call("update", flag, value, made.id).ok()
    assert value_of(made, controller, file1, file2) in (value1, value2)


@pytest.mark.needs("memory")
@pytest.mark.parametrize("text, bytes_", [("64m", 64 << 20), ("65536k", 64 << 20)])
def test_update_with_a_size(started, text, bytes_):
    made = started()
    made.runtime.call("update", "--memory", text, made.id).ok()
    assert value_of(made, "memory", "memory.limit_in_bytes", "memory.max") == str(bytes_)


@pytest.mark.needs("memory", "pids")
@pytest.mark.parametrize("how", ["file", "stdin", "stdin with ="])
def test_update_by_a_document(started, place, how):
    made = started()
    text = json.dumps({"memory": {"limit": 48 << 20}, "pids": {"limit": 44}})
    (place / "resources").write_text(text)
    flags = {"file": ["--resources", place / "resources"], "stdin": ["--resources", "-"],
             "stdin with =": ["--resources=-"]}[how]
    made.runtime.call("update", *flags, made.id, stdin=text).ok()
    assert value_of(made, "memory", "memory.limit_in_bytes", "memory.max") == str(48 << 20)
    assert value_of(made, "pids", "pids.max", "pids.max") == "44"


@pytest.mark.needs("pids", "memory")
def test_update_leaves_the_rest(started):
    made = started({"linux.resources.pids.limit": 33, "linux.resources.memory.limit": 64 << 20})
    made.runtime.call("update", "--pids-limit", "66", made.id).ok()
    assert value_of(made, "memory", "memory.limit_in_bytes", "memory.max") == str(64 << 20)


@pytest.mark.needs("cpu")
def test_update_of_half_of_the_quota_keeps_the_other(started):
    made = started({"linux.resources.cpu": {"quota": 20000, "period": 50000}})
    made.runtime.call("update", "--cpu-quota", "30000", made.id).ok()
    if os.path.exists(os.path.join(made.group("cpu"), "cpu.max")):
        assert inside.group_value(made.group("cpu"), "cpu.max") == "30000 50000"
    else:
        assert inside.group_value(made.group("cpu"), "cpu.cfs_quota_us") == "30000"
        assert inside.group_value(made.group("cpu"), "cpu.cfs_period_us") == "50000"


@pytest.mark.needs("cpu")
def test_update_does_not_touch_devices(started):
    rule = {"allow": True, "type": "c", "major": 1, "minor": 11, "access": "rwm"}
    made = started({"linux.resources.devices": [{"allow": False, "access": "rwm"}, rule],
                    "linux.devices": [{"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11}]})
    made.runtime.call("update", "--cpu-share", "300", made.id).ok()
    question = "write:/dev/kmsg"
    assert made.exec("/bin/probe", question).inside().answer(question) == 0


@pytest.mark.needs("memory")
def test_update_to_less_than_is_used(started):
    """checkBeforeUpdate."""
    made = started()
    text = json.dumps({"memory": {"limit": 4096, "checkBeforeUpdate": True}})
    if made.runtime.kind != "onggi":
        pytest.skip("Debian's runc and crun are older than this")
    made.runtime.call("update", "--resources", "-", made.id, stdin=text).failed("memory")


def test_update_of_a_stopped_container(started):
    started().stop().call("update", "--pids-limit=5").failed()


def test_update_with_nonsense(started):
    made = started()
    made.runtime.call("update", "--memory", "lots", made.id).failed()
    made.runtime.call("update", "--resources", "-", made.id, stdin="{nonsense").failed()


@pytest.mark.needs("pids")
def test_update_that_lifts_a_limit(started):
    made = started({"linux.resources.pids.limit": 33})
    made.runtime.call("update", "--pids-limit", "-1", made.id).ok()
    assert value_of(made, "pids", "pids.max", "pids.max") == "max"


# --- events ----------------------------------------------------------------------------------------------------

@pytest.mark.only("onggi", "runc", why="crun has no events")
def test_stats(started):
    made = started()
    got = made.runtime.call("events", "--stats", made.id).json()
    assert got["type"] == "stats"
    assert got["id"] == made.id
    data = got["data"]
    if inside.has_controller("pids"):
        assert data["pids"]["current"] == 1
    if inside.has_controller("memory"):
        assert data["memory"]["usage"]["usage"] > 0
    if inside.has_controller("cpuacct") or inside.has_controller("cpu") == "v2":
        assert data["cpu"]["usage"]["total"] > 0


@pytest.mark.only("onggi", "runc", why="crun has no events")
@pytest.mark.needs("memory")
def test_stream_of_stats(started):
    made = started()
    with made.runtime.popen("events", "--interval", "1s", made.id, stdout=subprocess.PIPE,
                            text=True) as stream:
        assert json.loads(stream.stdout.readline())["type"] == "stats"
        assert json.loads(stream.stdout.readline())["id"] == made.id
        stream.terminate()
        stream.wait()


@pytest.mark.only("onggi", "runc", why="crun has no events")
@pytest.mark.needs("memory")
def test_stream_ends_with_the_container(started):
    made = started()
    with made.runtime.popen("events", "--interval", "1s", made.id, stdout=subprocess.PIPE,
                            text=True) as stream:
        stream.stdout.readline()
        made.stop()
        if made.runtime.kind == "runc":
            stream.terminate()
        stream.stdout.read()
        stream.wait(timeout=60)


@pytest.mark.only("onggi", "runc", why="crun has no events")
@pytest.mark.needs("memory")
def test_out_of_memory_is_an_event(create):
    made = create({"linux.resources.memory": {"limit": 20 << 20, "swap": 20 << 20},
                    "process.args": ["/bin/sh", "-c", """
read go </tmp/go; head -c 100000000 /dev/zero | tail; sleep 1000"""], "root.readonly": False})
    os.mkfifo(made.bundle.rootfs / "tmp/go")
    made.start()
    with made.runtime.popen("events", "--interval", "1s", made.id, stdout=subprocess.PIPE,
                            text=True) as stream:
        stream.stdout.readline()
        (made.bundle.rootfs / "tmp/go").write_text("go\n")
        wait_for(lambda: json.loads(stream.stdout.readline())["type"] == "oom")
        stream.terminate()
        stream.wait()


@pytest.mark.only("onggi", "runc", why="crun has no events")
def test_stats_of_a_stopped_container(started):
    started().stop().call("events", "--stats").failed()
