"""What the clients' tests share: the runtime's path, an image, places on the disk."""
import pathlib
import shutil
import tempfile

import pytest

from kit import daemon, image
from kit.runtime import Runtime
from oracle import leak


@pytest.fixture(scope="session")
def binary(scratch):
    """The runtime under test, as an absolute path."""
    return shutil.which(Runtime(scratch).path)


@pytest.fixture(scope="session")
def archive(scratch, template):
    return image.make(template, scratch / "image.tar")


@pytest.fixture(scope="module")
def area():
    """A directory for a daemon. What is still alive, mounted or grouped afterwards is ended, so
    that one client's failure is not the next one's."""
    before = {p.split()[0] for p in leak.processes()}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="onggi-client-"))
    folder.chmod(0o711)
    yield folder
    daemon.sweep(before)
    daemon.unmount_below(folder)
    daemon.remove_groups()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_leaks():
    """Instead of the scan around each test: daemons come and go. The containers' own processes,
    groups and mounts are looked at by the tests."""
    yield


@pytest.fixture(scope="module", autouse=True)
def unchanged_host():
    yield
