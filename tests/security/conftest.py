"""What the attacks have besides: rights to be taken away, programs that race, and two lengths."""
import contextlib
import os
import subprocess

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture(scope="session")
def long_form():
    """long_form(short, long): how often something is tried; ONGGI_LONG=1 chooses the second."""
    return lambda short, long: long if os.environ.get("ONGGI_LONG") else short


@pytest.fixture(scope="session")
def flip(scratch):
    """flip(a, b): a context in which two names are exchanged as fast as the kernel can."""
    program = scratch / "flip"
    subprocess.run(["gcc", "-O2", "-o", program, f"{HERE}/flip.c"], check=True)

    @contextlib.contextmanager
    def flipping(*names):
        with subprocess.Popen([program, *names], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            try:
                yield
            finally:
                assert process.poll() is None, "the race ended early"
                process.kill()
    return flipping
