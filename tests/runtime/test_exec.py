"""exec: one more process in a running container, in all its forms."""
import json
import os
import subprocess

import pytest

from kit.runtime import Container, wait_for
from oracle import inside

MERGED = {"process.user": {"uid": 1000, "gid": 1000}, "process.cwd": "/tmp",
          "process.env": ["PATH=/bin", "OWN=1"]}


def probe_in(made, *flags, ask=()):
    return made.exec("/bin/probe", *ask, flags=flags).inside()


def process(place, **members):
    document = {"cwd": "/", "user": {"uid": 0, "gid": 0}, "args": ["/bin/probe"],
                "env": ["PATH=/bin"], **members}
    path = place / "process.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("code", [0, 1, 77, 255])
def test_status(started, code):
    assert started().exec("/bin/sh", "-c", f"exit {code}").status == code


def test_status_of_a_signal(started):
    assert started().exec("/bin/sh", "-c", "kill -KILL $$").status == 137


def test_it_is_in_every_namespace(started):
    made = started({"linux.namespaces+": [{"type": "cgroup"}]})
    got = probe_in(made)
    for kind in ("pid", "net", "ipc", "uts", "mnt", "cgroup", "user"):
        assert got["namespaces"][kind] == inside.namespace(made.pid, kind)
    assert got["pid"] > 1


def test_in_a_user_namespace(started):
    ids = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    made = started({"linux.namespaces+": [{"type": "user"}], "linux.uidMappings": ids,
                    "linux.gidMappings": ids})
    got = probe_in(made)
    assert got["namespaces"]["user"] == inside.namespace(made.pid, "user")
    assert got.status["Uid"].split()[0] == "0"
    assert got.file("uid_map").split() == ["0", "100000", "65536"]


@pytest.mark.only("onggi", why="Debian's runc and crun have no time namespaces")
def test_in_a_time_namespace(started):
    made = started({"linux.namespaces+": [{"type": "time"}],
                    "linux.timeOffsets": {"boottime": {"secs": 1000000}}})
    assert float(probe_in(made).files["/proc/uptime"].split()[0]) > 1000000


def command_of(pid):
    """Nothing where it has ended: a step of exec that leads to the program is soon gone."""
    try:
        return inside.proc(pid, "cmdline")
    except OSError:
        return ""


def test_it_is_in_the_control_groups(started):
    made = started()
    done = made.runtime.popen("exec", made.id, "/bin/sleep", "5555", stdout=subprocess.DEVNULL)
    [other] = wait_for(lambda: [p for p in made.call("ps", "--format=json").json()
                                if command_of(p) == "/bin/sleep\0005555\0"])
    assert inside.proc(other, "cgroup") == inside.proc(made.pid, "cgroup")
    os.kill(other, 9)
    assert done.wait() == 137


def test_output_errors_and_input(started):
    done = started().exec("/bin/sh", "-c", "cat; echo e >&2", stdin="in\n")
    assert (done.out, done.err) == ("in\n", "e\n")


def test_what_it_has_from_the_container(started):
    got = probe_in(started(MERGED))
    assert got.status["Uid"].split()[0] == "1000"
    assert got["cwd"] == "/tmp"
    assert got.env["OWN"] == "1"
    assert got.status["NoNewPrivs"] == "1"
    assert got.limit("Max open files") == ("1024", "1024")


def test_cwd(started):
    assert probe_in(started(), "--cwd", "/etc")["cwd"] == "/etc"


def test_env(started):
    got = probe_in(started(MERGED), "-e", "A=1", "-e", "B=x=y")
    assert (got.env["A"], got.env["B"], got.env["OWN"]) == ("1", "x=y", "1")


@pytest.mark.parametrize("user, uid, gid", [("5", "5", None), ("5:6", "5", "6")])
def test_user(started, user, uid, gid):
    got = probe_in(started(), "--user", user)
    assert got.status["Uid"].split()[0] == uid
    assert gid is None or got.status["Gid"].split()[0] == gid


def test_user_by_name_is_refused(started):
    started().exec("/bin/true", flags=["--user", "root"]).failed()


@pytest.mark.only("onggi", "runc", why="crun has no such flag")
def test_additional_groups(started):
    got = probe_in(started(), "-g", "7", "-g", "8")
    assert sorted(got.status["Groups"].split()) == ["7", "8"]


def test_capabilities(started):
    got = probe_in(started(), "-c", "CAP_NET_RAW", "-c", "CAP_SYS_CHROOT")
    assert {13, 18} <= got.capabilities("Eff")
    assert {13, 18} <= got.capabilities("Bnd")
    assert 13 not in probe_in(started()).capabilities("Eff")


def test_no_new_privileges(started):
    made = started({"process.noNewPrivileges": False})
    assert probe_in(made).status["NoNewPrivs"] == "0"
    assert probe_in(made, "--no-new-privs").status["NoNewPrivs"] == "1"


def test_process_document(started, place):
    made = started()
    path = process(place, user={"uid": 3, "gid": 4, "additionalGids": [9], "umask": 0o27},
                   cwd="/tmp", env=["PATH=/bin", "ONLY=this"], noNewPrivileges=True,
                   rlimits=[{"type": "RLIMIT_NOFILE", "soft": 50, "hard": 60}], oomScoreAdj=300,
                   capabilities={"bounding": ["CAP_KILL"], "permitted": ["CAP_KILL"],
                                 "effective": ["CAP_KILL"]})
    got = made.runtime.call("exec", "--process", path, made.id).inside()
    assert got.status["Uid"].split()[0] == "3"
    assert got.status["Groups"].split() == ["9"]
    assert got["cwd"] == "/tmp"
    assert got.env == {"PATH": "/bin", "ONLY": "this", "HOME": "/"}
    assert got.limit("Max open files") == ("50", "60")
    assert got.capabilities("Bnd") == {5}
    if made.runtime.kind == "onggi":
        assert got.file("oom_score_adj") == "300\n"
        assert got["umask"] == 0o27


def test_process_document_that_is_broken(started, place):
    made = started()
    (place / "process.json").write_text("{nonsense")
    made.runtime.call("exec", "--process", place / "process.json", made.id).failed(
        "process.json" if made.runtime.kind == "onggi" else "")


def test_process_document_without_arguments(started, place):
    made = started()
    made.runtime.call("exec", "--process", process(place, args=[]), made.id).failed("args")


def test_detached_with_a_pid_file(started, place):
    made = started()
    detached(made, place)
    pid = int((place / "pid").read_text())
    wait_for(lambda: "4444" in inside.proc(pid, "cmdline"))
    assert pid in made.call("ps", "--format=json").json()


def detached(made, place):
    subprocess.run(made.runtime.argv("exec", "--detach", "--pid-file", place / "pid", made.id,
                                     "/bin/sleep", "4444"), check=True, timeout=60,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def test_no_pid_file_of_a_failure(started, place):
    """conmon takes a missing pid file for a failure of the runtime."""
    made = started()
    made.runtime.call("exec", "--detach", "--pid-file", place / "pid", made.id,
                      "/bin/nonsense").failed()
    assert not (place / "pid").exists()


def test_two_of_many(started):
    """Several at once do not disturb each other."""
    made = started()
    running = [made.runtime.popen("exec", made.id, "/bin/sh", "-c", f"sleep 0.1; exit {n}")
               for n in range(1, 9)]
    assert [r.wait(timeout=60) for r in running] == list(range(1, 9))


# --- failures --------------------------------------------------------------------------------------------

@pytest.mark.only("onggi", "runc", why="crun ends with 1")
def test_missing_command(started):
    started().exec("/bin/nonsense").failed("no such file or directory", status=255)


@pytest.mark.only("onggi", "runc", why="crun ends with 1")
def test_missing_command_of_the_path(started):
    started().exec("nonsense").failed("executable file not found in $PATH", status=255)


def test_command_that_may_not_be_executed(started):
    started().exec("/etc/passwd").failed("permission denied")


def test_in_a_stopped_container(started):
    started().stop().exec("/bin/true").failed()


def test_in_a_created_container(create):
    """runc allows it."""
    made = create({"process.args": ["/bin/sleep", "1000"]})
    assert made.exec("/bin/sh", "-c", "exit 3").status == 3


def test_in_nothing(runtime):
    runtime.call("exec", "nobody", "/bin/true").failed("does not exist" if runtime.kind != "crun"
                                                       else "")


def test_without_a_command(started):
    made = started()
    made.runtime.call("exec", made.id).failed()


@pytest.mark.needs("freezer")
def test_in_a_paused_container(started):
    made = started()
    made.call("pause").ok()
    made.exec("/bin/true").failed("paused")
    made.call("resume").ok()
    made.exec("/bin/true").ok()


# --- groups, descriptors -----------------------------------------------------------------------------------

def test_sub_group(started):
    if not inside.has_controller("pids") == "v1":
        pytest.skip("the controller pids is not of cgroup v1")
    made = started()
    for top in (made.group("pids"), made.group("memory")):
        os.mkdir(os.path.join(top, "sub"))
    got = probe_in(made, "--cgroup", "pids,memory:sub")
    lines = {l.split(":")[1]: l.split(":")[2] for l in got.file("cgroup").splitlines()}
    assert lines["pids"].endswith("/sub")
    assert lines["memory"].endswith("/sub")
    assert not lines["cpu"].endswith("/sub")


def test_sub_group_that_is_not_there(started):
    started().exec("/bin/true", flags=["--cgroup", "nowhere"]).failed("nowhere")


def test_preserved_descriptors(started):
    made = started()
    argv = made.runtime.argv("exec", "--preserve-fds", "1", made.id, "/bin/probe")
    out = subprocess.run(["sh", "-c", 'exec "$@" 3</etc/passwd', "sh", *argv], check=True,
                         stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60).stdout
    assert set(json.loads(out)["descriptors"]) == {"0", "1", "2", "3"}


def test_only_0_1_2_are_open(started):
    assert set(probe_in(started())["descriptors"]) == {"0", "1", "2"}


def test_nothing_of_the_callers_environment(started):
    made = started()
    got = made.exec("/bin/probe", env={**os.environ, "SECRET": "1"}).inside()
    assert "SECRET" not in got.env


def test_output_can_be_opened_again_by_a_user(started):
    made = started()
    assert made.exec("/bin/sh", "-c", "echo x >/dev/stdout", flags=["--user", "1000"]).ok().out == \
        "x\n"


def test_the_container_goes_on_after_it(started):
    made = started()
    made.exec("/bin/true").ok()
    assert made.status == "running"
    assert len(made.call("ps", "--format=json").json()) == 1


def test_it_dies_with_the_container(started, place):
    made = started()
    detached(made, place)
    pid = (place / "pid").read_text()
    made.stop()
    wait_for(lambda: not os.path.exists(f"/proc/{pid}"))


def test_after_the_runtime_was_deleted_and_made_again(runtime, bundle):
    """The same id anew is another container."""
    made = Container(runtime, bundle({"process.args": ["/bin/sleep", "1000"]})).ok().start()
    made.stop().delete().ok()
    again = Container(runtime, bundle({"process.args": ["/bin/sleep", "1000"]}), name=made.id)
    again.ok().start()
    again.exec("/bin/true").ok()


@pytest.mark.only("onggi", why="runc refuses two forms of one flag")
def test_both_forms_of_a_flag(started):
    got = probe_in(started(), "--env", "A=1", "-e", "B=2", "--cap", "CAP_NET_RAW", "-c", "CAP_CHOWN")
    assert (got.env["A"], got.env["B"]) == ("1", "2")
    assert {0, 13} <= got.capabilities("Eff")
