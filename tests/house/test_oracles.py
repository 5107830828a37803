"""The oracles find what they are for: each kind of leak, each kind of change."""
import os
import pathlib
import socket
import subprocess

import pytest

from oracle import host, inside, leak


def found_after(scan, kind):
    return [f for f in scan.differences() if f.startswith(kind)]


@pytest.fixture
def scan(place):
    return leak.Scan(place)


def test_nothing_is_nothing(scan):
    assert scan.leaks() == []


def test_process(scan):
    child = subprocess.Popen(["sleep", "1000"])
    assert "sleep 1000" in found_after(scan, "process left")[0]
    child.kill()
    child.wait()


def test_zombie(scan):
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert found_after(scan, "process left")
    child.wait()


def test_mount(scan, place):
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=True)
    assert str(place) in found_after(scan, "mount left")[0]
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("top", sorted(set(inside.hierarchies().values())))
def test_control_group(scan, top):
    group = pathlib.Path(top, leak.PREFIX + "-leak")
    group.mkdir()
    assert str(group) in found_after(scan, "control group left")[0]
    group.rmdir()


def test_namespace(scan):
    child = subprocess.Popen(["unshare", "--uts", "sh", "-c", "echo; exec sleep 1000"],
                             stdout=subprocess.PIPE)
    child.stdout.readline()
    assert "uts" in found_after(scan, "namespace left")[0]
    child.kill()
    child.communicate()


def test_interface_and_address(scan):
    subprocess.run(["ip", "link", "add", "leak0", "type", "veth", "peer", "leak1"], check=True)
    subprocess.run(["ip", "address", "add", "192.0.2.1/24", "dev", "leak0"], check=True)
    assert any("192.0.2.1" in f for f in found_after(scan, "interface left"))
    subprocess.run(["ip", "link", "delete", "leak0"], check=True)


def test_firewall(scan):
    subprocess.run(["nft", "add", "table", "inet", "leak"], check=True)
    assert "leak" in found_after(scan, "firewall left")[0]
    subprocess.run(["nft", "delete", "table", "inet", "leak"], check=True)


def test_socket(scan, place):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(place / "leak"))
        assert "leak" in found_after(scan, "socket left")[0]
    (place / "leak").unlink()


def test_descriptor(scan):
    with open("/dev/null", encoding="ascii"):
        assert "/dev/null" in found_after(scan, "descriptor left")[0]


def test_file(scan, place):
    (place / "state.json").write_text("{}")
    assert "state.json" in found_after(scan, "file left")[0]
    (place / "state.json").unlink()


def test_canary(place):
    canary = place / "canary"
    canary.write_text("sings")
    before = host.Fingerprint("true", canary)
    assert before.changes() == []
    canary.write_text("silent")
    assert "canary" in before.changes()[0]


def test_replaced_file_of_the_same_content(place):
    canary = place / "canary"
    canary.write_text("sings")
    before = host.Fingerprint("true", canary)
    other = place / "other"
    other.write_text("sings")
    other.rename(canary)
    assert "inode" in before.changes()[0]
