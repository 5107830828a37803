"""dockerd with the runtime as its default, and the client that talks to it."""
from kit import image
from kit.daemon import call


def dockerd(area, binary, group):
    """The command line of a dockerd that keeps everything in @area and its containers in @group."""
    return ["dockerd", "--data-root", area / "data", "--exec-root", area / "exec",
            "--pidfile", area / "pid", "--host", f"unix://{area}/socket",
            "--add-runtime", f"tested={binary}", "--default-runtime", "tested",
            "--cgroup-parent", f"/{group}", "--exec-opt", "native.cgroupdriver=cgroupfs",
            "--iptables=false", "--ip6tables=false", "--ip-forward=false",
            "--storage-driver", "overlay2"]


class Docker:
    """The client of the dockerd in @area."""

    def __init__(self, area):
        self.env = {"DOCKER_HOST": f"unix://{area}/socket", "DOCKER_CONFIG": str(area / "client"),
                    "HOME": str(area)}

    def __call__(self, *args, **how):
        return call("docker", *args, env=self.env, **how)

    def run(self, *args, flags=()):
        return self("run", *flags, image.NAME, *args)

    def start(self, *args, flags=()):
        return self.run(*args, flags=["--detach", *flags]).ok().out.strip()

    def inspect(self, name, what):
        return self("inspect", "--format", "{{" + what + "}}", name).ok().out.strip()

    def pid(self, name):
        return int(self.inspect(name, ".State.Pid"))

    def remove(self, name):
        self("rm", "--force", name).ok()
