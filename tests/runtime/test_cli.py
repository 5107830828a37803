"""The command line itself: version, help, features, spec, logs, flags that are wrong."""
import json
import os
import re
import subprocess

import pytest

SLEEP = {"process.args": ["/bin/sleep", "1000"]}
COMMANDS = """create start state kill delete run exec list ps pause resume update events spec
    features""".split()


def test_version_is_what_clients_parse(runtime):
    out = runtime.call("--version").ok().out
    assert re.search(r"^\S+ version \d+\.\d+\.\d+", out, re.M)
    assert re.search(r"^spec: 1\.\d+\.\d+", out, re.M)
    assert "commit: " in out


@pytest.mark.only("onggi", why="a promise of ours")
def test_version_passes_for_runc_with_containerd(runtime):
    """go-runc takes the first line's "runc version X" or any other name there."""
    first = runtime.call("--version").out.splitlines()[0].split()
    assert len(first) >= 3 and first[1] == "version"


@pytest.mark.only("onggi", why="a promise of ours")
@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(runtime, command):
    out = runtime.call(command, "--help").ok().out
    assert command in out
    assert "--help" in out or "-h" in out


def test_help_lists_the_commands(runtime):
    out = runtime.call("--help").ok().out
    for command in COMMANDS:
        if runtime.kind == "onggi" or command not in ("features", "events"):
            assert command in out


def test_unknown_command(runtime):
    done = runtime.call("crate")
    if runtime.kind == "onggi":
        done.failed("crate", "create")


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_flag(runtime, command):
    done = runtime.call(command, "--no-such-flag")
    assert done.status != 0
    assert runtime.kind != "onggi" or "--no-such-flag" in done.err


@pytest.mark.only("onggi", why="a promise of ours")
@pytest.mark.parametrize("command", ["checkpoint", "restore"])
def test_what_is_not_supported_says_so(runtime, command):
    runtime.call(command, "some").failed("not supported")


# --- logs ------------------------------------------------------------------------------------------------

def test_log_as_json_has_the_cause(runtime, bundle, place):
    log = place / "log.json"
    made = bundle({"process.args": ["/bin/nonsense"]})
    runtime.call("create", "--bundle", made.path, runtime.name(),
                 options=["--log", log, "--log-format", "json"])
    name = runtime.ids()
    if name:  # the command is looked for at start
        runtime.call("start", name[0], options=["--log", log, "--log-format", "json"]).failed()
        runtime.call("delete", "--force", name[0])
    last = json.loads(log.read_text().splitlines()[-1])
    assert last["level"] == "error"
    assert "no such file or directory" in last["msg"]
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", last["time"])


def test_log_as_text(runtime, bundle, place):
    log = place / "log"
    runtime.call("run", "--bundle", bundle({"root.path": "nowhere"}).path, runtime.name(),
                 options=["--log", log]).failed()
    assert "error" in log.read_text()
    assert "nowhere" in log.read_text()


def test_logs_are_added_to(runtime, place):
    log = place / "log"
    for _ in range(2):
        runtime.call("state", "nobody", options=["--log", log]).failed()
    assert len(log.read_text().splitlines()) == 2


def test_message_on_standard_error_even_with_a_log(runtime, place):
    runtime.call("state", "nobody", options=["--log", place / "log"]).failed(
        "nobody" if runtime.kind != "runc" else "does not exist")


def test_log_format_that_is_unknown(runtime):
    runtime.call("list", options=["--log-format", "xml"]).failed("xml")


def test_log_that_cannot_be_opened(runtime):
    runtime.call("list", options=["--log", "/nowhere/log"]).failed("/nowhere/log")


def test_debug(runtime, bundle, place):
    log = place / "log"
    runtime.run(bundle(), options=["--debug", "--log", log]).ok()
    assert "debug" in log.read_text()


# --- root, environment ---------------------------------------------------------------------------------------

def test_root_is_made_with_a_narrow_mode(runtime, started):
    made = started()
    assert os.stat(made.runtime.root / made.id).st_mode & 0o077 in (0, 0o001, 0o011)


@pytest.mark.only("onggi", why="a promise of ours")
def test_slash_as_root_is_refused(runtime):
    done = subprocess.run([runtime.path, "--root", "/", "list"], capture_output=True, text=True,
                          check=False)
    assert done.returncode != 0


def test_no_environment_at_all(runtime, bundle):
    path = os.environ["PATH"] if os.sep not in runtime.path else None
    runtime.run(bundle(), env={"PATH": path} if path else {}).ok()


def test_rootless_flag(runtime, bundle):
    runtime.run(bundle(), options=["--rootless", "auto"]).ok()


# --- features -----------------------------------------------------------------------------------------------------

@pytest.mark.only("onggi", why="Debian's runc and crun are older than this")
def test_features(runtime):
    got = runtime.call("features").json()
    assert got["ociVersionMin"].startswith("1.")
    assert got["ociVersionMax"].startswith("1.")
    assert set(got["hooks"]) == {"prestart", "createRuntime", "createContainer", "startContainer",
                                 "poststart", "poststop"}
    linux = got["linux"]
    assert set(linux["namespaces"]) == {"cgroup", "ipc", "mount", "network", "pid", "time", "user",
                                        "uts"}
    assert "CAP_SYS_ADMIN" in linux["capabilities"]
    assert linux["cgroup"]["v1"] and linux["cgroup"]["v2"]
    assert linux["seccomp"]["enabled"]
    assert "SCMP_ACT_NOTIFY" in linux["seccomp"]["actions"]
    assert "SCMP_ARCH_X86_64" in linux["seccomp"]["archs"]
    for option in ("ro", "rro", "tmpcopyup", "idmap", "nosymfollow", "rshared"):
        assert option in got["mountOptions"]


# --- spec ---------------------------------------------------------------------------------------------------------

def test_spec_runs_as_it_is(runtime, bundle, template):
    made = bundle()
    (made.path / "config.json").unlink()
    runtime.call("spec", cwd=made.path).ok()
    document = json.loads((made.path / "config.json").read_text())
    assert document["process"]["args"] == ["sh"]
    assert document["root"] == {"path": "rootfs", "readonly": True}
    document["process"].update(args=["/bin/probe"], terminal=False)
    made.write(document)
    assert runtime.run(made).inside()["pid"] == 1


def test_spec_with_a_bundle(runtime, place):
    (place / "new").mkdir()
    runtime.call("spec", "--bundle", place / "new").ok()
    assert (place / "new/config.json").exists()


def test_spec_does_not_overwrite(runtime, bundle):
    made = bundle()
    before = (made.path / "config.json").read_text()
    runtime.call("spec", "--bundle", made.path).failed("config.json" if runtime.kind != "crun"
                                                      else "")
    assert (made.path / "config.json").read_text() == before


def test_spec_for_a_user_without_root(runtime, place):
    runtime.call("spec", "--rootless", cwd=place).ok()
    document = json.loads((place / "config.json").read_text())
    kinds = {n["type"] for n in document["linux"]["namespaces"]}
    assert "user" in kinds and "network" not in kinds
    assert document["linux"]["uidMappings"][0]["containerID"] == 0
    assert all("gid=" not in o for m in document["mounts"] for o in m.get("options", []))
