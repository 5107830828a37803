"""Faults: what is left after something went wrong at the worst moment."""
import os
import re
import subprocess

import pytest

from kit.runtime import PATIENCE, Container, wait_for
from oracle import leak

@pytest.fixture(scope="session")
def stride():
    """How many system calls are passed over between two: every one with ONGGI_LONG=1."""
    return lambda short: 1 if os.environ.get("ONGGI_LONG") else short


class Injector:
    """Runs a command of the runtime under strace, which spoils one of its system calls."""

    def __init__(self, runtime):
        self.runtime = runtime
        self.log = runtime.scratch / "strace"

    def run(self, args, *inject, follow=False):
        argv = ["strace", "-o", self.log, *(["-f"] if follow else []),
                *(word for i in inject for word in ("-e", f"inject={i}"))]
        with open(self.runtime.scratch / "output", "wb") as out:
            return subprocess.run([*map(str, argv), *self.runtime.argv(*args)], stdout=out,
                                  stderr=out, stdin=subprocess.DEVNULL, timeout=PATIENCE,
                                  check=False).returncode

    @property
    def output(self):
        return (self.runtime.scratch / "output").read_text(errors="backslashreplace")

    def calls(self):
        """The names of the system calls that the last command made, in order."""
        return re.findall(r"^(\w+)\(", self.log.read_text(errors="replace"), re.M)

    def calls_by_process(self):
        """With follow: of the runtime, and of all that came from it."""
        found = re.findall(r"^(\d+) +(\w+)\(", self.log.read_text(errors="replace"), re.M)
        return ([c for pid, c in found if pid == found[0][0]],
                [c for pid, c in found if pid != found[0][0]])


@pytest.fixture
def inject(runtime):
    return Injector(runtime)


class Aftermath:
    """What has to hold after each fault: force deletes, nothing is left, the name can be had again."""

    def __init__(self, runtime):
        self.runtime = runtime
        self.scan = leak.Scan("/run", runtime.root)

    def none(self, name, where):
        done = self.runtime.call("delete", "--force", name)
        assert done.status == 0, f"{where}: delete: {done.err}"
        self.runtime.made = [m for m in self.runtime.made if m.id != name]
        found = self.scan.differences()
        if found:
            found = self.scan.leaks(10)
        assert not found, f"{where}: left behind:\n" + "\n".join(found)


@pytest.fixture
def aftermath(runtime):
    return Aftermath(runtime)


@pytest.fixture
def again(runtime):
    """again(bundle, name): a container of this name starts and ends."""
    def make(bundle, name):
        made = Container(runtime, bundle, name=name).ok().start()
        wait_for(lambda: made.status in ("running", "stopped"))
        made.delete("--force").ok()
    return make
