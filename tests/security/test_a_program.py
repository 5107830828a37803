"""A: the runtime's own file, the descriptors it has open, the directory it is in, what it executes."""
import fcntl
import json
import os
import stat
import subprocess

import pytest

from kit.runtime import Container
from oracle import inside

F_GET_SEALS = 1034
SEALS = 0x1 | 0x2 | 0x4 | 0x8  # SEAL, SHRINK, GROW, WRITE
CAPABILITIES = ("bounding", "effective", "permitted")


def file_of(path):
    s = os.stat(path)
    return s.st_dev, s.st_ino


def attacker(bundle, text, *changes):
    """A bundle whose program is the script @text."""
    made = bundle({"process.args": ["/bin/attack"]}, *changes)
    path = made.rootfs / "bin/attack"
    path.write_text(text)
    path.chmod(0o755)
    return made


def attacking(runtime, bundle, text, *changes):
    return Container(runtime, attacker(bundle, text, *changes)).ok().start()


# --- A1: CVE-2019-5736 ---------------------------------------------------------------------------

@pytest.mark.only("onggi", why="others protect their file by a copy of it")
def test_a1_cve_2019_5736_init_is_not_the_runtimes_file(create):
    """What is executed inside before the command is no file of the host, and cannot be written."""
    made = create()
    exe = f"/proc/{made.pid}/exe"
    assert file_of(exe) != file_of(made.runtime.path)
    assert os.readlink(exe).startswith("/memfd:")
    with open(exe, "rb") as f:
        assert fcntl.fcntl(f, F_GET_SEALS) & SEALS == SEALS
    with pytest.raises(OSError):
        os.close(os.open(exe, os.O_WRONLY))


def test_a1_cve_2019_5736_entrypoint_that_is_the_runtime(runtime, bundle):
    """An image whose program is "#!/proc/self/exe" does not run the runtime inside."""
    made = attacker(bundle, "#!/proc/self/exe\n",
                    {"process.args": ["/bin/attack", "--version"]})
    done = runtime.run(made)
    assert done.status != 0
    assert "runc version" not in done.out and "onggi" not in done.out


GRAB = """#!/bin/sh
while :; do
	for p in /proc/[0-9]*; do
		[ $p = /proc/$$ ] || { true >>$p/exe; } 2>/dev/null && readlink $p/exe
	done
done
"""


def test_a1_cve_2019_5736_writer_beside_exec(runtime, bundle, long_form):
    """A process inside that opens /proc/PID/exe of whatever appears never gets at a file of the
    host: the fingerprint of the runtime's file is compared after this module."""
    before = file_of(runtime.path)
    made = attacking(runtime, bundle, GRAB, {"root.readonly": False})
    for _ in range(long_form(30, 1000)):
        made.exec("/bin/true").ok()
    written = {line for line in made.output.splitlines() if line}
    assert not written - {"/bin/busybox", "/bin/true", "/bin/sh"}, written
    assert file_of(runtime.path) == before


# --- A2: CVE-2024-21626 -----------------------------------------------------------------------

NUMBERS = range(3, 24)


def is_inside(cwd):
    """getcwd answers with an error, or "(unreachable)", for a directory of the host."""
    return isinstance(cwd, str) and cwd.startswith("/")


def test_a2_cve_2024_21626_cwd_is_a_descriptor(runtime, bundle):
    for number in NUMBERS:
        done = runtime.run(bundle({"process.cwd": f"/proc/self/fd/{number}"}))
        assert done.status != 0 or is_inside(done.inside()["cwd"]), number


def test_a2_cve_2024_21626_cwd_of_exec(started):
    made = started()
    for number in NUMBERS:
        done = made.exec("/bin/probe", flags=["--cwd", f"/proc/self/fd/{number}"])
        assert done.status != 0 or is_inside(done.inside()["cwd"]), number


def test_a2_cve_2024_21626_cwd_by_a_link_of_the_image(runtime, bundle):
    for number in NUMBERS:
        made = bundle({"process.cwd": "/work"})
        (made.rootfs / "work").symlink_to(f"/proc/self/fd/{number}")
        done = runtime.run(made)
        assert done.status != 0 or is_inside(done.inside()["cwd"]), number


def test_a2_cve_2024_21626_program_through_a_descriptor(runtime, bundle, place):
    """Nothing of the host is executed by way of a directory that was left open."""
    marker = place / "executed"
    program = place / "program"
    program.write_text(f"#!/bin/sh\n: >{marker}\n")
    program.chmod(0o755)
    for number in NUMBERS:
        path = f"/proc/self/fd/{number}" + "/.." * 8 + str(program)
        runtime.run(bundle({"process.args": [path]})).failed()
    assert not marker.exists()


def directories(pid):
    """Descriptor -> id of the mount of the directory it is open on."""
    out = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        if stat.S_ISDIR(os.stat(f"/proc/{pid}/fd/{number}").st_mode):
            out[number] = inside.fields(inside.proc(pid, f"fdinfo/{number}"))["mnt_id"]
    return out


@pytest.mark.only("onggi", "crun", why="Debian's runc keeps some open until start")
def test_a2_cve_2024_21626_no_directory_of_the_host_is_open(create):
    """In a created container and in a running one."""
    made = create({"process.args": ["/bin/sleep", "1000"]})
    own = {m.id for m in inside.mounts(inside.proc(made.pid, "mountinfo"))}
    assert set(directories(made.pid).values()) <= own
    links = [os.readlink(f"/proc/{made.pid}/fd/{n}") for n in os.listdir(f"/proc/{made.pid}/fd")]
    assert not [path for path in links if path.startswith("/sys/fs/cgroup")]
    made.start()
    assert set(os.listdir(f"/proc/{made.pid}/fd")) == {"0", "1", "2"}


def test_a2_d8t_inherited_descriptors(runtime, bundle):
    """Directories that the caller left open do not get in, but for those it says."""
    fds = [os.open("/", os.O_RDONLY | os.O_DIRECTORY) for _ in range(20)]
    try:
        got = runtime.run(bundle(), pass_fds=fds).inside()
        assert set(got["descriptors"]) == {"0", "1", "2"}
    finally:
        for fd in fds:
            os.close(fd)


def test_d8t_preserved_descriptors_and_no_more(runtime, bundle):
    argv = runtime.argv("run", "--preserve-fds", "2", "--bundle", bundle().path, runtime.name())
    done = subprocess.run(["sh", "-c", 'exec "$@" 3</dev/null 4</dev/null 5</dev/null', "-", *argv],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    assert set(json.loads(done.stdout)["descriptors"]) == {"0", "1", "2", "3", "4"}


# --- A3, A4: CVE-2016-9962, CVE-2016-8649 ------------------------------------------------------------

LOOK = """#!/bin/sh
while :; do
	for p in /proc/[0-9]*; do
		for l in $p/exe $p/cwd $p/root $p/fd/*; do readlink $l; done
	done 2>/dev/null
done
"""


@pytest.mark.parametrize("rights", [[], ["CAP_SYS_PTRACE"]], ids=["a3", "a4"])
def test_a3_a4_cve_2016_9962_cve_2016_8649_looking_at_exec(runtime, bundle, long_form, rights):
    """Whoever looks at each process that appears sees nothing of the host. Whoever may trace can see
    the child program itself, which is sealed and not the host's (a1)."""
    made = attacking(runtime, bundle, LOOK,
                     {f"process.capabilities.{s}": rights for s in CAPABILITIES})
    for _ in range(long_form(30, 1000)):
        made.exec("/bin/true").ok()
    seen = set(made.output.splitlines())
    host = (str(made.runtime.scratch), str(made.runtime.root), made.runtime.path, "/sys/fs/cgroup")
    assert "/bin/busybox" in seen, "it saw nothing at all"
    assert not [path for path in seen if path.startswith(host) and made.id not in path], seen


# --- A6, A7: CVE-2022-1227, CVE-2019-14271, CVE-2026-41567 ---------------------------------------------

HELPERS = "nsenter ps sh cat tar xz gzip zstd getent mount umount iptables newuidmap sysctl".split()


def test_a6_a7_cve_2022_1227_cve_2019_14271_no_program_of_the_image_on_the_host(runtime, bundle, place):
    """Every command on a container whose tools are traps: none of them runs outside."""
    marker = place / "executed"
    bundle_ = bundle({"process.args": ["/bin/sleep", "1000"], "root.readonly": False})
    for name in HELPERS:
        path = bundle_.rootfs / "bin" / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/busybox sh\n: >{marker}\n")
        path.chmod(0o755)
    made = Container(runtime, bundle_).ok().start()
    made.exec("/bin/ps")
    made.exec("/bin/sh")
    for command, *rest in (["ps"], ["state"], ["events", "--stats"], ["update", "--pids-limit=50"],
                           ["pause"], ["resume"], ["kill", "TERM"], ["kill", "KILL"]):
        made.call(command, *rest)
    made.wait().delete().ok()
    assert not marker.exists()


# --- A8, E3, E5: annotations have no rights -----------------------------------------------------------

ANNOTATIONS = {
    "containerd.io/restart.loguri": "binary:///bin/touch?/onggi-was-here",
    "org.systemd.property.ExecStopPost": "'/bin/touch /onggi-was-here'",
    "org.systemd.property.CPUQuotaPerSecUSec": "uint64 1000000",
    "io.kubernetes.cri-o.Devices": "/dev/mem:/dev/mem:rwm",
    "io.kubernetes.cri-o.UnifiedCgroup": "memory.max=max",
    "run.oci.keep_original_groups": "1",
    "run.oci.systemd.subgroup": "../../..",
    "run.oci.delegate-cgroup": "../../..",
    "run.oci.mount_context_type": "rootcontext",
    "run.oci.seccomp_fail_unknown_syscall": "0",
    "run.oci.hooks.stdout": "/onggi-was-here",
    "run.oci.pidfd_receiver": "/onggi-was-here",
    "module.wasm.image/variant": "compat",
    "org.opencontainers.runc.exec": "x",
}
SAME = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
        "Seccomp")


@pytest.mark.only("onggi", why="crun obeys annotations of its own")
def test_a8_e3_e5_cve_2026_53488_cve_2023_6476_cve_2024_3154_annotations(probe):
    plain, noted = probe(), probe({"annotations": ANNOTATIONS})
    assert [noted.status[k] for k in SAME] == [plain.status[k] for k in SAME]
    assert len(noted.mounts) == len(plain.mounts)
    assert noted["env"] == plain["env"]
    assert set(noted["descriptors"]) == set(plain["descriptors"])
    assert not os.path.exists("/onggi-was-here")


def test_a8_annotations_are_only_shown(create):
    made = Container.ok(create({"annotations": {"a": "b"}}))
    assert made.runtime.state(made.id)["annotations"] == {"a": "b"}
