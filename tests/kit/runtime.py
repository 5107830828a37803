"""The runtime under test, and bundles for it. ONGGI_RUNTIME chooses which one: ours, runc, crun."""
import dataclasses
import itertools
import json
import os
import pathlib
import subprocess
import time

from kit import config, rootfs
from oracle import inside

TOP = pathlib.Path(__file__).resolve().parents[2]
PREFIX = os.environ.get("ONGGI_PREFIX", "tlocal")
# Seconds: no test waits longer for anything; none depends on how long it takes.
PATIENCE = int(os.environ.get("ONGGI_PATIENCE", "60"))


def wait_for(what, *args, seconds=PATIENCE):
    """Calls @what until it answers something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        answer = what(*args)
        if answer:
            return answer
        assert time.monotonic() < end, f"waited {seconds} s for {what.__name__}{args}"
        time.sleep(0.01)


@dataclasses.dataclass
class Done:
    """What a command did."""
    status: int
    out: str
    err: str

    def ok(self):
        assert self.status == 0, f"status {self.status}: {self.err or self.out}"
        return self

    def failed(self, *words, status=None):
        """It failed, and its last line has all of @words."""
        assert self.status != 0, f"it worked: {self.out[:200]}"
        assert status is None or self.status == status, f"status {self.status}: {self.err}"
        for word in words:
            assert word.lower() in self.err.lower(), f"no '{word}' in: {self.err}"
        return self

    def json(self):
        return json.loads(self.ok().out)

    def inside(self):
        """The probe's report."""
        return inside.Inside(self.json())


class Bundle:
    def __init__(self, path, document):
        self.path = path
        self.rootfs = path / "rootfs"
        self.write(document)

    def write(self, document):
        text = document if isinstance(document, str) else json.dumps(document, indent=1)
        (self.path / "config.json").write_text(text)
        self.document = document


class Runtime:
    """One state root. Everything that is made through it and not deleted is found by leaks()."""
    numbers = itertools.count(1)

    def __init__(self, scratch):
        self.path = os.environ.get("ONGGI_RUNTIME", str(TOP / "build/bin/onggi-runtime"))
        self.kind = {"runc": "runc", "crun": "crun"}.get(os.path.basename(self.path), "onggi")
        self.scratch = scratch
        self.root = scratch / "state"
        self.made = []

    def name(self):
        """A fresh container id. Control groups can be attributed by its beginning."""
        return f"{PREFIX}-{next(self.numbers)}"

    def argv(self, *args, options=()):
        return [self.path, "--root", str(self.root), *options, *map(str, args)]

    def call(self, *args, options=(), stdin=None, cwd=None, env=None, pass_fds=(),
             seconds=PATIENCE):
        """Runs the runtime with these arguments to its end."""
        done = subprocess.run(self.argv(*args, options=options), input=stdin or "", text=True,
                              capture_output=True, cwd=cwd, env=env, pass_fds=pass_fds,
                              timeout=seconds, errors="backslashreplace", check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def popen(self, *args, options=(), **how):
        return subprocess.Popen(self.argv(*args, options=options), **how)

    def run(self, bundle, *flags, **how):
        """`run` in the foreground: everything must be gone afterwards."""
        return self.call("run", *flags, "--bundle", bundle.path, self.name(), **how)

    def probe(self, bundle, **how):
        return self.run(bundle, **how).inside()

    def state(self, name):
        return self.call("state", name).json()

    def status(self, name):
        return self.state(name)["status"]

    def ids(self):
        listed = self.call("list", "--quiet").ok().out
        return listed.split()


class Container:
    """A created container. Its output goes to files, as a pipe would stay open with it."""

    def __init__(self, runtime, bundle, *flags, name=None, options=(), command="create", **how):
        self.runtime, self.bundle = runtime, bundle
        self.id = name or runtime.name()
        self.log = bundle.path / f"{self.id}.out"
        runtime.made.append(self)
        with open(self.log, "wb") as out:
            self.created = subprocess.run(
                runtime.argv(command, *flags, "--bundle", bundle.path, self.id, options=options),
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=PATIENCE, check=False,
                **how)

    @property
    def output(self):
        return self.log.read_text(errors="backslashreplace")

    def ok(self):
        assert self.created.returncode == 0, self.output
        return self

    @property
    def pid(self):
        return self.runtime.state(self.id)["pid"]

    @property
    def status(self):
        return self.runtime.status(self.id)

    def call(self, command, *args, **how):
        """A command of the runtime on this container: flags before the id, the rest after it."""
        flags = [a for a in args if str(a).startswith("-")]
        rest = [a for a in args if not str(a).startswith("-")]
        return self.runtime.call(command, *flags, self.id, *rest, **how)

    def start(self):
        self.call("start").ok()
        return self

    def exec(self, *args, flags=(), **how):
        return self.runtime.call("exec", *flags, self.id, *args, **how)

    def wait(self, status="stopped"):
        wait_for(lambda: self.status == status)
        return self

    def stop(self):
        """Kills it and waits for the end."""
        self.call("kill", "KILL").ok()
        return self.wait()

    def delete(self, *flags):
        done = self.call("delete", *flags)
        if done.status == 0 and self in self.runtime.made:
            self.runtime.made.remove(self)
        return done

    def group(self, controller):
        """Its directory in the hierarchy that has @controller; v2 if that is all there is."""
        return inside.group_of(self.pid, controller)


def make_bundle(template, path, *changes):
    path.mkdir()
    rootfs.link(template, path / "rootfs")
    return Bundle(path, config.config(*changes))
