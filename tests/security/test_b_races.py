"""B: the same while somebody exchanges the names. Twenty launches each; ONGGI_LONG=1 makes it 1000.

flip.c is the container that shares the volume: it exchanges a directory and a link that leads out of
the root while mounts are made there.
"""
import os
import re
import subprocess

import pytest

from kit.console import Console
from kit.runtime import Container
from oracle import inside

WRITABLE = {"root.readonly": False}
SHORT, LONG = 20, 1000


def names_below(path):
    return {os.path.join(folder, n) for folder, names, files in os.walk(path) for n in names + files}


@pytest.fixture
def outside(place):
    """A directory of the host, to which the links lead; nothing may appear in it."""
    path = place / "outside"
    for i in range(6):
        (path / str(i)).mkdir(parents=True)
    (path / "canary").write_text("sings\n")
    before = names_below(path)
    yield path
    assert names_below(path) == before
    assert (path / "canary").read_text() == "sings\n"


@pytest.fixture
def volume(place):
    path = place / "volume"
    path.mkdir()
    return path


def share(volume, outside, count):
    """Directories and links to be exchanged."""
    pairs = []
    for i in range(count):
        (volume / str(i)).mkdir()
        (volume / f"link{i}").symlink_to(outside / str(i))
        pairs += [volume / str(i), volume / f"link{i}"]
    return pairs


def shared(volume, at="/vol"):
    return {"mounts+": [{"destination": at, "type": "bind", "source": str(volume),
                         "options": ["rbind", "rw"]}]}


def no_escape(done, outside):
    """A launch that lost the race fails, or is inside: nothing of the host can be seen."""
    if done.status != 0:
        assert done.err
        return
    got = done.inside()
    assert got.answer(f"read:/vol/0/x{outside}/canary") != "sings\n"
    assert not [m for m in got.mounts if m.root == "/" and m.target != "/" and m.type == "ext4"]


@pytest.mark.parametrize("kind", ["tmpfs", "bind"])
def test_b2_cve_2021_30465_mounts_below_a_shared_volume(runtime, bundle, volume, outside, flip,
                                                        long_form, kind):
    pairs = share(volume, outside, 6)
    mounts = [{"destination": f"/vol/{i}/x", "type": kind, "source": str(volume),
               "options": ["bind"] if kind == "bind" else ["nosuid"]} for i in range(6)]
    made = bundle(shared(volume), {"mounts+": mounts}, WRITABLE,
                  {"process.args": ["/bin/probe", f"read:/vol/0/x{outside}/canary"]})
    before = inside.proc("self", "mountinfo")
    with flip(*pairs):
        for _ in range(long_form(SHORT, LONG)):
            no_escape(runtime.run(made), outside)
    assert inside.proc("self", "mountinfo") == before


def test_b3_cve_2024_45310_mount_points_made_in_a_shared_volume(runtime, bundle, volume, outside,
                                                                flip, long_form):
    """The directories of a mount point are made below a name that changes."""
    pairs = share(volume, outside, 2)
    made = bundle(shared(volume), WRITABLE, {
        "process.args": ["/bin/true"],
        "mounts+": [{"type": "tmpfs", "source": "t"} for i in range(2)]})
    with flip(*pairs):
        for number in range(long_form(SHORT, LONG)):
            for i in range(2):
                made.document["mounts"][-1 - i]["destination"] = f"/vol/{i}/{number}/b/c/d"
            made.write(made.document)
            runtime.run(made)


def test_b4_cve_2025_31133_null_that_is_exchanged(runtime, bundle, volume, outside, flip, long_form):
    os.mknod(volume / "null", 0o20666, os.makedev(1, 3))
    (volume / "other").symlink_to("/proc/sys/kernel/core_pattern")
    made = bundle({"mounts-": "/dev"}, {"mounts-": "/dev/shm"}, {"mounts-": "/dev/mqueue"},
                  shared(volume, "/dev"), {"mounts-": "/dev/pts", "process.args": [
                      "/bin/probe", "stat:/proc/keys", "write:/proc/sys/kernel/core_pattern"]})
    with flip(volume / "null", volume / "other"):
        for _ in range(long_form(SHORT, LONG)):
            done = runtime.run(made)
            if done.status == 0:
                got = done.inside().answer("stat:/proc/keys")
                assert (got["major"], got["minor"]) == (1, 3)
                assert done.inside().answer("write:/proc/sys/kernel/core_pattern") != 0


def test_b5_cve_2025_52565_console_that_is_exchanged(runtime, bundle, volume, outside, flip,
                                                     long_form, place):
    """One console for each launch: it takes one terminal."""
    (volume / "pts").mkdir()
    (volume / "console").write_text("")
    (volume / "other").symlink_to(outside / "canary")
    made = bundle({"mounts-": "/dev"}, {"mounts-": "/dev/pts"}, {"mounts-": "/dev/shm"},
                  {"mounts-": "/dev/mqueue"}, shared(volume, "/dev"),
                  {"process.terminal": True, "process.args": ["/bin/true"], "mounts+": [
                      {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                       "options": ["newinstance", "ptmxmode=0666", "mode=0620"]}]})
    with flip(volume / "console", volume / "other"):
        for i in range(long_form(SHORT, LONG) // 2):
            console = Console(place / f"console{i}")
            Container(runtime, made, "--console-socket", console.path).delete("--force")
            console.close()
            assert (outside / "canary").read_text() == "sings\n"


WRITTEN = re.compile(r'(?:write|pwrite64)\(\d+<([^>]*)>')


@pytest.mark.only("onggi", why="others write by way of the /proc that is mounted")
def test_b6_cve_2025_52881_cve_2025_62596_what_is_written_in_proc(runtime, bundle, place):
    """Settings are written by way of a procfs of the runtime's own, that no mount can cover: its
    files have no path below /proc."""
    trace = place / "trace"
    made = bundle({"linux.sysctl": {"net.ipv4.ping_group_range": "0 7", "kernel.shmmax": "4096"},
                   "process.oomScoreAdj": 100, "process.args": ["/bin/true"]})
    argv = runtime.argv("run", "--bundle", made.path, runtime.name())
    subprocess.run(["strace", "-f", "-y", "-o", trace, "-e", "trace=write,pwrite64", *argv],
                   stdin=subprocess.DEVNULL, check=True)
    written = set(WRITTEN.findall(trace.read_text()))
    assert "/sys/net/ipv4/ping_group_range" in written, written
    # The runtime's own writes about the child are by its number, before it is announced.
    own = re.compile(r"/proc/\d+/(oom_score_adj|uid_map|gid_map|setgroups)$")
    assert not [p for p in written if p.startswith("/proc") and not own.match(p)]
