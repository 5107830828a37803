"""The scripts for what real clients ask build what `run` builds."""
import json
import os
import re
import subprocess

import pytest

from kit import clients_config, rootfs
from kit.by_hand import by_hand, differences, facts
from kit.runtime import Bundle
from runtime.test_configs import holder, path_of, remove_groups

pytestmark = pytest.mark.only("onggi", why="only onggi explains itself")


def make_bundle(template, path, document):
    path.mkdir()
    rootfs.link(template, path / "rootfs")
    for mapping in document["linux"].get("uidMappings", [])[:1]:
        for folder, _, _ in os.walk(path / "rootfs"):
            os.chown(folder, mapping["hostID"], mapping["hostID"])
    return Bundle(path, document)


def mount_maps_owners():
    """mount(8) knows X-mount.idmap since 2.39."""
    said = subprocess.run(["mount", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r"util-linux (\d+)\.(\d+)", said).groups())) >= (2, 39)


def feed(document):
    """The script's tools run in the container's group: with two shares they starve beside others."""
    cpu = document["linux"].get("resources", {}).get("cpu", {})
    if 0 < cpu.get("shares", 0) < 1024:
        cpu["shares"] = 1024


@pytest.mark.parametrize("config", clients_config.CONFIGS, ids=path_of)
def test_script_builds_what_a_client_asked(runtime, template, place, config):
    document, name = json.loads(config.read_text()), runtime.name()
    with holder(clients_config.joined(document), document) as pid:
        provided = clients_config.provide(document, place, name, pid, ["/bin/probe"])
        feed(provided)
        one = make_bundle(template, place / "one", provided)
        other = make_bundle(template, place / "other", provided)
        done = runtime.call("run", "--bundle", one.path, name)
        remove_groups(name)
        by_runtime = done.inside()
        done = by_hand(runtime, other, name)
    if "X-mount.idmap=" in (other.path / "by-hand.sh").read_text() and not mount_maps_owners():
        done.failed("util-linux 2.39", status=1)
        return
    by_script = done.inside()
    found = differences(facts(by_runtime, one), facts(by_script, other))
    assert not found, "\n".join(found)
