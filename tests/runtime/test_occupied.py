"""A control group that somebody else is in is never made a container's."""
import os
import subprocess

import pytest

from oracle import inside


@pytest.mark.only("onggi", "crun", why="Debian's runc warns and goes on")
def test_group_with_processes_is_refused(runtime, bundle):
    name = runtime.name()
    made = bundle({"process.args": ["/bin/sleep", "1000"], "linux.cgroupsPath": f"/{name}"})
    where = inside.hierarchies()
    group = os.path.join(where.get("", where.get("pids")), name)
    with subprocess.Popen(["sleep", "1000"]) as stranger:
        os.mkdir(group)
        with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as procs:
            procs.write(str(stranger.pid))
        done = runtime.call("run", "--bundle", made.path, "--detach", name)
        alive = stranger.poll() is None
        stranger.kill()
        stranger.wait()
        runtime.call("delete", "--force", name)
        if os.path.exists(group):
            os.rmdir(group)
    assert alive
    if runtime.kind == "onggi":
        done.failed("not empty", str(stranger.pid))
