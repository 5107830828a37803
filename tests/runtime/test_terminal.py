"""Terminals: the console socket, the caller's own terminal, sizes, exec."""
import json
import os
import pty
import select
import subprocess
import time

import pytest

from kit.runtime import PATIENCE, Container
from oracle import inside

TERMINAL = {"process.terminal": True}
SHELL = {**TERMINAL, "process.args": ["/bin/sh"], "process.env": ["PATH=/bin", "PS1=$ "]}


def with_console(console):
    return {"flags": ["--console-socket", console.path]}


def test_console_socket(create, console):
    made = create(SHELL, **with_console(console))
    made.start()
    console.write("tty; echo do''ne\n")
    assert "/dev/pts/0" in console.read_until("done\r\n")


def test_it_is_the_controlling_terminal_and_0_1_2(create, console):
    made = create(SHELL, **with_console(console)).start()
    console.write("ls -l /proc/self/fd; stat -c %t:%T /dev/console; echo x >/dev/tty; echo do''ne\n")
    out = console.read_until("done\r\n")
    assert out.count("-> /dev/pts/0") >= 3 or out.count("-> /dev/console") >= 3
    assert "x\r\n" in out
    fields = inside.proc(made.pid, "stat").rsplit(")", 1)[1].split()
    assert int(fields[4]) != 0  # tty_nr
    assert fields[2] == fields[3]  # it leads its session


def test_interrupt_key(create, console):
    create(SHELL, **with_console(console)).start()
    console.write("sleep 1000\n")
    console.read_until("sleep 1000\r\n")
    time.sleep(0.2)
    console.write("\x03")
    console.read_until("$ ")
    console.write("echo back\n")
    console.read_until("back\r\n")


def test_size(create, console):
    create(SHELL, {"process.consoleSize": {"height": 33, "width": 111}},
           **with_console(console)).start()
    assert console.size() == (33, 111)
    console.write("stty size\n")
    console.read_until("33 111")


def test_dev_console_is_the_terminal(create, console):
    create(SHELL, **with_console(console)).start()
    console.write("echo to-console >/dev/console; grep -c /dev/console /proc/self/mountinfo\n")
    out = console.read_until("1\r\n")
    assert "to-console" in out


def test_user_owns_the_terminal(create, console):
    create(SHELL, {"process.user": {"uid": 1000, "gid": 1000}}, **with_console(console)).start()
    console.write("stat -c '%u' $(tty); echo do''ne\n")
    assert "1000\r\n" in console.read_until("done\r\n")


def test_name_is_told(create, console):
    create(SHELL, **with_console(console))
    console.wait()
    assert console.name.startswith("/dev/p")


def test_terminal_of_create_needs_a_socket(runtime, bundle):
    runtime.call("create", "--bundle", bundle(SHELL).path, runtime.name()).failed(
        "console" if runtime.kind == "onggi" else "")


def test_socket_without_a_terminal(runtime, bundle, console):
    runtime.call("create", "--console-socket", console.path, "--bundle", bundle().path,
                 runtime.name()).failed("console")


def test_socket_that_is_not_there(runtime, bundle, place):
    runtime.call("create", "--console-socket", place / "nobody", "--bundle", bundle(SHELL).path,
                 runtime.name()).failed()


# --- run and exec on the caller's terminal ----------------------------------------------------------------

class OnTerminal:
    """A command on a terminal of its own."""

    def __init__(self, argv):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execvp(argv[0], argv)

    def read_until(self, text):
        seen, end = b"", time.monotonic() + PATIENCE
        while text.encode() not in seen:
            assert time.monotonic() < end, f"no {text!r} in {seen!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                seen += os.read(self.master, 65536)
        return seen.decode()

    def write(self, text):
        os.write(self.master, text.encode())

    def end(self):
        try:
            while os.read(self.master, 65536):
                pass
        except OSError:
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)


def test_run_on_the_callers_terminal(runtime, bundle):
    made = bundle(SHELL)
    shell = OnTerminal(runtime.argv("run", "--bundle", made.path, runtime.name()))
    shell.read_until("$ ")
    shell.write("tty; exit 5\n")
    shell.read_until("/dev/pts/0\r\n")
    assert shell.end() == 5


def test_its_size_follows(runtime, bundle):
    made = bundle(SHELL)
    shell = OnTerminal(runtime.argv("run", "--bundle", made.path, runtime.name()))
    shell.read_until("$ ")
    subprocess.run(["stty", "rows", "17", "columns", "71"], stdin=shell.master, check=True)
    shell.write("sleep 0.3; stty size\n")
    shell.read_until("17 71")
    shell.write("exit 0\n")
    assert shell.end() == 0


def test_the_callers_terminal_is_left_as_it_was(runtime, bundle):
    """Raw while the container has it, as before afterwards."""
    made = bundle(SHELL)
    runner = OnTerminal(["sh", "-c", 'stty -g; "$@"; stty -g; echo end', "sh",
                         *runtime.argv("run", "--bundle", made.path, runtime.name())])
    before = runner.read_until("$ ").splitlines()[0]
    runner.write("exit 0\n")
    after = runner.read_until("end\r\n").splitlines()[-2]
    assert before.strip() == after.strip()
    assert runner.end() == 0


def test_terminal_without_one(runtime, bundle):
    """run without a terminal at its own end still gives the container one, or says why not."""
    done = runtime.run(bundle({**TERMINAL, "process.args": ["/bin/tty"]}))
    assert done.status == 0 and "/dev/" in done.out or "terminal" in done.err.lower() or \
        "tty" in done.err.lower() or "ioctl" in done.err.lower()


def test_exec_with_a_console_socket(started, console):
    made = started()
    made.runtime.call("exec", "--tty", "--detach", "--console-socket", console.path, made.id,
                      "/bin/sh", "-c", "tty; read x; echo got $x").ok()
    console.read_until("/dev/pts/0")
    console.write("this\n")
    console.read_until("got this")


def test_exec_on_the_callers_terminal(started):
    made = started()
    shell = OnTerminal(made.runtime.argv("exec", "--tty", made.id, "/bin/sh"))
    shell.write("tty; exit 6\n")
    shell.read_until("/dev/pts/0")
    assert shell.end() == 6


@pytest.mark.parametrize("height, width", [(10, 20)])
def test_exec_size_from_its_process(started, console, place, height, width):
    made = started()
    (place / "process.json").write_text(json.dumps({
        "terminal": True, "consoleSize": {"height": height, "width": width}, "cwd": "/",
        "user": {"uid": 0, "gid": 0}, "args": ["/bin/sleep", "1000"], "env": ["PATH=/bin"]}))
    made.runtime.call("exec", "--detach", "--console-socket", console.path, "--process",
                      place / "process.json", made.id).ok()
    assert console.size() == (height, width)


def test_detached_run_with_a_terminal_needs_a_socket(runtime, bundle):
    made = Container(runtime, bundle(SHELL), "--detach", command="run")
    assert made.created.returncode != 0
    assert "console" in made.output
