"""The program under test with a root of its own."""
import os
import pathlib
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("ONGGI_BIN") or TOP / "build" / "bin")


class Onggi:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    def run(self, *args, stdin=b"", **how):
        return subprocess.run(
            [BIN / "onggi", "--root", self.root, "--run-root", self.root.parent / "run", *args], input=stdin, capture_output=True,
            check=False, timeout=60, env=os.environ | {"ONGGI_LIBEXEC": str(BIN)}, **how)

    def __call__(self, *args, **how):
        """its output, when it has to succeed"""
        done = self.run(*args, **how)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def fails(self, *args, status=1, **how):
        """its last words, when it has to fail"""
        done = self.run(*args, **how)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stderr.decode(errors="replace")

    def layers(self):
        """directories of unpacked layers"""
        return sorted(self.root.glob("layers/*/diff"))

    def left(self):
        """what lies in the store without belonging to an image that is there"""
        return [str(p) for pattern in ("layers/*", "layers/.*", "images/blobs/sha256/*",
                                       "images/blobs/sha256/.*") for p in self.root.glob(pattern)]
