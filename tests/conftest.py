"""What every test has: a runtime, bundles, containers that are cleaned up, and the oracles.

tests/run starts pytest in namespaces of its own. Each test is surrounded by the leak scan, each
module by the host fingerprint: a difference fails the test and is named.
"""
import os
import pathlib
import shutil
import signal
import tempfile

import pytest
from _pytest.runner import runtestprotocol

from kit import rootfs
from kit.console import Console
from kit.runtime import PATIENCE, Container, Runtime, make_bundle
from oracle import host, inside, leak


def pytest_configure(config):
    config.addinivalue_line("markers", "only(*kinds, why): the runtimes this holds for")
    config.addinivalue_line("markers", "needs(*controllers): control group controllers")
    if not os.environ.get("ONGGI_PREFIX"):
        raise pytest.UsageError("run the tests by tests/run (or ./dev test)")


# --- results as TAP --------------------------------------------------------------------------

class Tap:
    """One line a test into the file ONGGI_TAP."""

    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")
        self.lines = {}

    def pytest_runtest_logreport(self, report):
        if report.skipped:
            reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else "expected"
            self.lines[report.nodeid] = f"ok {report.nodeid} # SKIP {reason.removeprefix('Skipped: ')}"
        elif report.failed:
            self.lines[report.nodeid] = f"not ok {report.nodeid}"
        else:
            self.lines.setdefault(report.nodeid, f"ok {report.nodeid}")

    def pytest_collectreport(self, report):
        if report.failed:
            self.lines[report.nodeid] = f"not ok {report.nodeid} (cannot be read)"

    def pytest_sessionfinish(self):
        self.file.writelines(line.replace("\n", " ") + "\n" for line in self.lines.values())
        self.file.close()


def pytest_sessionstart(session):
    if os.environ.get("ONGGI_TAP"):
        session.config.pluginmanager.register(Tap(os.environ["ONGGI_TAP"]))


# --- a second chance --------------------------------------------------------------------------

FLAKY = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """With ONGGI_RETRY a test that fails is run once more, for machines that are busy; the summary
    names each that needed it, so that it is mended and not forgotten."""
    if not os.environ.get("ONGGI_RETRY"):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(r.failed for r in reports):
        FLAKY.append(item.nodeid)
        item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter):
    for name in FLAKY:
        terminalreporter.write_line(f"FLAKY: {name} failed once")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """No test hangs: whatever it waits for, it ends as failed."""
    def too_long(*_):
        raise TimeoutError(f"took more than {2 * PATIENCE} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(2 * PATIENCE)
    yield
    signal.alarm(0)


# --- places ---------------------------------------------------------------------------------------

@pytest.fixture(scope="session")
def scratch():
    """A directory for the whole run, on the disk, gone afterwards."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="onggi-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(scratch):
    return rootfs.make(scratch / "template")


@pytest.fixture
def place(scratch):
    """A directory for one test."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# --- the oracles ------------------------------------------------------------------------------------

@pytest.fixture(scope="module", autouse=True)
def unchanged_host(scratch):
    canary = scratch / "canary"
    canary.write_text("sings\n")
    before = host.Fingerprint(Runtime(scratch).path, canary)
    yield
    changes = before.changes()
    canary.unlink()
    assert not changes, "the host has changed:\n" + "\n".join(changes)


@pytest.fixture(autouse=True)
def no_leaks(runtime):
    """Looks before and after the test and what it cleaned up."""
    scan = leak.Scan("/run", runtime.root)
    yield
    for container in list(runtime.made):
        container.delete("--force")
    found = scan.leaks()
    if found:
        scan.sweep()
    assert not found, "left behind:\n" + "\n".join(found)


# --- runtimes, bundles, containers ---------------------------------------------------------------------

@pytest.fixture
def runtime(request, place):
    runtime = Runtime(place)
    runtime.root.mkdir()
    for mark in request.node.iter_markers("only"):
        if runtime.kind not in mark.args:
            pytest.skip(f"{runtime.kind} differs on purpose: {mark.kwargs['why']}")
    for mark in request.node.iter_markers("needs"):
        for controller in mark.args:
            if not inside.has_controller(controller):
                pytest.skip(f"no control group hierarchy has the controller {controller}")
    return runtime


@pytest.fixture
def bundle(template, place):
    """bundle(changes...): a new bundle (kit/config.py says what changes are)."""
    made = []

    def make(*changes):
        made.append(None)
        return make_bundle(template, place / f"bundle{len(made)}", *changes)

    return make


@pytest.fixture
def create(runtime, bundle):
    """create(changes..., flags=...): a created container of a new bundle."""

    def make(*changes, flags=(), **how):
        return Container(runtime, bundle(*changes), *flags, **how).ok()

    return make


@pytest.fixture
def started(create):
    """The same, running."""

    def make(*changes, **how):
        return create({"process.args": ["/bin/sleep", "1000"]}, *changes, **how).start()

    return make


@pytest.fixture
def probe(runtime, bundle):
    """probe(changes..., ask=[...]): what the probe says in a container with these changes."""

    def make(*changes, ask=(), flags=(), **how):
        made = bundle({"process.args": ["/bin/probe", *ask]}, *changes)
        return runtime.run(made, *flags, **how).inside()

    return make


@pytest.fixture
def console(place):
    made = Console(place / "console")
    yield made
    made.close()
