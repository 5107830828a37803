"""E: control groups as a way out, or as a way to keep what should end.

Every path that is named here begins with this run's own prefix, also where it is meant to be refused:
if the protection fails, what is hit is nobody else's.
"""
import errno
import os
import subprocess
import time

import pytest

from kit.runtime import PREFIX, Container, wait_for
from oracle import inside, leak

SETS = ("bounding", "effective", "permitted")
ADMIN = {f"process.capabilities.{s}": ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"] for s in SETS}
CGROUP = {"mounts+": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                       "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}]}
NAMESPACE = {"linux.namespaces+": [{"type": "cgroup"}]}
V1 = any(inside.hierarchies().keys() - {""})


# --- E1: CVE-2022-0492 --------------------------------------------------------------------------------

def shell(runtime, bundle, script, *changes):
    return runtime.run(bundle({"process.args": ["/bin/sh", "-c", script]}, *changes)).ok().out


@pytest.mark.skipif(not V1, reason="no hierarchy of control groups version 1, where release_agent is")
@pytest.mark.parametrize("namespace", [{}, NAMESPACE], ids=["of the host", "of its own"])
def test_e1_cve_2022_0492_release_agent(runtime, bundle, namespace):
    """Neither there to be written in what is mounted, nor in a mount of its own."""
    out = shell(runtime, bundle, """
        for f in $(find /sys/fs/cgroup -name release_agent -o -name notify_on_release); do
            ( echo /tmp/x >$f ) 2>/dev/null && echo written $f
        done
        mkdir -p /tmp/c && mount -t cgroup -o memory c /tmp/c 2>/dev/null && echo mounted
        true""", CGROUP, namespace, {"root.readonly": False})
    assert out == ""


@pytest.mark.skipif(not V1, reason="no hierarchy of control groups version 1, where release_agent is")
def test_e1_cve_2022_0492_with_a_filter_no_namespace_helps(probe):
    """unshare of users and groups is refused by a filter as engines use it."""
    unshare = {"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["unshare", "setns", "mount"], "action": "SCMP_ACT_ERRNO"},
        {"names": ["clone"], "action": "SCMP_ACT_ERRNO",
         "args": [{"index": 0, "value": 0x10000000, "valueTwo": 0x10000000,
                   "op": "SCMP_CMP_MASKED_EQ"}]}]}}
    got = probe(unshare, ask=[f"call:272,{0x12000000}", f"call:56,{0x10000011}"])
    assert got.answer(f"call:272,{0x12000000}") == errno.EPERM
    assert got.answer(f"call:56,{0x10000011}") == errno.EPERM


# --- E2, E3, E4 ---------------------------------------------------------------------------------------

def test_e2_cve_2023_25809_groups_are_read_only(probe):
    """With the host's cgroup namespace, too."""
    for changes in ([CGROUP], [CGROUP, NAMESPACE]):
        mounts = [m for m in probe(*changes).mounts if m.target.startswith("/sys/fs/cgroup")]
        assert mounts
        assert all("ro" in m.options for m in mounts), mounts


@pytest.mark.parametrize("path", [f"/{PREFIX}-a/../../{PREFIX}-x", f"../{PREFIX}-x",
                                  f"/../../{PREFIX}-x", f"/{PREFIX}-a/./../../../{PREFIX}-x"])
def test_e4_group_path_stays_below_the_hierarchy(runtime, bundle, path):
    """Dots are refused or lead nowhere else; no directory is made beside the hierarchies."""
    runtime.run(bundle({"linux.cgroupsPath": path, "process.args": ["/bin/true"]}))
    for top in ("/", "/sys", "/sys/fs"):
        assert f"{PREFIX}-x" not in os.listdir(top)
    wait_for(lambda: not leak.groups())


@pytest.mark.only("onggi", "crun", why="Debian's runc has another form of it")
@pytest.mark.parametrize("path", ["..", "../..", f"../{PREFIX}-x", f"{PREFIX}-a/../../..", "/..",
                                  f"pids:../{PREFIX}-x"])
def test_e4_cgroup_of_exec_stays_below_its_own(started, path):
    made = started()
    done = made.exec("/bin/cat", "/proc/self/cgroup", flags=["--cgroup", path])
    if done.status == 0:
        own = inside.proc(made.pid, "cgroup").splitlines()
        for line, mine in zip(done.out.splitlines(), own):
            assert line.split(":", 2)[2].startswith(mine.split(":", 2)[2]), line


@pytest.mark.only("onggi", why="a promise of ours")
@pytest.mark.parametrize("key", ["../cgroup.procs", f"../../{PREFIX}-x", "a/b", "", ".", "..",
                                 "memory.max\n", "cgroup.kill", "cgroup.procs", "cgroup.threads"])
def test_e3_cve_2023_6476_keys_of_unified(runtime, bundle, key):
    """A key is the name of one file of the group, and not one that moves or ends processes."""
    done = runtime.run(bundle({"linux.resources.unified": {key: "1"}}))
    assert done.status != 0, f"{key!r} was accepted"


# --- E6, E7, E8 -----------------------------------------------------------------------------------------

@pytest.mark.needs("freezer")
def test_e7_deleted_while_paused(started):
    made = started()
    made.call("pause").ok()
    begin = time.monotonic()
    made.delete("--force").ok()
    assert time.monotonic() - begin < 2


@pytest.mark.needs("freezer")
def test_e7_killed_while_frozen_by_another(started):
    """Frozen by hand, not by the runtime: KILL ends it all the same."""
    made = started()
    group = made.group("freezer")
    assert PREFIX in group
    v1 = os.path.exists(f"{group}/freezer.state")
    with open(f"{group}/freezer.state" if v1 else f"{group}/cgroup.freeze", "w") as f:
        f.write("FROZEN" if v1 else "1")
    begin = time.monotonic()
    made.call("kill", "KILL").ok()
    made.wait()
    assert time.monotonic() - begin < 2


BOMB = r"""
#include <unistd.h>
int main(void)
{
	for (;;)
		if (fork() < 0)
			usleep(1000);
}
"""


@pytest.mark.needs("pids")
def test_e8_fork_bomb_in_its_limit_and_deleted(runtime, bundle, place):
    """It does not get beyond its limit, others go on, and it ends within five seconds."""
    (place / "bomb.c").write_text(BOMB)
    bombed = bundle({"linux.resources.pids.limit": 200, "process.args": ["/bin/bomb"]})
    subprocess.run(["gcc", "-static", "-o", bombed.rootfs / "bin/bomb", place / "bomb.c"], check=True)
    made = Container(runtime, bombed).ok().start()
    group = made.group("pids")
    assert PREFIX in group

    def is_full():
        return int(inside.group_value(group, "pids.current")) >= 150

    wait_for(is_full)
    assert int(inside.group_value(group, "pids.current")) <= 200
    runtime.run(bundle({"process.args": ["/bin/true"]})).ok()
    begin = time.monotonic()
    made.delete("--force").ok()
    assert time.monotonic() - begin < 5
