"""A container whose monitor is killed is watched again by the next command."""
import os
import pathlib
import signal

from kit.runtime import wait_for


def monitor_of(container_pid):
    return int(pathlib.Path(f"/proc/{container_pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def kill_monitor(pid):
    monitor = monitor_of(pid)
    assert pathlib.Path(f"/proc/{monitor}/comm").read_text() == "onggi-monitor\n"
    os.kill(monitor, signal.SIGKILL)
    wait_for(lambda: monitor_of(pid) != monitor)


def test_output_and_exit_code_after_the_monitor_was_killed(engine):
    web = engine.start("web", "/bin/sh", "-c", "rm -f /go; echo one; while ! test -e /go; do sleep 0.05; done; rm /go; echo two; exit 7")
    wait_for(lambda: engine("logs", "web").out == "one\n")
    kill_monitor(web.pid)
    assert "Up" in engine("ps").out  # whatever command comes next
    engine("exec", "web", "/bin/sh", "-c", "> /go").ok()
    assert engine("wait", "web").ok() == "7\n"
    assert engine("logs", "web").ok() == "one\ntwo\n"


def test_policies_hold_after_the_monitor_was_killed(engine):
    web = engine.start("web", "/bin/sh", "-c", "echo up; sleep 1000", flags=["--restart", "always"])
    wait_for(lambda: engine("logs", "web").out == "up\n")
    pid = web.pid
    kill_monitor(pid)
    engine("ps").ok()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: engine("logs", "web").out == "up\nup\n")


def test_one_that_is_watched_is_left_alone(engine):
    web = engine.start("web", "sleep", "1000")
    monitor = monitor_of(web.pid)
    for _ in range(3):
        engine("ps").ok()
    assert monitor_of(web.pid) == monitor
    kill_monitor(web.pid)
    engine("ps").ok()
    watchers = lambda: [p for p in pathlib.Path("/proc").glob("[0-9]*/comm") if _comm(p) == "onggi-monitor"]
    assert len(watchers()) == 1
    engine("ps").ok()
    assert len(watchers()) == 1


def _comm(path):
    try:
        return path.read_text().strip()
    except OSError:
        return ""
