"""SIGKILL of the runtime at every system call of every command (every so many in the short form).

Afterwards `delete --force` works, nothing is left, and a container of the same name starts.
"""
import pytest

from kit.runtime import Container

SLEEP = {"process.args": ["/bin/sleep", "1000"]}
LIMITS = {"linux.resources.pids.limit": 50}

# command -> (what the container is before: None, created, running, paused, stopped; its arguments)
COMMANDS = {
    "create": (None, lambda name, path: ["create", "--bundle", path, name]),
    "run": (None, lambda name, path: ["run", "--detach", "--bundle", path, name]),
    "start": ("created", lambda name, path: ["start", name]),
    "exec": ("running", lambda name, path: ["exec", name, "/bin/true"]),
    "kill": ("running", lambda name, path: ["kill", name, "KILL"]),
    "update": ("running", lambda name, path: ["update", "--pids-limit", "40", name]),
    "pause": ("running", lambda name, path: ["pause", name]),
    "resume": ("paused", lambda name, path: ["resume", name]),
    "delete": ("stopped", lambda name, path: ["delete", name]),
    "delete --force": ("running", lambda name, path: ["delete", "--force", name]),
}
# Every how many calls: chosen so that each command takes two dozen rounds.
SHORT = 24


def put_into(state, runtime, bundle, name):
    if state is None:
        return
    made = Container(runtime, bundle, name=name).ok()
    if state != "created":
        made.start()
    if state == "paused":
        made.call("pause").ok()
    if state == "stopped":
        made.stop()


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_each_call(runtime, bundle, inject, aftermath, again, stride, command):
    before, args = COMMANDS[command]
    made = bundle(SLEEP, LIMITS)
    name = runtime.name()
    put_into(before, runtime, made, name)
    assert inject.run(args(name, made.path)) == 0, inject.output
    total = len(inject.calls())
    aftermath.none(name, "without a fault")
    assert total > 10
    step = stride(max(1, total // SHORT))
    for number in range(1, total + 1, step):
        put_into(before, runtime, made, name)
        inject.run(args(name, made.path), f"all:signal=KILL:when={number}")
        aftermath.none(name, f"{command} killed at call {number} of {total}")
    again(made, name)


@pytest.mark.parametrize("command", ["run", "exec"])
def test_child_killed_at_each_call(runtime, bundle, inject, aftermath, again, stride, command):
    """The same for the process that becomes the container, at each call that it alone makes."""
    before, args = COMMANDS[command]
    made, runs = bundle(SLEEP, LIMITS), bundle({"process.args": ["/bin/true"]}, LIMITS)
    name = runtime.name()

    def words():
        return ["run", "--bundle", runs.path, name] if command == "run" else args(name, made.path)

    put_into(before, runtime, made, name)
    inject.run(words(), follow=True)
    own, others = inject.calls_by_process()
    aftermath.none(name, "without a fault")
    places = [(call, others[:i + 1].count(call)) for i, call in enumerate(others)
              if call not in own]
    assert len(places) > 5
    for call, number in places[::stride(max(1, len(places) // SHORT))]:
        put_into(before, runtime, made, name)
        inject.run(words(), f"{call}:signal=KILL:when={number}", follow=True)
        aftermath.none(name, f"{command}: child killed at {call} {number}")
    again(made, name)


def test_child_killed_at_the_gate(runtime, bundle, inject, aftermath):
    made, name = bundle(SLEEP), runtime.name()
    inject.run(["create", "--bundle", made.path, name], "accept4:signal=KILL:when=1", follow=True)
    aftermath.none(name, "killed while it waits to be started")
