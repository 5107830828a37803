"""The first things a newcomer types: what the README and ./dev run promise."""
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("ONGGI_RUNTIME", TOP / "build/bin/onggi-runtime")).resolve().parent


@pytest.fixture(autouse=True)
def default_root():
    """These commands use /run/onggi, which stays; /run is the test run's own."""
    yield
    shutil.rmtree("/run/onggi", ignore_errors=True)


def sh(script, cwd, **env):
    """Output goes to a file: a detached container would keep a pipe open."""
    with tempfile.TemporaryFile("w+") as out:
        done = subprocess.run(["bash", "-c", script], cwd=cwd, env={**os.environ, **env},
                              timeout=120, stdin=subprocess.DEVNULL, stdout=out, check=False,
                              stderr=subprocess.STDOUT)
        out.seek(0)
        done.stdout = out.read()
    return done


def test_first_container_is_a_tour_without_a_terminal():
    done = sh(f"{TOP}/tools/first-container {BIN.parent}", "/")
    assert done.returncode == 0, done.stdout
    assert re.search(r"root +1 +0 .*bash /etc/tour", done.stdout)
    for ns in ("ipc", "mnt", "net", "pid", "uts"):
        line = re.search(rf"^  {ns} +(\S+) +(\S+) +(\w+)$", done.stdout, re.M)
        assert line and line[1] != line[2] and line[3] == "own"
    assert re.search(r"^  (memory/memory.limit_in_bytes|memory.max) +67108864$", done.stdout, re.M)
    assert "Host name: onggi" in done.stdout


def tour():
    """The commands of "Five minutes" and the output they are said to have."""
    text = (TOP / "README.md").read_text().split("## Five minutes")[1].split("\n## ")[0]
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    steps = []
    for line in lines:
        if line.startswith("# "):
            steps.append((line[2:], []))
        elif not line.startswith("$ "):
            steps[-1][1].append(line)
    return steps


def squeezed(text):
    """What may differ from machine to machine or from day to day is taken out."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    text = re.sub(r"\b\d{2}:\d{2}\b", "CLOCK", text)
    text = re.sub(r"\S*/tour\b", "TOUR", text)
    text = re.sub(r"\d+(\.\d+)?", "N", text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_every_line_of_the_tour_does_what_it_says(tmp_path):
    if shutil.which("ps") is None:
        pytest.skip("no ps to pack on this machine")
    place = tmp_path / "tour"
    for command, expected in tour():
        command = command.replace("mkdir /tmp/tour && cd /tmp/tour", f"mkdir {place}")
        where = place if place.is_dir() else tmp_path
        done = sh(command, where, PATH=f"{BIN}:{os.environ['PATH']}",
                  ONGGI_ROOT=str(tmp_path / "root"))
        assert squeezed(done.stdout) == squeezed("\n".join(expected)), command
        assert done.returncode == 0 or "level=error" in done.stdout, command
