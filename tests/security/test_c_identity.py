"""C: who the process is: capabilities, users, groups, filters, labels, keys, environment."""
import ctypes
import errno
import json
import os
import socket
import stat
import subprocess
import time

import pytest

from kit import config
from kit.runtime import Container
from oracle import inside

SETS = ("bounding", "effective", "permitted")
CAPABILITIES = {f"process.capabilities.{s}": config.CAPABILITIES for s in SETS}
WRITABLE = {"root.readonly": False}
PRIVILEGED = {"process.noNewPrivileges": False}


# --- C1, C2: CVE-2022-29162 and its family, CVE-2018-10856 ---------------------------------------------

def test_c1_cve_2022_24769_cve_2022_29162_nothing_is_inheritable(probe, started):
    for got in (probe(), started().exec("/bin/probe").inside(),
                started().exec("/bin/probe", flags=["--cap", "CAP_NET_RAW"]).inside()):
        assert got.capabilities("Inh") == set()
        assert got.capabilities("Amb") == set()


def test_c1_cve_2022_24769_rights_of_a_file_are_not_gained(runtime, bundle):
    """A program with CAP_NET_RAW inheritable gains nothing from a container's process."""
    made = bundle(PRIVILEGED, {"process.user.uid": 1000, "process.user.gid": 1000,
                               "process.args": ["/bin/gainer"],
                               "process.capabilities.bounding": ["CAP_NET_RAW"]})
    program = made.rootfs / "bin/gainer"
    program.write_bytes((made.rootfs / "bin/probe").read_bytes())
    program.chmod(0o755)
    # struct vfs_cap_data: revision 2, effective; permitted none, inheritable CAP_NET_RAW
    os.setxattr(program, "security.capability",
                b"\x01\x00\x00\x02" + bytes(4) + (1 << 13).to_bytes(4, "little") + bytes(8))
    assert runtime.run(made).inside().capabilities("Eff") == set()


@pytest.mark.parametrize("how", ["run", "exec"])
def test_c2_cve_2018_10856_cve_2021_20188_another_user_has_none(probe, started, how):
    got = (probe({"process.user.uid": 1000}) if how == "run"
           else started().exec("/bin/probe", flags=["--user", "1000"]).inside())
    if how == "run":
        assert got.capabilities("Inh") == got.capabilities("Amb") == set()
    assert got.status["Uid"].split() == ["1000"] * 4


@pytest.mark.only("onggi", "crun", why="runc leaves this to its callers")
def test_c2_cve_2018_10856_no_rights_for_a_program_of_the_user(runtime, bundle):
    """What it executes has none, whatever the process itself was given."""
    made = bundle({"process.user.uid": 1000, "process.args": [
        "/bin/sh", "-c", "/bin/busybox grep CapEff /proc/self/status"]})
    assert runtime.run(made).ok().out.split() == ["CapEff:", "0" * 16]


# --- C3: CVE-2022-36109 and its family ------------------------------------------------------------------

def test_c3_cve_2022_36109_cve_2023_25173_groups_count(runtime, bundle):
    """A file that a group may not read stays closed to its members, whichever groups they have."""
    made = bundle({"process.user": {"uid": 1000, "gid": 1000, "additionalGids": [2000]},
                   "process.args": ["/bin/probe", "open:/etc/refused"]})
    path = made.rootfs / "etc/refused"
    path.write_text("secret\n")
    os.chown(path, 0, 2000)
    path.chmod(0o604)
    got = runtime.run(made).inside()
    assert set(got.status["Groups"].split()) - {"1000"} == {"2000"}
    assert got.answer("open:/etc/refused") == errno.EACCES


def test_c3_no_group_of_the_caller(runtime, bundle):
    """Groups of whoever called are given up, though nothing was said about groups."""
    argv = runtime.argv("run", "--bundle", bundle({"process.user.uid": 1000}).path, runtime.name())
    done = subprocess.run(argv, extra_groups=[0, 4, 27, 999], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True)
    groups = inside.Inside(json.loads(done.stdout)).status["Groups"].split()
    assert not set(groups) & {"4", "27", "999"}


# --- C4: CVE-2016-3697, CVE-2024-40635, CVE-2026-30892 ------------------------------------------------

USERS = {"0": 0, "1": 1, "65534": 65534, "2147483647": 2147483647, "1000:5": 1000}
NOT_USERS = ["2147483648", "4294967295", "4294967296", "-1", "+1", "0x0", "0x1", " 1", "1 ", "1e3",
             "1:", ":0", ":", "", "1" * 20, "18446744073709551616", "1\n", "1:2:3", "root", "1:root",
             "0:4294967296", "00x", "²", "1.0"]


@pytest.mark.parametrize("text", USERS)
def test_c4_cve_2016_3697_number_is_a_number(started, text):
    assert int(started().exec("/bin/probe", flags=["--user", text]).inside().status["Uid"].split()[0]) == \
        USERS[text]


@pytest.mark.only("onggi", why="others take names, or wrap")
def test_c4_cve_2024_40635_cve_2026_46680_cve_2026_30892_never_0(runtime, bundle):
    """What is no number of a user is refused, though the image names root like that."""
    made = bundle({"process.args": ["/bin/sleep", "1000"]})
    (made.rootfs / "etc/passwd").write_text(
        "".join(f"{u}:x:0:0::/:/bin/sh\n" for u in [*NOT_USERS, *USERS] if "\n" not in u))
    container = Container(runtime, made).ok().start()
    for text in NOT_USERS:
        done = container.exec("/bin/probe", flags=[f"--user={text}"])
        assert done.status != 0 or done.inside().status["Uid"].split()[0] != "0", text
        assert done.err or done.status == 0


@pytest.mark.only("onggi", why="others wrap")
@pytest.mark.parametrize("key", ["uid", "gid"])
@pytest.mark.parametrize("number", [-1, -3, 4294967295, 4294967296, 2**63, 1.5, "0", None, True])
def test_c4_cve_2024_40635_numbers_of_a_document(runtime, bundle, key, number):
    made = bundle()
    made.document["process"]["user"][key] = number
    made.write(made.document)
    done = runtime.run(made)
    if number is not None:
        done.failed(f"process.user.{key}")


# --- C5, C6: CVE-2022-4318, CVE-2026-47262 ----------------------------------------------------------

def test_c5_cve_2022_4318_no_line_for_passwd(runtime, bundle):
    """What variables contain is written into no file."""
    made = bundle({"process.env": ["HOME=x\nroot2::0:0::/:/bin/sh", "USER=a:b\nc"], **WRITABLE,
                   "process.args": ["/bin/probe", "read:/etc/passwd"]})
    before = (made.rootfs / "etc/passwd").read_text()
    assert runtime.run(made).inside().answer("read:/etc/passwd") == before


def odd_file(path, kind):
    path.unlink()
    if kind == "huge":
        with open(path, "wb") as f:
            f.truncate(1 << 30)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as s:
            folder = os.open(path.parent, os.O_RDONLY)
            s.bind(f"/proc/self/fd/{folder}/{path.name}")
            os.close(folder)
    else:
        path.symlink_to(kind)


@pytest.mark.only("onggi", why="others read whatever it is")
@pytest.mark.parametrize("kind", ["huge", "fifo", "device", "socket", "/dev/zero",
                                  "/proc/self/mem", "../../../../../../../etc/passwd"])
@pytest.mark.parametrize("name", ["passwd", "group"])
def test_c6_cve_2026_47262_cve_2024_9676_user_files_of_the_image(runtime, bundle, name, kind):
    """Quick, and small: what is no plain file of sane size is not read."""
    made = bundle({"process.user.uid": 1000, "process.args": ["/bin/true"]})
    odd_file(made.rootfs / "etc" / name, kind)
    begin = time.monotonic()
    done = subprocess.run(["sh", "-c", 'ulimit -v 200000; exec "$@"', "-", *runtime.argv(
        "run", "--bundle", made.path, runtime.name())], stdin=subprocess.DEVNULL,
        capture_output=True, timeout=20, check=False)
    assert done.returncode >= 0
    assert time.monotonic() - begin < 10, "it read on and on"


# --- C8, C9: filters -------------------------------------------------------------------------------------

FILTER = {"linux.seccomp": {
    "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
    "syscalls": [{"names": """access arch_prctl brk close execve exit_group fcntl fstat getcwd
        getdents64 geteuid getgid getpgrp getpid getppid getrandom getsid getuid ioctl lseek mmap
        mprotect munmap newfstatat openat prlimit64 read readlink rseq rt_sigaction
        rt_sigprocmask sched_getaffinity sched_getattr set_robust_list set_tid_address setpgid
        umask uname write prctl personality keyctl ioprio_get get_mempolicy lstat stat open futex
        socket setns capset setgroups setuid setgid setresuid setresgid fchdir chdir capget
        close_range accept4 recvfrom sendto statx faccessat2 getsockopt""".split(),
        "action": "SCMP_ACT_ALLOW"}]}}


def test_c8_unknown_calls_are_enosys(probe):
    """Programs of a later time fall back when a call is unknown, not when it is forbidden."""
    got = probe(FILTER, ask=["call:600", "call:165"])
    assert got.answer("call:600") == errno.ENOSYS
    assert got.answer("call:165") == errno.EPERM  # mount


@pytest.mark.parametrize("call", [0x40000000 + 39, 0x40000000 + 165])
def test_c9_calls_of_x32_do_not_pass(runtime, bundle, call):
    """getpid and mount by their x32 numbers: the process is killed, or refused."""
    done = runtime.run(bundle(FILTER, {"process.args": ["/bin/probe", f"call:{call}"]}))
    if done.status == 0:
        assert done.inside().answer(f"call:{call}") in (errno.EPERM, errno.ENOSYS)


INT80 = r"""
/* getpid by the gate of 32-bit programs: 0x80 with number 20 */
#include <stdio.h>
int main(void)
{
	long r;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
	printf("%ld\n", r);
	return 0;
}
"""


def test_c9_calls_of_i386_do_not_pass(runtime, bundle, place):
    source = place / "int80.c"
    source.write_text(INT80)
    made = bundle(FILTER, {"process.args": ["/bin/int80"]})
    subprocess.run(["gcc", "-static", "-o", made.rootfs / "bin/int80", source], check=True)
    done = runtime.run(made)
    assert done.status != 0 or int(done.out) < 0


# --- C10: CVE-2014-8989 ---------------------------------------------------------------------------------

def test_c10_cve_2014_8989_groups_are_not_given_up_without_rights(runtime, bundle):
    """A user who makes a user namespace of one id keeps the groups that deny something."""
    made = bundle({"linux.namespaces+": [{"type": "user"}],
                   "linux.uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
                   "linux.gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
                   "linux.resources": {}, "mounts-": "/dev/mqueue"})
    for m in made.document["mounts"]:
        m["options"] = [o for o in m.get("options", []) if not o.startswith("gid=")]
    made.write(made.document)
    state = made.path / "state"
    state.mkdir()
    for path in (state, made.path):
        os.chown(path, 1000, 1000)
    done = subprocess.run([runtime.path, "--root", state, "run", "--bundle", made.path,
                           runtime.name()], user=1000, group=1000, extra_groups=[],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(state)})
    if done.returncode:
        pytest.skip(f"not for users here: {done.stderr.strip()[-120:]}")
    got = inside.Inside(json.loads(done.stdout))
    assert got.file("setgroups") == "deny\n"


# --- C11 to C15 ------------------------------------------------------------------------------------------

@pytest.mark.only("onggi", why="Debian's runc passes over SELinux labels here")
@pytest.mark.parametrize("key, module", [("process.apparmorProfile", "apparmor"),
                                         ("process.selinuxLabel", "selinux"),
                                         ("linux.mountLabel", "selinux")])
def test_c11_cve_2021_43816_label_that_cannot_be_had(runtime, bundle, key, module):
    """A label that cannot be applied is an error, never passed over."""
    if os.path.exists(f"/sys/module/{module}") or os.path.exists(f"/sys/fs/{module}"):
        pytest.skip(f"this kernel has {module}")
    runtime.run(bundle({key: "system_u:system_r:container_t:s0"})).failed(
        "apparmor" if module == "apparmor" else "selinux")


def test_c12_keyring_of_its_own(runtime, bundle):
    """The caller's session keyring is not the container's."""
    libc = ctypes.CDLL(None, use_errno=True)
    ring = libc.syscall(250, 1, b"onggi-test")  # keyctl(JOIN_SESSION_KEYRING)
    if ring < 0:
        pytest.skip("this kernel has no keys for us")
    assert libc.syscall(248, b"user", b"onggi-canary", b"v", 1, ring) > 0  # add_key
    got = runtime.run(bundle({"linux.maskedPaths": []})).inside()
    assert got["keyring"] not in (ring, 0)


@pytest.mark.parametrize("wanted", [True, False])
def test_c13_no_new_privileges(probe, started, wanted):
    change = {"process.noNewPrivileges": wanted}
    assert probe(change).status["NoNewPrivs"] == str(int(wanted))
    assert started(change).exec("/bin/probe").inside().status["NoNewPrivs"] == str(int(wanted))


def test_c14_filter_with_all_capabilities(probe):
    """A filter that was asked for counts, however many rights there are."""
    full = {f"process.capabilities.{s}": ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"] for s in SETS}
    got = probe(FILTER, full, PRIVILEGED, ask=["call:165"])
    assert got.status["Seccomp"] == "2"
    assert got.answer("call:165") == errno.EPERM


def test_c15_cve_2020_14370_cve_2021_3602_environment_of_the_caller(runtime, bundle, started):
    env = {**os.environ, "CANARY": "sings", "LD_PRELOAD": ""}
    assert "CANARY" not in runtime.run(bundle(), env=env).inside().env
    assert "CANARY" not in started().exec("/bin/probe", env=env).inside().env
