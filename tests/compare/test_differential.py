"""The same configuration with onggi-runtime, runc and crun: what the container got is the same.

What differs on purpose stands in EXPLAINED, each with the words by which docs/compatibility.md
explains it to people. A difference that is not there fails the test.
"""
import copy
import json
import os
import shutil

import pytest

from kit import clients_config, config, rootfs
from kit.runtime import TOP, Bundle, Runtime
from oracle import inside
from runtime.test_configs import holder, remove_groups

# The shapes that differ most among the 54 files of real clients.
SHAPES = ["buildah-ad4de2", "cri-12ec73", "cri-305449", "ctr-5b9c74", "ctr-89a1d8", "docker-0191a6",
          "docker-afef86", "docker-e533cc", "podman-0253f3", "podman-874711", "podman-a240d9"]
CASES = {"default": {}, "writable root": {"root.readonly": False},
         "no new privileges off": {"process.noNewPrivileges": False},
         "another user": {"process.user": {"uid": 1000, "gid": 1000, "additionalGids": [5]}},
         "host network": {"linux.namespaces-": "network"},
         "sysctls": {"linux.sysctl": {"net.ipv4.ip_forward": "1", "kernel.shmmax": "1234567"}}}

# (what, compared with): words of docs/compatibility.md
EXPLAINED = {
    ("masked directories", "runc"): "masked directory",
    ("masked directories", "crun"): "masked directory",
    ("flags of read-only paths", "crun"): "read-only path",
    ("core", "crun"): "`/dev/core`",
    ("owner of mqueue", "runc"): "`/dev/mqueue` in a user namespace",
    ("owner of mqueue", "crun"): "`/dev/mqueue` in a user namespace",
    ("bound devices", "crun"): "devices in a user namespace",
    ("bound shm", "crun"): "devices in a user namespace",
}
# What Debian's crun refuses to run at all.
REFUSED = "unknown version specified"


def path_of(kind):
    path = shutil.which(kind)
    if not path:
        pytest.skip(f"{kind} is not installed")
    return path


class Other(Runtime):
    """Another runtime; crun gets a view of v1 alone, as it refuses hybrid hosts."""

    def __init__(self, kind, scratch):
        super().__init__(scratch)
        self.kind, self.path = kind, path_of(kind)
        self.root = scratch / f"state-{kind}"

    def argv(self, *args, options=()):
        argv = super().argv(*args, options=options)
        if self.kind == "crun" and os.path.isdir("/sys/fs/cgroup/unified"):
            return [str(TOP / "tools/v1ns"), *argv]
        return argv


# --- what is compared ---------------------------------------------------------------------------------

def mount_view(m):
    """Without what differs from one run to the next: ids, peers, the host's paths."""
    source = m.source if m.type in ("proc", "sysfs", "tmpfs", "mqueue", "devpts") else ""
    parameters = {o for o in m.super_options if o.split("=")[0] in (
        "size", "mode", "uid", "gid", "nr_inodes", "ptmxmode")}
    return (m.target, m.type, source, tuple(sorted(m.options)), tuple(sorted(parameters)))


def is_mask(m, document):
    return m.target in document["linux"].get("maskedPaths", [])


def is_read_only_path(m, document):
    return m.target in document["linux"].get("readonlyPaths", [])


def view(got, document):
    """name -> value, in the parts that a difference is told by."""
    mounts = got.mounts
    devices = [m for m in mounts if m.target.startswith("/dev/") and m.type == "devtmpfs"]
    bound_shm = [m for m in mounts if m.target == "/dev/shm" and m.type != "tmpfs"]
    plain = [m for m in mounts if not is_mask(m, document) and not is_read_only_path(m, document)
             and not m.target.startswith("/sys/fs/cgroup") and m not in devices + bound_shm]
    masks = [m for m in mounts if is_mask(m, document)]
    out = {
        "mounts": sorted(mount_view(m) for m in plain),
        "bound devices": sorted(map(mount_view, devices)),
        "bound shm": sorted(map(mount_view, bound_shm)),
        "masked paths": sorted({m.target for m in masks}),
        "masked directories": sorted(mount_view(m)[1:] for m in masks if m.type == "tmpfs"
                                     and m.root == "/"),
        "read-only paths": sorted(m.target for m in mounts if is_read_only_path(m, document)
                                  and "ro" in m.options),
        "flags of read-only paths": sorted(mount_view(m)[3] for m in mounts
                                           if is_read_only_path(m, document)),
        "new namespaces": sorted(k for k, v in got["namespaces"].items()
                                 if v != inside.own_namespace(k)),
        "interfaces": sorted(got.interfaces),
        "environment": sorted(e for e in got["env"] if not e.startswith("HOME=")),
        "home": got.env.get("HOME"),
        "descriptors": sorted(got["descriptors"]),
        "keyring": got["keyring"] > 0,
        "devices": device_view(got),
        "core": "core" in got.answer("list:/dev"),
        "owner of mqueue": owner(got.answer("stat:/dev/mqueue")),
        "inheritable": got.status["CapInh"],
        "leads its session": got["session"] == got["pid"],
    }
    for key in ("umask", "personality", "cwd", "hostname", "domainname", "dumpable", "securebits"):
        out[key] = got[key]
    for key in ("Uid", "Gid", "Groups", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
                "Seccomp", "Seccomp_filters", "SigBlk", "SigIgn"):
        out[key] = got.status[key].split()
    for key in ("uid_map", "gid_map", "setgroups", "oom_score_adj", "limits"):
        out[key] = got.file(key).split()
    return out


DEVICES = ["null", "zero", "full", "random", "urandom", "tty", "ptmx", "fd", "stdin", "stdout",
           "stderr", "console", "shm", "mqueue", "pts"]
ASK = ["list:/dev", *(f"stat:/dev/{d}" for d in DEVICES), "read:/proc/sys/net/ipv4/ip_forward",
       "read:/proc/sys/kernel/shmmax", *(f"write:/dev/{d}" for d in DEVICES[:5])]


def owner(stat):
    return stat.get("uid"), stat.get("gid")


def device_view(got):
    """Everything asked for; of nodes and links what they are."""
    out = {}
    for question in ASK:
        answer = got.answer(question)
        if question.startswith("stat:") and "mode" in answer:
            answer = {k: answer[k] for k in ("mode", "uid", "gid", "major", "minor")}
        out[question] = sorted(set(answer) - {"core"}) if question == "list:/dev" else answer
    del out["stat:/dev/mqueue"]
    return out


def told(ours, theirs):
    """What is different in two values, in few words."""
    if isinstance(ours, dict):
        return {k: (ours.get(k), theirs.get(k)) for k in ours if ours.get(k) != theirs.get(k)}
    if isinstance(ours, list):
        return [x for x in ours if x not in theirs], [x for x in theirs if x not in ours]
    return ours, theirs


def check(kind, ours, theirs):
    page = (TOP / "docs/compatibility.md").read_text(encoding="utf-8")
    wrong = []
    for key in (k for k in ours if ours[k] != theirs[k]):
        words = EXPLAINED.get((key, kind))
        if not words or words not in page:
            wrong.append(f"{key} ({words}): onggi, {kind}: {told(ours[key], theirs[key])}")
    assert not wrong, "not explained in docs/compatibility.md:\n" + "\n".join(wrong)


# --- the comparisons ------------------------------------------------------------------------------------

def make_bundle(template, place, name, document):
    (place / name).mkdir()
    rootfs.link(template, place / name / "rootfs")
    for mapping in document["linux"].get("uidMappings", [])[:1]:
        for folder, _, _ in os.walk(place / name / "rootfs"):
            os.chown(folder, mapping["hostID"], mapping["hostID"])
    return Bundle(place / name, document)


def report(runtime, template, place, document):
    name = runtime.name()
    made = make_bundle(template, place, f"bundle-{runtime.kind}", document)
    done = runtime.call("run", "--bundle", made.path, name)
    return view(done.inside(), document)


@pytest.mark.parametrize("kind", ["runc", "crun"])
@pytest.mark.parametrize("case", CASES)
def test_the_same_for_a_plain_configuration(runtime, template, place, case, kind):
    document = config.config({"process.args": ["/bin/probe", *ASK]}, CASES[case])
    other = Other(kind, place)
    ours = report(runtime, template, place, document)
    check(kind, ours, report(other, template, place, document))


@pytest.mark.parametrize("kind", ["runc", "crun"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_for_what_a_client_wrote(runtime, template, place, shape, kind):
    document = json.loads((TOP / f"tests/configs/{shape}.json").read_text())
    kinds = clients_config.joined(document)
    other = Other(kind, place)
    views = {}
    with holder(kinds, document) as pid:
        for one in (runtime, other):
            name = runtime.name()
            provided = clients_config.provide(copy.deepcopy(document), place, name, pid,
                                              ["/bin/probe", *ASK])
            made = make_bundle(template, place, f"bundle-{one.kind}", provided)
            done = one.call("run", "--bundle", made.path, name)
            remove_groups(name)
            if one is other and REFUSED in done.err:
                pytest.skip(f"this {kind} does not know version {document['ociVersion']}")
            views[one.kind] = view(done.inside(), provided)
    check(kind, views[runtime.kind], views[kind])
