"""Podman and conmon drive the runtime: run, exec, stop, pause, kill, rm, update, terminals, pods."""
import json

import pytest

from kit import image
from kit.daemon import STORAGE, call, need
from kit.runtime import PREFIX, wait_for
from oracle import inside, leak

# What machines like CI runners need: no journal, no limits above one's own.
CONF = """
[engine]
events_logger = "file"
runtime_supports_json = ["{name}"]
[engine.runtimes]
{name} = ["{binary}"]
[containers]
log_driver = "k8s-file"
default_ulimits = ["nofile=1024:4096", "nproc=4096:4096"]
"""


class Podman:
    def __init__(self, area, binary):
        name = binary.rsplit("/", 1)[1]
        (area / "containers.conf").write_text(CONF.format(name=name, binary=binary))
        (area / "storage.conf").write_text(STORAGE.format(area=area))
        (area / "registries.conf").write_text("")
        self.env = {"CONTAINERS_CONF": str(area / "containers.conf"),
                    "CONTAINERS_STORAGE_CONF": str(area / "storage.conf"),
                    "CONTAINERS_REGISTRIES_CONF": str(area / "registries.conf"),
                    "TMPDIR": str(area)}
        self.prefix = ["podman", "--runtime", name, "--cgroup-manager", "cgroupfs", "--tmpdir",
                       area / "tmp"]

    def __call__(self, *args, **how):
        return call(*self.prefix, *args, env=self.env, **how)

    def run(self, *args, flags=()):
        return self("run", "--network", "none", "--cgroup-parent", f"/{PREFIX}", *flags, image.NAME,
                    *args)

    def start(self, *args, flags=()):
        return self.run(*args, flags=["--detach", *flags]).ok().out.strip()

    def inspect(self, name, what):
        return self("inspect", "--format", "{{" + what + "}}", name).ok().out.strip()

    def pid(self, name):
        return int(self.inspect(name, ".State.Pid"))


@pytest.fixture(scope="module")
def podman(area, binary, archive):
    need("podman", "conmon")
    made = Podman(area, binary)
    made("load", "--input", archive).ok()
    yield made
    made("rm", "--all", "--force", "--time", "0")


@pytest.fixture
def running(podman):
    name = podman.start("/bin/sleep", "1000")
    yield name
    podman("rm", "--force", "--time", "0", name).ok()


def test_run(podman):
    got = podman.run("/bin/probe", flags=["--rm"]).inside()
    assert got["pid"] == 1
    assert got.status["Seccomp"] == "2"


@pytest.mark.parametrize("code", [0, 5])
def test_status(podman, code):
    assert podman.run("/bin/sh", "-c", f"exit {code}", flags=["--rm"]).status == code


def test_missing_command_is_127(podman):
    assert podman.run("/bin/nonsense", flags=["--rm"]).status == 127
    assert podman.run("nonsense", flags=["--rm"]).status == 127


def test_command_that_cannot_be_executed_is_126(podman):
    assert podman.run("/etc/passwd", flags=["--rm"]).status == 126


def test_exec(podman, running):
    done = podman("exec", running, "/bin/sh", "-c", "echo here; exit 6")
    assert (done.status, done.out) == (6, "here\n")


def test_exec_with_user_directory_and_environment(podman, running):
    got = podman("exec", "--user", "5:6", "--workdir", "/tmp", "--env", "A=1", running,
                 "/bin/probe").inside()
    assert got.status["Uid"].split()[0] == "5"
    assert (got["cwd"], got.env["A"]) == ("/tmp", "1")


def test_exec_missing_command_is_127(podman, running):
    assert podman("exec", running, "/bin/nonsense").status == 127


def test_terminal(podman):
    prefix = " ".join(f"{k}={v}" for k, v in podman.env.items())
    inner = " ".join(map(str, [*podman.prefix, "run", "--rm", "-t", "--network", "none",
                               "--cgroup-parent", f"/{PREFIX}", image.NAME, "/bin/tty"]))
    done = call("script", "--quiet", "--return", "--command", f"env {prefix} {inner}", "/dev/null")
    assert "/dev/pts/0" in done.ok().out


def test_stop(podman):
    name = podman.start("/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done")
    wait_for(lambda: int(inside.fields(inside.proc(podman.pid(name), "status"))["SigCgt"], 16))
    podman("stop", "--time", "30", name).ok()
    assert podman.inspect(name, ".State.ExitCode") == "7"
    podman("rm", name).ok()


def test_kill(podman):
    name = podman.start("/bin/sleep", "1000")
    podman("kill", "--signal", "KILL", name).ok()
    wait_for(lambda: podman.inspect(name, ".State.Status") == "exited")
    assert podman.inspect(name, ".State.ExitCode") == "137"
    podman("rm", name).ok()


def test_pause(podman, running):
    podman("pause", running).ok()
    assert podman.inspect(running, ".State.Status") == "paused"
    podman("unpause", running).ok()
    assert podman.inspect(running, ".State.Status") == "running"


def test_logs(podman):
    name = podman.start("/bin/sh", "-c", "echo out; echo err >&2")
    podman("wait", name).ok()
    done = podman("logs", name)
    assert (done.out, done.err) == ("out\n", "err\n")
    podman("rm", name).ok()


@pytest.mark.needs("memory", "pids")
def test_limits(podman, runtime):
    name = podman.start("/bin/sleep", "1000", flags=["--memory", "48m", "--pids-limit", "33"])
    pid = podman.pid(name)
    file = "memory.limit_in_bytes" if inside.has_controller("memory") == "v1" else "memory.max"
    assert inside.group_value(inside.group_of(pid, "memory"), file) == str(48 << 20)
    assert inside.group_value(inside.group_of(pid, "pids"), "pids.max") == "33"
    podman("rm", "--force", "--time", "0", name).ok()


def test_volumes_and_read_only(podman, area):
    (area / "data").mkdir()
    (area / "data/file").write_text("hello\n")
    done = podman.run("/bin/sh", "-c", "cat /v/file; touch /v/x; touch /x", flags=[
        "--rm", "--read-only", "--volume", f"{area}/data:/v:ro"])
    assert done.out == "hello\n"
    assert done.err.count("Read-only") == 2


def test_user_namespace(podman):
    got = podman.run("/bin/probe", flags=["--rm", "--uidmap", "0:100000:5000", "--gidmap",
                                          "0:100000:5000"]).inside()
    assert got.file("uid_map").split() == ["0", "100000", "5000"]


def test_preserved_descriptors(podman):
    done = call("bash", "-c", 'exec "$@" 3</etc/hostname', "bash", *podman.prefix, "run", "--rm",
                "--preserve-fds", "1", "--network", "none", "--cgroup-parent", f"/{PREFIX}",
                image.NAME, "/bin/ls", "/proc/self/fd", env=podman.env)
    assert "3" in done.ok().out.split()


def test_privileged(podman):
    done = podman.run("/bin/probe", flags=["--rm", "--privileged"])
    assert 21 in done.inside().capabilities("Eff")


def test_pod_shares_namespaces(podman):
    done = podman("pod", "create", "--name", "thepod", "--network", "none", "--infra-image",
                  image.NAME, "--infra-command", "/bin/sleep 1000", "--cgroup-parent", f"/{PREFIX}")
    done.ok()
    try:
        name = podman("run", "--detach", "--pod", "thepod", image.NAME, "/bin/sleep",
                      "1000").ok().out.strip()
        one, *rest = json.loads(podman("pod", "inspect", "thepod").ok().out)["Containers"]
        pids = [podman.pid(c["Id"]) for c in (one, *rest)]
        assert len(pids) == 2 and name
        for kind in ("net", "ipc", "uts"):
            assert inside.namespace(pids[0], kind) == inside.namespace(pids[1], kind)
    finally:
        podman("pod", "rm", "--force", "--time", "0", "thepod").ok()


def test_nothing_stays(podman):
    assert podman("ps", "--all", "--quiet").ok().out == ""
    assert [p for p in leak.processes() if "conmon" in p] == []
