"""Control groups: where a container is put, and every limit, read from the kernel's files.

One table for v1 and v2: a row says what the document asks and which file then says what.
"""
import os

import pytest

from kit.runtime import wait_for
from oracle import inside

# name: (changes below linux.resources, controller, file of v1, its value, file of v2, its value)
LIMITS = {
    "memory.limit": ({"memory.limit": 64 << 20}, "memory", "memory.limit_in_bytes", "67108864",
                     "memory.max", "67108864"),
    "memory.unlimited": ({"memory.limit": -1}, "memory", "memory.limit_in_bytes",
                         "9223372036854771712", "memory.max", "max"),
    "memory.reservation": ({"memory.reservation": 32 << 20}, "memory",
                           "memory.soft_limit_in_bytes", "33554432", "memory.low", "33554432"),
    "memory.swappiness": ({"memory.swappiness": 7}, "memory", "memory.swappiness", "7", None, None),
    "memory.oom": ({"memory.disableOOMKiller": True, "memory.limit": 64 << 20}, "memory",
                   "memory.oom_control", "oom_kill_disable 1", None, None),
    "cpu.shares": ({"cpu.shares": 512}, "cpu", "cpu.shares", "512", "cpu.weight", "59"),
    "cpu.quota": ({"cpu.quota": 50000, "cpu.period": 100000}, "cpu", "cpu.cfs_quota_us", "50000",
                  "cpu.max", "50000 100000"),
    "cpu.period": ({"cpu.quota": 20000, "cpu.period": 50000}, "cpu", "cpu.cfs_period_us", "50000",
                   "cpu.max", "20000 50000"),
    "cpu.idle": ({"cpu.idle": 1}, "cpu", "cpu.idle", "1", "cpu.idle", "1"),
    "cpu.burst": ({"cpu.quota": 50000, "cpu.period": 100000, "cpu.burst": 20000}, "cpu",
                  "cpu.cfs_burst_us", "20000", "cpu.max.burst", "20000"),
    "cpu.cpus": ({"cpu.cpus": "0"}, "cpuset", "cpuset.cpus", "0", "cpuset.cpus", "0"),
    "cpu.mems": ({"cpu.mems": "0"}, "cpuset", "cpuset.mems", "0", "cpuset.mems", "0"),
    "pids.limit": ({"pids.limit": 77}, "pids", "pids.max", "77", "pids.max", "77"),
    "pids.unlimited": ({"pids.limit": -1}, "pids", "pids.max", "max", "pids.max", "max"),
    "blockIO.weight": ({"blockIO.weight": 200}, "blkio", "blkio.bfq.weight", "200", "io.bfq.weight",
                       "200"),
    "hugetlb": ({"hugepageLimits": [{"pageSize": "2MB", "limit": 4 << 20}]}, "hugetlb",
                "hugetlb.2MB.limit_in_bytes", "4194304", "hugetlb.2MB.max", "4194304"),
}
NEWER = {"cpu.idle", "cpu.burst"}


def resources(changes):
    return {f"linux.resources.{k}": v for k, v in changes.items()}


def has_weights(kind, started):
    """Some kernels have the controller without them."""
    group = started().group("blkio" if kind == "v1" else "")
    return any(os.path.exists(os.path.join(group, f)) for f in (
        "blkio.bfq.weight", "blkio.weight", "io.bfq.weight", "io.weight"))


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit(started, runtime, name):
    changes, controller, file1, value1, file2, value2 = LIMITS[name]
    kind = inside.has_controller(controller if controller != "blkio" else "blkio") or \
        inside.has_controller({"blkio": "io"}.get(controller, controller))
    if not kind:
        pytest.skip(f"no hierarchy of this host has the controller {controller}")
    if runtime.kind != "onggi" and (name in NEWER or controller == "hugetlb" and kind == "v2"):
        pytest.skip("Debian's runc and crun are older than this")
    if runtime.kind == "runc" and name == "cpu.shares" and kind == "v2":
        pytest.skip("Debian's runc has the older formula")
    file, value = (file1, value1) if kind == "v1" else (file2, value2)
    if file is None:
        pytest.skip("only cgroup v1 has this")
    if name == "blockIO.weight" and not has_weights(kind, started):
        pytest.skip("this kernel has no weights for block devices")
    made = started(resources(changes))
    if file == "io.bfq.weight" and not os.path.exists(os.path.join(made.group(""), file)):
        file, value = "io.weight", "default 1920"
    assert value in inside.group_value(made.group(controller), file)


def test_memory_and_swap(started):
    kind = inside.has_controller("memory")
    if not kind:
        pytest.skip("no hierarchy of this host has the controller memory")
    file = "memory.memsw.limit_in_bytes" if kind == "v1" else "memory.swap.max"
    made = started(resources({"memory.limit": 64 << 20, "memory.swap": 96 << 20}))
    if not os.path.exists(os.path.join(made.group("memory"), file)):
        pytest.skip("this kernel does not account swap")
    assert inside.group_value(made.group("memory"), file) == str((96 if kind == "v1" else 32) << 20)


@pytest.mark.needs("pids")
def test_a_limit_holds(runtime, bundle):
    made = bundle(resources({"pids.limit": 5}), {"process.args": [
        "/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait"]})
    done = runtime.run(made)
    assert "fork" in done.err


@pytest.mark.needs("memory")
def test_memory_limit_holds(runtime, bundle):
    """tail keeps what has no line end in memory."""
    made = bundle(resources({"memory.limit": 16 << 20, "memory.swap": 16 << 20}), {
        "process.args": ["/bin/sh", "-c", "head -c 100000000 /dev/zero | tail; echo $?"]})
    done = runtime.run(made)
    assert done.status == 137 or "137" in done.out or "Killed" in done.err


# --- where --------------------------------------------------------------------------------------------

CONTROLLERS = ["memory", "pids", "cpu", "cpuset", "devices", "freezer", "blkio", "cpuacct",
               "name=systemd", ""]


def groups(pid):
    """controller -> path, as the kernel says"""
    return {c: path for _, cs, path in (l.split(":", 2) for l in
                                        inside.proc(pid, "cgroup").splitlines())
            for c in cs.split(",")}


def test_absolute_path(started, runtime):
    path = f"/{runtime.name()}/deep/one"
    made = started({"linux.cgroupsPath": path})
    for controller, where in groups(made.pid).items():
        if controller in inside.hierarchies() or not controller:
            assert where.endswith(path), f"{controller}: {where}"
    made.stop().delete().ok()
    for top in set(inside.hierarchies().values()):  # only what the runtime made is removed with it
        parent = os.path.join(top, path.split("/")[1])
        for folder in (os.path.join(parent, "deep"), parent):
            if os.path.isdir(folder):
                os.rmdir(folder)


def test_relative_path_is_below_the_callers_or_the_root(started, runtime):
    name = runtime.name()
    made = started({"linux.cgroupsPath": name})
    assert all(where.endswith("/" + name) for c, where in groups(made.pid).items()
               if c in inside.hierarchies())


def test_no_path_means_the_id(started):
    made = started()
    assert all(where.endswith("/" + made.id) for c, where in groups(made.pid).items()
               if c in inside.hierarchies())


def test_in_every_hierarchy(started):
    made = started()
    own = groups("self")
    for controller, where in groups(made.pid).items():
        if controller in inside.hierarchies():
            assert where != own[controller], f"{controller}: as the caller"


def test_path_cannot_leave_the_hierarchy(runtime, bundle):
    made = bundle({"linux.cgroupsPath": f"/../../../../tmp/{runtime.name()}"})
    done = runtime.run(made)
    assert not os.path.exists(f"/tmp/{runtime.name()}")
    assert done.status == 0 or ".." in done.err


def test_children_made_inside_go_with_it(started):
    """A container with a writable group may leave groups in it."""
    made = started()
    group = made.group("pids" if inside.has_controller("pids") == "v1" else "")
    os.makedirs(os.path.join(group, "child/grandchild"))
    made.stop().delete().ok()
    assert not os.path.exists(group)


def test_processes_that_stay_are_killed(started, runtime):
    """Without a pid namespace what init leaves behind still lives: delete takes it along."""
    if runtime.kind == "runc" and "pids" not in inside.hierarchies():
        pytest.skip("Debian's runc leaves them on v2")
    made = started({"linux.namespaces-": "pid",
                    "process.args": ["/bin/sh", "-c", "sleep 8888 & echo $!; sleep 0.2"]})
    made.wait()
    pid = made.output.split()[0]
    made.delete("--force").ok()
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))  # until process 1 has reaped it


def test_nothing_in_the_document_means_no_limits(started):
    made = started({"linux.resources": None})
    if inside.has_controller("pids"):
        assert inside.group_value(made.group("pids"), "pids.max") == "max"


@pytest.mark.parametrize("wrong", [
    {"memory.limit": -2}, {"cpu.shares": "many"}, {"cpu.cpus": "0-9999999"},
    {"pids.limit": "x"}, {"memory.limit": 64 << 20, "memory.swap": 32 << 20},
    {"cpu.quota": 1}, {"hugepageLimits": [{"pageSize": "3MB", "limit": 1}]},
    {"blockIO.weight": 9}, {"blockIO.weight": 1001}])
def test_wrong_values(runtime, bundle, wrong):
    if "blockIO.weight" in wrong and runtime.kind != "onggi":
        pytest.skip("runc and crun leave this to the kernel")
    runtime.run(bundle(resources(wrong))).failed()
