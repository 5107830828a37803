"""B: what is mounted where. The image is hostile: its directories are links, its devices are not."""
import errno
import os
import stat
import subprocess

import pytest

from kit import config
from kit.runtime import Container
from oracle import inside

WRITABLE = {"root.readonly": False}
TMPFS = {"type": "tmpfs", "source": "tmpfs"}


def bind(source, at, *options):
    return {"mounts+": [{"destination": at, "type": "bind", "source": str(source),
                         "options": list(options) or ["bind"]}]}


def replace_by_link(made, name, target):
    path = made.rootfs / name
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        path.rmdir()
    path.symlink_to(target)


@pytest.fixture
def outside(place):
    """A directory of the host that must stay as it is."""
    path = place / "outside"
    path.mkdir()
    (path / "canary").write_text("sings\n")
    (path / "ptmx").write_text("marker\n")
    before = {p.name: p.stat().st_mtime_ns for p in path.iterdir()}
    yield path
    assert {p.name: p.stat().st_mtime_ns for p in path.iterdir()} == before
    assert (path / "canary").read_text() == "sings\n"


# --- B1: /proc and /sys --------------------------------------------------------------------------

@pytest.mark.only("onggi", "crun", why="Debian's runc follows it")
@pytest.mark.parametrize("name", ["proc", "sys"])
@pytest.mark.parametrize("target", ["/elsewhere", "elsewhere", "../../../../elsewhere"])
def test_b1_cve_2019_16884_cve_2023_27561_cve_2023_28642_link(runtime, bundle, name, target):
    made = bundle(WRITABLE)
    replace_by_link(made, name, target)
    (made.rootfs / "elsewhere").mkdir()
    runtime.run(made).failed("must be mounted on ordinary directory" if name == "proc" and
                             runtime.kind == "runc" else name)


@pytest.mark.parametrize("at", ["/proc", "/proc/self", "/proc/self/attr", "/proc/thread-self/attr/exec",
                                "/proc/1/attr/exec", "/proc/sys", "/proc/sysrq-trigger"])
def test_b1_cve_2019_19921_cve_2025_54867_volume_over_proc(runtime, bundle, place, at):
    source = place / "fake"
    source.mkdir()
    runtime.run(bundle(bind(source, at))).failed("/proc")


@pytest.mark.parametrize("link", ["/proc/self/attr", "/proc/sys/kernel", "proc/1"])
def test_b1_cve_2019_16884_volume_over_proc_by_a_link(runtime, bundle, place, link):
    """The destination is a link of the image that leads into /proc."""
    made = bundle(bind(place, "/volume"))
    (made.rootfs / "volume").symlink_to(link)
    runtime.run(made).failed("/proc" if runtime.kind == "onggi" else "")


# --- B3, B7, B10, B16: links of the image that lead out of it -------------------------------------------

def mount_points(outside):
    return [str(outside), "../" * 12 + str(outside)]


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("kind", ["tmpfs", "bind", "file"])
def test_b3_b10_cve_2024_45310_cve_2024_5154_mount_points(runtime, bundle, outside, kind, form):
    """A destination below a link: nothing is made on the host."""
    at = "/link/deep/er" if kind != "file" else "/link/mtab"
    made = bundle(WRITABLE, {"mounts+": [{**TMPFS, "destination": at}]} if kind == "tmpfs"
                  else bind("/etc/hostname" if kind == "file" else outside, at))
    (made.rootfs / "link").symlink_to(mount_points(outside)[form])
    runtime.run(made)


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("command", ["run", "create"])
def test_b7_cve_2026_41579_cve_2026_47766_dev_is_a_link(runtime, bundle, outside, command, form):
    """With nothing mounted on /dev the devices are made in the image's /dev, which is a link."""
    made = bundle(WRITABLE, {"mounts": [m for m in config.MOUNTS
                                        if not m["destination"].startswith("/dev")]})
    replace_by_link(made, "dev", mount_points(outside)[form])
    Container(runtime, made, command=command)
    assert (outside / "ptmx").read_text() == "marker\n"


@pytest.mark.parametrize("form", [0, 1])
def test_b7_cve_2026_47766_dev_is_a_link_below_a_mount(runtime, bundle, outside, form):
    made = bundle(WRITABLE)
    replace_by_link(made, "dev", mount_points(outside)[form])
    runtime.run(made)


def test_b8_cve_2026_55686_working_directory_by_a_link(runtime, bundle, outside):
    made = bundle(WRITABLE, {"process.cwd": "/work/made"})
    (made.rootfs / "work").symlink_to("../" * 12 + str(outside))
    runtime.run(made)


@pytest.mark.only("onggi", why="runc has no copying up of links")
def test_b16_cve_2022_23648_copy_up_by_a_link(runtime, bundle, outside):
    """What a tmpfs is filled with comes from the image and not from where its link leads."""
    made = bundle(WRITABLE, {"process.args": ["/bin/probe", "read:/volume/canary"],
                             "mounts+": [{**TMPFS, "destination": "/volume",
                                          "options": ["tmpcopyup"]}]})
    (made.rootfs / "volume").symlink_to(outside)
    assert runtime.run(made).inside().answer("read:/volume/canary") == {"error": errno.ENOENT}


# --- B4: CVE-2025-31133 ------------------------------------------------------------------------------

def false_null(folder, kind):
    path = folder / "null"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "file":
        path.write_text("")
    elif kind == "zero":
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    else:
        path.symlink_to(kind)


NULLS = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "fifo", "file", "zero"]


@pytest.mark.parametrize("kind", NULLS)
def test_b4_cve_2025_31133_cve_2025_62161_null_of_the_image(runtime, bundle, place, kind):
    """/dev comes from the image with a false null: what hides is the host's null all the same."""
    folder = place / "dev"
    folder.mkdir()
    false_null(folder, kind)
    questions = ["stat:/proc/keys", "read:/proc/keys"]
    made = bundle({"process.args": ["/bin/probe", *questions],
                   "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}]},
                  bind(folder, "/dev", "rbind", "rw"))
    done = runtime.run(made)
    if done.status != 0:
        return
    got = done.inside().answer("stat:/proc/keys")
    assert (got["major"], got["minor"]) == (1, 3)
    assert done.inside().answer("read:/proc/keys") == ""


MASKS = [path for path in config.MASKED if os.path.exists(path)]


@pytest.mark.parametrize("path", MASKS)
def test_b4_b12_each_mask_is_null_or_empty_and_read_only(probe, path):
    got = probe(ask=[f"stat:{path}", f"list:{path}", f"read:{path}"])
    assert "ro" in got.mount(path).options or runtime_kind() == "runc"
    if os.path.isdir(path):
        assert got.answer(f"list:{path}") == []
    else:
        assert got.answer(f"read:{path}") == ""
        assert (got.answer(f"stat:{path}")["major"], got.answer(f"stat:{path}")["minor"]) == (1, 3)


def runtime_kind():
    return os.path.basename(os.environ.get("ONGGI_RUNTIME", ""))


# --- B5: CVE-2025-52565 ----------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", ["link to a file", "directory", "fifo", "link to a terminal"])
def test_b5_cve_2025_52565_console_of_the_image(runtime, bundle, outside, console, kind):
    """What the image has at /dev/console is neither followed nor emptied."""
    made = bundle({"process.terminal": True, "process.args": ["/bin/true"], **WRITABLE,
                   "mounts": [m for m in config.MOUNTS if m["destination"] != "/dev"]})
    path = made.rootfs / "dev/console"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("../" * 12 + str(outside / "canary") if "file" in kind else "/dev/pts/0")
    Container(runtime, made, "--console-socket", console.path)
    assert (outside / "canary").read_text() == "sings\n"


def test_b5_cve_2025_52565_terminals_of_the_image(runtime, bundle, place, console):
    """A /dev/pts that is a directory of the image, with a ptmx that is none, gives no terminal."""
    folder = place / "pts"
    folder.mkdir()
    (folder / "ptmx").write_text("")
    (folder / "0").symlink_to("/etc/passwd")
    made = bundle({"process.terminal": True, "process.args": ["/bin/true"]},
                  {"mounts-": "/dev/pts"}, bind(folder, "/dev/pts"))
    assert Container(runtime, made, "--console-socket", console.path).created.returncode != 0
    assert (folder / "ptmx").read_text() == ""


# --- B12: paths of the host's kernel ---------------------------------------------------------------------

ROOT = {f"process.capabilities.{s}": ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"]
        for s in ("bounding", "effective", "permitted")}


@pytest.mark.parametrize("path", [p for p in config.READONLY if os.path.exists(p)])
def test_b12_read_only_paths(probe, path):
    file = {"/proc/sys": "/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger": path}.get(path)
    got = probe(ask=[f"write:{file}"] if file else [])
    assert "ro" in got.mount(path).options
    if file:
        assert got.answer(f"write:{file}") == errno.EROFS


def test_b12_cve_2015_3630_without_rights_nothing_is_uncovered(runtime, bundle):
    """Neither unmounted nor made writable by a container without CAP_SYS_ADMIN."""
    script = "\n".join(f"umount {p} && echo {p}; mount -o remount,rw,bind {p} && echo {p}"
                       for p in MASKS + config.READONLY)
    done = runtime.run(bundle({"process.args": ["/bin/sh", "-c", f"exec 2>/dev/null; {script}"]}))
    assert done.out == ""


# --- B13, B14 -------------------------------------------------------------------------------------------

def test_b13_no_mount_shows_outside(runtime, bundle, place, long_form):
    """While the host's mounts change all the time, and all of them are shared."""
    top = place / "shared"
    top.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "t", top], check=True)
    subprocess.run(["mount", "--make-rshared", "/"], check=True)
    churn = subprocess.Popen(["sh", "-c", """cd "$1" && mkdir -p a &&
        while :; do mount -t tmpfs churn a; umount a; done""", "-", top], stderr=subprocess.DEVNULL)
    try:
        for _ in range(long_form(5, 1000)):
            runtime.run(bundle({"mounts+": [{**TMPFS, "destination": "/mnt/deep"}], **WRITABLE,
                                "process.args": ["/bin/true"]})).ok()
        table = inside.proc("self", "mountinfo")
        assert "/mnt/deep" not in table and "rootfs" not in table
    finally:
        churn.kill()
        churn.wait()
        subprocess.run(["umount", "--recursive", "--lazy", top], check=True)
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def test_b14_read_only_reaches_what_is_below(runtime, bundle, place):
    tree = place / "tree"
    (tree / "below").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "below", tree / "below"], check=True)
    (tree / "below/file").write_text("")
    try:
        made = bundle({"process.args": ["/bin/probe", "write:/mnt/b/below/file"], **WRITABLE},
                      bind(tree, "/mnt/b", "rbind", "rro"))
        (made.rootfs / "mnt/b").mkdir()
        done = runtime.run(made)
        assert done.inside().answer("write:/mnt/b/below/file") == errno.EROFS
    finally:
        subprocess.run(["umount", tree / "below"], check=True)


# --- B11, B15, B17, B18 ----------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["..", ".", "../..", "a/../../b", "/", "a/b", "", "a\nb", "a b",
                                  "a\x1b[2Jb"])
def test_b11_cve_2025_0750_names(runtime, bundle, name):
    for command in ("create", "run", "state", "kill", "delete"):
        flags = ["--bundle", bundle().path] if command in ("create", "run") else []
        done = runtime.call(command, *flags, "--", name).failed()
        assert "\x1b" not in done.err


def test_b15_cve_2021_43784_very_long_source(runtime, bundle):
    runtime.run(bundle(bind("/" + "a" * 70000, "/mnt/b"), WRITABLE)).failed()


def test_b15_cve_2021_43784_many_mounts_and_variables(runtime, bundle):
    many = [{"destination": f"/mnt/{i}", "type": "bind", "source": "rootfs/etc", "options": ["bind"]}
            for i in range(300)]
    env = [f"V{i}={'x' * 20}" for i in range(10000)]
    done = runtime.run(bundle({"mounts+": many, "process.env": env, **WRITABLE}))
    assert len(done.inside()["env"]) >= len(env)
    assert {f"/mnt/{i}" for i in range(300)} <= {m.target for m in done.inside().mounts}


@pytest.mark.only("onggi", "crun", why="Debian's runc lets /proc be mounted without covers")
def test_b18_without_pivot_no_bare_proc(runtime, bundle):
    """With --no-pivot the old /proc and /sys are hidden: a new one cannot be mounted by a user who
    makes namespaces of his own, because parts of the only one there is are covered."""
    made = bundle(ROOT, {"process.args": [
        "/bin/sh", "-c", "mkdir -p /tmp/p; mount -t proc p /tmp/p && echo mounted; cat /proc/self/mountinfo"],
        **WRITABLE})
    done = runtime.run(made, "--no-pivot")
    types = [m for m in inside.mounts(done.out) if m.type in ("proc", "sysfs")]
    host = [m for m in types if not m.target.startswith(("/proc", "/sys", "/tmp/p"))]
    assert not host, host
