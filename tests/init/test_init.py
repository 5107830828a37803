"""Process 1 of containers. What is common to all such programs is asked of Debian's tini as well."""
import contextlib
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest

from kit.runtime import TOP, wait_for

OURS = str(TOP / "build" / "bin" / "onggi-init")
TINI = shutil.which("tini") or "tini"
BOTH = pytest.mark.parametrize("init", [OURS, TINI], ids=["onggi-init", "tini"])
# The processor raises these, and nobody can catch those: no process 1 passes them on.
NOT_PASSED_ON = {signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT,
                 signal.SIGTRAP, signal.SIGSYS, signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD,
                 signal.SIGTTIN, signal.SIGTTOU}
# The C library keeps 32 and 33 for itself.
PASSED_ON = [s for s in range(1, signal.SIGRTMAX + 1)
             if s not in NOT_PASSED_ON and s not in (32, 33)]

# Writes down the signals it gets, until it gets SIGTERM.
LISTEN = textwrap.dedent("""
    import signal, sys
    all = set(range(1, signal.NSIG)) - {32, 33, signal.SIGKILL, signal.SIGSTOP}
    signal.pthread_sigmask(signal.SIG_BLOCK, all)
    print("ready", flush=True)
    number = 0
    while number != signal.SIGTERM:
        number = signal.sigwait(all)
        print(number, flush=True)
    """)


def run(*command, **how):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, **how)


def status_of(init, *command, options=()):
    return run(init, "-s", *options, "--", *command).returncode


class Running:
    """An init, as process 1 of a pid namespace of its own or not, and its child's lines."""

    def __init__(self, *command, as_pid_1=True):
        ahead = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"] if as_pid_1 else []
        self.process = subprocess.Popen([*ahead, *command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True)
        self.as_pid_1 = as_pid_1

    def __enter__(self):
        self.pid = wait_for(self.child_of, self.process.pid) if self.as_pid_1 else self.process.pid
        return self

    def __exit__(self, *what):
        """Ends its children first: where it is not process 1, they outlive it."""
        while self.process.poll() is None and self.children_of(self.pid):
            for child in self.children_of(self.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        self.process.kill()
        self.process.communicate()

    @staticmethod
    def children_of(pid):
        try:
            text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return []
        return [int(p) for p in text.split()]

    def child_of(self, pid):
        return next(iter(self.children_of(pid)), None)

    def line(self):
        return self.process.stdout.readline().strip()

    def send(self, number):
        os.kill(self.pid, number)


# --- exit statuses ---------------------------------------------------------------------------------

@BOTH
@pytest.mark.parametrize("code", [0, 1, 2, 126, 127, 128, 143, 255])
def test_exit_status_is_the_programs(init, code):
    assert status_of(init, "sh", "-c", f"exit {code}") == code


@BOTH
@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "KILL", "SEGV", "TERM", "SYS"])
def test_killed_programs_give_128_and_the_signal(init, name):
    number = signal.Signals["SIG" + name]
    assert status_of(init, "sh", "-c", f"ulimit -c 0; kill -{name} $$") == 128 + number


@BOTH
def test_programs_that_can_not_run(init, place):
    plain = place / "plain"
    plain.write_text("#!/bin/sh\n")
    assert status_of(init, "no-such-program") == 127
    assert status_of(init, str(place / "missing")) == 127
    assert status_of(init, str(plain)) == 126


def test_what_can_not_run_is_named(place):
    assert run(OURS, "-s", "no-such-program").stderr == \
        "onggi-init: exec: no-such-program: no such file or directory\n"


@BOTH
def test_statuses_that_count_as_success(init):
    codes = ["-e", "143", "-e", "7"]
    assert status_of(init, "sh", "-c", "kill -TERM $$", options=codes) == 0
    assert status_of(init, "sh", "-c", "exit 7", options=codes) == 0
    assert status_of(init, "sh", "-c", "exit 8", options=codes) == 8


@BOTH
def test_programs_are_found_along_path(init, place):
    for folder, text in (("one", "echo one"), ("two", "echo two")):
        (place / folder).mkdir()
        script = place / folder / "which-one"
        script.write_text("#!/bin/sh\n" + text)
        script.chmod(0o755 if folder == "two" else 0o644)
    environment = {"PATH": f"{place}/none:{place}/one:{place}/two:/usr/bin:/bin"}
    assert run(init, "-s", "--", "which-one", env=environment).stdout == "two\n"


@BOTH
def test_a_script_without_a_first_line_runs(init, place):
    script = place / "script"
    script.write_text("echo $0 $1")
    script.chmod(0o755)
    assert run(init, "-s", "--", str(script), "one").stdout == f"{script} one\n"


@BOTH
def test_arguments_and_environment_are_passed_on(init):
    done = run(init, "-s", "--", "sh", "-c", "echo \"$X:$1:$2\"", "sh", "-g", "a b",
               env={"X": "y", "PATH": "/usr/bin:/bin"})
    assert done.stdout == "y:-g:a b\n"


@BOTH
def test_dashes_may_follow_the_program(init):
    assert run(init, "-s", "echo", "--", "-n", "--").stdout == "--"


def test_options_end_at_the_program():
    assert run(OURS, "-s", "echo", "-g").stdout == "-g\n"


# --- signals ------------------------------------------------------------------------------------------

@BOTH
@pytest.mark.parametrize("as_pid_1", [True, False], ids=["pid1", "other"])
def test_every_signal_is_passed_on(init, as_pid_1):
    with Running(init, "-s", "--", sys.executable, "-c", LISTEN, as_pid_1=as_pid_1) as it:
        assert it.line() == "ready"
        for number in PASSED_ON:
            if number != signal.SIGTERM:
                it.send(number)
                assert it.line() == str(number)
        it.send(signal.SIGTERM)
        assert it.line() == "15"
        assert it.process.wait() == 0


@BOTH
def test_a_thousand_signals(init):
    with Running(init, "--", sys.executable, "-c", LISTEN) as it:
        assert it.line() == "ready"
        for _ in range(1000):
            it.send(signal.SIGUSR1)
            assert it.line() == str(int(signal.SIGUSR1))


GROUP = "trap 'echo leader' USR1; " \
        "sh -c 'trap \"echo member\" USR1; echo ready; while :; do sleep 0.01; done' & " \
        "while :; do sleep 0.01; done"


@BOTH
def test_a_signal_goes_to_the_program_alone(init):
    with Running(init, "--", "sh", "-c", GROUP) as it:
        assert it.line() == "ready"
        for _ in range(3):
            it.send(signal.SIGUSR1)
            assert it.line() == "leader"


@BOTH
@pytest.mark.parametrize("how", [["-g"], {"TINI_KILL_PROCESS_GROUP": "1"}], ids=["flag", "variable"])
def test_a_signal_goes_to_the_whole_group(init, how, monkeypatch):
    flags = how if isinstance(how, list) else []
    for name, value in (how.items() if isinstance(how, dict) else ()):
        monkeypatch.setenv(name, value)
    with Running(init, *flags, "--", "sh", "-c", GROUP) as it:
        assert it.line() == "ready"
        it.send(signal.SIGUSR1)
        assert {it.line(), it.line()} == {"leader", "member"}


@BOTH
@pytest.mark.parametrize("name", ["SIGUSR2", "SIGTERM"])
def test_the_parents_end_is_a_signal(init, name, place):
    heard = place / "heard"
    parent = subprocess.Popen(
        [sys.executable, "-c",
         "import subprocess, sys, time\n"
         "subprocess.Popen(sys.argv[1:])\n"
         "time.sleep(1000)",
         init, "-s", "-p", name, "--", "sh", "-c",
         f"trap 'echo {name} > {heard}; exit' {name[3:]}; echo ready; "
         "while :; do sleep 0.01; done"],
        stdout=subprocess.PIPE, text=True)
    assert parent.stdout.readline() == "ready\n"
    parent.kill()
    parent.communicate()
    assert wait_for(lambda: heard.exists() and heard.read_text()) == f"{name}\n"


def test_signals_are_named_or_numbered():
    for name in ("SIGUSR1", "USR1", "10"):
        assert run(OURS, "-s", "-p", name, "true").returncode == 0
    assert "no such signal: SIGNONE" in run(OURS, "-p", "SIGNONE", "true").stderr


# --- orphans --------------------------------------------------------------------------------------------

def states_below(pid):
    """The states of its children: 'Z' is one that nobody reaped."""
    states = []
    for child in Running.children_of(pid):
        try:
            text = pathlib.Path(f"/proc/{child}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        states.append(text.rsplit(")", 1)[1].split()[0])
    return states


STORM = "i=0; while [ $i -lt 400 ]; do (sh -c : &); i=$((i+1)); done; echo made; exec sleep 1000"


@BOTH
def test_a_storm_of_orphans_is_reaped(init):
    with Running(init, "--", "sh", "-c", STORM) as it:
        assert it.line() == "made"
        wait_for(lambda: states_below(it.pid) == ["S"])


@BOTH
def test_a_subreaper_gets_orphans(init):
    with Running(init, "-s", "--", "sh", "-c", "(sleep 1000 & echo $!); exec sleep 1000",
                 as_pid_1=False) as it:
        orphan = int(it.line())
        wait_for(lambda: orphan in it.children_of(it.pid))
        os.kill(orphan, signal.SIGKILL)
        wait_for(lambda: orphan not in it.children_of(it.pid))


def test_without_reaper_there_is_a_warning():
    assert "orphans go elsewhere" in run(OURS, "true").stderr
    assert run(OURS, "-s", "true").stderr == ""


def test_orphans_are_told_about():
    done = run(OURS, "-sw", "sh", "-c", "(sh -c : &); sleep 0.2")
    assert "onggi-init: reaped orphan " in done.stderr


@BOTH
def test_the_program_that_is_killed_from_outside(init):
    with Running(init, "--", "sh", "-c", "echo ready; exec sleep 1000") as it:
        assert it.line() == "ready"
        os.kill(it.child_of(it.pid), signal.SIGKILL)
        assert it.process.wait() == 137


# --- terminals ------------------------------------------------------------------------------------------

def on_terminal(*command):
    """A session of its own on a new terminal: its process and the terminal's master side."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    return pid, master


def read_until(master, word):
    text = ""
    while word not in text:
        text += os.read(master, 1000).decode()
    return text


@BOTH
def test_the_program_is_in_the_foreground(init):
    pid, master = on_terminal(init, "-s", "--", sys.executable, "-c",
                              "import os; print(os.tcgetpgrp(0) == os.getpgrp() == os.getpid())")
    text = read_until(master, "e")
    assert "True" in text
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(master)


@BOTH
def test_ctrl_c_reaches_the_program(init):
    pid, master = on_terminal(init, "-s", "--", "sh", "-c", "echo ready; exec sleep 1000")
    read_until(master, "ready")
    os.write(master, b"\x03")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 128 + signal.SIGINT
    os.close(master)


@BOTH
def test_the_program_has_ordinary_signals(init):
    """None is blocked or ignored that was not before."""
    ask = ["grep", "^Sig[BI]", "/proc/self/status"]
    assert run(init, "-s", "--", *ask).stdout == run(*ask).stdout


# --- options ---------------------------------------------------------------------------------------------

def test_version_and_help():
    assert run(OURS, "--version").stdout.startswith("onggi-init version ")
    assert run(OURS, "-V").returncode == 0
    for flag in ("-h", "--help"):
        done = run(OURS, flag)
        assert done.returncode == 0 and "usage: onggi-init" in done.stdout
    assert "Apache" in run(OURS, "-l").stdout


@pytest.mark.parametrize("arguments, words", [
    ([], "no program was named"),
    (["--"], "no program was named"),
    (["-x", "true"], "unknown option: -x"),
    (["--quick", "true"], "unknown option: --quick"),
    (["-e"], "an option lacks its value: -e"),
    (["-e", "256", "true"], "not an exit status: 256"),
    (["-e", "-1", "true"], "not an exit status: -1"),
    (["-p", "", "true"], "no such signal: "),
    (["-gx", "true"], "unknown option: -gx"),
], ids=str)
def test_mistakes(arguments, words):
    done = run(OURS, *arguments)
    assert done.returncode == 1 and words in done.stderr and done.stdout == ""


def test_options_can_be_bundled():
    assert status_of(OURS, "sh", "-c", "exit 9", options=["-gwvp", "TERM", "-e9"]) == 0


def test_it_can_say_more():
    done = run(OURS, "-svv", "true")
    assert "onggi-init: the program is process " in done.stderr
    assert run(OURS, "true", env={"TINI_VERBOSITY": "0"}).stderr == ""
    assert run(OURS, "true", env={"TINI_SUBREAPER": ""}).stderr == ""


# --- what it costs -----------------------------------------------------------------------------------------

def test_it_is_small():
    assert os.path.getsize(OURS) <= 16384
    with Running(OURS, "sh", "-c", "echo ready; exec sleep 1000") as it:
        assert it.line() == "ready"
        rollup = pathlib.Path(f"/proc/{it.pid}/smaps_rollup").read_text()
        pss = int(next(l for l in rollup.splitlines() if l.startswith("Pss:")).split()[1])
        assert pss <= 24


def test_it_needs_nothing_else():
    """No interpreter, so no library: it runs in an image that has nothing."""
    headers = run("readelf", "-lW", OURS).stdout
    assert "LOAD" in headers and "INTERP" not in headers and "DYNAMIC" not in headers
    assert "RWE" not in headers
