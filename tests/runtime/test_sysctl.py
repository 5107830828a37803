"""linux.sysctl: set in the namespaces the container owns, refused elsewhere."""
import pytest


@pytest.mark.parametrize("name, value, path", [
    ("net.ipv4.ip_forward", "1", "net/ipv4/ip_forward"),
    ("net.ipv4.ping_group_range", "0 100", "net/ipv4/ping_group_range"),
    ("kernel.shmmax", "12345678", "kernel/shmmax"), ("kernel.msgmax", "1234", "kernel/msgmax"),
    ("kernel.sem", "100 200 300 400", "kernel/sem"), ("fs.mqueue.msg_max", "11", "fs/mqueue/msg_max"),
    ("kernel.shm_rmid_forced", "1", "kernel/shm_rmid_forced")])
def test_each(probe, name, value, path):
    question = f"read:/proc/sys/{path}"
    assert probe({"linux.sysctl": {name: value}}, ask=[question]).answer(question).split() == \
        value.split()


@pytest.mark.only("onggi", why="Debian's runc and crun take dots only")
def test_written_with_slashes(probe):
    question = "read:/proc/sys/net/ipv4/ip_forward"
    assert probe({"linux.sysctl": {"net/ipv4/ip_forward": "1"}}, ask=[question]).answer(
        question) == "1\n"


@pytest.mark.parametrize("name, without", [("net.ipv4.ip_forward", "network"),
                                           ("kernel.shmmax", "ipc"), ("fs.mqueue.msg_max", "ipc")])
def test_not_in_a_namespace_of_the_host(runtime, bundle, name, without):
    made = bundle({"linux.namespaces-": without, "linux.sysctl": {name: "1"}})
    runtime.run(made).failed(name)


@pytest.mark.parametrize("name", ["kernel.core_pattern", "vm.swappiness", "kernel.hostname",
                                  "kernel.panic", "fs.file-max", "user.max_user_namespaces"])
def test_not_what_belongs_to_the_host(runtime, bundle, name):
    runtime.run(bundle({"linux.sysctl": {name: "1"}})).failed(name)


@pytest.mark.parametrize("name", ["net.ipv4.nonsense", "net.../kernel/core_pattern",
                                  "net.ipv4/../../kernel/core_pattern"])
def test_not_what_is_not_there(runtime, bundle, name):
    runtime.run(bundle({"linux.sysctl": {name: "1"}})).failed()


@pytest.mark.only("onggi", "crun", why="Debian's runc is older than domainname")
def test_domainname_by_sysctl(probe):
    assert probe({"linux.sysctl": {"kernel.domainname": "example.org"}})["domainname"] == "example.org"


def test_value_the_kernel_refuses(runtime, bundle):
    runtime.run(bundle({"linux.sysctl": {"net.ipv4.ip_forward": "many"}})).failed(
        "ip_forward" if runtime.kind == "onggi" else "")
