"""A kernel that lacks a call: what replaces it is as safe, or the launch is refused in one line.

refuse.c answers ENOSYS to the calls. Where a launch still works, the attacks that lean on these calls
are repeated: links that lead out of the root, devices that are none, descriptors that stay open.
"""
import subprocess

import pytest

from kit import config
from kit.runtime import Done, PATIENCE
from oracle import inside

WRITABLE = {"root.readonly": False}
CALLS = ["openat2", "fsopen", "fsopen,move_mount,fsconfig,fsmount,open_tree,mount_setattr", "clone3",
         "close_range", "mount_setattr", "open_tree", "move_mount", "memfd_create",
         "execveat", "faccessat2", "pidfd_send_signal", "statx"]


@pytest.fixture(scope="session")
def refuse(scratch):
    program = scratch / "refuse"
    source = __file__.rpartition("/")[0] + "/refuse.c"
    subprocess.run(["gcc", "-O1", "-o", program, source, "-lseccomp"], check=True)
    return program


@pytest.fixture
def old_run(runtime, refuse):
    """old_run(calls, bundle): `run` where these calls do not exist."""
    def run(calls, bundle):
        argv = runtime.argv("run", "--bundle", bundle.path, runtime.name())
        done = subprocess.run([refuse, calls, *argv], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=PATIENCE, check=False)
        return Done(done.returncode, done.stdout, done.stderr)
    return run


def is_refusal(done):
    """One line of cause, and at most one more of what to do."""
    assert done.status > 0
    lines = done.err.strip().splitlines()
    assert 1 <= len(lines) <= 2, done.err
    return True


@pytest.mark.parametrize("calls", CALLS)
def test_works_or_is_refused_in_words(bundle, old_run, calls):
    done = old_run(calls, bundle())
    if done.status:
        assert is_refusal(done)
    else:
        got = done.inside()
        assert got["pid"] == 1
        assert {m.target for m in got.mounts} >= {"/", "/proc", "/dev", "/dev/pts", "/proc/sys"}
        assert "ro" in got.mount("/proc/sys").options
        assert set(got["descriptors"]) == {"0", "1", "2"}


@pytest.mark.parametrize("calls", CALLS)
@pytest.mark.parametrize("target", ["outside", "../" * 12 + "outside"])
def test_links_out_of_the_root(bundle, old_run, place, calls, target):
    """Mount points, devices and masks below links: nothing of the host is touched."""
    outside = place / "outside"
    outside.mkdir()
    (outside / "ptmx").write_text("marker\n")
    made = bundle(WRITABLE, {
        "mounts": [m for m in config.MOUNTS if not m["destination"].startswith("/dev")],
        "mounts+": [{"destination": "/link/deep", "type": "tmpfs", "source": "t"}]})
    (made.rootfs / "dev").rmdir()
    to = str(outside) if target == "outside" else "../" * 12 + str(outside)
    for name in ("dev", "link"):
        (made.rootfs / name).symlink_to(to)
    old_run(calls, made)
    assert [p.name for p in outside.iterdir()] == ["ptmx"]
    assert (outside / "ptmx").read_text() == "marker\n"


@pytest.mark.parametrize("calls", CALLS)
def test_proc_that_is_a_link(bundle, old_run, calls):
    made = bundle(WRITABLE)
    (made.rootfs / "proc").rmdir()
    (made.rootfs / "elsewhere").mkdir()
    (made.rootfs / "proc").symlink_to("elsewhere")
    assert old_run(calls, made).status > 0


@pytest.mark.parametrize("calls", CALLS)
def test_false_null(bundle, old_run, place, calls):
    folder = place / "dev"
    folder.mkdir()
    (folder / "null").symlink_to("/proc/sys/kernel/core_pattern")
    made = bundle({"process.args": ["/bin/probe", "stat:/proc/keys"], "mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "bind", "source": str(folder), "options": ["rbind"]}]})
    done = old_run(calls, made)
    if done.status == 0:
        got = done.inside().answer("stat:/proc/keys")
        assert (got["major"], got["minor"]) == (1, 3)


def test_nothing_of_it_stays(bundle, old_run):
    before = inside.proc("self", "mountinfo")
    for calls in CALLS:
        old_run(calls, bundle({"process.args": ["/bin/true"]}))
    assert inside.proc("self", "mountinfo") == before
