"""explain: the forms text and json, and that it does nothing."""
import pytest

pytestmark = pytest.mark.only("onggi", why="only onggi explains itself")
SIDES = {"parent", "child"}


def explain(runtime, bundle, form, *flags):
    return runtime.call("explain", "--bundle", bundle.path, "--format", form, *flags,
                        runtime.name())


def test_json_has_all_of_each_operation(runtime, bundle):
    plan = explain(runtime, bundle(), "json").json()
    assert [o["number"] for o in plan] == list(range(1, len(plan) + 1))
    for operation in plan:
        assert operation["side"] in SIDES
        for key in ("operation", "title", "why"):
            assert operation[key], operation
        assert operation["calls"] and operation["shell"], operation
        assert isinstance(operation["arguments"], dict)


def test_json_tells_what_the_document_asks(runtime, bundle):
    made = bundle({"hostname": "jar", "process.args": ["/bin/sh", "-c", "true"]})
    plan = explain(runtime, made, "json").json()
    by_kind = {o["operation"]: o for o in plan}
    assert by_kind["hostname"]["arguments"]["text"] == "jar"
    assert by_kind["exec"]["arguments"]["argv"] == ["/bin/sh", "-c", "true"]
    assert "CLONE_NEWPID" in by_kind["clone"]["arguments"]["flags"]
    assert by_kind["exec"] is by_kind[plan[-1]["operation"]] or plan[-1]["side"] == "parent"
    mounts = [o["arguments"]["target"] for o in plan if o["operation"] == "mount"]
    assert [m for m in mounts if m in ("proc", "/proc")]


def test_text_is_narrow_and_complete(runtime, bundle):
    made = bundle()
    text = explain(runtime, made, "text").ok().out
    plan = explain(runtime, made, "json").json()
    for operation in plan:
        assert f"{operation['number']:4}  {operation['side']}" in text
    wide = [line for line in text.splitlines() if len(line) > 100]
    # What is one word to the shell or to the kernel is not broken.
    assert len(wide) <= len(text.splitlines()) // 20, "\n".join(wide)


def test_explaining_does_nothing(runtime, bundle):
    """The leak scan around the test would find what was made."""
    made = bundle({"linux.resources.pids.limit": 7, "mounts+": [
        {"destination": "/new", "type": "tmpfs", "source": "tmpfs"}]})
    before = sorted(p.name for p in made.rootfs.iterdir())
    for form in ("text", "json", "sh"):
        explain(runtime, made, form).ok()
    assert sorted(p.name for p in made.rootfs.iterdir()) == before


def test_unknown_form_is_refused(runtime, bundle):
    explain(runtime, bundle(), "poem").failed("poem")
