"""F: namespaces of others, settings of the host, directories of root."""
import os
import stat
import subprocess

import pytest

from kit.runtime import Container
from oracle import inside

SETTINGS = ["kernel/core_pattern", "kernel/modprobe", "kernel/sysrq", "net/ipv4/ip_forward",
            "kernel/shm_rmid_forced", "kernel/hostname"]


def settings():
    out = {}
    for name in filter(lambda n: os.path.exists(f"/proc/sys/{n}"), SETTINGS):
        with open(f"/proc/sys/{name}", encoding="utf-8") as f:
            out[name] = f.read()
    return out


@pytest.fixture(autouse=True)
def unchanged_settings():
    before = settings()
    yield
    assert settings() == before


# --- F1: CVE-2022-0811 -------------------------------------------------------------------------------

VALUES = ["1+kernel.core_pattern=|/x", "1,kernel.core_pattern=|/x", "1;kernel.core_pattern=|/x",
          "1\nkernel.core_pattern=|/x", "1 kernel.core_pattern=|/x", "1=2"]


@pytest.mark.parametrize("value", VALUES)
def test_f1_cve_2022_0811_value_with_a_second_setting(runtime, bundle, value):
    """The value is data: whatever it says, no other setting changes (see the fixture)."""
    runtime.run(bundle({"linux.sysctl": {"kernel.shmmax": value}}))


KEYS = ["kernel.core_pattern", "kernel/core_pattern", "net/../kernel/core_pattern",
        "net.../kernel/core_pattern", "net/ipv4/../../kernel/core_pattern", "net//../kernel/modprobe",
        "net", "net/", "/net/ipv4/ip_forward", "", ".", "..", "kernel.shmmax/../core_pattern",
        "kernel.shmmax\nkernel.core_pattern", "net.ipv4.ip_forward=1", "kernel.shm*",
        "fs/mqueue/../file-max", "kernel.sysrq", "vm.overcommit_memory", "user.max_user_namespaces"]


@pytest.mark.parametrize("key", KEYS)
def test_f1_cve_2022_0811_names(runtime, bundle, key):
    runtime.run(bundle({"linux.sysctl": {key: "1"}})).failed()


# --- F2: GHSA-w2j5-3rcx-vx7x ---------------------------------------------------------------------------

@pytest.mark.parametrize("kind, key", [("network", "net.ipv4.ip_forward"),
                                       ("ipc", "kernel.shm_rmid_forced"),
                                       ("ipc", "fs.mqueue.msg_max")])
@pytest.mark.parametrize("how", ["none", "the host's by path", "by a link to the host's"])
def test_f2_ghsa_w2j5_3rcx_vx7x_settings_of_a_namespace_of_the_host(runtime, bundle, place, kind, key,
                                                                   how):
    """Also if that namespace is named by a path, or by a link to it: what counts is which it is."""
    file = {"network": "net", "ipc": "ipc"}[kind]
    made = bundle({"linux.namespaces-": kind, "linux.sysctl": {key: "1"}})
    path = f"/proc/self/ns/{file}" if how.startswith("the") else place / "link"
    if how != "none":
        (place / "link").symlink_to(f"/proc/{os.getpid()}/ns/{file}")
        made.document["linux"]["namespaces"].append({"type": kind, "path": str(path)})
        made.write(made.document)
    runtime.run(made).failed(key)


@pytest.mark.parametrize("how", ["none", "by a path"])
def test_f2_host_name_of_the_host(runtime, bundle, how):
    made = bundle({"linux.namespaces-": "uts"})
    if how != "none":
        made.document["linux"]["namespaces"].append({"type": "uts", "path": "/proc/self/ns/uts"})
        made.write(made.document)
    runtime.run(made).failed("hostname" if runtime.kind == "onggi" else "")


# --- F3: namespaces that are joined ----------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/proc/self/ns/net", "/dev/null", "/etc/passwd", "/proc/self",
                                  "/nowhere"])
def test_f3_a_namespace_of_another_kind_or_none(runtime, bundle, path):
    made = bundle({"linux.namespaces-": "ipc"})
    made.document["linux"]["namespaces"].append({"type": "ipc", "path": path})
    made.write(made.document)
    runtime.run(made).failed()


def test_f3_a_user_namespace_that_does_not_own_the_others(runtime, bundle):
    """A network of the host together with a user namespace: its settings are not for its root."""
    ids = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    made = bundle({"linux.namespaces+": [{"type": "user"}], "linux.uidMappings": ids,
                   "linux.gidMappings": ids, "linux.namespaces-": "network",
                   "process.args": ["/bin/probe", "write:/proc/sys/net/ipv4/ip_forward"],
                   "linux.readonlyPaths": []})
    subprocess.run(["chmod", "755", made.path, made.rootfs], check=True)
    done = runtime.run(made)
    if done.status == 0:
        assert done.inside().answer("write:/proc/sys/net/ipv4/ip_forward") != 0


@pytest.mark.only("onggi", "crun", why="Debian's runc finds the process by its number alone")
def test_f3_a_number_that_another_process_has(started):
    """A container whose process ended is stopped, even if its number is taken again."""
    made = started()
    pid = made.pid
    made.stop()
    os.system(f"echo {pid - 1} >/proc/sys/kernel/ns_last_pid")
    other = subprocess.Popen(["sleep", "100"])
    try:
        assert made.status == "stopped"
        made.call("kill", "KILL")
        assert other.poll() is None
        made.delete("--force").ok()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


# --- F4, F5, F6 ---------------------------------------------------------------------------------------------

@pytest.mark.only("onggi", why="ours alone")
def test_f4_f5_cve_2020_5291_cve_2018_6556_no_setuid_program(runtime):
    folder = os.path.dirname(runtime.path)
    found = [e.name for e in os.scandir(folder) if e.is_file() and
             e.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)]
    assert not found


@pytest.mark.only("onggi", why="ours alone")
def test_f5_cve_2026_40226_no_configuration_beside_the_image(runtime, bundle):
    """What lies around, in the bundle, its root or the working directory, is not read."""
    made = bundle()
    for name in ("onggi.conf", ".onggi", "onggi.json", "hooks.json", "state.json", "record.json"):
        for folder in (made.path, made.rootfs):
            (folder / name).write_text('{"hooks": {"createRuntime": [{"path": "/bin/false"}]}}')
    assert runtime.run(made, cwd=made.path).inside()["pid"] == 1


@pytest.mark.parametrize("user", [1000, 100000])
def test_f6_cve_2021_21284_nobody_writes_where_root_keeps_state(create, user):
    """Neither a user of the host nor the root of a user namespace."""
    made = create()
    root = made.runtime.root
    found = []
    for folder, _, files in os.walk(root):
        for path in [folder, *(os.path.join(folder, f) for f in files)]:
            info = os.lstat(path)
            if path != str(root) and info.st_mode & 0o022 and not stat.S_ISSOCK(info.st_mode):
                found.append(path)
            assert info.st_uid == 0
    assert not found
    done = subprocess.run(["sh", "-c", f"echo x >{root}/{made.id}/config.json"], user=user,
                          group=user, extra_groups=[], stderr=subprocess.DEVNULL, check=False)
    assert done.returncode != 0


@pytest.mark.only("onggi", why="others have no gate of this kind")
def test_f6_another_user_does_not_start_it(create):
    """The gate at which a created container waits is open for its owner alone."""
    made = Container.ok(create())
    gate = made.runtime.root / made.id / "gate"
    done = subprocess.run(["python3", "-c", """import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.connect(sys.argv[1])
s.send(b'x')""", str(gate)], user=1000, group=1000, extra_groups=[], capture_output=True, check=False)
    assert done.returncode != 0
    assert made.status == "created"
    assert inside.namespace(made.pid, "net") != inside.own_namespace("net")
