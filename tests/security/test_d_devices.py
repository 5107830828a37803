"""D: devices, terminals, standard input and output, what is printed to a person."""
import os
import pty
import subprocess

import pytest

from kit.runtime import Container
from oracle import inside

SETS = ("bounding", "effective", "permitted")
MKNOD = {f"process.capabilities.{s}": ["CAP_MKNOD", "CAP_DAC_OVERRIDE"] for s in SETS}
WRITABLE = {"root.readonly": False}
# Majors and minors that a container may open without being given any: the runtime's own list.
ALLOWED = {(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (10, 200)}
RULES = {"linux.resources.devices": [{"allow": False, "access": "rwm"}]}


# --- D1: GHSA-g54h-m393-cpwq ----------------------------------------------------------------------

@pytest.mark.needs("devices")
def test_d1t_ghsa_g54h_m393_cpwq_only_listed_devices_open(runtime, bundle):
    """Every major a driver of this kernel has: made by the container, opened by none."""
    majors = {"c": set(), "b": set()}
    kind = "c"
    for line in inside.proc("", "devices").splitlines():
        kind = "b" if line.startswith("Block") else kind
        if line.split() and line.split()[0].isdigit():
            majors[kind].add(line.split()[0])
    script = "".join(f"""
        for m in {' '.join(sorted(majors[k]))}; do for n in 0 1 2 3 5 8 11 200 229 236; do
            [ {k}$m = c136 ] && continue
            mknod /tmp/n {k} $m $n && {{ ( : </tmp/n ) && echo {k} $m $n; rm -f /tmp/n; }}
        done; done""" for k in "cb")
    made = bundle(MKNOD, RULES, WRITABLE,
                  {"process.args": ["/bin/sh", "-c", f"( {script} ) 2>/dev/null; true"]})
    opened = [line.split() for line in runtime.run(made).ok().out.splitlines()]
    assert {(int(m), int(n)) for k, m, n in opened if k == "c"} <= ALLOWED
    assert not [line for line in opened if line[0] == "b"]
    assert ["c", "1", "3"] in opened, "nothing at all could be opened"


@pytest.mark.needs("devices")
def test_d1t_ghsa_g54h_m393_cpwq_without_a_word_about_devices(runtime, bundle):
    """A document that has no rules gets the usual ones, not everything."""
    script = "mknod /tmp/mem c 1 1 && cat /tmp/mem >/dev/null && echo open; true"
    made = bundle(MKNOD, WRITABLE, {"linux.resources": {},
                                    "process.args": ["/bin/sh", "-c", script]})
    assert "open" not in runtime.run(made).ok().out


# --- D2: CVE-2017-5226 and its family ----------------------------------------------------------------

PUSH = r"""
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <sys/syscall.h>
int main(void)
{
	int pushed = 0;
	for (int fd = 0; fd < 10; fd++)
		for (const char *c = "id\n"; *c; c++) {
			pushed += ioctl(fd, TIOCSTI, c) == 0;
			pushed += syscall(SYS_ioctl, fd, TIOCSTI | 1ul << 32, c) == 0;
		}
	printf("pushed %d\n", pushed);
	return 0;
}
"""


@pytest.mark.only("onggi", why="others keep the caller's terminal in the session")
@pytest.mark.parametrize("how", ["run", "exec"])
def test_d2t_cve_2017_5226_cve_2016_10124_no_input_for_the_callers_terminal(
        runtime, bundle, started, place, how):
    """A process that got the caller's terminal as it is may not type for its owner."""
    (place / "push.c").write_text(PUSH)
    made = bundle({"process.args": ["/bin/push"]})
    subprocess.run(["gcc", "-static", "-o", made.rootfs / "bin/push", place / "push.c"], check=True)
    argv = runtime.argv("run", "--bundle", made.path, runtime.name())
    if how == "exec":
        running = started()
        (running.bundle.rootfs / "bin/push").write_bytes((made.rootfs / "bin/push").read_bytes())
        (running.bundle.rootfs / "bin/push").chmod(0o755)
        argv = runtime.argv("exec", running.id, "/bin/push")
    pid, master = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    seen = b""
    try:
        while b"pushed" not in seen:
            seen += os.read(master, 4096)
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(master)
    assert b"pushed 0" in seen, seen


# --- D3, D4 ------------------------------------------------------------------------------------------------

def test_d3t_cve_2013_2207_no_terminal_of_the_host(probe):
    """Its terminals are a file system of its own: one of the host's can't be named."""
    master, slave = pty.openpty()
    try:
        name = os.ttyname(slave)
        assert probe(ask=[f"open:{name}"]).answer(f"open:{name}") != 0
    finally:
        os.close(master)
        os.close(slave)


def test_d3t_cve_2013_2207_owner_and_mode_of_its_terminal(runtime, bundle, console):
    made = Container(runtime, bundle({"process.terminal": True, "process.user.uid": 1000,
                                      "process.args": ["/bin/sh", "-c", "ls -ln $(tty); ls -l /dev/ptmx"]}),
                     "--console-socket", console.path).ok().start()
    made.wait()
    seen = console.read_until("ptmx")
    assert seen.split()[:4:2] == ["crw--w----", "1000"], seen
    assert seen.split()[3] == "5"


@pytest.mark.parametrize("kind", ["pipe", "file", "null"])
def test_d4t_output_can_be_opened_again(runtime, bundle, place, kind):
    """By a user who is not root; the host's null keeps its owner."""
    made = bundle({"process.user.uid": 1000,
                   "process.args": ["/bin/sh", "-c", "echo x >>/dev/stderr"]})
    argv = runtime.argv("run", "--bundle", made.path, runtime.name())
    before = os.stat("/dev/null")
    with open(place / "err" if kind == "file" else "/dev/null", "wb") as file:
        err = subprocess.PIPE if kind == "pipe" else file
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=file, stderr=err, check=False)
    assert done.returncode == 0
    assert os.stat("/dev/null").st_uid == before.st_uid == 0
    assert kind != "file" or (place / "err").read_text() == "x\n"
    assert kind != "pipe" or done.stderr == b"x\n"


# --- D5: what a person's terminal is shown ------------------------------------------------------------------

EVIL = "a\x1b]52;c;eA==\x07\x1b[2J\rb\x9b"


@pytest.mark.parametrize("change", [
    {"process.args": [f"/bin/{EVIL}"]}, {"process.cwd": f"/etc/plain/{EVIL}"},
    {"process.rlimits": [{"type": EVIL, "soft": 1, "hard": 1}]},
    {"mounts+": [{"destination": f"/mnt/{EVIL}", "type": EVIL, "source": "x"}]},
    {"mounts+": [{"destination": "/mnt/b", "type": "bind", "source": f"/{EVIL}",
                  "options": ["bind"]}]},
    {"root.path": EVIL}, {"linux.sysctl": {EVIL: "1"}}, {"ociVersion": EVIL},
    {"hooks": {"createRuntime": [{"path": f"/{EVIL}"}]}}, {"process.capabilities.bounding": [EVIL]}],
    ids=["args", "cwd", "limit", "mount", "source", "root", "sysctl", "version", "hook", "capability"])
def test_d5t_no_control_characters_in_messages(runtime, bundle, change):
    done = runtime.run(bundle(change))
    assert not set(done.err) & {"\x1b", "\x07", "\r"}, repr(done.err)


@pytest.mark.only("onggi", "crun", why="Debian's runc prints its table as it is")
def test_d5t_lists_and_states(create):
    made = create({"annotations": {EVIL: EVIL}})
    for words in (["list"], ["list", "--format", "json"], ["state", made.id]):
        out = made.runtime.call(*words).ok().out
        assert not set(out) & {"\x1b", "\x07", "\r"}, repr(out)
