"""Seccomp: every action, comparison and flag, as the process meets it; the listener."""
import array
import fcntl
import json
import os
import platform
import signal
import socket
import struct
import threading

import pytest

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers are of x86-64")

GETPPID, SYNC, PERSONALITY, GETPGRP = 110, 162, 135, 111
EPERM, ENOSYS = 1, 38


def filtered(*rules, default="SCMP_ACT_ALLOW", **more):
    return {"linux.seccomp": {"defaultAction": default, "architectures": ["SCMP_ARCH_X86_64"],
                              "syscalls": list(rules), **more}}


def rule(action, name="getppid", **more):
    return {"names": [name], "action": action, **more}


def answer(probe, number, *changes, args=""):
    question = f"call:{number}{args}"
    return probe(*changes, ask=[question]).answer(question)


def test_none(probe):
    assert probe().status["Seccomp"] == "0"


def test_filter_mode(probe):
    got = probe(filtered(rule("SCMP_ACT_ERRNO")))
    assert got.status["Seccomp"] == "2"


def test_errno(probe):
    assert answer(probe, GETPPID, filtered(rule("SCMP_ACT_ERRNO"))) == EPERM
    assert answer(probe, GETPGRP, filtered(rule("SCMP_ACT_ERRNO"))) == 0


def test_errno_with_a_number(probe):
    assert answer(probe, GETPPID, filtered(rule("SCMP_ACT_ERRNO", errnoRet=ENOSYS))) == ENOSYS


@pytest.mark.parametrize("action", ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG"])
def test_lets_pass(probe, action):
    changes = filtered(rule(action), rule("SCMP_ACT_ERRNO", "sync"))
    assert answer(probe, GETPPID, changes) == 0


def test_trace_without_a_tracer(probe):
    assert answer(probe, GETPPID, filtered(rule("SCMP_ACT_TRACE"))) == ENOSYS


@pytest.mark.parametrize("action, how", [("SCMP_ACT_KILL", signal.SIGSYS),
                                         ("SCMP_ACT_KILL_THREAD", signal.SIGSYS),
                                         ("SCMP_ACT_KILL_PROCESS", signal.SIGSYS),
                                         ("SCMP_ACT_TRAP", signal.SIGSYS)])
def test_kills(runtime, bundle, action, how):
    made = bundle({"process.args": ["/bin/probe", f"call:{SYNC}"]},
                  filtered(rule(action, "sync")))
    assert runtime.run(made).status == 128 + how


@pytest.mark.only("onggi", why="runc needs more calls than execve behind its filter")
def test_default_action(probe):
    """Everything refused but what is named: the probe needs these."""
    allowed = ["read", "write", "open", "openat", "close", "execve", "brk", "mmap", "munmap", "fstat",
               "newfstatat", "readlink", "readlinkat", "fcntl", "ioctl", "exit_group", "arch_prctl",
               "set_tid_address", "set_robust_list", "rseq", "prlimit64", "mprotect", "getrandom",
               "uname", "getcwd", "umask", "prctl", "sched_getaffinity", "sched_getattr", "lstat",
               "ioprio_get", "get_mempolicy", "keyctl", "getpid", "getsid", "getpgrp", "lseek",
               "futex", "stat", "capset", "setgid", "setuid", "setgroups", "close_range",
               "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "getdents64", "epoll_ctl",
               "nanosleep", "epoll_pwait", "chdir", "fchdir", "capget", "faccessat2", "faccessat"]
    changes = filtered({"names": allowed, "action": "SCMP_ACT_ALLOW"}, default="SCMP_ACT_ERRNO",
                       defaultErrnoRet=13)
    assert answer(probe, SYNC, changes) == 13
    assert answer(probe, GETPGRP, changes) == 0


def test_unknown_names_are_ignored(probe):
    changes = filtered({"names": ["no_such_call", "getppid"], "action": "SCMP_ACT_ERRNO"})
    assert answer(probe, GETPPID, changes) == EPERM


@pytest.mark.parametrize("op, value, two, given, denied", [
    ("SCMP_CMP_EQ", 5, 0, 5, True), ("SCMP_CMP_EQ", 5, 0, 6, False),
    ("SCMP_CMP_NE", 5, 0, 6, True), ("SCMP_CMP_NE", 5, 0, 5, False),
    ("SCMP_CMP_LT", 5, 0, 4, True), ("SCMP_CMP_LT", 5, 0, 5, False),
    ("SCMP_CMP_LE", 5, 0, 5, True), ("SCMP_CMP_LE", 5, 0, 6, False),
    ("SCMP_CMP_GE", 5, 0, 5, True), ("SCMP_CMP_GE", 5, 0, 4, False),
    ("SCMP_CMP_GT", 5, 0, 6, True), ("SCMP_CMP_GT", 5, 0, 5, False),
    ("SCMP_CMP_MASKED_EQ", 0xf0, 0x20, 0x2f, True),
    ("SCMP_CMP_MASKED_EQ", 0xf0, 0x20, 0x3f, False)])
def test_comparisons(probe, op, value, two, given, denied):
    changes = filtered(rule("SCMP_ACT_ERRNO", "getpgrp", args=[
        {"index": 0, "value": value, "valueTwo": two, "op": op}]))
    assert answer(probe, GETPGRP, changes, args=f",{given}") == (EPERM if denied else 0)


def test_all_comparisons_of_a_rule_must_hold(probe):
    changes = filtered(rule("SCMP_ACT_ERRNO", "getpgrp", args=[
        {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]))
    assert answer(probe, GETPGRP, changes, args=",1,2") == EPERM
    assert answer(probe, GETPGRP, changes, args=",1,3") == 0


def test_the_same_argument_twice_means_either(probe):
    changes = filtered(rule("SCMP_ACT_ERRNO", "getpgrp", args=[
        {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 2, "op": "SCMP_CMP_EQ"}]))
    assert answer(probe, GETPGRP, changes, args=",1") == EPERM
    assert answer(probe, GETPGRP, changes, args=",2") == EPERM
    assert answer(probe, GETPGRP, changes, args=",3") == 0


def test_large_values(probe):
    big = 0xffffffff00000001
    changes = filtered(rule("SCMP_ACT_ERRNO", "getpgrp", args=[
        {"index": 0, "value": big, "op": "SCMP_CMP_EQ"}]))
    assert answer(probe, GETPGRP, changes, args=f",{big}") == EPERM
    assert answer(probe, GETPGRP, changes, args=",1") == 0


@pytest.mark.parametrize("flags", [["SECCOMP_FILTER_FLAG_LOG"], ["SECCOMP_FILTER_FLAG_TSYNC"],
                                   ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"], []])
def test_flags(probe, runtime, flags):
    if flags and runtime.kind != "onggi":
        pytest.skip("Debian's runc knows no flags")
    assert answer(probe, GETPPID, filtered(rule("SCMP_ACT_ERRNO"), flags=flags)) == EPERM


@pytest.mark.parametrize("wrong", [
    {"defaultAction": "SCMP_ACT_NOPE"}, {"flags": ["SECCOMP_FILTER_FLAG_NOPE"]},
    {"architectures": ["SCMP_ARCH_NOPE"]},
    {"syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_NOPE"}]},
    {"syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_ERRNO",
                   "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_NOPE"}]}]},
    {"syscalls": [{"names": ["getppid"], "action": "SCMP_ACT_ERRNO",
                   "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}]}])
def test_wrong_words_are_refused(runtime, bundle, wrong):
    made = bundle({"linux.seccomp": {"defaultAction": "SCMP_ACT_ALLOW", **wrong}})
    runtime.run(made).failed("NOPE" if "NOPE" in str(wrong) and runtime.kind == "onggi" else "")


def test_other_architectures_are_filtered_too(probe):
    changes = filtered(rule("SCMP_ACT_ERRNO"))
    changes["linux.seccomp"]["architectures"] = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
    assert answer(probe, GETPPID, changes) == EPERM


@pytest.mark.parametrize("privileged", [True, False])
def test_with_and_without_new_privileges(probe, privileged):
    """Without no_new_privs the filter is loaded while the process still may, and all the same."""
    changes = {"process.noNewPrivileges": not privileged}
    got = probe(filtered(rule("SCMP_ACT_ERRNO", "sync")), changes, ask=[f"call:{SYNC}"])
    assert got.answer(f"call:{SYNC}") == EPERM
    assert got.status["NoNewPrivs"] == str(int(not privileged))


def test_a_filter_that_forbids_what_the_runtime_does_later(probe):
    """The filter comes last: it may forbid everything but execve."""
    changes = filtered({"names": ["capset", "setgroups", "setuid", "setgid", "close_range", "mount",
                                  "sethostname", "prctl"], "action": "SCMP_ACT_ERRNO"})
    assert probe(changes)["pid"] == 1


def test_a_user_without_capabilities(probe):
    changes = {"process.user": {"uid": 1000, "gid": 1000}, "process.noNewPrivileges": True}
    assert answer(probe, GETPPID, filtered(rule("SCMP_ACT_ERRNO")), changes) == EPERM


def test_exec_is_filtered_too(started):
    made = started(filtered(rule("SCMP_ACT_ERRNO")))
    out = json.loads(made.exec("/bin/probe", f"call:{GETPPID}").ok().out)
    assert out["answers"][f"call:{GETPPID}"] == EPERM


# --- the listener ------------------------------------------------------------------------------------

RECV, SEND = 0xc0502100, 0xc0182101
NOTIFICATION, RESPONSE = struct.Struct("<QIIiIQ6Q"), struct.Struct("<QqiI")


class Agent:
    """Gets the listener's descriptor and answers one call with an error."""

    def __init__(self, path, error):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        self.error, self.state, self.call = error, None, None
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        peer, _ = self.socket.accept()
        text, fds, _, _ = socket.recv_fds(peer, 65536, 4)
        self.state = json.loads(text)
        notification = array.array("B", bytes(NOTIFICATION.size))
        fcntl.ioctl(fds[0], RECV, notification)
        number, _, _, self.call, *_ = NOTIFICATION.unpack(notification)
        fcntl.ioctl(fds[0], SEND, RESPONSE.pack(number, 0, -self.error, 0))
        for fd in fds:
            os.close(fd)
        peer.close()

    def close(self):
        self.socket.close()


@pytest.fixture
def agent(place):
    made = Agent(place / "agent", 71)
    yield made
    made.close()
    (place / "agent").unlink()


def test_listener(probe, agent, place):
    changes = filtered(rule("SCMP_ACT_NOTIFY", "sync"), listenerPath=str(place / "agent"),
                       listenerMetadata="some words")
    assert answer(probe, SYNC, changes) == 71
    agent.thread.join(10)
    assert agent.call == SYNC
    assert agent.state["metadata"] == "some words"
    assert agent.state["fds"] == ["seccompFd"]
    assert agent.state["pid"] > 0
    assert agent.state["state"]["status"] == "creating"
    assert agent.state["state"]["ociVersion"]


@pytest.mark.only("onggi", why="others load the filter when the container is made")
def test_listener_of_a_container_that_waits(create, agent, place):
    """The filter is loaded when the container starts: it is start that passes the listener on."""
    changes = filtered(rule("SCMP_ACT_NOTIFY", "sync"), listenerPath=str(place / "agent"))
    made = create(changes, {"process.args": ["/bin/sync"]})
    assert agent.state is None
    made.start()
    agent.thread.join(10)
    assert agent.call == SYNC and agent.state["state"]["id"] == made.id


def test_listener_that_is_not_there(runtime, bundle, place):
    changes = filtered(rule("SCMP_ACT_NOTIFY"), listenerPath=str(place / "nobody"))
    runtime.run(bundle(changes)).failed("nobody" if runtime.kind == "onggi" else "")


def test_notify_without_a_listener(runtime, bundle):
    runtime.run(bundle(filtered(rule("SCMP_ACT_NOTIFY")))).failed("listenerPath")
