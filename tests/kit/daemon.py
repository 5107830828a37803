"""Daemons of other projects, started for a module of tests and ended with all they started."""
import os
import shutil
import signal
import subprocess
import time

import pytest

from kit.runtime import PATIENCE, Done, wait_for
from oracle import inside, leak

# storage.conf of Podman and Buildah.
STORAGE = """
[storage]
driver = "vfs"
runroot = "{area}/run"
graphroot = "{area}/graph"
"""


def need(*programs):
    """Skips the test unless all of these are installed."""
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")


def call(*argv, env=None, stdin="", seconds=PATIENCE * 2, cwd=None):
    """Runs a client's command. Its own words are the message where it fails."""
    done = subprocess.run([str(a) for a in argv], input=stdin, text=True, capture_output=True,
                          timeout=seconds, check=False, env={**os.environ, **(env or {})}, cwd=cwd)
    return Done(done.returncode, done.stdout, done.stderr)


class Daemon:
    """One long-running program; its output is kept in a file."""

    def __init__(self, argv, log, env=None):
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen([str(a) for a in argv], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(env or {})})

    def wait_ready(self, ready):
        def look():
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            return ready()
        wait_for(look)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def strangers(before):
    """Processes that came since and belong to nobody who still lives."""
    return {p.split()[0] for p in leak.processes()} - before


def sweep(before):
    """Ends what daemons left behind (shims, conmon), unmounts and removes groups of this run."""
    for pid in strangers(before):
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    end = time.monotonic() + PATIENCE
    while strangers(before) and time.monotonic() < end:
        time.sleep(0.05)


def unmount_below(folder):
    for mount in reversed(inside.mounts(inside.proc("self", "mountinfo"))):
        if mount.target.startswith(str(folder) + "/"):
            subprocess.run(["umount", "--lazy", mount.target], check=False)


def remove_groups():
    """The parents that engines make for their containers and never remove."""
    for group in sorted(leak.groups(), reverse=True):
        try:
            os.rmdir(group)
        except OSError:
            pass
