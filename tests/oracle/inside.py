"""The inside view: what a container really got, from what probe.c read there, and from outside."""
import os
import re

ERRNO_NAMES = {1: "EPERM", 2: "ENOENT", 13: "EACCES", 22: "EINVAL", 30: "EROFS", 38: "ENOSYS"}


class Mount:
    """One line of mountinfo."""

    def __init__(self, line):
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        self.id, self.parent, self.device, self.root, self.target = fields[:5]
        self.options = set(fields[5].split(","))
        self.propagation = set(fields[6:])
        self.type, self.source, last = (right.split(" ") + [""])[:3]
        self.super_options = set(last.split(","))

    def __repr__(self):
        return f"{self.target} {self.type} {self.source} {sorted(self.options)}"


def mounts(text):
    return [Mount(line) for line in text.splitlines() if " - " in line]


def fields(text, separator=":"):
    """Lines "key: value" as a dictionary."""
    return {k.strip(): v.strip() for k, _, v in (l.partition(separator) for l in text.splitlines())}


def capabilities(hex_text):
    bits = int(hex_text, 16)
    return {n for n in range(64) if bits >> n & 1}


class Inside:
    """Reads one report of the probe."""

    def __init__(self, report):
        self.report = report
        self.files = report["files"]

    def __getitem__(self, key):
        return self.report[key]

    def answer(self, question):
        return self.report["answers"][question]

    def file(self, name):
        return self.files["/proc/self/" + name]

    @property
    def status(self):
        return fields(self.file("status"))

    @property
    def mounts(self):
        return mounts(self.file("mountinfo"))

    def mount(self, target):
        """The topmost mount at @target."""
        found = [m for m in self.mounts if m.target == target]
        assert found, f"nothing is mounted on {target}"
        return found[-1]

    def capabilities(self, which):
        return capabilities(self.status["Cap" + which])

    def limit(self, name):
        """(soft, hard) as /proc/self/limits prints them."""
        for line in self.file("limits").splitlines():
            if line.startswith(name):
                return tuple(line[len(name):].split()[:2])
        raise KeyError(name)

    @property
    def env(self):
        return dict(e.split("=", 1) for e in self.report["env"])

    @property
    def interfaces(self):
        return set(re.findall(r"^\s*(\S+):", self.files["/proc/net/dev"], re.M))


# --- from outside -------------------------------------------------------------------------------

def namespace(pid, kind):
    return os.readlink(f"/proc/{pid}/ns/{kind}")


def own_namespace(kind):
    return namespace("self", kind)


def proc(pid, name):
    with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="backslashreplace") as f:
        return f.read()


def hierarchies():
    """controller -> where its hierarchy is mounted; "" is the one of v2."""
    out = {}
    for m in mounts(proc("self", "mountinfo")):
        if m.type == "cgroup":
            out.update((c, m.target) for c in m.super_options - {"rw", "ro"})
        elif m.type == "cgroup2":
            out.setdefault("", m.target)
    return out


def group_of(pid, controller):
    """The directory of @pid's control group; that of v2 where the controller has no hierarchy."""
    where = hierarchies()
    lines = [l.split(":", 2) for l in proc(pid, "cgroup").splitlines()]
    for _, controllers, path in lines:
        if controller in controllers.split(",") and controller in where:
            return where[controller] + path
    return next(where[""] + path for number, _, path in lines if number == "0")


def has_controller(name):
    """Whether groups of this host can limit @name at all."""
    where = hierarchies()
    if name in where:
        return "v1"
    if "" not in where:
        return None
    with open(os.path.join(where[""], "cgroup.controllers"), encoding="ascii") as f:
        return "v2" if name in f.read().split() else None


def group_value(directory, file):
    with open(os.path.join(directory, file), encoding="ascii") as f:
        return f.read().strip()
