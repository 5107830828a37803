"""containerd's shim drives the runtime: ctr run, exec, pause, kill, delete."""
import json

import pytest

from kit import image
from kit.daemon import Daemon, call, need
from kit.runtime import PREFIX, wait_for
from oracle import inside, leak

CONFIG = """
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt",
    "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
root = "{area}/root"
state = "{area}/state"
[grpc]
address = "{area}/socket"
[ttrpc]
address = "{area}/socket.ttrpc"
"""


class Ctr:
    def __init__(self, area, binary):
        self.area, self.binary, self.n = area, binary, 0
        self.prefix = ["ctr", "--address", area / "socket", "--namespace", PREFIX]

    def __call__(self, *args, **how):
        return call(*self.prefix, *args, **how)

    def run(self, *args, flags=(), name=None):
        self.n += 1
        self.name = name or f"c{self.n}"
        return self("run", "--runc-binary", self.binary, "--runc-root", self.area / "runc", *flags,
                    image.NAME, self.name, *args)

    def start(self, *args, flags=()):
        self.run(*args, flags=["--detach", *flags]).ok()
        return self.name

    def remove(self, name):
        self("task", "kill", "--signal", "KILL", name)
        wait_for(lambda: self.status(name) in (None, "STOPPED"))
        self("task", "delete", name)
        self("container", "delete", name).ok()

    def status(self, name):
        for line in self("task", "list").ok().out.splitlines()[1:]:
            if line.split()[0] == name:
                return line.split()[2]
        return None

    def pid(self, name):
        return next(int(l.split()[1]) for l in self("task", "list").ok().out.splitlines()[1:]
                    if l.split()[0] == name)


@pytest.fixture(scope="module")
def ctr(area, binary, archive):
    need("containerd", "ctr", "containerd-shim-runc-v2")
    (area / "config.toml").write_text(CONFIG.format(area=area))
    daemon = Daemon(["containerd", "--config", area / "config.toml"], area / "log")
    made = Ctr(area, binary)
    try:
        daemon.wait_ready(lambda: made("version").status == 0)
        made("images", "import", "--no-unpack", archive)
        if made("images", "check").status:
            pytest.skip("this containerd cannot import an image")
        done = made("snapshots", "list")
        done.ok()
        yield made
    finally:
        daemon.stop()


def test_run(ctr):
    got = ctr.run("/bin/probe", flags=["--rm"]).inside()
    assert got["pid"] == 1
    assert got["namespaces"]["pid"] != inside.own_namespace("pid")


@pytest.mark.parametrize("code", [0, 3, 127])
def test_status(ctr, code):
    assert ctr.run("/bin/sh", "-c", f"exit {code}", flags=["--rm"]).status == code


def test_a_missing_command_is_named(ctr):
    done = ctr.run("/bin/nonsense", flags=["--rm"])
    done.failed("no such file or directory")
    ctr("container", "delete", ctr.name)


def test_exec(ctr):
    name = ctr.start("/bin/sleep", "1000")
    done = ctr("task", "exec", "--exec-id", "e1", name, "/bin/sh", "-c", "echo in $(hostname); exit 4")
    assert done.status == 4
    assert done.out.startswith("in ")
    ctr.remove(name)


def test_exec_missing_command(ctr):
    name = ctr.start("/bin/sleep", "1000")
    ctr("task", "exec", "--exec-id", "e2", name, "/bin/nonsense").failed("no such file or directory")
    ctr.remove(name)


def test_pause_and_resume(ctr):
    if not inside.has_controller("freezer") and "" not in inside.hierarchies():
        pytest.skip("no freezer")
    name = ctr.start("/bin/sleep", "1000")
    ctr("task", "pause", name).ok()
    assert ctr.status(name) == "PAUSED"
    ctr("task", "resume", name).ok()
    assert ctr.status(name) == "RUNNING"
    ctr.remove(name)


def test_processes_of_a_task(ctr):
    name = ctr.start("/bin/sh", "-c", "sleep 1001 & wait")
    pid = ctr.pid(name)
    wait_for(lambda: len(ctr("task", "ps", name).ok().out.splitlines()) == 3)
    assert str(pid) in ctr("task", "ps", name).out
    ctr.remove(name)


@pytest.mark.parametrize("signal", ["TERM", "USR1"])
def test_kill(ctr, signal):
    name = ctr.start("/bin/sh", "-c", f"trap 'exit 9' {signal}; while :; do sleep 0.05; done")
    wait_for(lambda: int(inside.fields(inside.proc(ctr.pid(name), "status"))["SigCgt"], 16))
    ctr("task", "kill", "--signal", signal, name).ok()
    wait_for(lambda: ctr.status(name) == "STOPPED")
    assert "code 9" in ctr("task", "delete", name).err
    ctr("container", "delete", name).ok()


def test_metrics(ctr):
    name = ctr.start("/bin/sleep", "1000")
    done = ctr("task", "metrics", name)
    if inside.has_controller("pids"):
        assert "pids.current" in done.ok().out
    ctr.remove(name)


def test_memory_limit(ctr):
    if not inside.has_controller("memory"):
        pytest.skip("no hierarchy of this host has the controller memory")
    name = ctr.start("/bin/sleep", "1000", flags=["--memory-limit", str(48 << 20)])
    group = inside.group_of(ctr.pid(name), "memory")
    file = "memory.limit_in_bytes" if inside.has_controller("memory") == "v1" else "memory.max"
    assert inside.group_value(group, file) == str(48 << 20)
    ctr.remove(name)


def test_privileged(ctr):
    """It asks for all capabilities: what this machine has not is no reason to fail."""
    done = ctr.run("/bin/probe", flags=["--rm", "--privileged"])
    if done.status and ctr.binary.endswith("/runc"):
        pytest.skip("Debian's runc fails where not all capabilities can be granted")
    assert 21 in done.inside().capabilities("Eff")


def test_terminal(ctr):
    done = call("script", "--quiet", "--return", "--command", " ".join(map(str, [
        *ctr.prefix, "run", "--rm", "--tty", "--runc-binary", ctr.binary, "--runc-root",
        ctr.area / "runc", image.NAME, "terminal", "/bin/tty"])), "/dev/null")
    assert "/dev/pts/0" in done.ok().out


def test_ten_at_once_and_nothing_stays(ctr):
    names = [ctr.start("/bin/sleep", "1000") for _ in range(10)]
    assert len({ctr.pid(n) for n in names}) == 10
    groups = {inside.group_of(ctr.pid(n), "pids") for n in names}
    for name in names:
        ctr.remove(name)
    assert ctr("task", "list").ok().out.splitlines()[1:] == []
    assert not groups & leak.groups()
    root = ctr.area / "runc" / PREFIX
    assert not root.exists() or list(root.iterdir()) == []


def test_the_shim_reads_features_or_does_without(ctr):
    done = call(ctr.binary, "features")
    if done.status == 0:
        assert json.loads(done.out)["ociVersionMax"]
