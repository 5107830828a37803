"""System calls of the runtime that fail: a message, no crash, nothing left.

Each of the runtime's calls in turn fails with one error (every so many in the short form).
"""
import re

import pytest

from kit.runtime import Container

SLEEP = {"process.args": ["/bin/sleep", "1000"]}
ERRORS = ["ENOMEM", "EIO", "EMFILE", "ENOSPC", "EINTR", "EAGAIN", "EPERM", "ENOSYS"]
# The loader and the C library make these before main, and some results nobody looks at.
BEFORE_MAIN = ("execve", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "exit_group",
               "brk", "mprotect", "munmap", "close", "getpid", "gettid", "getuid", "geteuid",
               "getgid", "getegid", "umask", "rt_sigprocmask", "rt_sigaction")


def places(inject):
    calls = inject.calls()
    return [(call, calls[:i + 1].count(call)) for i, call in enumerate(calls)
            if call not in BEFORE_MAIN]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("command", ["create", "start", "exec", "delete --force"])
def test_each_call_fails_once(runtime, bundle, inject, aftermath, stride, command, error):
    made, name = bundle(SLEEP), runtime.name()
    words = {"create": ["create", "--bundle", made.path, name], "start": ["start", name],
             "exec": ["exec", name, "/bin/true"], "delete --force": ["delete", "--force", name]}

    def prepare():
        if command != "create":
            container = Container(runtime, made, name=name).ok()
            if command != "start":
                container.start()

    prepare()
    assert inject.run(words[command]) == 0, inject.output
    where = places(inject)
    aftermath.none(name, "without a fault")
    offset = ERRORS.index(error)
    step = stride(max(1, len(where) // 6))
    for call, number in where[offset % step::step]:
        prepare()
        status = inject.run(words[command], f"{call}:error={error}:when={number}")
        place = f"{command}: {call} {number} is {error}"
        assert 0 <= status < 128 or status == 255, f"{place}: died: {inject.output}"
        if status:
            assert inject.output.strip(), f"{place}: not a word about it"
            assert not re.search("[Aa]ssert|Sanitizer", inject.output), inject.output
        aftermath.none(name, place)
