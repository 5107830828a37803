"""What the runtime keeps: damaged, of a later version, without room, wanted by many at once."""
import contextlib
import json
import os
import subprocess
import time

import pytest

from kit.runtime import Container, wait_for

SLEEP = {"process.args": ["/bin/sleep", "1000"]}
MANY = 64
FILES = ["record.json", "process.json", "config.json"]


def damage(path, how):
    """Never changes a value to another sound one: a group of control that is named must stay ours."""
    text = path.read_bytes()
    path.write_bytes({"empty": b"", "half": text[:len(text) // 2], "one byte": text[:1],
                      "zeros": bytes(len(text)), "twice": text + text, "a list": b"[1]",
                      "no file": text}[how])
    if how == "no file":
        path.unlink()


@pytest.mark.only("onggi", why="the files are ours")
@pytest.mark.parametrize("how", ["empty", "half", "one byte", "zeros", "twice", "a list", "no file"])
@pytest.mark.parametrize("file", FILES)
def test_damaged_file(runtime, bundle, aftermath, again, file, how):
    """Every command says it in words or works all the same; force deletes; others are unharmed."""
    name, other = runtime.name(), runtime.name()
    for n in (name, other):
        Container(runtime, bundle(SLEEP), name=n).ok().start()
    damage(runtime.root / name / file, how)
    for command, *rest in (["state"], ["kill", "0"], ["pause"], ["resume"], ["exec", "/bin/true"],
                           ["list"]):
        words = [command] if command == "list" else [command, name, *rest]
        done = runtime.call(*words)
        assert done.status >= 0, f"{command} died of signal {-done.status}"
        assert done.status == 0 or done.err
    assert other in runtime.call("list").out
    assert runtime.status(other) == "running"
    runtime.call("delete", "--force", other).ok()
    aftermath.none(name, f"{file} {how}")
    again(bundle(SLEEP), name)


@pytest.mark.only("onggi", why="the files are ours")
def test_state_of_the_future(runtime, bundle, aftermath):
    """A later version's file is refused in words; force deletes."""
    made = Container(runtime, bundle(SLEEP)).ok().start()
    path = runtime.root / made.id / "record.json"
    record = json.loads(path.read_text())
    version = next(k for k in record if "version" in k.lower() or k == "format")
    record[version] = 999 if isinstance(record[version], int) else "999.0"
    path.write_text(json.dumps(record))
    done = runtime.call("state", made.id).failed()
    assert "later" in done.err or "newer" in done.err or "999" in done.err, done.err
    aftermath.none(made.id, "a later format")


@pytest.mark.parametrize("size", ["4k", "12k", "20k", "64k"])
def test_full_state_directory(runtime, bundle, size):
    """No room: an error, nothing left, and what runs can still be ended."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "t", runtime.root], check=True)
    try:
        made = []
        for _ in range(6):
            container = Container(runtime, bundle(SLEEP))
            if container.created.returncode:
                assert "no space" in container.output.lower(), container.output
                runtime.made.remove(container)
                assert container.id not in os.listdir(runtime.root)
                break
            made.append(container.start())
        with contextlib.suppress(OSError), open(runtime.root / "filler", "wb") as f:
            while True:
                f.write(bytes(4096))
                f.flush()
        for container in made:
            container.call("kill", "KILL").ok()
            container.wait().delete().ok()
    finally:
        subprocess.run(["umount", "--lazy", runtime.root], check=True)


@pytest.mark.only("onggi", "crun", why="Debian's runc lets two through")
def test_64_at_once_and_one_wins(runtime, bundle):
    """The same name 64 times in the same moment: one container, and 63 words about it."""
    made, name = bundle(SLEEP), runtime.name()
    words = runtime.argv("create", "--bundle", made.path, name)
    with open(made.path / "out", "wb") as out:
        running = [subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
                   for _ in range(MANY)]
        codes = [p.wait() for p in running]
    said = (made.path / "out").read_text()
    assert codes.count(0) == 1, codes
    assert said.count("exists") == MANY - 1, said[-600:]
    runtime.call("start", name).ok()
    runtime.call("delete", "--force", name).ok()
    assert not os.listdir(runtime.root)


@pytest.mark.only("onggi", why="a promise of ours")
def test_start_delete_and_kill_at_once(runtime, bundle):
    """Whatever comes first: in the end it is gone, or force makes it so."""
    for _ in range(5):
        made = Container(runtime, bundle(SLEEP)).ok()
        words = [["start", made.id], ["delete", "--force", made.id], ["kill", made.id, "KILL"],
                 ["state", made.id], ["delete", "--force", made.id], ["start", made.id]]
        running = [runtime.popen(*w, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL) for w in words]
        assert all(p.wait() >= 0 for p in running)
        made.delete("--force").ok()
        assert not os.listdir(runtime.root)


def test_the_clock_jumps(runtime, bundle):
    """A container that seems to be made in the future, or 1970, is like any other."""
    made = Container(runtime, bundle(SLEEP)).ok().start()
    for stamp in (0, time.time() + 10 * 365 * 86400):
        for folder, _, files in os.walk(runtime.root):
            for path in [folder, *(os.path.join(folder, f) for f in files)]:
                os.utime(path, (stamp, stamp), follow_symlinks=False)
        assert made.status == "running"
    made.call("kill", "KILL").ok()
    wait_for(lambda: made.status == "stopped")
    made.delete().ok()
