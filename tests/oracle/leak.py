"""The leak scan: what exists in the machine before and after; the difference is named.

Runs inside the namespaces that tests/run makes, so it sees what the tests did and nobody else.
Control groups are the exception: there a name counts when it has the prefix of this run.
"""
import contextlib
import json
import os
import signal
import subprocess
import time

from oracle import inside

PREFIX = os.environ.get("ONGGI_PREFIX", "tlocal")


def mount_table():
    return {f"{m.target} ({m.type}, {m.source}, {m.root})"
            for m in inside.mounts(inside.proc("self", "mountinfo"))}


def groups():
    found = set()
    for top in set(inside.hierarchies().values()):
        for folder, names, _ in os.walk(top):
            found.update(os.path.join(folder, n) for n in names if PREFIX in os.path.join(folder, n))
    return found


def processes():
    """Every process but this one, its parents and the kernel's; zombies count."""
    out, above, pid = set(), {0, 2}, os.getpid()
    while pid:
        above.add(pid)
        pid = int(inside.proc(pid, "stat").rsplit(")", 1)[1].split()[1])
    for pid in (int(n) for n in os.listdir("/proc") if n.isdigit()):
        try:
            stat = inside.proc(pid, "stat")
            command = inside.proc(pid, "cmdline").replace("\0", " ").strip()
        except OSError:
            continue
        if pid not in above and int(stat.rsplit(")", 1)[1].split()[1]) != 2:
            out.add(f"{pid} {command or stat.split(')')[0] + ')'}")
    return out


def namespaces():
    """Those that a process is in; what is only mounted stands in the mount table."""
    out = set()
    for pid in (n for n in os.listdir("/proc") if n.isdigit()):
        try:
            out.update(os.readlink(f"/proc/{pid}/ns/{kind}") for kind in os.listdir(f"/proc/{pid}/ns"))
        except OSError:
            continue
    return out


def interfaces():
    """Interfaces with their addresses."""
    text = subprocess.run(["ip", "-json", "address"], stdout=subprocess.PIPE, check=True).stdout
    return {f"{i['ifname']} {a.get('local', '')}" for i in json.loads(text)
            for a in i.get("addr_info") or [{}]}


def firewall():
    done = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=False)
    return set(done.stdout.splitlines())


# The kernel ends some things late: how long they are waited for, in seconds.
LATE = min(10, int(os.environ.get("ONGGI_PATIENCE", "60")))
PORTS = ("tcp", "tcp6", "udp", "udp6")


def sockets():
    """Unix sockets that have a name, and ports that somebody listens on."""
    out = {l.split(None, 7)[7] for l in inside.proc("self", "net/unix").splitlines()[1:]
           if len(l.split(None, 7)) == 8}
    for table in filter(lambda t: os.path.exists(f"/proc/self/net/{t}"), PORTS):
        lines = inside.proc("self", f"net/{table}").splitlines()[1:]
        out.update(f"{table} {l.split()[1]}" for l in lines if l.split()[3] in ("0A", "07"))
    return out


def descriptors():
    out = set()
    for n in os.listdir("/proc/self/fd"):
        try:
            out.add(f"{n} {os.readlink(f'/proc/self/fd/{n}')}")
        except OSError:
            continue
    return out


def below(*folders):
    """Files and directories, locks and sockets among them."""
    out = set()
    for top in folders:
        for folder, names, files in os.walk(top):
            out.update(os.path.join(folder, n) for n in names + files)
    return {path for path in out if not path.startswith("/run/mount")}  # mount(8) keeps notes


class Scan:
    """One look at the machine. @folders are watched for what is left in them."""

    def __init__(self, *folders):
        self.folders = folders
        self.seen = self.look()

    def look(self):
        return {
            "mount": mount_table(), "control group": groups(), "process": processes(),
            "namespace": namespaces(), "interface": interfaces(), "firewall": firewall(),
            "socket": sockets(), "descriptor": descriptors(), "file": below(*self.folders),
        }

    def differences(self):
        now = self.look()
        return sorted(f"{kind} {word}: {what}" for kind in now
                      for word, set_ in (("left", now[kind] - self.seen[kind]),
                                         ("lost", self.seen[kind] - now[kind])) for what in set_)

    def leaks(self, seconds=LATE):
        """What is different, after a while: namespaces and groups end late."""
        end = time.monotonic() + seconds
        found = self.differences()
        while found and time.monotonic() < end:
            time.sleep(0.05)
            found = self.differences()
        return found

    def sweep(self):
        """Ends what is left, so that one test's leak is not the next one's."""
        known = {p.split()[0] for p in self.seen["process"]}
        end = time.monotonic() + LATE
        while time.monotonic() < end:
            left = {p.split()[0] for p in processes()} - known
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            for group in sorted(groups() - self.seen["control group"], reverse=True):
                with contextlib.suppress(OSError):
                    os.rmdir(group)
            if not left and not groups() - self.seen["control group"]:
                return
            time.sleep(0.05)
