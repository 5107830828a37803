"""config.json for tests: a base document and changes to it by path.

    config({"process.args": ["/bin/true"], "linux.resources.pids.limit": 7})

A list is replaced as a whole; a key of None removes what is there. "mounts+" adds to the list
`mounts`, "linux.namespaces-": "network" takes an entry out by its type, destination or path.
"""
import copy

CAPABILITIES = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware",
          "/proc/scsi"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
PLAIN = ["nosuid", "noexec", "nodev"]
MOUNTS = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
     "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
     "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
     "options": PLAIN + ["mode=1777", "size=65536k"]},
    {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": PLAIN},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": PLAIN + ["ro"]},
]
BASE = {
    "ociVersion": "1.0.2",
    "process": {
        "terminal": False,
        "user": {"uid": 0, "gid": 0},
        "args": ["/bin/probe"],
        "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
        "cwd": "/",
        "capabilities": {s: CAPABILITIES for s in ("bounding", "effective", "permitted")},
        "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}],
        "noNewPrivileges": True,
    },
    "root": {"path": "rootfs", "readonly": True},
    "hostname": "box",
    "mounts": MOUNTS,
    "linux": {
        "resources": {"devices": [{"allow": False, "access": "rwm"}]},
        "namespaces": [{"type": t} for t in ("pid", "network", "ipc", "uts", "mount")],
        "maskedPaths": MASKED,
        "readonlyPaths": READONLY,
    },
}


def named(entry, name):
    return name in (entry.get("type"), entry.get("destination"), entry.get("path"))


def change(where, key, value):
    if key.endswith("+"):
        where.setdefault(key[:-1], []).extend(value)
    elif key.endswith("-"):
        where[key[:-1]] = [e for e in where.get(key[:-1], []) if not named(e, value)]
    elif value is None:
        where.pop(key, None)
    else:
        where[key] = value


def config(*changes):
    out = copy.deepcopy(BASE)
    for path, value in (item for c in changes for item in c.items()):
        *folders, key = path.split(".")
        where = out
        for folder in folders:
            where = where.setdefault(folder, {})
        change(where, key, copy.deepcopy(value))
    return out
