"""Mounts: every option, bind mounts, propagation, masked and read-only paths, the root."""
import errno
import os
import subprocess

import pytest

from oracle import inside

TMPFS = {"destination": "/mnt/t", "type": "tmpfs", "source": "tmpfs"}
WRITABLE = {"root.readonly": False}


def tmpfs(*options):
    return {"mounts+": [{**TMPFS, "options": list(options)}], **WRITABLE}


def bind(source, *options, at="/mnt/b"):
    return {"mounts+": [{"destination": at, "type": "bind", "source": str(source),
                         "options": list(options) or ["bind"]}], **WRITABLE}


@pytest.fixture
def tree(place):
    """A directory with a file system mounted below it."""
    top = place / "tree"
    (top / "below").mkdir(parents=True)
    (top / "file").write_text("content\n")
    subprocess.run(["mount", "-t", "tmpfs", "below", top / "below"], check=True)
    (top / "below/deep").write_text("deep\n")
    yield top
    subprocess.run(["umount", top / "below"], check=True)


# --- options of one mount ------------------------------------------------------------------------------

@pytest.mark.parametrize("option, shown", [
    ("ro", "ro"), ("rw", "rw"), ("nosuid", "nosuid"), ("nodev", "nodev"), ("noexec", "noexec"),
    ("noatime", "noatime"), ("nodiratime", "nodiratime"), ("relatime", "relatime"),
    ("nosymfollow", "nosymfollow")])
def test_flags(probe, runtime, option, shown):
    if option == "nosymfollow" and runtime.kind != "onggi":
        pytest.skip("Debian's runc and crun are older than this")
    assert shown in probe(tmpfs(option)).mount("/mnt/t").options


@pytest.mark.parametrize("first, then, shown", [
    ("ro", "rw", "rw"), ("nosuid", "suid", None), ("nodev", "dev", None), ("noexec", "exec", None),
    ("noatime", "atime", "relatime"), ("nodiratime", "diratime", None)])
def test_the_last_word_counts(probe, first, then, shown):
    options = probe(tmpfs(first, then)).mount("/mnt/t").options
    assert first not in options
    assert shown is None or shown in options


@pytest.mark.parametrize("option, shown", [("sync", "sync"), ("dirsync", "dirsync"),
                                           ("lazytime", "lazytime")])
def test_flags_of_the_file_system(probe, runtime, option, shown):
    if option == "lazytime" and runtime.kind != "onggi":
        pytest.skip("Debian's runc and crun are older than this")
    mount = probe(tmpfs(option)).mount("/mnt/t")
    assert shown in mount.super_options | mount.options


@pytest.mark.parametrize("option", ["async", "nomand", "strictatime", "nostrictatime", "loud",
                                    "silent", "nolazytime", "noiversion", "norelatime", "defaults",
                                    "symfollow"])
def test_words_without_a_trace_are_accepted(probe, runtime, option):
    if runtime.kind != "onggi":
        pytest.skip("Debian's runc and crun do not know all of them")
    assert probe(tmpfs(option)).mount("/mnt/t").type == "tmpfs"


def test_parameters_of_the_file_system(probe):
    got = probe(tmpfs("size=64k", "mode=1700", "uid=3", "gid=4", "nr_inodes=50"),
                ask=["stat:/mnt/t"])
    assert {"size=64k", "mode=1700", "nr_inodes=50"} <= got.mount("/mnt/t").super_options
    stat = got.answer("stat:/mnt/t")
    assert (stat["mode"] & 0o7777, stat["uid"], stat["gid"]) == (0o1700, 3, 4)


def test_unknown_option(runtime, bundle):
    runtime.run(bundle(tmpfs("nonsense"))).failed("nonsense" if runtime.kind == "onggi" else "")


def test_unknown_type(runtime, bundle):
    made = bundle({"mounts+": [{"destination": "/mnt", "type": "nofs", "source": "x"}]})
    runtime.run(made).failed("nofs" if runtime.kind == "onggi" else "")


def test_noexec_holds(runtime, bundle):
    made = bundle(tmpfs("noexec"), {"process.args": [
        "/bin/sh", "-c", "cp /bin/busybox /mnt/t/true; /mnt/t/true"]})
    assert runtime.run(made).status == 126


def test_read_only_holds(runtime, bundle, tree):
    made = bundle(bind(tree, "bind", "ro"), {"process.args": ["/bin/touch", "/mnt/b/new"]})
    runtime.run(made).failed("read-only")
    assert not (tree / "new").exists()


# --- bind mounts ------------------------------------------------------------------------------------------

def test_bind_is_not_recursive(probe, tree):
    got = probe(bind(tree, "bind"), ask=["list:/mnt/b", "list:/mnt/b/below"])
    assert sorted(got.answer("list:/mnt/b")) == ["below", "file"]
    assert got.answer("list:/mnt/b/below") == []


def test_rbind_is_recursive(probe, tree):
    got = probe(bind(tree, "rbind"), ask=["list:/mnt/b/below"])
    assert got.answer("list:/mnt/b/below") == ["deep"]


def test_bind_of_a_file(probe, tree):
    got = probe(bind(tree / "file", "bind", at="/etc/new"), ask=["read:/etc/new"])
    assert got.answer("read:/etc/new") == "content\n"


def test_type_none_with_bind(probe, tree):
    changes = {"mounts+": [{"destination": "/mnt/b", "type": "none", "source": str(tree),
                            "options": ["rbind"]}], **WRITABLE}
    assert sorted(probe(changes, ask=["list:/mnt/b"]).answer("list:/mnt/b")) == ["below", "file"]


def test_source_relative_to_the_bundle(runtime, bundle):
    made = bundle(bind("data", "bind"), {"process.args": ["/bin/cat", "/mnt/b/x"]})
    (made.path / "data").mkdir()
    (made.path / "data/x").write_text("here\n")
    assert runtime.run(made).ok().out == "here\n"


def test_source_that_is_not_there(runtime, bundle):
    runtime.run(bundle(bind("/nowhere"))).failed("/nowhere")


@pytest.mark.parametrize("flag", ["nosuid", "nodev", "noexec", "ro", "noatime"])
def test_bind_with_flags(probe, tree, flag):
    assert flag in probe(bind(tree, "bind", flag)).mount("/mnt/b").options


@pytest.mark.only("onggi", why="runc clears what was not asked for, protections of the host too")
def test_bind_keeps_the_flags_of_its_source(probe, tree):
    subprocess.run(["mount", "-o", "remount,nosuid,nodev", tree / "below"], check=True)
    options = probe(bind(tree / "below", "bind", "ro")).mount("/mnt/b").options
    assert {"nosuid", "nodev", "ro"} <= options


@pytest.mark.parametrize("option, flag", [("rro", "ro"), ("rnosuid", "nosuid"), ("rnodev", "nodev"),
                                          ("rnoexec", "noexec"), ("rnoatime", "noatime"),
                                          ("rnodiratime", "nodiratime"),
                                          ("rnosymfollow", "nosymfollow")])
def test_recursive_attributes(probe, runtime, tree, option, flag):
    if option == "rnosymfollow" and runtime.kind != "onggi":
        pytest.skip("Debian's runc and crun are older than this")
    got = probe(bind(tree, "rbind", option))
    assert flag in got.mount("/mnt/b").options
    assert flag in got.mount("/mnt/b/below").options


def test_ro_is_of_the_topmost_mount_only(probe, tree):
    got = probe(bind(tree, "rbind", "ro"))
    assert "ro" in got.mount("/mnt/b").options
    assert "rw" in got.mount("/mnt/b/below").options


@pytest.mark.parametrize("word, shown", [("rshared", "shared:"), ("rslave", "master:"),
                                         ("rprivate", None), ("shared", "shared:"),
                                         ("private", None), ("slave", "master:"),
                                         ("unbindable", "unbindable"),
                                         ("runbindable", "unbindable")])
def test_propagation(probe, tree, word, shown):
    subprocess.run(["mount", "--bind", tree, tree], check=True)
    subprocess.run(["mount", "--make-shared", tree], check=True)
    try:
        got = probe(bind(tree, "rbind" if word[0] == "r" and word != "rbind" else "bind", word),
                    {"linux.rootfsPropagation": "rslave"})
        words = [w for w in got.mount("/mnt/b").propagation if w]
        assert any(w.startswith(shown) for w in words) if shown else not words
    finally:
        subprocess.run(["umount", "--lazy", tree], check=True)


def test_mounts_are_made_in_order(probe, tree):
    got = probe(tmpfs(), bind(tree / "file", "bind", at="/mnt/t/inner"),
                ask=["read:/mnt/t/inner"])
    assert got.answer("read:/mnt/t/inner") == "content\n"


@pytest.mark.only("onggi", why="relative destinations are of runtime-spec 1.2")
def test_relative_destination(probe):
    got = probe({"mounts+": [{**TMPFS, "destination": "mnt/t"}], **WRITABLE})
    assert got.mount("/mnt/t").type == "tmpfs"


# --- destinations ------------------------------------------------------------------------------------------

def test_destination_is_made(probe, bundle):
    got = probe({"mounts+": [{**TMPFS, "destination": "/new/deep/t"}], **WRITABLE})
    assert got.mount("/new/deep/t").type == "tmpfs"


def test_links_stay_inside(runtime, bundle, place):
    """A link of the image that points out of it leads to the same name inside."""
    made = bundle({"mounts+": [{**TMPFS, "destination": "/link/t"}], **WRITABLE})
    outside = place / "outside"
    outside.mkdir()
    (made.rootfs / "link").symlink_to(outside)
    got = runtime.run(made).inside()
    assert any(m.type == "tmpfs" and m.target.endswith("/outside/t") for m in got.mounts)
    assert list(outside.iterdir()) == []


def test_dots_stay_inside(runtime, bundle, place):
    made = bundle({"mounts+": [{**TMPFS, "destination": "/../../../mnt/t"}], **WRITABLE})
    assert runtime.run(made).inside().mount("/mnt/t").type == "tmpfs"


def test_proc_may_not_be_hidden(runtime, bundle, tree):
    """Mounting over a part of /proc would defeat what is written there."""
    runtime.run(bundle(bind(tree / "file", "bind", at="/proc/self/attr/exec"))).failed("/proc")


@pytest.mark.parametrize("path", ["/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/loadavg"])
def test_some_files_of_proc_may_be_hidden(probe, tree, path):
    got = probe(bind(tree / "file", "bind", at=path), ask=[f"read:{path}"])
    assert got.answer(f"read:{path}") == "content\n"


# --- copy-up, id maps ------------------------------------------------------------------------------------------

def test_tmpcopyup(probe):
    got = probe({"mounts+": [{**TMPFS, "destination": "/etc", "options": ["tmpcopyup"]}]},
                ask=["read:/etc/plain", "stat:/etc/passwd"])
    assert got.mount("/etc").type == "tmpfs"
    assert got.answer("read:/etc/plain") == "plain\n"


IDMAP = [{"containerID": 0, "hostID": 5000, "size": 1000}]


@pytest.mark.only("onggi", why="Debian's runc has no idmapped mounts")
@pytest.mark.parametrize("option", [None, "idmap", "ridmap"])
def test_idmapped_bind(probe, tree, option):
    os.chown(tree / "file", 7, 8)
    changes = bind(tree, "rbind", *filter(None, [option]))
    changes["mounts+"][0].update(uidMappings=IDMAP, gidMappings=IDMAP)
    got = probe(changes, ask=["stat:/mnt/b/file"])
    assert (got.answer("stat:/mnt/b/file")["uid"], got.answer("stat:/mnt/b/file")["gid"]) == (
        5007, 5008)


# --- kinds of file systems ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("target, kind", [("/proc", "proc"), ("/dev", "tmpfs"),
                                          ("/dev/pts", "devpts"), ("/dev/shm", "tmpfs"),
                                          ("/dev/mqueue", "mqueue"), ("/sys", "sysfs")])
def test_the_usual_ones(probe, target, kind):
    mount = probe().mount(target)
    assert mount.type == kind
    if target not in ("/proc", "/dev", "/dev/pts"):
        assert {"nosuid", "noexec", "nodev"} <= mount.options


def test_cgroup_mount_shows_its_own_group(probe):
    got = probe({"mounts+": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                              "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}],
                 "linux.namespaces+": [{"type": "cgroup"}]},
                ask=["list:/sys/fs/cgroup", "read:/sys/fs/cgroup/pids/cgroup.procs",
                     "write:/sys/fs/cgroup/pids/pids.max"])
    if "pids" in inside.hierarchies():
        assert "pids" in got.answer("list:/sys/fs/cgroup")
        assert got.answer("read:/sys/fs/cgroup/pids/cgroup.procs") == "1\n"
        assert got.answer("write:/sys/fs/cgroup/pids/pids.max") == errno.EROFS
    else:
        assert "cgroup.procs" in got.answer("list:/sys/fs/cgroup")


def test_cgroup_mount_without_a_namespace(probe):
    got = probe({"mounts+": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                              "options": ["ro"]}]},
                ask=["read:/sys/fs/cgroup/pids/cgroup.procs", "read:/sys/fs/cgroup/cgroup.procs"])
    if "pids" in inside.hierarchies():
        assert got.answer("read:/sys/fs/cgroup/pids/cgroup.procs") == "1\n"
    assert any(m.type in ("cgroup", "cgroup2") for m in got.mounts)


# --- masked and read-only -------------------------------------------------------------------------------------------

def test_masked_file_and_directory(runtime, bundle):
    made = bundle({"process.args": ["/bin/probe", "read:/etc/plain", "list:/home", "list:/nowhere"],
                   "linux.maskedPaths": ["/etc/plain", "/home", "/nowhere"]})
    (made.rootfs / "home/secret").write_text("x")
    got = runtime.run(made).inside()
    assert got.answer("read:/etc/plain") == ""
    assert got.answer("list:/home") == []
    assert got.mount("/home").type == "tmpfs"
    assert "ro" in got.mount("/home").options


@pytest.mark.parametrize("path", ["/proc/kcore", "/proc/keys", "/proc/timer_list"])
def test_default_masks(probe, path):
    assert probe(ask=[f"read:{path}"]).answer(f"read:{path}") in ("", {"error": errno.ENOENT})


@pytest.mark.parametrize("path", ["/proc/sys", "/proc/irq", "/proc/bus", "/proc/fs"])
def test_read_only_paths(probe, path):
    assert "ro" in probe().mount(path).options


def test_read_only_paths_cannot_be_written(probe):
    question = "write:/proc/sys/kernel/shmmax"
    assert probe(ask=[question]).answer(question) == errno.EROFS
    assert probe({"linux.readonlyPaths": []}, ask=[question]).answer(question) == 0


def test_read_only_path_of_a_file_and_of_nothing(probe):
    got = probe({"linux.readonlyPaths": ["/etc/plain", "/nowhere"], **WRITABLE},
                ask=["write:/etc/plain", "write:/etc/passwd"])
    assert got.answer("write:/etc/plain") == errno.EROFS
    assert got.answer("write:/etc/passwd") == 0


# --- the root -------------------------------------------------------------------------------------------

def test_read_only_root(probe):
    assert probe(ask=["write:/etc/plain"]).answer("write:/etc/plain") == errno.EROFS
    assert probe(WRITABLE, ask=["write:/etc/plain"]).answer("write:/etc/plain") == 0


@pytest.mark.parametrize("word, shown", [("private", None), ("rprivate", None), ("slave", "master"),
                                         ("rslave", "master"), ("shared", "shared"),
                                         ("rshared", "shared"), ("unbindable", "unbindable")])
def test_rootfs_propagation(runtime, bundle, word, shown):
    if runtime.kind != "onggi" and word not in ("private", "rprivate", "rslave"):
        pytest.skip("Debian's runc sets it before the root is in place")
    made = bundle({"linux.rootfsPropagation": word})
    subprocess.run(["mount", "--bind", made.rootfs, made.rootfs], check=True)
    subprocess.run(["mount", "--make-shared", made.rootfs], check=True)
    try:
        words = [w for w in runtime.run(made).inside().mount("/").propagation if w]
        assert any(w.startswith(shown) for w in words) if shown else not words
    finally:
        subprocess.run(["umount", made.rootfs], check=True)


def test_nothing_of_the_host_is_mounted(probe):
    """No mount of the host is seen, not even as a parent that cannot be reached."""
    got = probe()
    assert {m.target for m in got.mounts} <= {
        "/", "/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys", "/dev/console",
        *("/proc/" + n for n in ("bus", "fs", "irq", "sys", "sysrq-trigger", "acpi", "asound",
                                 "kcore", "keys", "latency_stats", "timer_list", "timer_stats",
                                 "sched_debug", "scsi")), "/sys/firmware"}


def test_mounts_stay_inside(started):
    before = inside.proc("self", "mountinfo")
    made = started(tmpfs())
    assert inside.proc("self", "mountinfo") == before
    assert "/mnt/t" in inside.proc(made.pid, "mountinfo")


def test_absolute_root_path(runtime, bundle, place):
    made = bundle()
    made.rootfs.rename(place / "elsewhere")
    made.document["root"]["path"] = str(place / "elsewhere")
    made.write(made.document)
    assert runtime.run(made).inside()["pid"] == 1


def test_root_that_is_not_there(runtime, bundle):
    runtime.run(bundle({"root.path": "nowhere"})).failed("nowhere")


def test_no_pivot(runtime, bundle):
    made = bundle()
    got = runtime.run(made, "--no-pivot").inside()
    assert got["pid"] == 1
    assert got.mount("/").root.endswith("/rootfs")
