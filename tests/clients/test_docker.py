"""dockerd drives the runtime through its containerd: run, exec, stop, logs, update; Swarm."""
import json

import pytest

from kit import image
from kit.daemon import Daemon, call, need
from kit.docker import Docker, dockerd
from kit.runtime import PREFIX, wait_for
from oracle import inside, leak


@pytest.fixture(scope="module")
def docker(area, binary, archive):
    """dockerd with the runtime as its default, in the network namespace of the test run."""
    need("dockerd", "docker", "containerd", "containerd-shim-runc-v2")
    made = Docker(area)
    daemon = Daemon(dockerd(area, binary, PREFIX), area / "log", env={"TMPDIR": str(area)})
    try:
        daemon.wait_ready(lambda: made("version").status == 0)
        made("load", "--input", archive).ok()
        yield made
    finally:
        daemon.stop()


@pytest.fixture
def running(docker):
    name = docker.start("/bin/sleep", "1000")
    yield name
    docker.remove(name)


def test_it_is_the_default_runtime(docker):
    assert json.loads(docker("info", "--format", "{{json .}}").ok().out)["DefaultRuntime"] == "tested"


def test_run(docker):
    got = docker.run("/bin/probe", flags=["--rm"]).inside()
    assert got["pid"] == 1
    assert got.status["Seccomp"] == "2"
    assert "eth0" in got.interfaces


@pytest.mark.parametrize("code", [0, 5])
def test_status(docker, code):
    assert docker.run("/bin/sh", "-c", f"exit {code}", flags=["--rm"]).status == code


@pytest.mark.parametrize("command, status", [("/bin/nonsense", 127), ("nonsense", 127),
                                             ("/etc/passwd", 126), ("/etc", 126)])
def test_status_of_what_cannot_run(docker, command, status):
    assert docker.run(command, flags=["--rm"]).status == status


def test_exec(docker, running):
    done = docker("exec", running, "/bin/sh", "-c", "echo here; exit 6")
    assert (done.status, done.out) == (6, "here\n")


def test_exec_user_directory_environment(docker, running):
    got = docker("exec", "--user", "5:6", "--workdir", "/tmp", "--env", "A=1", running,
                 "/bin/probe").inside()
    assert got.status["Uid"].split()[0] == "5"
    assert (got["cwd"], got.env["A"]) == ("/tmp", "1")


@pytest.mark.parametrize("command, status", [("/bin/nonsense", (126, 127)), ("/etc/passwd", (126,))])
def test_status_of_an_exec_that_cannot_run(docker, running, command, status):
    assert docker("exec", running, command).status in status


def test_exec_privileged(docker, running, binary):
    not_of_runc(binary)
    assert 21 in docker("exec", "--privileged", running, "/bin/probe").inside().capabilities("Eff")


def not_of_runc(binary):
    if binary.endswith("/runc"):
        pytest.skip("runc fails where not all capabilities can be granted")


def test_terminal(docker):
    done = call("script", "--quiet", "--return", "--command",
                f"docker run --rm -t {image.NAME} /bin/tty", "/dev/null", env=docker.env)
    assert "/dev/pts/0" in done.ok().out


def test_stop(docker):
    name = docker.start("/bin/sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done")
    wait_for(lambda: int(inside.fields(inside.proc(docker.pid(name), "status"))["SigCgt"], 16))
    docker("stop", "--time", "30", name).ok()
    assert docker.inspect(name, ".State.ExitCode") == "7"
    docker.remove(name)


def test_kill(docker):
    name = docker.start("/bin/sleep", "1000")
    docker("kill", name).ok()
    assert docker("wait", name).ok().out.strip() == "137"
    docker.remove(name)


def test_restart(docker, running):
    before = docker.pid(running)
    docker("restart", "--time", "0", running).ok()
    assert docker.pid(running) != before


def test_pause(docker, running):
    docker("pause", running).ok()
    assert docker.inspect(running, ".State.Status") == "paused"
    docker("unpause", running).ok()
    docker("exec", running, "/bin/true").ok()


def test_logs(docker):
    name = docker.start("/bin/sh", "-c", "echo out; echo err >&2")
    docker("wait", name).ok()
    done = docker("logs", name)
    assert (done.out, done.err) == ("out\n", "err\n")
    docker.remove(name)


def test_top(docker, running):
    assert "sleep 1000" in docker("top", running).ok().out


def file_of(pid, controller, file1, file2):
    group = inside.group_of(pid, controller)
    return inside.group_value(group, file1 if inside.has_controller(controller) == "v1" else file2)


def test_limits_and_update(docker):
    if not inside.has_controller("memory") or not inside.has_controller("cpu"):
        pytest.skip("no hierarchy of this host has the controllers memory and cpu")
    name = docker.start("/bin/sleep", "1000", flags=["--memory", "48m", "--cpu-shares", "512"])
    pid = docker.pid(name)
    assert file_of(pid, "memory", "memory.limit_in_bytes", "memory.max") == str(48 << 20)
    docker("update", "--memory", "64m", "--memory-swap", "-1", "--cpu-shares", "256", name).ok()
    assert file_of(pid, "memory", "memory.limit_in_bytes", "memory.max") == str(64 << 20)
    assert file_of(pid, "cpu", "cpu.shares", "cpu.weight") in ("256", "35", "10")
    docker.remove(name)


def test_stats(docker, running):
    out = docker("stats", "--no-stream", "--format", "{{.PIDs}}", running).ok().out
    assert out.strip() == "1" or not inside.has_controller("pids")


def test_init(docker):
    done = docker.run("/bin/ps", flags=["--rm", "--init"])
    if "docker-init" in done.err and done.status:
        pytest.skip("docker-init is not installed")
    assert "docker-init" in done.ok().out


def test_privileged(docker, binary):
    """It asks for all capabilities: what this machine has not is no reason to fail."""
    not_of_runc(binary)
    done = docker.run("/bin/probe", flags=["--rm", "--privileged"])
    assert 21 in done.inside().capabilities("Eff")


def test_sharing(docker, running):
    got = docker.run("/bin/probe", flags=["--rm", "--network", f"container:{running}", "--pid",
                                          f"container:{running}", "--ipc", "host"]).inside()
    pid = docker.pid(running)
    assert got["namespaces"]["net"] == inside.namespace(pid, "net")
    assert got["namespaces"]["pid"] == inside.namespace(pid, "pid")
    assert got["namespaces"]["ipc"] == inside.own_namespace("ipc")


def test_tmpfs_volumes_devices_limits(docker, area):
    (area / "data").mkdir(exist_ok=True)
    got = docker.run("/bin/probe", "stat:/dev/full2", flags=[
        "--rm", "--tmpfs", "/t:size=1m", "--volume", f"{area}/data:/v:ro", "--read-only",
        "--device", "/dev/full:/dev/full2", "--ulimit", "nofile=77:88", "--cap-drop", "ALL",
        "--hostname", "named", "--sysctl", "net.ipv4.ip_forward=1",
        "--oom-score-adj", "500"]).inside()
    assert "size=1024k" in got.mount("/t").super_options
    assert "ro" in got.mount("/v").options
    assert got.answer("stat:/dev/full2")["minor"] == 7
    assert got.limit("Max open files") == ("77", "88")
    assert got.capabilities("Bnd") == set()
    assert got["hostname"] == "named"
    assert got.file("oom_score_adj") == "500\n"


def test_containers_live_on_without_the_daemons_of_the_runtime(docker, running):
    """Nothing of the runtime stays: the parent of the container is containerd's shim."""
    parent = inside.fields(inside.proc(docker.pid(running), "status"))["PPid"]
    assert "containerd-shim" in inside.proc(parent, "cmdline")


def test_ten_at_once_and_nothing_stays(docker):
    names = [docker.start("/bin/sleep", "1000") for _ in range(10)]
    groups = {inside.group_of(docker.pid(n), "pids") for n in names}
    docker("rm", "--force", *names).ok()
    assert not groups & leak.groups()


# --- Swarm --------------------------------------------------------------------------------------------

@pytest.fixture
def swarm(docker):
    done = docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr",
                  "127.0.0.1:2377")
    if done.status:
        pytest.skip("no Swarm here: " + done.err.strip())
    yield docker
    docker("swarm", "leave", "--force").ok()


def replicas(docker, name):
    return docker("service", "ls", "--filter", f"name={name}", "--format",
                  "{{.Replicas}}").ok().out.strip()


def tasks(docker):
    return docker("ps", "--quiet", "--filter", "name=three").ok().out.split()


def test_service_with_three_replicas(swarm):
    swarm("service", "create", "--detach", "--no-resolve-image", "--name", "three", "--replicas",
          "3", "--restart-delay", "100ms", "--stop-grace-period", "0s", image.NAME, "/bin/sleep", "1000").ok()
    wait_for(lambda: replicas(swarm, "three") == "3/3")
    first = tasks(swarm)
    assert len(first) == 3
    assert {swarm.inspect(t, ".HostConfig.Runtime") for t in first} == {"tested"}
    swarm("kill", first[0]).ok()  # a killed task is replaced
    wait_for(lambda: len(set(tasks(swarm)) - set(first)) == 1)
    wait_for(lambda: replicas(swarm, "three") == "3/3")
    swarm("service", "scale", "--detach", "three=1").ok()
    wait_for(lambda: replicas(swarm, "three") == "1/1" and len(tasks(swarm)) == 1)
    swarm("service", "rm", "three").ok()
    wait_for(lambda: not tasks(swarm))
