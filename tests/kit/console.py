"""A console socket, as engines have it: receives the master side of a container's terminal."""
import fcntl
import os
import select
import socket
import struct
import termios
import threading
import time

from kit.runtime import PATIENCE


class Console:
    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        self.master, self.name = None, None
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        try:
            peer, _ = self.socket.accept()
        except OSError:
            return
        with peer:
            name, fds, _, _ = socket.recv_fds(peer, 4096, 4)
        self.name = name.decode()
        self.master = fds[0] if fds else None

    def wait(self):
        self.thread.join(PATIENCE)
        assert self.master is not None, "no terminal came"
        return self.master

    def read_until(self, text):
        """What it shows, up to and with @text."""
        seen, end = b"", time.monotonic() + PATIENCE
        while text.encode() not in seen:
            assert time.monotonic() < end, f"no {text!r} in {seen!r}"
            if select.select([self.wait()], [], [], 0.1)[0]:
                seen += os.read(self.master, 65536)
        return seen.decode()

    def write(self, text):
        os.write(self.wait(), text.encode())

    def size(self):
        return struct.unpack("HHHH", fcntl.ioctl(self.wait(), termios.TIOCGWINSZ, bytes(8)))[:2]

    def close(self):
        self.socket.close()
        if self.master is not None:
            os.close(self.master)
        self.path.unlink()
