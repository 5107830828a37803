"""Containers as people use them: run, start, stop, exec, rm, and what the kernel says of each."""
import hashlib
import io
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import tarfile
import threading
import time

import pytest

from kit.runtime import wait_for

FOURTEEN = 0xa80425fb  # Docker's capabilities


def sh(script):
    return "/bin/sh", "-c", script


def status(pid):
    return dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


# --- run ----------------------------------------------------------------------------------------

def test_output_and_exit_code_are_the_commands(engine):
    done = engine.run(*sh("echo out; echo err >&2; exit 7"))
    assert (done.code, done.out, done.err) == (7, "out\n", "err\n")
    assert engine.containers() == [] and os.listdir(engine.store / "names") == []
    assert os.listdir(engine.run_root / "@monitor") == []


@pytest.mark.parametrize("command, code, words", [
    (["/no/such"], 127, "no such file"), (["nosuch"], 127, "not found"), (["/etc/passwd"], 126, "permission denied")])
def test_what_can_not_be_run_has_dockers_codes(engine, command, code, words):
    done = engine.run(*command)
    assert done.code == code and words in done.err
    assert engine.containers() == []


@pytest.mark.parametrize("flags, words", [
    (["-p", "80:80"], "not supported"), (["--userns", "auto"], "not supported"), (["--network", "bridge"], "not supported"),
    (["--cap-add", "NOSUCH"], "invalid capability"), (["--security-opt", "nosuch"], "invalid --security-opt"),
    (["--memory", "1m"], "Minimum memory limit"), (["--name", "-x"], "Invalid container name"),
    (["-v", "relative"], "invalid volume"), (["--ulimit", "nosuch=1"], "invalid ulimit"),
    (["--add-host", "x:nowhere"], "invalid IP"), (["--restart", "sometimes"], "restart policy")])
def test_what_can_not_be_had_is_refused_and_leaves_nothing(engine, flags, words):
    done = engine.run("true", flags=flags)
    assert done.code == 125 and words in done.err
    assert engine.containers() == []


def test_input_reaches_the_command_and_ends(engine):
    assert engine.run("cat", flags=["-i"], input="some\nlines\n").ok() == "some\nlines\n"
    assert engine.run("cat").ok() == ""


def test_much_output_is_whole(engine):
    done = engine.run(*sh("dd if=/dev/zero bs=64k count=200 2>/dev/null | tr '\\0' x"))
    assert len(done.out) == 200 * 65536


def test_a_signal_to_the_client_reaches_the_container(engine):
    p = engine.popen("run", "--rm", *engine.flags(), "--rootfs", str(engine.template),
                     *sh("trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"), stdout=subprocess.PIPE)
    assert p.stdout.readline() == b"ready\n"
    p.send_signal(signal.SIGTERM)
    assert p.wait(20) == 9
    p.stdout.close()
    wait_for(lambda: engine.containers() == [])


def test_defaults_are_dockers(engine):
    c = engine.start("web", "sleep", "1000")
    s = status(c.pid)
    assert {int(s[k], 16) for k in ("CapPrm", "CapEff", "CapBnd")} == {FOURTEEN}
    assert {int(s[k], 16) for k in ("CapInh", "CapAmb")} == {0}
    assert s["Seccomp"].strip() == "2"
    for kind in ("mnt", "pid", "net", "ipc", "uts"):
        assert os.readlink(f"/proc/{c.pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"), kind
    assert os.readlink(f"/proc/{c.pid}/ns/user") == os.readlink("/proc/self/ns/user")


def test_privileged_is_all_of_it(engine):
    c = engine.start("web", "sleep", "1000", flags=["--privileged"])
    s = status(c.pid)
    assert int(s["CapEff"], 16) == int(status("self")["CapBnd"], 16) and s["Seccomp"].strip() == "0"


def test_capabilities_are_added_and_dropped(engine):
    script = sh("grep CapEff /proc/self/status")
    with_admin = int(engine.run(*script, flags=["--cap-add", "sys_admin"]).ok().split()[1], 16)
    assert with_admin == FOURTEEN | 1 << 21
    only = int(engine.run(*script, flags=["--cap-drop", "ALL", "--cap-add", "CAP_CHOWN"]).ok().split()[1], 16)
    assert only == 1


def test_users_are_those_of_the_root_file_system(engine):
    assert engine.run("id", flags=["-u", "someone"]).ok() == \
        "uid=1000(someone) gid=1000(someone) groups=1000(someone),2000(extra)\n"
    assert engine.run("id", "-G", flags=["-u", "1234:2000", "--group-add", "7"]).ok() == "2000 7\n"
    assert "unable to find user" in engine.run("id", flags=["-u", "nobody-here"]).err
    for wrong in ("4294967296", "99999999999999999999", "-1", "+1", "0x0"):
        done = engine.run("id", flags=[f"--user={wrong}"])
        assert done.code != 0 and "uid=0" not in done.out, wrong


def test_environment_name_and_directory(engine):
    out = engine.run("env", flags=["-e", "A=b c", "-e", "HOME_ALONE", "-h", "box"], env={**os.environ, "HOME_ALONE": "x"}).ok()
    assert {"A=b c", "HOME_ALONE=x", "HOSTNAME=box", "HOME=/root"} <= set(out.splitlines())
    assert engine.run("hostname", flags=["-h", "box"]).ok() == "box\n"
    assert engine.run("pwd", flags=["-w", "/made/here"]).ok() == "/made/here\n"


def test_small_files(engine):
    flags = ["-h", "box", "--dns", "9.9.9.9", "--dns-search", "x.example", "--add-host", "db:10.0.0.7"]
    out = engine.run(*sh("cat /etc/resolv.conf /etc/hosts /etc/hostname"), flags=flags).ok()
    assert "nameserver 9.9.9.9\nsearch x.example\n" in out and "10.0.0.7\tdb\n" in out and out.endswith("box\n")
    assert out.count("nameserver") == 1


@pytest.mark.needs("memory")
def test_limits_are_in_the_group(engine):
    c = engine.start("web", "sleep", "1000", flags=["-m", "64m", "--pids-limit", "17", "--cpus", "0.5"])
    groups = pathlib.Path(f"/proc/{c.pid}/cgroup").read_text()
    path = re.search(r":memory:(.*)|0::(.*)", groups)
    if path.group(1):
        assert pathlib.Path("/sys/fs/cgroup/memory" + path.group(1), "memory.limit_in_bytes").read_text() == f"{64 << 20}\n"
    else:
        assert pathlib.Path("/sys/fs/cgroup" + path.group(2), "memory.max").read_text() == f"{64 << 20}\n"


@pytest.mark.needs("memory")
def test_an_oom_is_told(engine):
    c = engine.start("eater", *sh("x=x; while :; do x=$x$x; done"), flags=["-m", "8m", "--memory-swap", "8m"])
    end = c.ended()
    assert end["code"] == 137 and end["oomKilled"] is True


# --- mounts and volumes -----------------------------------------------------------------------------

def test_a_volume_outlives_containers_and_begins_with_what_lies_there(engine):
    out = engine.run(*sh("ls /etc; echo more > /etc/more"), flags=["-v", "conf:/etc"]).ok()
    assert "plain" in out
    assert "more" in engine.run("ls", "/x", flags=["-v", "conf:/x:ro"]).ok()
    assert not (engine.template / "etc" / "more").exists()
    refused = engine.run(*sh("echo > /x/y"), flags=["-v", "conf:/x:ro"])
    assert refused.code != 0 and "Read-only" in refused.err


def test_anonymous_volumes_go_with_rm(engine):
    engine.run(*sh("echo > /v/x"), flags=["-v", "/v"]).ok()
    assert os.listdir(engine.store / "volumes") == []


def test_directories_of_the_host(engine, place):
    (place / "here").mkdir()
    engine.run(*sh("echo x > /in/file"), flags=["-v", f"{place}/here:/in"]).ok()
    assert (place / "here" / "file").read_text() == "x\n"
    done = engine.run(*sh("echo > /in/f"), flags=["--mount", f"type=bind,src={place}/here,dst=/in,readonly"])
    assert done.code != 0 and "Read-only" in done.err
    missing = engine.run("true", flags=["--mount", f"type=bind,src={place}/nowhere,dst=/in"])
    assert missing.code == 125 and "bind source path" in missing.err
    assert not (place / "nowhere").exists()


def test_tmpfs_and_a_root_that_is_read_only(engine):
    done = engine.run(*sh("echo x > /t/f && cat /t/f; echo > /f"), flags=["--read-only", "--tmpfs", "/t:size=1m"])
    assert done.out == "x\n" and "Read-only" in done.err


# --- life --------------------------------------------------------------------------------------------

def test_stop_sends_its_signal_first(engine):
    c = engine.start("web", *sh("trap 'exit 5' TERM; while :; do sleep 0.05; done"))
    time.sleep(0.3)
    engine("stop", "web").ok()
    assert c.ended()["code"] == 5


def test_stop_kills_what_does_not_listen(engine):
    c = engine.start("deaf", *sh("trap '' TERM; while :; do sleep 0.05; done"))
    time.sleep(0.2)
    begin = time.monotonic()
    engine("stop", "-t", "1", "deaf").ok()
    assert 0.9 < time.monotonic() - begin < 4
    assert c.ended()["code"] == 137


def test_create_start_wait_restart(engine):
    engine("create", "--name", "job", *engine.flags(), "--rootfs", str(engine.template), *sh("exit 6")).ok()
    assert "Created" in engine("ps", "-a").ok()
    engine("start", "job").ok()
    assert engine("wait", "job").ok() == "6\n"
    engine("restart", "job").ok()
    assert engine("wait", "job").ok() == "6\n"


def test_pause_freezes(engine):
    c = engine.start("web", "sleep", "1000")
    engine("pause", "web").ok()
    assert "(Paused)" in engine("ps").ok()
    assert engine("pause", "web").code != 0
    assert "is paused" in engine("exec", "web", "true").err
    engine("unpause", "web").ok()
    assert "(Paused)" not in engine("ps").ok()
    engine("pause", "web").ok()
    engine("rm", "-f", "web").ok()
    assert not pathlib.Path(f"/proc/{c.pid if c.dir.exists() else 0}").exists()


def test_restart_policies(engine):
    c = engine.start("job", *sh("exit 4"), flags=["--restart", "on-failure:2"])
    wait_for(lambda: c.read("record.json").get("restarts") == 2)
    wait_for(lambda: "Exited (4)" in engine("ps", "-a").ok())
    good = engine.start("good", *sh("exit 0"), flags=["--restart", "on-failure"])
    good.ended()
    assert "restarts" not in good.read("record.json")


def test_stop_ends_a_restart_policy(engine):
    c = engine.start("job", *sh("sleep 0.1; exit 1"), flags=["--restart", "always"])
    wait_for(lambda: c.read("record.json").get("restarts", 0) >= 1)
    engine("stop", "-t", "1", "job").ok()
    wait_for(lambda: not (engine.run_root / c.id).exists())
    count = c.read("record.json")["restarts"]
    time.sleep(0.6)
    assert c.read("record.json")["restarts"] == count


def test_names_are_claimed_once(engine):
    engine.start("web", "sleep", "1000")
    results = []

    def claim():
        results.append(engine("create", "--name", "one", *engine.flags(), "--rootfs", str(engine.template), "true"))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(r.code == 0 for r in results) == [False] * 7 + [True]
    assert all("is already in use by container" in r.err for r in results if r.code)
    assert engine("rename", "one", "web").code != 0
    engine("rename", "one", "other").ok()
    assert sorted(os.listdir(engine.store / "names")) == ["other", "web"]


def test_rm_refuses_what_runs(engine):
    c = engine.start("web", "sleep", "1000")
    refused = engine("rm", "web")
    assert refused.code != 0 and "is running" in refused.err
    pid = c.pid
    engine("rm", "-f", "web").ok()
    assert not pathlib.Path(f"/proc/{pid}").exists() and engine.containers() == []
    assert "No such container" in engine("rm", "web").err


def test_replace(engine):
    first = engine.start("web", "sleep", "1000")
    second = engine.start("web", "sleep", "1000", flags=["--replace"])
    assert first.id != second.id and engine.containers() == [second.id]


# --- exec -------------------------------------------------------------------------------------------

def test_exec(engine):
    engine.start("web", "sleep", "1000", flags=["-e", "A=b"])
    done = engine("exec", "-e", "C=d", "-w", "/etc", "web", *sh("echo $A $C $PWD; exit 12"))
    assert (done.code, done.out) == (12, "b d /etc\n")
    assert engine("exec", "-i", "web", "cat", input="in\n").ok() == "in\n"
    assert engine("exec", "-u", "someone", "web", "id", "-u").ok() == "1000\n"
    assert engine("exec", "web", "nosuch").code == 127
    s = engine("exec", "web", "grep", "CapEff", "/proc/self/status").ok()
    assert int(s.split()[1], 16) == FOURTEEN


def test_exec_needs_one_that_runs(engine):
    engine("create", "--name", "off", *engine.flags(), "--rootfs", str(engine.template), "true").ok()
    assert "is not running" in engine("exec", "off", "true").err


# --- what killed ones leave ---------------------------------------------------------------------------

def test_a_container_whose_monitor_was_killed_can_be_seen_and_ended(engine):
    c = engine.start("web", "sleep", "1000")
    pid, monitor = c.pid, c.monitor()
    assert pathlib.Path(f"/proc/{monitor}/comm").read_text() == "onggi-monitor\n"
    os.kill(monitor, signal.SIGKILL)
    wait_for(lambda: not pathlib.Path(f"/proc/{monitor}").exists())
    assert "Up " in engine("ps").ok()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not (engine.run_root / c.id).exists())
    wait_for(lambda: "Exited (137)" in engine("ps", "-a").ok())
    wait_for(lambda: engine("start", "web").code == 0)
    assert "Up " in engine("ps").ok()


def test_an_end_that_nobody_saw_is_said_to_be_unknown(engine):
    c = engine.start("web", "sleep", "1000")
    pid, monitor = c.pid, c.monitor()
    os.kill(monitor, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not pathlib.Path(f"/proc/{pid}").exists())
    assert "Exited (255)" in engine("ps", "-a").ok()
    assert "monitor was killed" in c.read("exit.json")["error"]
    assert not (engine.run_root / c.id).exists()
    engine("start", "web").ok()
    assert "Up " in engine("ps").ok()


def test_half_made_containers_go(engine):
    engine("ps").ok()
    rest = engine.store / "containers" / ("a" * 64)
    (rest / "upper").mkdir(parents=True)
    os.symlink("a" * 64, engine.store / "names" / "half")
    engine("ps").ok()
    assert not rest.exists()
    engine.start("half", "sleep", "1000")


@pytest.mark.parametrize("after", [0.002, 0.005, 0.01, 0.02, 0.04])
def test_run_killed_at_any_moment_leaves_nothing_that_stays(engine, after):
    p = engine.popen("run", "--rm", "--name", "victim", *engine.flags(), "--rootfs", str(engine.template),
                     "sleep", "1000", stdin=subprocess.DEVNULL)
    time.sleep(after)
    p.kill()
    p.wait()
    time.sleep(0.5)
    engine("ps").ok()
    engine("rm", "-f", "victim")
    assert engine.containers() == []
    assert [n for n in os.listdir(engine.run_root) if len(n) == 64] == []


def alive(name):
    return [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if name in p.read_bytes()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_exec_dies_with_its_client(engine, number):
    engine.start("web", "sleep", "1000")
    p = engine.popen("exec", "web", "sleep", "4711", stdin=subprocess.DEVNULL)
    wait_for(lambda: any(b"\0exec\0" not in x.read_bytes() for x in alive(b"sleep\x004711")))
    p.send_signal(number)
    p.wait()
    wait_for(lambda: not alive(b"sleep\x004711"))


# --- images ------------------------------------------------------------------------------------------

def image(place, **config):
    """An archive as docker save makes it, of two layers."""
    busybox = pathlib.Path(shutil.which("busybox")).read_bytes()
    below = layer({"bin/sh": busybox, "bin/cat": busybox, "bin/ls": busybox, "bin/id": busybox, "bin/sleep": busybox,
                   "etc/passwd": b"root:x:0:0::/root:/bin/sh\nweb:x:33:33::/:/bin/sh\n", "gone": b"", "data/first": b"1"})
    above = layer({".wh.gone": b"", "top": b"top\n"})
    sums = ["sha256:" + hashlib.sha256(x).hexdigest() for x in (below, above)]
    text = json.dumps({"architecture": platform.machine().replace("x86_64", "amd64").replace("aarch64", "arm64"), "os": "linux",
                       "config": config, "rootfs": {"type": "layers", "diff_ids": sums}}).encode()
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["test:1"], "Layers": ["1.tar", "2.tar"]}]).encode()
    with tarfile.open(place / "image.tar", "w") as tar:
        for name, content in {"c.json": text, "1.tar": below, "2.tar": above, "manifest.json": manifest}.items():
            add(tar, name, content)
    return place / "image.tar"


def layer(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            add(tar, name, content)
    return out.getvalue()


def add(tar, name, content):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o755
    tar.addfile(info, io.BytesIO(content))


def test_an_image_says_what_runs(engine, place):
    engine("load", "-i", str(image(place, Env=["PATH=/bin", "FROM=image"], Entrypoint=["/bin/sh"], Cmd=["-c", "id; pwd; echo $FROM"],
                                   User="web", WorkingDir="/data", Volumes={"/data": {}}, StopSignal="SIGINT"))).ok()
    assert engine.run(image="test:1").ok() == "uid=33(web) gid=33 groups=33\n/data\nimage\n"
    out = engine.run("-c", "ls /; cat /top /data/first; echo $FROM", flags=["-e", "FROM=flag", "-u", "0"], image="test:1").ok()
    assert "gone" not in out.split() and out.endswith("top\n1flag\n")
    assert engine.run("/", flags=["--entrypoint", "ls"], image="test:1").code == 0
    assert os.listdir(engine.store / "volumes") == []


def test_layers_are_shared_and_not_written(engine, place):
    engine("load", "-i", str(image(place, Env=["PATH=/bin"]))).ok()
    before = pathlib.Path("/proc/self/mountinfo").read_text()
    engine("run", "-d", "--name", "one", *engine.flags(), "test:1", "sh", "-c", "echo x > /top; sleep 1000").ok()
    wait_for(lambda: engine("exec", "one", "cat", "/top").out == "x\n")
    assert engine.run("cat", "/top", image="test:1").ok() == "top\n"
    assert pathlib.Path("/proc/self/mountinfo").read_text() == before
    mounts = pathlib.Path(f"/proc/{engine.container('one').pid}/mountinfo").read_text()
    assert " / / " in mounts and "overlay" in mounts.split(" / / ")[1].splitlines()[0]
    engine("stop", "-t", "0", "one").ok()
    engine("start", "one").ok()
    wait_for(lambda: engine("exec", "one", "cat", "/top").out == "x\n")


def test_volumes_from_another(engine, place):
    engine.start("first", "sleep", "1000", flags=["-v", "shared:/shared"])
    engine.run(*sh("echo x > /shared/f"), flags=["--volumes-from", "first"]).ok()
    assert engine("exec", "first", "cat", "/shared/f").ok() == "x\n"
    assert "Read-only" in engine.run(*sh("echo > /shared/f"), flags=["--volumes-from", "first:ro"]).err


# --- health, update, boot -------------------------------------------------------------------------------

def test_health(engine):
    c = engine.start("web", "sleep", "1000", flags=["--health-cmd", "cat /tmp/well", "--health-interval", "100ms",
                                                    "--health-retries", "2", "--health-on-failure", "kill"])
    engine("exec", "web", *sh("echo fine > /tmp/well")).ok()
    wait_for(lambda: (c.dir / "health.json").exists() and c.read("health.json")["Status"] == "healthy")
    assert "fine" in c.read("health.json")["Log"][-1]["Output"]
    engine("exec", "web", "rm", "/tmp/well").ok()
    end = c.ended()
    assert end["code"] == 137 and end["unhealthy"] is True


@pytest.mark.needs("memory")
def test_update(engine):
    c = engine.start("web", "sleep", "1000", flags=["-m", "64m"])
    engine("update", "-m", "32m", "--memory-swap", "64m", "--restart", "always", "web").ok()
    record = c.read("record.json")["request"]
    assert record["memory"] == 32 << 20 and record["restart"]["policy"] == "always"
    path = re.search(r":memory:(.*)|0::(.*)", pathlib.Path(f"/proc/{c.pid}/cgroup").read_text())
    if path.group(1):
        assert pathlib.Path("/sys/fs/cgroup/memory" + path.group(1), "memory.limit_in_bytes").read_text() == f"{32 << 20}\n"
    assert "Minimum memory" in engine("update", "-m", "1m", "web").err


def test_after_a_boot_those_come_back_that_should(engine):
    made = {name: engine.start(name, "sleep", "1000", flags=["--restart", policy])
            for name, policy in (("aa", "always"), ("uu", "unless-stopped"), ("stopped", "unless-stopped"), ("nn", "no"))}
    engine("stop", "-t", "0", "stopped").ok()
    for name, c in made.items():
        if name != "stopped":  # as a power cut does: monitor first, so that nothing is written
            pid, monitor = c.pid, c.monitor()
            os.kill(monitor, signal.SIGKILL)
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not pathlib.Path(f"/proc/{pid}").exists())
    engine("start", "--boot").ok()
    assert sorted(re.findall(r"\s(\w+)$", engine("ps").ok(), re.M)[1:]) == ["aa", "uu"]


# --- volumes -------------------------------------------------------------------------------------------

def test_volume_commands(engine):
    assert engine("volume", "create", "--label", "a=b", "data").ok() == "data\n"
    engine("volume", "create", "data").ok()  # as Docker: it is there
    told = json.loads(engine("volume", "inspect", "data").ok())[0]
    assert told["Name"] == "data" and told["Labels"] == {"a": "b"} and os.path.isdir(told["Mountpoint"])
    assert engine("volume", "ls", "-q").ok() == "data\n"
    engine.start("user", "sleep", "1000", flags=["-v", "data:/x"])
    refused = engine("volume", "rm", "data")
    assert refused.code != 0 and "volume is in use" in refused.err
    engine("rm", "-f", "-v", "user").ok()
    assert engine("volume", "ls", "-q").ok() == "data\n"  # -v is for anonymous ones
    engine("volume", "rm", "data").ok()
    assert "no such volume" in engine("volume", "inspect", "data").err
    for name in ("../x", "a/b", ".", ""):
        assert engine("volume", "rm", name).code != 0


def test_volume_prune(engine):
    engine("volume", "create", "kept").ok()
    anonymous = engine("volume", "create").ok().strip()
    assert engine("volume", "prune").code != 0
    assert engine("volume", "prune", "-f").ok() == anonymous + "\n"
    assert engine("volume", "prune", "-f", "-a").ok() == "kept\n"
