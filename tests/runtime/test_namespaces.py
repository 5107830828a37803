"""Namespaces: each kind new, joined by path, or the caller's; id maps; clocks."""
import contextlib
import os
import subprocess

import pytest

from kit.runtime import wait_for
from oracle import inside

KINDS = {"pid": "pid", "network": "net", "ipc": "ipc", "uts": "uts", "mount": "mnt",
         "cgroup": "cgroup", "user": "user", "time": "time"}
OWN_BY_DEFAULT = ["pid", "network", "ipc", "uts"]
IDS = {"linux.uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
       "linux.gidMappings": [{"containerID": 0, "hostID": 200000, "size": 65536}]}
USER = {"linux.namespaces+": [{"type": "user"}], **IDS}


@contextlib.contextmanager
def holder(*flags):
    """The pid of a process in new namespaces."""
    script = "echo; exec sleep 1000"
    fork = ["--fork"] if {"--pid", "--time"} & set(flags) else []
    child = subprocess.Popen(["unshare", *flags, *fork, "sh", "-c", script], stdout=subprocess.PIPE)
    child.stdout.readline()
    pid = child.pid
    if fork:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            pid = int(f.read().split()[0])
    try:
        yield pid
    finally:
        os.kill(pid, 9)
        child.communicate()


def own_users_files(bundle):
    """The root file system has to belong to the ids of the user namespace to be written."""
    os.chown(bundle.rootfs, 100000, 200000)
    return bundle


@pytest.mark.parametrize("kind", ["pid", "network", "ipc", "uts", "mount"])
def test_new_ones(probe, kind):
    got = probe()
    assert got["namespaces"][KINDS[kind]] != inside.own_namespace(KINDS[kind])


@pytest.mark.parametrize("kind", OWN_BY_DEFAULT)
def test_absent_means_the_callers(probe, kind):
    changes = {"linux.namespaces-": kind}
    if kind == "network":  # a sysfs of another network namespace's user cannot be mounted
        changes["linux.sysctl"] = None
    if kind == "uts":
        changes["hostname"] = None
    got = probe(changes)
    assert got["namespaces"][KINDS[kind]] == inside.own_namespace(KINDS[kind])


def test_without_a_pid_namespace_init_is_not_process_1(probe):
    assert probe({"linux.namespaces-": "pid"})["pid"] > 1


def test_new_cgroup_namespace(probe):
    got = probe({"linux.namespaces+": [{"type": "cgroup"}]})
    assert got["namespaces"]["cgroup"] != inside.own_namespace("cgroup")
    assert all(line.endswith(":/") for line in got.file("cgroup").splitlines())


@pytest.mark.parametrize("kind, flag", [("network", "--net"), ("ipc", "--ipc"), ("uts", "--uts"),
                                        ("cgroup", "--cgroup")])
def test_joined_by_path(probe, kind, flag):
    with holder(flag) as pid:
        want = inside.namespace(pid, KINDS[kind])
        assert want != inside.own_namespace(KINDS[kind])
        got = probe({"linux.namespaces-": kind, "hostname": None},
                    {"linux.namespaces+": [{"type": kind, "path": f"/proc/{pid}/ns/{KINDS[kind]}"}]})
        assert got["namespaces"][KINDS[kind]] == want


def test_joined_pid_namespace(probe):
    with holder("--pid") as pid:
        got = probe({"linux.namespaces-": "pid"},
                    {"linux.namespaces+": [{"type": "pid", "path": f"/proc/{pid}/ns/pid"}]})
        assert got["namespaces"]["pid"] == inside.namespace(pid, "pid")
        assert got["pid"] > 1
        assert "sleep" in got.files["/proc/1/cmdline"]


@pytest.mark.only("onggi", "runc", why="crun 1.8 has no time namespaces")
def test_joined_network_namespace_by_a_mounted_name(probe, place):
    name = place / "netns"
    name.touch()
    with holder("--net") as pid:
        subprocess.run(["mount", "--bind", f"/proc/{pid}/ns/net", name], check=True)
        want = inside.namespace(pid, "net")
    try:
        got = probe({"linux.namespaces-": "network"},
                    {"linux.namespaces+": [{"type": "network", "path": str(name)}]})
        assert got["namespaces"]["net"] == want
    finally:
        subprocess.run(["umount", name], check=True)


def test_two_containers_share_as_in_a_pod(started, probe):
    sandbox = started()
    shared = ["network", "ipc", "uts"]
    changes = [{"linux.namespaces-": k} for k in shared]
    changes += [{"linux.namespaces+": [{"type": k, "path": f"/proc/{sandbox.pid}/ns/{KINDS[k]}"}]}
                for k in shared]
    got = probe(*changes, {"hostname": None})
    for k in shared:
        assert got["namespaces"][KINDS[k]] == inside.namespace(sandbox.pid, KINDS[k])
    assert got["hostname"] == "box"


@pytest.mark.parametrize("path", ["/proc/self/ns/uts", "/dev/null", "/nowhere"])
def test_path_of_something_else(runtime, bundle, path):
    made = bundle({"linux.namespaces-": "network"},
                  {"linux.namespaces+": [{"type": "network", "path": path}]})
    runtime.run(made).failed()


def test_twice_the_same(runtime, bundle):
    runtime.run(bundle({"linux.namespaces+": [{"type": "pid"}]})).failed("pid")


def test_unknown_kind(runtime, bundle):
    runtime.run(bundle({"linux.namespaces+": [{"type": "bogus"}]})).failed("bogus")


def test_loopback_is_up_in_a_new_network_namespace(probe):
    got = probe(ask=["read:/sys/class/net/lo/flags"])
    assert got.interfaces == {"lo"}
    assert int(got.answer("read:/sys/class/net/lo/flags"), 16) & 1


def test_hostname_needs_a_uts_namespace(runtime, bundle):
    runtime.run(bundle({"linux.namespaces-": "uts"})).failed("hostname")


@pytest.mark.only("onggi", "crun", why="Debian's runc is older than domainname")
def test_domainname(probe):
    got = probe({"domainname": "example.org"})
    assert got["domainname"] == "example.org"


# --- user namespaces -----------------------------------------------------------------------------------

def test_id_maps(runtime, bundle):
    made = own_users_files(bundle(USER))
    got = runtime.run(made).inside()
    assert got["namespaces"]["user"] != inside.own_namespace("user")
    assert got.file("uid_map").split() == ["0", "100000", "65536"]
    assert got.file("gid_map").split() == ["0", "200000", "65536"]
    assert got.status["Uid"].split()[0] == "0"


def test_its_process_is_the_mapped_user_outside(started):
    made = started(USER)
    status = inside.fields(inside.proc(made.pid, "status"))
    assert status["Uid"].split() == ["100000"] * 4
    assert status["Gid"].split() == ["200000"] * 4


def test_another_user_in_a_user_namespace(started):
    made = started(USER, {"process.user": {"uid": 1000, "gid": 1001, "additionalGids": [5]}})
    status = inside.fields(inside.proc(made.pid, "status"))
    assert status["Uid"].split()[0] == "101000"
    assert status["Gid"].split()[0] == "201001"
    assert "200005" in status["Groups"].split()


def test_several_lines_of_maps(runtime, bundle):
    made = own_users_files(bundle({
        "linux.namespaces+": [{"type": "user"}],
        "linux.uidMappings": [{"containerID": 0, "hostID": 100000, "size": 10},
                              {"containerID": 10, "hostID": 300000, "size": 5}],
        "linux.gidMappings": [{"containerID": 0, "hostID": 200000, "size": 10}]}))
    got = runtime.run(made).inside()
    assert [l.split() for l in got.file("uid_map").splitlines()] == [
        ["0", "100000", "10"], ["10", "300000", "5"]]


def test_its_other_namespaces_belong_to_the_user_namespace(started):
    """Seen by what root inside may do: mount nothing of the host's, set its own hostname."""
    made = started(USER, {f"process.capabilities.{s}": ["CAP_SYS_ADMIN"]
                          for s in ("bounding", "effective", "permitted")})
    made.exec("/bin/hostname", "changed", flags=("--cap", "CAP_SYS_ADMIN")).ok()
    assert made.exec("/bin/hostname").ok().out == "changed\n"


@pytest.mark.only("onggi", why="runc takes the maps for a wish of its caller's user namespace")
def test_maps_without_a_user_namespace(runtime, bundle):
    runtime.run(bundle(IDS)).failed("user")


def test_user_namespace_without_maps(runtime, bundle):
    runtime.run(bundle({"linux.namespaces+": [{"type": "user"}]})).failed("map")


def test_dev_null_works_in_a_user_namespace(runtime, bundle):
    made = own_users_files(bundle(USER, {"process.args": [
        "/bin/sh", "-c", "echo x >/dev/null && head -c 4 /dev/zero | od -c && echo >/dev/full"]}))
    done = runtime.run(made)
    assert "\\0" in done.out
    assert "No space left" in done.err


def test_user_namespace_joined_by_path(runtime, bundle, started):
    first = started(USER)
    made = own_users_files(bundle({"linux.namespaces+": [
        {"type": "user", "path": f"/proc/{first.pid}/ns/user"}]}))
    if runtime.kind == "runc":
        pytest.skip("Debian's runc does not do this")
    got = runtime.run(made).inside()
    assert got["namespaces"]["user"] == inside.namespace(first.pid, "user")


# --- time ---------------------------------------------------------------------------------------------

@pytest.mark.only("onggi", why="Debian's runc and crun are older than time namespaces")
def test_time_offsets(probe):
    got = probe({"linux.namespaces+": [{"type": "time"}],
                 "linux.timeOffsets": {"monotonic": {"secs": 86400}, "boottime": {"secs": 864000}}})
    assert got["namespaces"]["time"] != inside.own_namespace("time")
    assert float(got.files["/proc/uptime"].split()[0]) > 864000
    offsets = {l.split()[0]: int(l.split()[1]) for l in got.file("timens_offsets").splitlines()}
    assert offsets == {"monotonic": 86400, "boottime": 864000}


@pytest.mark.only("onggi", why="Debian's runc and crun are older than time namespaces")
def test_time_offsets_need_a_time_namespace(runtime, bundle):
    runtime.run(bundle({"linux.timeOffsets": {"boottime": {"secs": 1}}})).failed("time")


@pytest.mark.only("onggi", why="Debian's runc and crun are older than time namespaces")
def test_joined_time_namespace(probe):
    with holder("--time", "--boottime=100000") as pid:
        got = probe({"linux.namespaces+": [{"type": "time", "path": f"/proc/{pid}/ns/time"}]})
        assert got["namespaces"]["time"] == inside.namespace(pid, "time")


# --- network devices ---------------------------------------------------------------------------------------

@pytest.fixture
def pair():
    def ip(*args):
        subprocess.run(["ip", *args], check=True)

    ip("link", "add", "out0", "type", "veth", "peer", "name", "move0")
    ip("address", "add", "192.0.2.7/24", "dev", "move0")
    yield
    subprocess.run(["ip", "link", "delete", "out0"], check=False, stderr=subprocess.DEVNULL)


@pytest.mark.only("onggi", why="Debian's runc and crun do not move interfaces")
def test_net_devices_are_moved_with_their_addresses(pair, started):
    made = started({"linux.netDevices": {"move0": {"name": "eth0"}}})
    out = made.exec("/bin/ip", "address", "show", "eth0").ok().out
    assert "192.0.2.7/24" in out
    assert "move0" not in os.listdir("/sys/class/net")


@pytest.mark.only("onggi", why="Debian's runc and crun do not move interfaces")
def test_net_device_that_is_not_there(runtime, bundle):
    runtime.run(bundle({"linux.netDevices": {"nope0": {}}})).failed("nope0")


def test_a_process_sees_only_its_own_pid_namespace(started):
    made = started()
    out = made.exec("/bin/ps").ok().out.splitlines()
    assert len(out) <= 3
    wait_for(lambda: made.status == "running")
