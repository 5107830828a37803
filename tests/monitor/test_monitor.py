"""The monitor: output, input, clients, the log and the end of one container."""
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from kit.monitor import (PACKET_MAX, PATIENT, WANT_ERRORS, WANT_INPUT, WANT_OUTPUT, Monitored)
from kit.runtime import PREFIX, wait_for

ALL = WANT_OUTPUT | WANT_ERRORS
JSON = {"log": "json-file", "log_file": "log"}


def sh(script):
    return "/bin/sh", "-c", script


# --- the end ------------------------------------------------------------------------------------

@pytest.mark.parametrize("script, code, signal_number", [
    ("exit 0", 0, None), ("exit 7", 7, None), ("kill -9 $$", 137, 9), ("kill -15 $$", 143, 15)])
def test_how_it_ended_is_recorded_and_told(place, script, code, signal_number):
    with Monitored(place, *sh(f"read go; {script}"), clients=[ALL | WANT_INPUT], input=1) as m:
        m.clients[0].type(b"go\n")
        assert m.clients[0].read_all().code == code
        record = m.wait()
        assert record["code"] == code
        assert record.get("signal") == signal_number
        assert "oomKilled" not in record and "timedOut" not in record
        assert (place / "ended").read_text() == "ended\n"


def test_the_record_is_there_before_the_program_of_the_end_and_clients_hang_on_until_it_is_done(place):
    program = ["/bin/sh", "-c", f"cat {place}/exit.json > {place}/seen; sleep 0.3; date +%s%N > {place}/ended"]
    with Monitored(place, *sh("exit 3"), clients=[0], program=program, sync=1) as m:
        assert m.clients[0].read_all().code == 3
        assert (place / "ended").exists(), "end of file came before the program had ended"
        assert m.wait() == json.loads((place / "seen").read_text())


def test_the_socket_stays_open_for_the_program_of_the_end(place):
    program = ["/usr/bin/python3", "-c", "import socket; s = socket.socket(fileno=7);"
               "s.setblocking(True); c = s.accept()[0]; c.recv(9); c.send(b'X' + bytes(3) + bytes([9, 0, 0, 0])); c.close()"]
    with Monitored(place, *sh("exit 0"), program=program) as m:
        wait_for((place / "exit.json").exists)
        assert m.attach().read_all().code == 9
        m.wait()


def test_a_time_limit(place):
    with Monitored(place, *sh("exec sleep 100"), timeout=1) as m:
        record = m.wait()
        assert (record["code"], record["timedOut"]) == (137, True)


def test_sigterm_goes_to_the_container(place):
    command = sh("trap 'exit 5' USR1; echo ready; while :; do sleep 0.05; done")
    with Monitored(place, *command, clients=[ALL], stop_signal=int(signal.SIGUSR1)) as m:
        m.clients[0].read_until(b"ready")
        os.kill(m.pid, signal.SIGTERM)
        record = m.wait()
        assert (record["code"], record["stopping"]) == (5, True)


def test_orphans_are_reaped(place):
    command = sh("(sh -c 'sleep 0.1 & echo $! >&3' 3>&1) ; echo done; read x")
    with Monitored(place, *command, clients=[ALL | WANT_INPUT], input=1) as m:
        m.clients[0].read_until(b"done")
        orphan = int(m.clients[0].output.split()[0])
        wait_for(lambda: not pathlib.Path(f"/proc/{orphan}").exists())
        m.clients[0].type(b"")
        assert m.wait()["code"] == 1


def test_what_outlives_the_container_is_not_waited_for(place):
    with Monitored(place, *sh("sleep 20 & echo $!"), clients=[ALL], **JSON) as m:
        m.clients[0].read_all()
        os.kill(int(m.clients[0].output), 9)
        assert m.wait()["code"] == 0


def test_a_container_of_a_monitor_that_was_killed(place):
    """Not our child any more: Linux 6.15 tells a pidfd's holder, older ones nobody."""
    child = os.fork()
    if child == 0:
        time.sleep(0.5)
        os._exit(42)
    with Monitored(place, foreign=child, clients=[0]) as m:
        m.ready()
        os.waitpid(child, 0)
        code = m.clients[0].read_all().code
        record = m.wait()
        assert record["code"] == code
        assert code == 42 or (code == 255 and record["unknown"])
        major, minor = (int(n) for n in os.uname().release.split(".")[:2])
        assert code == 42 or (major, minor) < (6, 15)


@pytest.fixture
def memory_group():
    group = pathlib.Path("/sys/fs/cgroup/memory") / f"{PREFIX}-monitor"
    if not group.parent.exists():
        group = pathlib.Path("/sys/fs/cgroup") / f"{PREFIX}-monitor"
    group.mkdir()
    if not (group / "memory.oom_control").exists() and not (group / "memory.events").exists():
        group.rmdir()
        pytest.skip("no memory controller")
    yield group
    group.rmdir()


def test_the_truth_about_memory(place, memory_group):
    v1 = (memory_group / "memory.oom_control").exists()
    limit = "memory.limit_in_bytes" if v1 else "memory.max"
    (memory_group / limit).write_text(str(16 << 20))
    settings = {"memory_events": memory_group / ("memory.oom_control" if v1 else "memory.events"),
                "memory_peak": memory_group / ("memory.max_usage_in_bytes" if v1 else "memory.peak")}
    hog = f"echo $$ > {memory_group}/cgroup.procs; exec python3 -c 'x = b\"x\" * (64 << 20)'"
    with Monitored(place, *sh(hog), clients=[0], **settings) as m:
        client = m.clients[0].read_all()
        record = m.wait()
        assert (record["code"], record["signal"]) == (137, 9)
        assert (record["oomKilled"], record["oomKills"], client.oom) == (True, 1, 1)
        assert 15 << 20 <= record["memoryPeak"] <= 16 << 20


# --- output -----------------------------------------------------------------------------------------

def test_all_who_are_there_before_it_get_every_byte(place):
    with Monitored(place, *sh("echo out; echo err >&2"),
                   clients=[ALL, WANT_OUTPUT, WANT_ERRORS, 0], **JSON) as m:
        got = [(c.output, c.errors, c.code) for c in map(lambda c: c.read_all(), m.clients)]
        assert got == [(b"out\n", b"err\n", 0), (b"out\n", b"", 0), (b"", b"err\n", 0), (b"", b"", 0)]
        m.wait()
        assert (m.lines("stdout"), m.lines("stderr")) == ("out\n", "err\n")


def test_who_comes_later_gets_what_comes_later(place):
    with Monitored(place, *sh("echo one; read x; echo two"), clients=[ALL | WANT_INPUT], input=1) as m:
        m.clients[0].read_until(b"one\n")
        late = m.attach()
        m.ready()
        m.clients[0].type(b"\n")
        assert late.read_all().output == b"two\n"
        assert m.clients[0].read_all().output == b"one\ntwo\n"
        m.wait()


def test_output_waits_for_a_patient_client(place):
    size = 3_000_000
    command = sh(f"head -c {size} /dev/urandom | tee {place}/sent; echo x > {place}/wrote-all")
    with Monitored(place, *command, clients=[WANT_OUTPUT | PATIENT, WANT_OUTPUT]) as m:
        m.ready()
        time.sleep(0.2)
        assert not (place / "wrote-all").exists(), "nobody has read that yet"
        first, second = m.clients
        while first.code is None or second.code is None:
            alive = [c.read() for c in (first, second) if c.code is None]
            assert all(alive)
        sent = (place / "sent").read_bytes()
        assert len(sent) == size
        assert first.output == sent and second.output == sent
        m.wait()


def test_the_record_does_not_wait_for_a_client(place):
    with Monitored(place, *sh("head -c 1000000 /dev/zero"), clients=[WANT_OUTPUT | PATIENT]) as m:
        m.ready()
        os.kill(m.child, 9)
        wait_for((place / "exit.json").exists)
        assert len(m.clients[0].read_all().output) < 1_000_000
        assert m.clients[0].code == 137
        m.wait()


def test_one_who_does_not_read_is_left_behind(place):
    with Monitored(place, *sh("head -c 3000000 /dev/zero; echo done >&2"),
                   clients=[WANT_OUTPUT, WANT_ERRORS]) as m:
        start = time.monotonic()
        assert m.clients[1].read_all().errors == b"done\n"
        assert 9 < time.monotonic() - start < 20
        assert m.clients[0].read_all().code is None
        m.wait()


def test_output_is_held_for_the_first_client(place):
    with Monitored(place, *sh("echo early"), hold=1) as m:
        assert m.wait()["code"] == 0  # its end is awaited by nobody
    (place / "attach").unlink()
    with Monitored(place, *sh("echo early; sleep 0.5; echo late"), hold=1) as m:
        m.ready()
        time.sleep(0.2)
        assert m.attach().read_all().output == b"early\nlate\n"
        m.wait()


# --- input --------------------------------------------------------------------------------------------

def test_no_input_ends_at_once(place):
    with Monitored(place, "cat", clients=[ALL]) as m:
        assert m.clients[0].read_all().code == 0
        m.wait()


def test_input_and_its_end(place):
    with Monitored(place, "cat", clients=[ALL | WANT_INPUT], input=1) as m:
        m.clients[0].type(b"hello\n")
        m.clients[0].read_until(b"hello\n")
        m.clients[0].type(b"")
        assert m.clients[0].read_all().code == 0
        m.wait()


def test_much_input_waits_for_the_container(place):
    data = os.urandom(PACKET_MAX - 1)
    with Monitored(place, *sh("sleep 0.5; wc -c"), clients=[ALL | WANT_INPUT], input=1) as m:
        for _ in range(60):
            m.clients[0].type(data)
        m.clients[0].type(b"")
        assert int(m.clients[0].read_all().output) == 60 * len(data)
        m.wait()


@pytest.mark.parametrize("once", [0, 1])
def test_input_after_its_client_has_gone(place, once):
    with Monitored(place, *sh("cat; echo end"), clients=[ALL, ALL | WANT_INPUT], input=1,
                   input_once=once) as m:
        m.clients[1].type(b"x")
        m.clients[0].read_until(b"x")
        m.clients[1].close()
        if not once:
            second = m.attach(WANT_INPUT)
            second.type(b"y")
            second.type(b"")
        assert m.clients[0].read_all().output == (b"xend\n" if once else b"xyend\n")
        m.wait()


def test_a_container_that_does_not_read_its_input(place):
    with Monitored(place, *sh("exec 0<&-; echo closed; sleep 0.3; exit 4"),
                   clients=[ALL | WANT_INPUT], input=1) as m:
        m.clients[0].read_until(b"closed")
        for _ in range(20):
            m.clients[0].type(b"x" * 10000)
        assert m.clients[0].read_all().code == 4
        m.wait()


# --- terminals ------------------------------------------------------------------------------------------

def test_a_terminal(place):
    command = sh("tty >/dev/null && echo yes; read line; echo \"<$line>\"; stty size; exit 6")
    with Monitored(place, *command, clients=[ALL | WANT_INPUT], terminal=1, input=1, **JSON) as m:
        client = m.clients[0].read_until(b"yes\r\n")
        client.resize(33, 99)
        client.type(b"")  # no end of input here
        client.type(b"word\n")
        assert client.read_all().code == 6
        assert client.output == b"yes\r\nword\r\n<word>\r\n33 99\r\n"
        m.wait()
        assert m.lines("stdout") == "yes\r\nword\r\n<word>\r\n33 99\r\n"


def test_a_terminal_without_input(place):
    command = sh("read -t 1 line || echo none")
    with Monitored(place, "/bin/bash", *command[1:], clients=[ALL | WANT_INPUT], terminal=1) as m:
        m.clients[0].type(b"word\n")
        assert m.clients[0].read_all().output == b"none\r\n"
        m.wait()


def test_a_terminal_that_is_closed_and_opened_again(place):
    command = sh("t=$(tty); echo one; exec 0<&- 1>&- 2>&-; sleep 0.4; echo two > $t; exit 0")
    with Monitored(place, *command, clients=[ALL], terminal=1) as m:
        assert m.clients[0].read_all().output == b"one\r\ntwo\r\n"
        assert m.wait()["code"] == 0


# --- clients who break the rules --------------------------------------------------------------------------

def test_what_is_no_talk_ends_the_talk_and_nothing_else(place):
    with Monitored(place, *sh("read x; echo $x"), clients=[ALL | WANT_INPUT], input=1) as m:
        for packet in (b"I", b"H", b"H\0\0", b"Z" * 100, b"X", b"H" * 20000):
            bad = m.attach(hello=False)
            bad.send(packet)
            assert bad.sock.recv(100) == b""
        for packet in (b"H\7", b"O", b"I" * (PACKET_MAX + 1), b"Iword\n"):
            bad = m.attach(ALL)
            bad.send(packet)
            assert bad.sock.recv(100) == b""
        m.clients[0].resize(1, 1)
        m.clients[0].send(b"R\0")  # not a size, and no terminal here
        m.clients[0].type(b"good\n")
        assert m.clients[0].read_all().output == b"good\n"
        m.wait()


def test_more_clients_than_there_are_places(place):
    with Monitored(place, *sh("read x; echo $x"), clients=[ALL | WANT_INPUT], input=1) as m:
        m.ready()
        more = [m.attach() for _ in range(70)]
        m.clients[0].type(b"word\n")
        outputs = [c.read_all().output for c in more]
        assert outputs.count(b"word\n") == 63 and outputs.count(b"") == 7
        for client in more:
            client.close()
        m.wait()


# --- what it costs -----------------------------------------------------------------------------------------

def rollup(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise KeyError(key)


def test_memory(place):
    command = sh("for i in $(seq 3000); do echo line $i; done; echo ready >&2; read x")
    with Monitored(place, *command, clients=[WANT_ERRORS | WANT_INPUT], input=1, **JSON) as m:
        maps = pathlib.Path(f"/proc/{m.ready().pid}/maps")
        before = maps.read_text()
        while b"ready" not in m.clients[0].errors:
            m.clients[0].read()
        m.ready()
        used = rollup(m.pid, "Anonymous")
        assert maps.read_text() == before, "something was allocated"
        assert used <= 96, f"{used} KiB"
        m.clients[0].type(b"\n")
        m.wait()


def test_it_does_not_spin(place):
    with Monitored(place, *sh("exec 1>&- 2>&- 0<&-; sleep 1"), clients=[ALL], input=1) as m:
        m.ready()
        time.sleep(0.5)
        ticks = pathlib.Path(f"/proc/{m.pid}/stat").read_text().split()[13:15]
        assert sum(map(int, ticks)) <= 3
        m.wait()


@pytest.mark.parametrize("settings, words", [
    ({"what": 1}, "unknown setting 'what=1'"), ({"log": "paper"}, "setting log: unknown value 'paper'"),
    ({"timeout": -1}, "setting timeout"), ({"log_file": "no/such", "log": "json-file"}, "log file no/such"),
    ({"memory_events": "/no/such"}, "/no/such")])
def test_settings_that_cannot_be(place, settings, words):
    m = Monitored(place, "true", **settings)
    _, status = os.waitpid(m.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 125
    assert words in m.errors.read_text()


# --- health -------------------------------------------------------------------------------------------------

MS = 1_000_000


def health(place):
    return json.loads((place / "health.json").read_text())


def test_a_healthy_container(place):
    check = ["/bin/sh", "-c", f"test -e {place}/up && echo fine"]
    with Monitored(place, *sh("read x"), clients=[WANT_INPUT], input=1, check=check,
                   health_interval=50 * MS, health_retries=1000) as m:
        wait_for((place / "health.json").exists)
        assert health(place)["Status"] == "starting"
        wait_for(lambda: health(place)["FailingStreak"] >= 2)
        (place / "up").touch()
        wait_for(lambda: health(place)["Status"] == "healthy")
        state = health(place)
        assert state["FailingStreak"] == 0 and len(state["Log"]) <= 5
        assert (state["Log"][-1]["ExitCode"], state["Log"][-1]["Output"]) == (0, "fine\n")
        assert state["Log"][-1]["Start"] < state["Log"][-1]["End"]
        m.clients[0].type(b"x\n")
        assert "unhealthy" not in m.wait()


@pytest.mark.parametrize("failure, code", [("none", 0), ("kill", 137), ("stop", 143)])
def test_an_unhealthy_container(place, failure, code):
    with Monitored(place, *sh("read x"), clients=[WANT_INPUT], input=1,
                   check=["/bin/sh", "-c", "echo bad >&2; exit 3"],
                   health_interval=20 * MS, health_retries=3, health_failure=failure) as m:
        wait_for(lambda: (place / "health.json").exists() and health(place)["Status"] == "unhealthy")
        assert [(c["ExitCode"], c["Output"]) for c in health(place)["Log"]][:3] == [(3, "bad\n")] * 3
        if failure == "none":
            m.clients[0].type(b"x\n")
        record = m.wait()
        assert record["code"] == code
        assert record.get("unhealthy", False) == (failure != "none")


def test_a_check_that_takes_too_long_is_killed(place):
    with Monitored(place, "sleep", "100", check=["/bin/sh", "-c", "echo slow; sleep 100"],
                   health_interval=20 * MS, health_timeout=200 * MS, health_retries=1,
                   health_failure="kill") as m:
        assert m.wait()["unhealthy"]
        check = health(place)["Log"][-1]
        assert (check["ExitCode"], check["Output"]) == (-1, "Health check exceeded timeout (0.2 s)")


def test_failures_of_the_start_do_not_count(place):
    with Monitored(place, *sh("read x"), clients=[WANT_INPUT], input=1, check=["/bin/false"],
                   health_interval=40 * MS, health_retries=1, health_start_period=1000 * MS,
                   health_start_interval=10 * MS) as m:
        wait_for(lambda: (place / "health.json").exists() and len(health(place)["Log"]) == 5)
        assert (health(place)["Status"], health(place)["FailingStreak"]) == ("starting", 0)
        wait_for(lambda: health(place)["Status"] == "unhealthy")
        m.clients[0].type(b"x\n")
        m.wait()


def test_what_a_check_says_is_bounded(place):
    with Monitored(place, *sh("read x"), clients=[WANT_INPUT], input=1,
                   check=["/bin/sh", "-c", "head -c 100000 /dev/zero | tr '\\0' '\\1'; exec sleep 0.1"],
                   health_interval=20 * MS) as m:
        wait_for(lambda: (place / "health.json").exists() and health(place)["Status"] == "healthy")
        assert health(place)["Log"][0]["Output"] == "\1" * 4096
        m.clients[0].type(b"x\n")
        m.wait()


def may_be_protected():
    script = "echo -1000 > /proc/self/oom_score_adj"
    return subprocess.run(["/bin/sh", "-c", script], check=False, capture_output=True).returncode == 0


def test_a_check_is_an_ordinary_process(place):
    script = f"cp /proc/self/oom_score_adj {place}/oom; cp /proc/self/status {place}/status; ls /proc/self/fd > {place}/fds"
    mine = pathlib.Path("/proc/self/oom_score_adj").read_text()
    with Monitored(place, *sh("read x"), clients=[WANT_INPUT], input=1, check=["/bin/sh", "-c", script],
                   health_interval=20 * MS) as m:
        wait_for(lambda: (place / "health.json").exists() and health(place)["Status"] == "healthy")
        protected = pathlib.Path(f"/proc/{m.pid}/oom_score_adj").read_text()
        assert protected == ("-1000\n" if may_be_protected() else mine)
        assert (place / "oom").read_text() == mine
        assert (place / "fds").read_text().split() == ["0", "1", "2", "3"]  # 3: ls itself
        status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines())
        assert int(status["SigBlk"], 16) == 0
        m.clients[0].type(b"x\n")
        m.wait()
