"""Device nodes, and which of them may be opened."""
import stat
from pathlib import Path

import pytest

from oracle import inside

NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9),
         "tty": (5, 0)}
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1",
         "stderr": "/proc/self/fd/2", "ptmx": "pts/ptmx"}
EPERM = 1
MAKE = {f"process.capabilities.{s}": ["CAP_MKNOD"] for s in ("bounding", "effective", "permitted")}


@pytest.mark.parametrize("name", NODES)
def test_default_nodes(probe, name):
    got = probe(ask=[f"stat:/dev/{name}"]).answer(f"stat:/dev/{name}")
    assert stat.S_ISCHR(got["mode"])
    assert got["mode"] & 0o777 == 0o666
    assert (got["major"], got["minor"]) == NODES[name]


@pytest.mark.parametrize("name", LINKS)
def test_default_links(probe, name):
    got = probe(ask=[f"link:/dev/{name}"])
    assert got.answer(f"link:/dev/{name}") == LINKS[name]


def test_nothing_else_in_dev(probe):
    found = set(probe(ask=["list:/dev"]).answer("list:/dev"))
    assert found - {"core"} == {*NODES, *LINKS, "pts", "shm", "mqueue"}


@pytest.mark.parametrize("kind, number", [("c", stat.S_IFCHR), ("u", stat.S_IFCHR),
                                          ("b", stat.S_IFBLK), ("p", stat.S_IFIFO)])
def test_each_kind(probe, kind, number):
    device = {"path": "/dev/extra", "type": kind, "fileMode": 0o640, "uid": 3, "gid": 4}
    if kind != "p":
        device.update(major=7, minor=250)
    got = probe({"linux.devices": [device]}, ask=["stat:/dev/extra"]).answer("stat:/dev/extra")
    assert stat.S_IFMT(got["mode"]) == number
    assert got["mode"] & 0o777 == 0o640
    assert (got["uid"], got["gid"]) == (3, 4)
    assert kind == "p" or (got["major"], got["minor"]) == (7, 250)


def test_in_a_new_directory(probe):
    got = probe({"linux.devices": [{"path": "/dev/dir/deep", "type": "c", "major": 1, "minor": 3}]},
                ask=["stat:/dev/dir/deep"])
    assert (got.answer("stat:/dev/dir/deep")["major"]) == 1


def test_outside_of_dev(probe):
    got = probe({"linux.devices": [{"path": "/tmp/node", "type": "c", "major": 1, "minor": 3}],
                 "root.readonly": False}, ask=["stat:/tmp/node"])
    assert (got.answer("stat:/tmp/node")["minor"]) == 3


@pytest.mark.only("onggi", why="runc then wants a rule for it")
def test_a_default_node_may_be_described_anew(probe):
    got = probe({"linux.devices": [{"path": "/dev/null", "type": "c", "major": 1, "minor": 3,
                                    "fileMode": 0o600}]}, ask=["stat:/dev/null"])
    assert stat.S_ISCHR(got.answer("stat:/dev/null")["mode"])


@pytest.mark.only("onggi", why="runc then wants a rule for it")
def test_device_in_a_user_namespace_is_a_bind_mount(runtime, bundle):
    ids = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    made = bundle({"linux.namespaces+": [{"type": "user"}], "linux.uidMappings": ids,
                   "linux.gidMappings": ids,
                   "linux.devices": [{"path": "/dev/full", "type": "c", "major": 1, "minor": 7}],
                   "process.args": ["/bin/probe", "stat:/dev/full", "open:/dev/full"]})
    got = runtime.run(made).inside()
    assert got.answer("stat:/dev/full")["minor"] == 7
    assert got.answer("open:/dev/full") == 0


@pytest.mark.parametrize("kind", ["x", "", "C"])
def test_unknown_kind(runtime, bundle, kind):
    runtime.run(bundle({"linux.devices": [{"path": "/dev/x", "type": kind, "major": 1,
                                           "minor": 1}]})).failed()


# --- rules ------------------------------------------------------------------------------------------

def rules(*more):
    return {"linux.resources.devices": [{"allow": False, "access": "rwm"}, *more],
            **{f"process.capabilities.{s}": ["CAP_SYSLOG"]
               for s in ("bounding", "effective", "permitted")}}


# The kernel's log: reading it asks for CAP_SYSLOG, which is not what is tested here.
KMSG = {"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11}


@pytest.mark.parametrize("name", NODES)
def test_default_nodes_can_be_opened(probe, name):
    got = probe(rules(), ask=[f"open:/dev/{name}", f"write:/dev/{name}"])
    assert EPERM not in (got.answer(f"open:/dev/{name}"), got.answer(f"write:/dev/{name}"))


def test_terminals_can_be_opened(probe):
    assert probe(rules(), ask=["open:/dev/ptmx"]).answer("open:/dev/ptmx") == 0


def test_others_cannot_be_opened(probe):
    got = probe(rules(), {"linux.devices": [KMSG]}, ask=["open:/dev/kmsg", "write:/dev/kmsg"])
    assert got.answer("open:/dev/kmsg") == got.answer("write:/dev/kmsg") == EPERM


@pytest.mark.parametrize("access, reading, writing", [("r", 0, EPERM), ("w", EPERM, 0),
                                                      ("rw", 0, 0), ("m", EPERM, EPERM)])
def test_access(probe, access, reading, writing):
    got = probe(rules({"allow": True, "type": "c", "major": 1, "minor": 11, "access": access}),
                {"linux.devices": [KMSG]}, ask=["open:/dev/kmsg", "write:/dev/kmsg"])
    assert got.answer("write:/dev/kmsg") == writing
    assert got.answer("open:/dev/kmsg") == reading


@pytest.mark.only("onggi", why="runc makes something else of it on v1")
def test_the_last_rule_counts(probe, runtime, bundle):
    """v1 cannot take one device out of a range that is allowed: then it is refused, not ignored."""
    changes = (rules({"allow": True, "type": "c", "major": 1, "access": "rwm"},
                     {"allow": False, "type": "c", "major": 1, "minor": 11, "access": "rwm"}),
               {"linux.devices": [KMSG]})
    if Path("/sys/fs/cgroup/devices").exists():
        runtime.run(bundle(*changes)).failed("control group v1 can't express")
        return
    got = probe(*changes, ask=["write:/dev/kmsg", "open:/dev/null"])
    assert got.answer("write:/dev/kmsg") == EPERM
    assert got.answer("open:/dev/null") == 0


def test_all_of_a_major_number(probe):
    got = probe(rules({"allow": True, "type": "c", "major": 1, "minor": -1, "access": "rwm"}),
                {"linux.devices": [KMSG]}, ask=["write:/dev/kmsg"])
    assert got.answer("write:/dev/kmsg") == 0


def test_everything(probe):
    got = probe({"linux.resources.devices": [{"allow": True, "access": "rwm"}],
                 "linux.devices": [KMSG]}, ask=["write:/dev/kmsg"])
    assert got.answer("write:/dev/kmsg") == 0


def test_nodes_can_be_made_but_not_opened(runtime, bundle):
    made = bundle(rules(), MAKE, {"root.readonly": False, "process.args": [
        "/bin/sh", "-c", "mknod /tmp/m c 1 11 && echo made; probe write:/tmp/m"]})
    out = runtime.run(made).ok().out
    assert out.startswith("made\n")
    assert '"write:/tmp/m": 1' in out


def test_the_rules_of_v1_as_the_kernel_has_them(started):
    if inside.has_controller("devices") != "v1":
        pytest.skip("the controller devices is of cgroup v1")
    made = started(rules({"allow": True, "type": "b", "major": 8, "minor": 1, "access": "r"}))
    lines = inside.group_value(made.group("devices"), "devices.list").splitlines()
    assert "a *:* rwm" not in lines
    assert "b 8:1 r" in lines
    assert {"c 1:3 rwm", "c 5:2 rwm", "c 136:* rwm", "c *:* m", "b *:* m"} <= set(lines)
