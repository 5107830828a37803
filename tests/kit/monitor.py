"""A container's monitor with an ordinary process as its container, started as the engine does it."""
import contextlib
import fcntl
import json
import os
import pty
import socket
import struct
import sys
import traceback

from kit.runtime import TOP, wait_for

MONITOR = os.environ.get("ONGGI_MONITOR", str(TOP / "build" / "bin" / "onggi-monitor"))
PIDFD, INPUT, OUTPUT, ERRORS, ATTACH, DIRECTORY, FDS_END = range(3, 10)
WANT_OUTPUT, WANT_ERRORS, WANT_INPUT, PATIENT = 1, 2, 4, 8
PACKET_MAX = 16384


class Client:
    """A connection to the socket of a monitor."""

    def __init__(self, path, flags=WANT_OUTPUT | WANT_ERRORS, hello=True):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock.settimeout(30)
        self.sock.connect(str(path))
        if hello:
            with contextlib.suppress(BrokenPipeError):  # sent away, for want of a place
                self.send(b"H" + bytes([flags]))
        self.code, self.oom = None, None
        self.output, self.errors = b"", b""

    def send(self, packet):
        self.sock.send(packet)

    def type(self, text):
        self.send(b"I" + text)

    def resize(self, rows, columns):
        self.send(b"R\0" + struct.pack("=HH", rows, columns))

    def read(self):
        """One packet; False at the end."""
        try:
            packet = self.sock.recv(PACKET_MAX)
        except ConnectionResetError:  # closed with something of ours unread
            packet = b""
        kind, rest = packet[:1], packet[1:]
        if kind == b"O":
            self.output += rest
        elif kind == b"E":
            self.errors += rest
        elif kind == b"X":
            self.oom, self.code = struct.unpack("=B2xi", rest)
        else:
            assert not packet, packet
        return bool(packet)

    def read_all(self):
        while self.read():
            pass
        return self

    def read_until(self, text):
        while text not in self.output:
            assert self.read(), f"{text} is not in {self.output}"
        return self

    def close(self):
        self.sock.close()


def become_container(command, ours):
    """In the container's process: @ours are its three standard descriptors, or a terminal."""
    if len(ours) == 1:
        os.login_tty(ours[0]) if hasattr(os, "login_tty") else login_tty(ours[0])
    else:
        for number, end in enumerate(ours):
            os.dup2(end, number)
    os.closerange(3, 1000)
    os.execvp(command[0], command)


def login_tty(terminal):
    os.setsid()
    fcntl.ioctl(terminal, 0x540E, 0)  # TIOCSCTTY
    for number in range(3):
        os.dup2(terminal, number)


def become_monitor(words, places):
    """@places: descriptor by its number in the monitor."""
    high = {number: fcntl.fcntl(fd, fcntl.F_DUPFD, 200) for number, fd in places.items()}
    for number, fd in high.items():
        os.dup2(fd, number)
    os.closerange(FDS_END, 1000)
    os.execv(MONITOR, [MONITOR, *words])


class Monitored:
    """A command under a monitor. Clients given as flags are there before the monitor is."""

    def __init__(self, place, *command, clients=(), check=(), program=None, foreign=None, **settings):
        self.place = place
        self.log = place / "log"
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(str(place / "attach"))
        self.listener.listen(100)
        self.clients = [self.attach(flags) for flags in clients]
        program = program or ["/bin/sh", "-c", f"echo ended > {place}/ended"]
        words = [f"{key.replace('_', '-')}={value}" for key, value in settings.items()]
        self.words = [*words, "--", *program, *(["--", *check] if check else [])]
        self.terminal = settings.get("terminal")
        self.errors = place / "errors"
        self.pid = os.fork()
        if self.pid == 0:
            self.start(command, foreign)
        self.listener.close()
        self.status = None

    def start(self, command, foreign):
        try:
            errors = os.open(self.errors, os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(errors, 2)
            null = os.open("/dev/null", os.O_RDWR)
            if self.terminal:
                master, slave = pty.openpty()
                theirs, ours = [slave], {INPUT: null, OUTPUT: master, ERRORS: null}
            else:
                pipes = [os.pipe() for _ in range(3)]
                theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
                ours = {INPUT: pipes[0][1], OUTPUT: pipes[1][0], ERRORS: pipes[2][0]}
            pid = foreign or os.fork()
            if pid == 0:
                become_container(command, theirs)
            directory = os.open(self.place, os.O_RDONLY)
            (self.place / "pid").write_text(str(pid))
            become_monitor(self.words, {PIDFD: os.pidfd_open(pid), ATTACH: self.listener.fileno(),
                                        DIRECTORY: directory, **ours})
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        finally:
            os._exit(111)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self.clients:
            client.close()
        if self.status is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
            pid = self.place / "pid"
            if pid.exists():
                try:
                    os.kill(int(pid.read_text()), 9)
                except ProcessLookupError:
                    pass

    def attach(self, flags=WANT_OUTPUT | WANT_ERRORS, hello=True):
        client = Client(self.place / "attach", flags, hello)
        if hasattr(self, "clients"):
            self.clients.append(client)
        return client

    def ready(self):
        """The monitor itself is running."""
        wait_for(self.is_in_its_loop)
        return self

    def is_in_its_loop(self):
        """It waits in poll()."""
        if os.readlink(f"/proc/{self.pid}/exe") != MONITOR:
            return False
        with open(f"/proc/{self.pid}/syscall", encoding="ascii") as file:
            return file.read().split()[0] == "7"

    @property
    def child(self):
        return int((self.place / "pid").read_text())

    def wait(self):
        """The end of the monitor, and of the program that it becomes; exit.json."""
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        assert self.status == 0, self.errors.read_text()
        assert self.errors.read_text() == ""
        return json.loads((self.place / "exit.json").read_text())

    def entries(self, name="log"):
        return [json.loads(line) for line in (self.place / name).read_text().splitlines()]

    def lines(self, stream=None, name="log"):
        return "".join(e["log"] for e in self.entries(name) if stream in (None, e["stream"]))
