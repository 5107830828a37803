"""The script that `explain --format sh` writes builds the container that `run` builds: the probe
reports from both, and the reports are compared."""
import os

import pytest

from kit.by_hand import by_hand, differences, facts
from kit.runtime import Done

pytestmark = pytest.mark.only("onggi", why="only onggi explains itself")

IDS = {"linux.uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
       "linux.gidMappings": [{"containerID": 0, "hostID": 200000, "size": 65536}]}
USER = {"linux.namespaces+": [{"type": "user"}], **IDS}
CGROUPS = {"mounts+": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                        "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}]}
LIMITS = {"linux.resources.memory.limit": 64 << 20, "linux.resources.pids.limit": 77,
          "linux.resources.cpu.shares": 512, "linux.resources.cpu.quota": 50000,
          "linux.resources.cpu.period": 100000, "linux.resources.cpu.cpus": "0"}
READ_LIMITS = [f"read:/sys/fs/cgroup/{f}" for f in (
    "memory/memory.limit_in_bytes", "pids/pids.max", "cpu/cpu.shares", "cpu/cpu.cfs_quota_us",
    "cpuset/cpuset.cpus", "memory.max", "pids.max", "cpu.weight", "cpu.max", "cpuset.cpus")]
SOMEONE = {"process.user": {"uid": 1000, "gid": 1000, "additionalGids": [10, 2000], "umask": 0o27},
           "process.cwd": "/home/new",
           "process.capabilities": {s: ["CAP_NET_BIND_SERVICE", "CAP_CHOWN"] for s in (
               "bounding", "effective", "permitted", "inheritable", "ambient")},
           "root.readonly": False}

CASES = {
    "plain": {},
    "limits": {**CGROUPS, **LIMITS},
    "cgroup namespace": {"linux.namespaces+": [{"type": "cgroup"}], **CGROUPS},
    "all namespaces": {"linux.namespaces+": [{"type": "cgroup"}, {"type": "time"}],
                       "linux.timeOffsets": {"monotonic": {"secs": 100, "nanosecs": 0},
                                             "boottime": {"secs": 7, "nanosecs": 0}}},
    "no pid namespace": {"linux.namespaces-": "pid"},
    "another user": SOMEONE,
    "user namespace": USER,
    "user namespace, another user": {**USER, **SOMEONE},
    "writable root": {"root.readonly": False, "process.cwd": "/made/by/it"},
    "process": {"process.oomScoreAdj": 500, "process.env": ["PATH=/bin", "ODD=it's \"$x\" `y` \\",
                                                             "PWD=/elsewhere"],
                "process.scheduler": {"policy": "SCHED_BATCH", "nice": 5},
                "process.ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 6},
                "process.noNewPrivileges": False, "domainname": "example.org",
                "linux.personality": {"domain": "LINUX32"},
                "process.rlimits": [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
                                    {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]},
    "sysctl": {"linux.sysctl": {"net.ipv4.ip_forward": "1", "kernel.shmmax": "123456",
                                "kernel.domainname": "by.sysctl"}},
    "devices": {"linux.devices": [
        {"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 0o600, "uid": 7,
         "gid": 8},
        {"path": "/dev/deep/er", "type": "p", "fileMode": 0o640}]},
    "mounts": {"mounts+": [
        {"destination": "/mnt/tree", "type": "bind", "source": "/etc", "options": ["rbind", "ro"]},
        {"destination": "/mnt/file", "type": "bind", "source": "/etc/hostname",
         "options": ["bind", "rprivate", "nosuid", "nodev", "noexec"]},
        {"destination": "/var/up", "type": "tmpfs", "source": "tmpfs",
         "options": ["tmpcopyup", "size=1m"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "noatime", "size=2m"]},
        {"destination": "/var/ro", "type": "tmpfs", "source": "tmpfs", "options": ["ro"]},
    ], "root.readonly": False},
    "recursive attributes": {"mounts+": [
        {"destination": "/mnt/sys", "type": "bind", "source": "/sys",
         "options": ["rbind", "rro", "rnosuid", "nodev"]}]},
    "shared root": {"linux.rootfsPropagation": "rshared"},
    "private root": {"linux.rootfsPropagation": "rprivate"},
}
READ_MORE = {
    "sysctl": [f"read:/proc/sys/{f}" for f in ("net/ipv4/ip_forward", "kernel/shmmax",
                                               "kernel/domainname")],
    "devices": ["stat:/dev/fuse", "stat:/dev/deep/er", "stat:/dev/null", "stat:/dev/tty"],
    "mounts": ["list:/mnt/tree", "stat:/mnt/file", "stat:/var/up", "stat:/tmp", "list:/var"],
    "limits": READ_LIMITS,
}
ASK = ["list:/dev", "stat:/dev/null", "link:/dev/fd", "link:/dev/core", "list:/proc/acpi",
       "read:/proc/kcore", "write:/proc/sysrq-trigger", "write:/proc/sys/kernel/hostname"]


@pytest.fixture
def prepared(bundle):
    """prepared(case): a new bundle of the case, with something in it to be copied up."""

    def make(case):
        ask = ASK + READ_MORE.get(case, [])
        made = bundle({"process.args": ["/bin/probe", *ask]}, CASES[case])
        (made.rootfs / "var" / "up").mkdir()
        (made.rootfs / "var" / "up" / "old").write_text("copied up\n")
        if "linux.uidMappings" in CASES[case]:
            for folder, _, _ in os.walk(made.rootfs):
                os.chown(folder, 100000, 200000)
        return made

    return make


@pytest.mark.parametrize("case", CASES)
def test_script_builds_the_same_container(runtime, prepared, case):
    one, other, name = prepared(case), prepared(case), runtime.name()
    by_runtime = runtime.call("run", "--bundle", one.path, name).inside()
    by_script = by_hand(runtime, other, name).inside()
    found = differences(facts(by_runtime, one), facts(by_script, other))
    assert not found, "\n".join(found)


def test_script_ends_as_the_command_ends(runtime, bundle):
    made = bundle({"process.args": ["/bin/sh", "-c", "cat; exit 7"]})
    done = by_hand(runtime, made, runtime.name())
    assert done.status == 7, done.err


def test_script_gives_a_terminal(runtime, bundle):
    said = "[ -t 0 ] && [ -t 1 ] && [ -c /dev/console ] && echo $$ $(stat -c %t /dev/console); exit 5"
    made = bundle({"process.terminal": True, "process.args": ["/bin/sh", "-c", said]})
    done = by_hand(runtime, made, runtime.name())
    assert done.status == 5, done.err
    assert done.out.strip() == "1 88"


def test_script_is_not_ended_by_an_argument(runtime, bundle):
    made = bundle({"process.args": ["/bin/printf", "%s", "a\nEND\necho no\n"]})
    assert by_hand(runtime, made, runtime.name()).ok().out == "a\nEND\necho no\n"


@pytest.mark.parametrize("args, status", [(["nowhere"], 127), (["/etc/plain"], 126)])
def test_script_of_a_command_that_cannot_run(runtime, bundle, args, status):
    assert by_hand(runtime, bundle({"process.args": args}), runtime.name()).status == status


def test_script_that_breaks_leaves_nothing(runtime, bundle):
    """The leak scan around each test looks at the host."""
    made = bundle({"mounts+": [{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs",
                                "options": ["size=nonsense"]}]})
    by_hand(runtime, made, runtime.name()).failed("the other half ended", status=1)


def test_script_runs_hooks_with_the_state(runtime, bundle, place):
    hook = place / "hook"
    hook.write_text(f"#!/bin/sh\ncat >{place}/seen; echo \"$1 $WORD\" >{place}/said\n")
    hook.chmod(0o755)
    made = bundle({"hooks.createRuntime": [
        {"path": str(hook), "args": ["hook", "two words"], "env": ["WORD=x y"]}]})
    name = runtime.name()
    by_hand(runtime, made, name).ok()
    state = Done(0, (place / "seen").read_text(), "").json()
    assert state["id"] == name and state["pid"] > 0 and state["bundle"] == str(made.path)
    assert (place / "said").read_text() == "two words x y\n"
