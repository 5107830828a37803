"""Broken bundles: for each the last line names the cause, and nothing is left behind.

The second half of each row is what the message has to say; runc only has to fail.
"""
import os
import struct

import pytest

from kit.runtime import Container

ARGS = "process.args"


def edit(**files):
    """Replaces files of the root: text, or (text, mode)."""
    def change(bundle):
        for name, what in files.items():
            text, mode = what if isinstance(what, tuple) else (what, 0o755)
            path = bundle.rootfs / "bin" / name
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            path.chmod(mode)
    return change


def remove_root(bundle):
    bundle.rootfs.rename(bundle.path / "other")


def root_is_a_file(bundle):
    remove_root(bundle)
    bundle.rootfs.write_text("")


# An executable of a machine that no one has: EM_S390 in an otherwise sound header.
FOREIGN = b"\x7fELF\x02\x02\x01" + bytes(9) + struct.pack(">HHIQQQIHHHHHH", 2, 22, 1, 0, 64, 0, 0, 64,
                                                         56, 0, 0, 0, 0)
# Ours, but its interpreter does not exist: one PT_INTERP.
INTERPRETER = b"/lib/ld-nowhere.so\0"
LONELY = (b"\x7fELF\x02\x01\x01" + bytes(9) +
          struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400000, 64, 0, 0, 64, 56, 1, 0, 0, 0) +
          struct.pack("<IIQQQQQQ", 3, 4, 120, 0x400078, 0x400078, len(INTERPRETER),
                      len(INTERPRETER), 1) + INTERPRETER)

# name: (changes of the document, change of the bundle, words of the message)
BROKEN = {
    "missing program": ({ARGS: ["/bin/nonsense"]}, None, ["/bin/nonsense", "no such file"]),
    "missing program of the path": ({ARGS: ["nonsense"]}, None,
                                    ["nonsense", "executable file not found in $path"]),
    "no execute bit": ({ARGS: ["/etc/plain"]}, None, ["/etc/plain", "permission denied"]),
    "program is a directory": ({ARGS: ["/etc"]}, None, ["/etc"]),
    "wrong architecture": ({ARGS: ["/bin/foreign"]}, edit(foreign=FOREIGN),
                           ["/bin/foreign", "exec format error"]),
    "missing interpreter of a program": ({ARGS: ["/bin/lonely"]}, edit(lonely=LONELY),
                                         ["/bin/lonely", "no such file", "what runs it"]),
    "missing interpreter of a script": ({ARGS: ["/bin/script"]}, edit(script="#!/bin/nothing\n"),
                                        ["/bin/script", "no such file", "what runs it"]),
    "script with CRLF": ({ARGS: ["/bin/script"]}, edit(script="#!/bin/sh\r\necho\r\n"),
                         ["/bin/script", "no such file"]),
    "script without a first line": ({ARGS: ["/bin/script"]}, edit(script="echo hi\n"),
                                    ["/bin/script", "exec format error"]),
    "empty program": ({ARGS: ["/bin/empty"]}, edit(empty=""), ["/bin/empty", "exec format error"]),
    "noexec mount": ({ARGS: ["/mnt/sh"], "root.readonly": False, "mounts+": [
        {"destination": "/mnt", "type": "bind", "source": "rootfs/bin",
         "options": ["bind", "noexec"]}]}, None, ["/mnt/sh", "permission denied"]),
    "missing mount source": ({"mounts+": [{"destination": "/mnt", "type": "bind",
                                           "source": "/nowhere/at/all", "options": ["bind"]}]},
                             None, ["/nowhere/at/all", "no such file"]),
    "mount of a directory on a file": ({"mounts+": [{"destination": "/etc/plain", "type": "bind",
                                                     "source": "rootfs/etc", "options": ["bind"]}]},
                                       None, ["/etc/plain"]),
    "unknown file system": ({"mounts+": [{"destination": "/mnt", "type": "nofs", "source": "x"}]},
                            None, ["nofs"]),
    "mount point of a read-only root": ({"mounts+": [{"destination": "/proc/nowhere/x",
                                                      "type": "tmpfs", "source": "x"}]}, None,
                                        ["/proc/nowhere"]),
    "bad cwd": ({"process.cwd": "/etc/plain"}, None, ["/etc/plain"]),
    "relative cwd": ({"process.cwd": "etc"}, None, ["process.cwd"]),
    "no arguments": ({ARGS: []}, None, ["process.args"]),
    "no process": ({"process": None}, None, ["process"]),
    "no root": ({"root": None}, None, ["root"]),
    "no version": ({"ociVersion": None}, None, ["ociversion"]),
    "version of the future": ({"ociVersion": "2.0.0"}, None, ["ociversion", "2.0.0"]),
    "missing root": ({}, remove_root, ["rootfs", "no such file"]),
    "root is a file": ({}, root_is_a_file, ["rootfs"]),
    "negative user": ({"process.user.uid": -3}, None, ["process.user.uid"]),
    "unknown limit": ({"process.rlimits": [{"type": "RLIMIT_CHEESE", "soft": 1, "hard": 1}]}, None,
                      ["RLIMIT_CHEESE", "process.rlimits[0]"]),
    "text for a number": ({"process.rlimits": [{"type": "RLIMIT_CORE", "soft": "many", "hard": 1}]},
                          None, ["process.rlimits[0].soft: expected a number, found text"]),
    "unknown namespace": ({"linux.namespaces+": [{"type": "dream"}]}, None,
                          ["linux.namespaces[5]", "dream"]),
    "hostname without a uts namespace": ({"linux.namespaces-": "uts"}, None, ["hostname"]),
    "unknown seccomp action": ({"linux.seccomp": {"defaultAction": "SCMP_ACT_DREAM"}}, None,
                               ["SCMP_ACT_DREAM"]),
    "sysctl of the host": ({"linux.sysctl": {"kernel.panic": "1"}}, None, ["kernel.panic"]),
    "device of no kind": ({"linux.devices": [{"path": "/dev/x", "type": "y"}]}, None,
                          ["linux.devices[0]"]),
    "environment without =": ({"process.env": ["NONSENSE"]}, None, None),
    "group path out of the tree": ({"linux.cgroupsPath": "../../x"}, None, None),
    "processors that are not there": ({"linux.resources.cpu.cpus": "999"}, None, ["cpus"]),
    "hook that fails": ({"hooks": {"createRuntime": [{"path": "/bin/false"}]}}, None,
                        ["createRuntime", "/bin/false"]),
    "AppArmor without AppArmor": ({"process.apparmorProfile": "x"}, None, ["apparmor"]),
}
TOLERATED = {"environment without =", "group path out of the tree"}
CURED = {"missing interpreter of a script", "script with CRLF", "missing program of the path",
         "wrong architecture", "noexec mount", "script without a first line"}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(runtime, bundle, name):
    changes, change, words = BROKEN[name]
    if name.startswith("AppArmor") and os.path.exists("/sys/module/apparmor"):
        pytest.skip("this kernel has AppArmor")
    made = bundle(changes)
    if change:
        change(made)
    done = runtime.run(made)
    if name in TOLERATED:
        assert done.status == 0 or done.err
        return
    if runtime.kind != "onggi":
        return
    done.failed(*words)
    assert len(done.err.splitlines()) <= 3


@pytest.mark.only("onggi", why="a promise of ours")
@pytest.mark.parametrize("name", sorted(CURED))
def test_the_cure_is_told(runtime, bundle, name):
    """Behind the cause, in parentheses, the message says what a person can do about it."""
    changes, change, _ = BROKEN[name]
    made = bundle(changes)
    if change:
        change(made)
    last = runtime.run(made).failed().err.splitlines()[-1]
    assert "(" in last and last.rstrip('"').endswith(")")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", "\0", '{"ociVersion": "1.0.2"} x',
                                  "[" * 100000, '{"a": "' + "x" * 1000 + '"'])
def test_what_is_no_document(runtime, bundle, text):
    made = bundle()
    made.write(text or " ")
    runtime.run(made).failed("config.json" if runtime.kind == "onggi" else "")


def test_no_document(runtime, bundle):
    made = bundle()
    (made.path / "config.json").unlink()
    runtime.run(made).failed("config.json")


def test_document_is_a_directory(runtime, bundle):
    made = bundle()
    (made.path / "config.json").unlink()
    (made.path / "config.json").mkdir()
    runtime.run(made).failed("config.json" if runtime.kind == "onggi" else "")


def test_bundle_that_is_not_there(runtime):
    runtime.call("run", "--bundle", "/nowhere", runtime.name()).failed("/nowhere" if runtime.kind !=
                                                                       "crun" else "")


def test_unknown_keys_are_ignored(probe):
    assert probe({"future": {"a": [1]}, "linux.future": 1, "process.future": None})["pid"] == 1


@pytest.mark.only("onggi", why="a promise of ours")
def test_a_missing_program_is_told_at_create(runtime, bundle):
    """Engines show the message of create; runc's create knows it too."""
    made = Container(runtime, bundle({ARGS: ["/bin/nonsense"]}))
    assert made.created.returncode != 0
    assert "no such file or directory" in made.output
