"""What the process is: user, groups, directory, environment, limits, capabilities, scheduling."""
import json
import os
import socket
import subprocess

import pytest

from oracle import inside

NUMBERS = {name: i for i, name in enumerate("""
    CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
    NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
    SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
    SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
    WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split())}
SETS = {"bounding": "Bnd", "effective": "Eff", "permitted": "Prm", "inheritable": "Inh",
        "ambient": "Amb"}


# --- user, groups, umask ----------------------------------------------------------------------------

def test_user_and_groups(probe):
    got = probe({"process.user": {"uid": 1000, "gid": 1001, "additionalGids": [2000, 7]}})
    assert got.status["Uid"].split() == ["1000"] * 4
    assert got.status["Gid"].split() == ["1001"] * 4
    assert sorted(got.status["Groups"].split()) == ["2000", "7"]


def test_no_groups_of_the_caller(probe):
    os.setgroups([4, 24])
    try:
        assert probe().status["Groups"].split() in ([], ["0"])
    finally:
        os.setgroups([])


@pytest.mark.parametrize("mask", [0, 0o22, 0o77])
def test_umask(probe, mask):
    assert probe({"process.user.umask": mask})["umask"] == mask


def test_umask_by_default(probe):
    os.umask(0o777)
    try:
        assert probe()["umask"] == 0o22
    finally:
        os.umask(0o22)


@pytest.mark.parametrize("uid", [-1, 1 << 32, "0"])
def test_bad_user(runtime, bundle, uid):
    runtime.run(bundle({"process.user": {"uid": uid, "gid": 0}})).failed("uid" if runtime.kind ==
                                                                         "onggi" else "")


# --- arguments, environment, directory ------------------------------------------------------------------

def test_arguments_as_they_are(probe):
    args = ["/bin/probe", "", "a b", "ü", '"', "\\", "x" * 5000]
    assert probe({"process.args": args})["argv"] == [
        a.encode().decode("latin-1") for a in args]


def test_environment_as_it_is(probe):
    env = ["PATH=/bin", "EMPTY=", "A=1", "QUOTED=\"a b\"", "EQUAL=a=b"]
    got = probe({"process.env": env})
    assert [e for e in got["env"] if not e.startswith("HOME=")] == env


def test_nothing_of_the_callers_environment(probe):
    assert "SECRET" not in probe(env={**os.environ, "SECRET": "1"}).env


@pytest.mark.parametrize("uid, home", [(0, "/root"), (1000, "/home"), (4242, "/")])
def test_home_comes_from_passwd(probe, uid, home):
    assert probe({"process.user": {"uid": uid, "gid": 0}}).env["HOME"] == home


def test_home_that_is_set_stays(probe):
    assert probe({"process.env": ["PATH=/bin", "HOME=/mine"]}).env["HOME"] == "/mine"


def test_command_is_found_in_the_path_of_the_container(probe):
    assert probe({"process.args": ["probe"], "process.env": ["PATH=/nowhere:/bin"]})["pid"] == 1


def test_the_first_of_the_path_that_can_run_counts(runtime, bundle):
    made = bundle({"process.args": ["tool"], "process.env": ["PATH=/first:/second"]})
    for name, mode in (("first", 0o644), ("second", 0o755)):
        (made.rootfs / name).mkdir()
        (made.rootfs / name / "tool").write_text(f"#!/bin/sh\necho {name}\n")
        (made.rootfs / name / "tool").chmod(mode)
    assert runtime.run(made).ok().out == "second\n"


def test_working_directory(probe):
    assert probe({"process.cwd": "/tmp"})["cwd"] == "/tmp"


def test_working_directory_is_made(probe):
    assert probe({"process.cwd": "/new/one", "root.readonly": False})["cwd"] == "/new/one"


def test_working_directory_through_a_link(runtime, bundle):
    made = bundle({"process.cwd": "/link"})
    (made.rootfs / "link").symlink_to("/tmp")
    assert runtime.run(made).inside()["cwd"] == "/tmp"


@pytest.mark.parametrize("cwd", ["", "tmp", "./tmp"])
def test_working_directory_must_be_absolute(runtime, bundle, cwd):
    runtime.run(bundle({"process.cwd": cwd})).failed("cwd")


def test_working_directory_is_a_file(runtime, bundle):
    runtime.run(bundle({"process.cwd": "/etc/passwd"})).failed("/etc/passwd")


# --- limits -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, shown, soft, hard", [
    ("NOFILE", "Max open files", 100, 200), ("CORE", "Max core file size", 0, 0),
    ("CPU", "Max cpu time", 1000, 2000), ("DATA", "Max data size", 1 << 30, 1 << 31),
    ("FSIZE", "Max file size", 1 << 20, 1 << 40), ("LOCKS", "Max file locks", 5, 6),
    ("MEMLOCK", "Max locked memory", 4096, 8192), ("MSGQUEUE", "Max msgqueue size", 1000, 2000),
    ("NICE", "Max nice priority", 0, 0), ("NPROC", "Max processes", 500, 600),
    ("RSS", "Max resident set", 1 << 20, 1 << 21), ("RTPRIO", "Max realtime priority", 0, 0),
    ("RTTIME", "Max realtime timeout", 1000, 2000), ("SIGPENDING", "Max pending signals", 10, 20),
    ("STACK", "Max stack size", 1 << 20, 1 << 23), ("AS", "Max address space", 1 << 30, 1 << 31)])
def test_each_limit(probe, name, shown, soft, hard):
    got = probe({"process.rlimits": [{"type": "RLIMIT_" + name, "soft": soft, "hard": hard}]})
    assert got.limit(shown) == (str(soft), str(hard))


def test_unlimited(probe):
    got = probe({"process.rlimits": [
        {"type": "RLIMIT_CORE", "soft": 18446744073709551615, "hard": 18446744073709551615}]})
    assert got.limit("Max core file size") == ("unlimited", "unlimited")


@pytest.mark.only("onggi", why="runc and crun take the last one")
def test_limit_twice(runtime, bundle):
    limit = {"type": "RLIMIT_CORE", "soft": 1, "hard": 1}
    runtime.run(bundle({"process.rlimits": [limit, limit]})).failed(
        "RLIMIT_CORE" if runtime.kind == "onggi" else "")


def test_unknown_limit(runtime, bundle):
    runtime.run(bundle({"process.rlimits": [{"type": "RLIMIT_X", "soft": 1, "hard": 1}]})).failed(
        "RLIMIT_X")


def test_soft_above_hard(runtime, bundle):
    runtime.run(bundle({"process.rlimits": [
        {"type": "RLIMIT_CORE", "soft": 2, "hard": 1}]})).failed()


def test_limits_of_the_caller_by_default(probe):
    assert probe({"process.rlimits": []}).limit("Max file size") == ("unlimited", "unlimited")


# --- capabilities -----------------------------------------------------------------------------------------

def caps(**sets):
    return {"process.capabilities": {k: ["CAP_" + n for n in v.split()] for k, v in sets.items()}}


def numbers(words):
    return {NUMBERS[w] for w in words.split()}


def test_each_set(probe):
    some = "CHOWN KILL NET_RAW"
    got = probe(caps(bounding=some, permitted=some, effective="CHOWN KILL",
                     inheritable="CHOWN KILL", ambient="CHOWN"))
    assert got.capabilities("Bnd") == numbers(some)
    assert got.capabilities("Inh") == numbers("CHOWN KILL")
    assert got.capabilities("Amb") == numbers("CHOWN")
    # As root, execve gives all of the bounding set, and of the inheritable one.
    assert got.capabilities("Prm") == got.capabilities("Eff") == numbers(some)


def test_ambient_survives_for_a_user(probe):
    some = "NET_BIND_SERVICE"
    got = probe(caps(bounding=some, permitted=some, effective=some, inheritable=some, ambient=some),
                {"process.user": {"uid": 1000, "gid": 1000}})
    for shown in SETS.values():
        assert got.capabilities(shown) == numbers(some)


def test_none_for_a_user_without_ambient(probe):
    some = "NET_BIND_SERVICE"
    got = probe(caps(bounding=some, permitted=some, effective=some),
                {"process.user": {"uid": 1000, "gid": 1000}})
    assert got.capabilities("Eff") == got.capabilities("Prm") == set()
    assert got.capabilities("Bnd") == numbers(some)


def test_none_at_all(probe):
    got = probe(caps(bounding=""))
    for shown in SETS.values():
        assert got.capabilities(shown) == set()


@pytest.mark.only("onggi", why="runc and crun end here, against the specification")
def test_what_cannot_be_granted_is_a_warning(runtime, bundle):
    have = inside.capabilities(inside.fields(inside.proc("self", "status"))["CapBnd"])
    missing = [n for n, i in NUMBERS.items() if i not in have]
    if not missing:
        pytest.skip("this process has every capability")
    everything = " ".join(NUMBERS)
    done = runtime.run(bundle(caps(bounding=everything, permitted=everything,
                                   effective=everything)))
    assert done.inside().capabilities("Eff") == have
    assert "CAP_" + missing[0] in done.err


def test_unknown_capability(runtime, bundle):
    done = runtime.run(bundle(caps(bounding="NONSENSE KILL")))
    if runtime.kind == "onggi":
        assert "CAP_NONSENSE" in done.err


def test_without_capabilities_the_callers_stay_out(probe):
    """No capabilities in the document: none inside."""
    got = probe({"process.capabilities": None})
    assert got.capabilities("Amb") == set()


@pytest.mark.parametrize("on", [True, False])
def test_no_new_privileges(probe, on):
    assert probe({"process.noNewPrivileges": on}).status["NoNewPrivs"] == str(int(on))


# --- scheduling -------------------------------------------------------------------------------------------

def test_oom_score(probe):
    assert probe({"process.oomScoreAdj": 500}).file("oom_score_adj") == "500\n"


def test_oom_score_of_the_caller_by_default(probe):
    assert probe().file("oom_score_adj") == inside.proc("self", "oom_score_adj")


@pytest.mark.parametrize("policy, number", [("SCHED_OTHER", 0), ("SCHED_BATCH", 3),
                                            ("SCHED_IDLE", 5)])
@pytest.mark.only("onggi", why="Debian's runc and crun are older than this")
def test_scheduler(probe, policy, number):
    got = probe({"process.scheduler": {"policy": policy, "nice": 5}})["scheduling"]
    assert got["policy"] == number
    assert policy == "SCHED_IDLE" or got["nice"] == 5


@pytest.mark.only("onggi", why="Debian's runc and crun are older than this")
@pytest.mark.parametrize("policy, number", [("SCHED_FIFO", 1), ("SCHED_RR", 2)])
def test_realtime_scheduler(probe, policy, number):
    change = {"process.scheduler": {"policy": policy, "priority": 3}}
    if os.path.exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"):
        change["linux.resources.cpu"] = {"realtimeRuntime": 10000, "realtimePeriod": 1000000}
    got = probe(change)["scheduling"]
    assert (got["policy"], got["priority"]) == (number, 3)


@pytest.mark.only("onggi", why="Debian's runc and crun are older than this")
def test_scheduler_flags(probe):
    got = probe({"process.scheduler": {"policy": "SCHED_OTHER",
                                       "flags": ["SCHED_FLAG_RESET_ON_FORK"]}})["scheduling"]
    assert got["flags"] & 1


@pytest.mark.only("onggi", why="Debian's runc and crun are older than this")
def test_unknown_scheduler(runtime, bundle):
    runtime.run(bundle({"process.scheduler": {"policy": "SCHED_X"}})).failed("SCHED_X")


@pytest.mark.only("onggi", why="Debian's runc and crun are older than this")
@pytest.mark.parametrize("kind, number", [("IOPRIO_CLASS_RT", 1), ("IOPRIO_CLASS_BE", 2),
                                          ("IOPRIO_CLASS_IDLE", 3)])
def test_io_priority(probe, kind, number):
    got = probe({"process.ioPriority": {"class": kind, "priority": 4}})["scheduling"]
    assert got["io_priority"] >> 13 == number
    assert number == 3 or got["io_priority"] & 7 == 4


@pytest.mark.only("onggi", why="Debian's runc and crun are older than this")
@pytest.mark.parametrize("mode, number", [("MPOL_BIND", 2), ("MPOL_INTERLEAVE", 3),
                                          ("MPOL_PREFERRED", 1)])
def test_memory_policy(probe, mode, number):
    got = probe({"linux.memoryPolicy": {"mode": mode, "nodes": "0"}})["scheduling"]
    if got["get_mempolicy"] == -38:
        pytest.skip("this kernel knows no memory policies")
    assert (got["memory_mode"] & 0xff, got["memory_nodes"]) == (number, 1)


@pytest.mark.only("onggi", "crun", why="Debian's runc is older than this")
@pytest.mark.parametrize("domain, number", [("LINUX", 0), ("LINUX32", 8)])
def test_personality(probe, domain, number):
    assert probe({"linux.personality": {"domain": domain}})["personality"] == number


@pytest.mark.only("onggi", "crun", why="Debian's runc is older than this")
def test_unknown_personality(runtime, bundle):
    runtime.run(bundle({"linux.personality": {"domain": "BSD"}})).failed()


# --- labels ----------------------------------------------------------------------------------------------

def test_apparmor_profile_where_there_is_no_apparmor(runtime, bundle):
    if os.path.exists("/sys/module/apparmor"):
        pytest.skip("this kernel has AppArmor")
    runtime.run(bundle({"process.apparmorProfile": "some"})).failed("apparmor")


def test_selinux_label_where_there_is_no_selinux(runtime, bundle):
    if os.path.exists("/sys/fs/selinux/enforce"):
        pytest.skip("this kernel has SELinux")
    runtime.run(bundle({"process.selinuxLabel": "a:b:c:d"})).failed("selinux")


# --- session, keyring, descriptors -------------------------------------------------------------------------

def test_own_session(probe):
    got = probe()
    assert (got["session"], got["group"], got["parent"]) == (1, 1, 0)


def test_no_signal_is_blocked_or_ignored(probe):
    status = probe().status
    assert int(status["SigBlk"], 16) == 0
    assert int(status["SigIgn"], 16) == 0


def test_own_keyring(probe):
    one, two = probe()["keyring"], probe()["keyring"]
    assert one > 0 and two > 0 and one != two


def test_no_new_keyring_keeps_the_callers(probe, template):
    own = json.loads(subprocess.run([template / "bin/probe"], capture_output=True, check=True).stdout)
    assert probe(flags=["--no-new-keyring"])["keyring"] == own["keyring"]


def test_only_0_1_2_are_open(probe):
    assert set(probe()["descriptors"]) == {"0", "1", "2"}


def test_no_descriptor_of_the_caller_comes_in(probe, place):
    with open(place / "secret", "w", encoding="ascii") as secret:
        got = probe(pass_fds=[secret.fileno()])
    assert set(got["descriptors"]) == {"0", "1", "2"}


def test_preserved_descriptors(runtime, bundle):
    """Descriptors 3 and 4 of the runtime are 3 and 4 inside."""
    made = bundle()
    name = runtime.name()
    argv = runtime.argv("run", "--preserve-fds", "2", "--bundle", made.path, name)
    shell = ["sh", "-c", 'exec "$@" 3</etc/passwd 4</etc/group 5</etc/hostname', "sh", *argv]
    out = subprocess.run(shell, stdout=subprocess.PIPE, check=True, timeout=60,
                         stdin=subprocess.DEVNULL).stdout
    got = inside.Inside(json.loads(out))
    assert set(got["descriptors"]) == {"0", "1", "2", "3", "4"}
    assert got["descriptors"]["3"].endswith("/etc/passwd")


@pytest.mark.only("onggi", why="runc has opened that number itself by then")
def test_preserved_descriptor_that_is_not_open(runtime, bundle):
    made = bundle()
    argv = runtime.argv("run", "--preserve-fds", "1", "--bundle", made.path, runtime.name())
    done = subprocess.run(["sh", "-c", 'exec "$@" 3>&-', "sh", *argv], stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=60,
                          check=False)
    assert done.returncode != 0


def test_listening_sockets_are_passed_on(runtime, bundle):
    """Socket activation: LISTEN_FDS descriptors from 3, and LISTEN_PID is the process inside."""
    made = bundle()
    argv = runtime.argv("run", "--bundle", made.path, runtime.name())
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        out = subprocess.run(
            ["bash", "-c", f'export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@" 3<&{s.fileno()}', "sh",
             *argv], stdout=subprocess.PIPE, check=True, timeout=60, stdin=subprocess.DEVNULL,
            pass_fds=[s.fileno()]).stdout
    got = inside.Inside(json.loads(out))
    assert got.env["LISTEN_FDS"] == "1"
    assert got.env["LISTEN_PID"] == "1"
    assert got["descriptors"]["3"].startswith("socket:")


def test_output_can_be_opened_again_by_a_user(runtime, bundle):
    """What many images do: log to /dev/stdout and /dev/stderr."""
    made = bundle({"process.args": ["/bin/sh", "-c", "echo one >/dev/stdout; echo two >/dev/stderr"],
                   "process.user": {"uid": 1000, "gid": 1000}})
    done = runtime.run(made).ok()
    assert (done.out, done.err) == ("one\n", "two\n")


def test_its_own_program_is_not_the_runtime(runtime, started):
    """/proc/<pid>/exe of a waiting or running container never names the runtime's file."""
    made = started()
    assert os.readlink(f"/proc/{made.pid}/exe").endswith("/bin/busybox")


@pytest.mark.only("onggi", why="theirs is a protected copy or mount of it")
def test_a_created_one_neither(runtime, create):
    made = create()
    exe = os.stat(f"/proc/{made.pid}/exe")
    own = os.stat(subprocess.run(["which", runtime.path], capture_output=True, text=True,
                                 check=True).stdout.strip())
    assert (exe.st_dev, exe.st_ino) != (own.st_dev, own.st_ino)
