"""The engine under test: `onggi` with directories of its own."""
import json
import os
import pathlib
import subprocess

from kit.runtime import PATIENCE, PREFIX, wait_for

BUILD = pathlib.Path(os.environ.get("ONGGI_BUILD", pathlib.Path(__file__).parents[2] / "build"))


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def ok(self):
        assert self.code == 0, f"exit {self.code}: {self.err}"
        return self.out


class Engine:
    def __init__(self, place, template):
        self.store, self.run_root = place / "store", place / "run"
        self.template = template
        self.program = [str(BUILD / "bin" / "onggi"), "--root", str(self.store), "--run-root", str(self.run_root)]

    def __call__(self, *args, **how):
        how.setdefault("timeout", PATIENCE)
        how.setdefault("stdin", None if "input" in how else subprocess.DEVNULL)
        return Result(subprocess.run([*self.program, *args], capture_output=True, text=True, **how))

    def popen(self, *args, **how):
        return subprocess.Popen([*self.program, *args], **how)

    def flags(self, *flags):
        return ["--cgroup-parent", f"/{PREFIX}-engine", *flags]

    def run(self, *command, flags=(), image=None, **how):
        """run in the foreground with --rm"""
        root = [image] if image else ["--rootfs", str(self.template)]
        return self("run", "--rm", *self.flags(*flags), *root, *command, **how)

    def start(self, name, *command, flags=()):
        """a container in the background"""
        self("run", "-d", "--name", name, *self.flags(*flags), "--rootfs", str(self.template), *command).ok()
        return self.container(name)

    def container(self, name):
        return Container(self, os.readlink(self.store / "names" / name))

    def containers(self):
        return sorted(os.listdir(self.store / "containers")) if self.store.exists() else []

    def clean(self):
        for name in self.containers():
            self("rm", "-f", "-v", name)
        # The parent of the groups stays, as the administrator's; here it is ours.
        top = pathlib.Path("/sys/fs/cgroup")
        for group in (*top.glob(f"*/{PREFIX}-engine"), top / f"{PREFIX}-engine"):
            if group.exists():
                group.rmdir()


class Container:
    def __init__(self, engine, id_):
        self.engine, self.id = engine, id_
        self.dir = engine.store / "containers" / id_

    def read(self, name):
        return json.loads((self.dir / name).read_text())

    @property
    def pid(self):
        """of its first process, as the runtime has noted it"""
        return json.loads((self.engine.run_root / self.id / "process.json").read_text())["pid"]

    def monitor(self):
        """the parent of its first process"""
        return int(pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[1])

    def ended(self):
        wait_for((self.dir / "exit.json").exists)
        wait_for(lambda: not (self.engine.run_root / self.id).exists())
        return self.read("exit.json")
