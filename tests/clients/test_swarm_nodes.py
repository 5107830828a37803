"""Docker Swarm over three machines: network namespaces on one bridge, a dockerd in each."""
import contextlib
import os

import pytest

from kit import image
from kit.daemon import Daemon, call, need
from kit.docker import Docker, dockerd
from kit.runtime import PREFIX, wait_for
from oracle import inside, leak

BRIDGE = "machines"
SERVICE = "spread"

# What a machine does before its dockerd: a name, a /run of its own, an address once plugged in.
MACHINE = """
hostname "$0"
mount -t tmpfs -o mode=755 tmpfs /run
ip link set lo up
until ip address add "$1/24" dev eth0 2>/dev/null; do sleep 0.05; done
ip link set eth0 up
shift
exec "$@"
"""


class Node:
    """One machine. Its link is the interface of its name, a port of the bridge."""

    def __init__(self, area, number, binary):
        area.mkdir()
        self.name, self.address = f"node{number}", f"198.18.0.{number}"
        self.group = f"{PREFIX}-{self.name}"
        self.docker = Docker(area)
        self.daemon = Daemon(["unshare", "--net", "--mount", "--uts", "sh", "-euc", MACHINE,
                              self.name, self.address, *dockerd(area, binary, self.group)],
                             area / "log", env={"TMPDIR": str(area)})

    def plug_in(self):
        pid = self.daemon.process.pid
        wait_for(lambda: inside.namespace(pid, "net") != inside.own_namespace("net"))
        call("ip", "link", "add", self.name, "master", BRIDGE, "type", "veth",
             "peer", "name", "eth0", "netns", pid).ok()
        self.link("up")

    def link(self, state):
        call("ip", "link", "set", self.name, state).ok()

    def wait_ready(self):
        try:
            self.daemon.wait_ready(lambda: self.docker("version").status == 0)
        except AssertionError:
            if self.daemon.process.poll() is None:
                raise
            pytest.skip("dockerd cannot run here: " + self.daemon.log.read_text()[-300:].strip())

    def containers(self):
        return self.docker("ps", "--quiet").ok().out.split()

    def pids(self):
        """The first processes of its containers, where none comes or goes at the moment."""
        return [self.docker.pid(name) for name in self.containers()]


class Swarm:
    """The first node is the manager, the others only work."""

    def __init__(self, nodes):
        self.nodes, self.manager = nodes, nodes[0]

    def join(self):
        manager = self.manager
        done = manager.docker("swarm", "init", *listen(manager))
        if done.status:
            pytest.skip("no Swarm here: " + done.err.strip())
        token = manager.docker("swarm", "join-token", "--quiet", "worker").ok().out.strip()
        for node in self.nodes[1:]:
            done = node.docker("swarm", "join", "--token", token, *listen(node),
                               f"{manager.address}:2377")
            # A slow join goes on after the client has given up.
            assert done.status == 0 or "in the background" in done.err, done.err
        wait_for(lambda: self.ready() == {n.name for n in self.nodes})

    def ready(self):
        """Names of the nodes that the manager hears of."""
        lines = self.manager.docker("node", "ls", "--format", "{{.Hostname}} {{.Status}}").ok().out
        return {name for name, status in map(str.split, lines.splitlines()) if status == "Ready"}

    def placed(self):
        """Where the tasks of the service run, in order: a name for each."""
        lines = self.manager.docker("service", "ps", "--filter", "desired-state=running",
                                    "--format", "{{.Node}} {{.CurrentState}}", SERVICE).ok().out
        return sorted(l.split()[0] for l in lines.splitlines() if l.split()[1] == "Running")

    def leave(self):
        for node in reversed(self.nodes):
            node.docker("swarm", "leave", "--force").ok()


def listen(node):
    return ["--advertise-addr", node.address, "--listen-addr", f"{node.address}:2377"]


@contextlib.contextmanager
def bridge():
    done = call("ip", "link", "add", BRIDGE, "type", "bridge")
    if done.status:
        pytest.skip("no bridges here: " + done.err.strip())
    try:
        call("ip", "link", "set", BRIDGE, "up").ok()
        yield
    finally:
        call("ip", "link", "delete", BRIDGE).ok()


@contextlib.contextmanager
def three_machines(area, binary):
    made = []
    try:
        for number in (1, 2, 3):
            made.append(Node(area / str(number), number, binary))
        for node in made:
            node.plug_in()
        for node in made:
            node.wait_ready()
        yield made
    finally:
        for node in made:
            node.daemon.process.terminate()  # all at once, then each is waited for
        for node in made:
            node.daemon.stop()
            call("ip", "link", "delete", node.name)


@pytest.fixture(scope="module")
def swarm(area, binary, archive):
    need("dockerd", "docker", "containerd", "containerd-shim-runc-v2", "ip", "unshare")
    with bridge(), three_machines(area, binary) as nodes:
        for node in nodes:
            node.docker("load", "--input", archive).ok()
        made = Swarm(nodes)
        made.join()
        yield made
        made.leave()


@pytest.fixture
def service(swarm):
    """Three replicas, one on each node."""
    swarm.manager.docker("service", "create", "--detach", "--no-resolve-image", "--name", SERVICE,
                         "--replicas", "3", "--restart-delay", "100ms", "--stop-grace-period", "0s",
                         image.NAME, "/bin/sleep", "1000").ok()
    try:
        wait_for(lambda: swarm.placed() == ["node1", "node2", "node3"])
        yield swarm
    finally:
        swarm.manager.docker("service", "rm", SERVICE)
        wait_for(lambda: not any(node.containers() for node in swarm.nodes))


def gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def test_three_replicas_spread_over_three_nodes(service):
    for node in service.nodes:
        [name] = node.containers()
        pid = node.docker.pid(name)
        assert node.group in inside.group_of(pid, "pids")
        assert "sleep" in inside.proc(pid, "cmdline")
        assert node.docker.inspect(name, ".HostConfig.Runtime") == "tested"


def test_a_node_that_is_cut_off_loses_its_task_to_the_others(service):
    cut = service.nodes[2]
    [stranded] = cut.pids()
    cut.link("down")
    try:
        wait_for(lambda: service.placed() in (["node1", "node1", "node2"],
                                              ["node1", "node2", "node2"]))
        assert cut.name not in service.ready()
        assert sorted(len(node.containers()) for node in service.nodes[:2]) == [1, 2]
        assert not gone(stranded)  # nobody could tell it
    finally:
        cut.link("up")
    wait_for(lambda: cut.name in service.ready())
    wait_for(lambda: gone(stranded) and not cut.containers())


def test_a_removed_service_leaves_nothing_on_any_node(service):
    pids = [pid for node in service.nodes for pid in node.pids()]
    groups = {inside.group_of(pid, "pids") for pid in pids}
    assert len(groups & leak.groups()) == 3
    service.manager.docker("service", "rm", SERVICE).ok()
    wait_for(lambda: all(map(gone, pids)) and not groups & leak.groups())
