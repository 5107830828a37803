"""create, start, state, kill, delete, list: a container from birth to death."""


def test_probe_runs(probe):
    got = probe()
    assert got["pid"] == 1
    assert got["hostname"] == "box"


def test_created_waits_until_started(create):
    made = create({"process.args": ["/bin/sleep", "1000"]})
    assert made.status == "created"
    assert made.pid > 0
    made.start()
    assert made.status == "running"
    made.stop()
    assert made.status == "stopped"
    made.delete().ok()
