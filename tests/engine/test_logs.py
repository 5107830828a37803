"""onggi logs and attach: what a container has written, and what it writes."""
import datetime
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time

import pytest

from kit.runtime import TOP, Done, wait_for

ONGGI = str(TOP / "build" / "bin" / "onggi")


class Engine:
    def __init__(self, place, rootfs):
        self.root = place / "engine"
        self.base = [ONGGI, "--root", str(self.root), "--run-root", str(place / "run-engine")]
        self.rootfs = rootfs

    def __call__(self, *words, **how):
        done = subprocess.run([*self.base, *map(str, words)], capture_output=True, text=True, check=False,
                              **{"stdin": subprocess.DEVNULL, **how})
        return Done(done.returncode, done.stdout, done.stderr)

    def run(self, *words, name="web", script="true"):
        return self("run", "--name", name, *words, "--rootfs", self.rootfs, "/bin/sh", "-c", script)

    def popen(self, *words, **how):
        return subprocess.Popen([*self.base, *words], **how)

    def remove_all(self):
        for identity in self("ps", "--all", "--quiet").out.split():
            self("rm", "--force", identity)


@pytest.fixture
def engine(place, template):
    engine = Engine(place, template)
    yield engine
    engine.remove_all()


COUNT = "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done"


def test_what_it_has_written(engine):
    engine.run("--detach", script=COUNT).ok()
    assert engine("wait", "web").out == "0\n"
    logs = engine("logs", "web").ok()
    assert logs.out == "".join(f"out {i}\n" for i in range(1, 6))
    assert logs.err == "".join(f"err {i}\n" for i in range(1, 6))
    last = engine("logs", "--tail", 3, "web")
    assert len((last.out + last.err).splitlines()) == 3
    assert logs.out.endswith(last.out) and logs.err.endswith(last.err)
    assert engine("logs", "--tail", 0, "web").out == ""
    assert engine("logs", "--tail=all", "web").out == logs.out
    assert engine("logs", "--tail=-1", "web").out == logs.out


def test_when_it_has_written(engine):
    engine.run("--detach", script="echo one; sleep 1.2; echo two").ok()
    engine("wait", "web")
    lines = engine("logs", "--timestamps", "web").out.splitlines()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z (one|two)", line) for line in lines)
    first, second = (line.split()[0] for line in lines)
    assert engine("logs", "--since", second, "web").out == "two\n"
    assert engine("logs", "--until", first, "web").out == "one\n"
    assert engine("logs", "--since", "1h", "web").out == "one\ntwo\n"
    assert engine("logs", "--until", "1h", "web").out == ""
    between = datetime.datetime.fromisoformat(first[:26]).replace(tzinfo=datetime.timezone.utc).timestamp() + 0.5
    assert engine("logs", "--since", f"{between:.3f}", "web").out == "two\n"
    assert engine("logs", "--since", str(int(between) + 100), "web").out == ""
    engine("logs", "--since", "yesterday", "web").failed("--since", "yesterday")


def test_following(engine):
    engine.run("--detach", script="rm -f /go; echo one; while ! test -e /go; do sleep 0.05; done; rm /go; echo two").ok()
    with engine.popen("logs", "--follow", "web", stdout=subprocess.PIPE, text=True) as logs:
        assert logs.stdout.readline() == "one\n"
        engine("exec", "web", "/bin/sh", "-c", "> /go").ok()
        assert logs.stdout.readline() == "two\n"
        assert logs.stdout.read() == ""
        assert logs.wait() == 0
    assert engine("logs", "-f", "web").out == "one\ntwo\n"


def test_a_log_is_bounded_and_followed_over_rotations(engine):
    engine.run("--detach", "--log-opt", "max-size=20k", "--log-opt", "max-file=3",
               script="i=0; while test $i -lt 3000; do i=$((i+1)); echo $i; done").ok()
    followed = engine("logs", "-f", "--tail", 0, "web").ok()
    engine("wait", "web")
    files = list((engine.root / "containers").glob("*/*-json.log*"))
    assert len(files) == 3 and all(file.stat().st_size <= 20 * 1024 for file in files)
    kept = [int(line) for line in engine("logs", "web").out.split()]
    assert kept == list(range(kept[0], 3001))
    seen = [int(line) for line in followed.out.split()]
    assert not seen or seen == sorted(set(seen))
    assert engine("logs", "-n", 500, "web").out.split() == [str(i) for i in range(2501, 3001)][-500:]


def test_other_drivers(engine):
    engine.run("--detach", "--log-driver", "k8s-file", name="k8s", script="echo hello").ok()
    engine.run("--detach", "--log-driver", "none", name="none", script="echo hello").ok()
    engine("wait", "k8s")
    assert engine("logs", "k8s").out == "hello\n"
    engine("logs", "none").failed("does not support reading")
    engine("logs", "nobody").failed("No such container: nobody")
    engine("create", "--name", "new", "--rootfs", engine.rootfs, "true").ok()
    assert engine("logs", "new").ok().out == ""


def test_attaching(engine):
    engine.run("--detach", "--interactive", script="echo early; cat; exit 5").ok()
    with engine.popen("attach", "web", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as attach:
        attach.stdin.write(b"hello\n")
        attach.stdin.flush()
        assert attach.stdout.readline() == b"hello\n"
        attach.stdin.close()
        assert attach.wait() == 5
    assert engine("logs", "web").out == "early\nhello\n"
    engine("attach", "web").failed("cannot attach to a stopped container")


def test_signals_are_passed_on(engine):
    engine.run("--detach", script="trap 'echo got; exit 3' USR1; echo up; while :; do sleep 0.05; done").ok()
    wait_for(lambda: "up" in engine("logs", "web").out)
    with engine.popen("attach", "web", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as attach:
        time.sleep(0.3)
        attach.send_signal(signal.SIGUSR1)
        assert attach.stdout.read() == b"got\n"
        assert attach.wait() == 3


def test_detaching_leaves_it_running(engine):
    engine.run("--detach", "-it", script="echo up; read x; stty size; read x").ok()
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
    with engine.popen("attach", "--detach-keys", "ctrl-x,q", "web", stdin=slave, stdout=slave,
                      start_new_session=True) as attach:
        seen = b""
        time.sleep(0.3)
        os.write(master, b"a\n")
        while b"31 97" not in seen:
            seen += os.read(master, 1000)
        os.write(master, b"\x18q")
        assert attach.wait() == 0
    os.close(slave)
    os.close(master)
    assert engine("ps", "--quiet").out, "it was ended"
    engine("stop", "--time", 0, "web")
