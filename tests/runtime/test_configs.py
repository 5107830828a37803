"""Every config.json that a real client wrote runs, and the container is what it asks for."""
import contextlib
import json
import os
import subprocess

import pytest

from kit import clients_config, rootfs
from kit.runtime import Bundle
from oracle import inside


@contextlib.contextmanager
def holder(kinds, document):
    """A process in new namespaces of these kinds, as a sandbox's first process is."""
    if not kinds:
        yield 0
        return
    flags = [clients_config.UNSHARE[k] for k in kinds]
    maps = document["linux"].get("uidMappings") or [{"containerID": 0, "hostID": 100000, "size": 65536}]
    script = "echo; exec sleep 1000"
    child = subprocess.Popen(["unshare", *flags, "--fork", "sh", "-c", script],
                             stdout=subprocess.PIPE)
    child.stdout.readline()
    with open(f"/proc/{child.pid}/task/{child.pid}/children", encoding="ascii") as f:
        pid = int(f.read().split()[0])
    if "user" in kinds:
        lines = "".join(f"{m['containerID']} {m['hostID']} {m['size']}\n" for m in maps)
        for file in ("uid_map", "gid_map"):
            with open(f"/proc/{pid}/{file}", "w", encoding="ascii") as f:
                f.write(lines)
    try:
        yield pid
    finally:
        os.kill(pid, 9)
        child.communicate()


def remove_groups(name):
    """The runtime removes the container's own group; what it was told to put above it stays."""
    for top in set(inside.hierarchies().values()):
        for folder, _, _ in os.walk(os.path.join(top, name), topdown=False):
            os.rmdir(folder)


def path_of(config):
    return config.stem


@pytest.mark.parametrize("config", clients_config.CONFIGS, ids=path_of)
def test_it_runs(runtime, template, place, config):
    document = json.loads(config.read_text())
    name = runtime.name()
    (place / "bundle").mkdir()
    rootfs.link(template, place / "bundle/rootfs")
    for mapping in document["linux"].get("uidMappings", [])[:1]:
        for folder, _, _ in os.walk(place / "bundle/rootfs"):
            os.chown(folder, mapping["hostID"], mapping["hostID"])
    kinds = clients_config.joined(document)
    if "user" in kinds and runtime.kind != "onggi":
        pytest.skip("Debian's runc joins no user namespace")
    with holder(kinds, document) as pid:
        provided = clients_config.provide(document, place, name, pid, ["/bin/probe"])
        done = runtime.call("run", "--bundle", Bundle(place / "bundle", provided).path, name)
        remove_groups(name)
        got = done.inside()
        check_namespaces(provided, got, pid)
    check_process(provided["process"], got)
    check_files(provided, got)


def check_namespaces(document, got, holder_pid):
    asked = {n["type"]: n.get("path") for n in document["linux"]["namespaces"]}
    for kind in clients_config.UNSHARE:
        short = clients_config.PROC.get(kind, kind)
        if kind not in asked:
            assert got["namespaces"][short] == inside.own_namespace(short), kind
        elif not asked[kind]:
            assert got["namespaces"][short] != inside.own_namespace(short), kind
    assert "hostname" not in document or asked.get("uts") or got["hostname"] == document["hostname"]


def check_process(process, got):
    assert got.status["Uid"].split() == [str(process["user"]["uid"])] * 4
    assert got.status["Gid"].split() == [str(process["user"]["gid"])] * 4
    assert {str(g) for g in process["user"].get("additionalGids", [])} <= set(
        got.status["Groups"].split())
    assert got["cwd"] == process["cwd"]
    assert got.status["NoNewPrivs"] == str(int(process.get("noNewPrivileges", False)))
    assert set(process.get("env", [])) <= set(got["env"])
    wanted = {clients_config.ALL.index(c) for c in process.get("capabilities", {}).get("bounding", [])}
    assert got.capabilities("Bnd") == wanted


def check_files(document, got):
    targets = [m.target for m in got.mounts]
    for mount in document.get("mounts", []):
        assert os.path.normpath(mount["destination"]).replace("/var/run", "/run", 1) in targets or \
            os.path.normpath(mount["destination"]) in targets or mount["type"] == "cgroup"
    root = got.mount("/")
    assert ("ro" in root.options) == document["root"].get("readonly", False)
    seccomp = document["linux"].get("seccomp")
    assert got.status["Seccomp"] == ("2" if seccomp else "0")
