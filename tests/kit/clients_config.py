"""Makes a config.json that a real client wrote (tests/configs) able to run here.

What it names of the recording machine is provided: root, bind sources, namespaces. What this
machine cannot grant (limits above its own, a security module it has not) is left out. All else
stays as the client wrote it.
"""
import copy
import os
import pathlib
import resource

from oracle import inside

HERE = pathlib.Path(__file__).resolve().parent
CONFIGS = sorted((HERE.parent / "configs").glob("*.json"))
FILES = {"hostname", "hosts", "resolv.conf", ".containerenv", "test.txt"}
UNSHARE = {"pid": "--pid", "network": "--net", "ipc": "--ipc", "uts": "--uts", "user": "--user",
           "cgroup": "--cgroup", "mount": "--mount", "time": "--time"}
PROC = {"network": "net", "mount": "mnt"}


def joined(document):
    """The kinds of namespaces that it joins by a path."""
    return [n["type"] for n in document["linux"]["namespaces"] if n.get("path")]


def provide_source(mount, place):
    source = mount["source"]
    if not {"bind", "rbind"} & set(mount.get("options", [])) or source.startswith(("/dev", "/proc",
                                                                                  "/sys")):
        return
    here = place / "sources" / source.strip("/").replace("/", "_")
    if os.path.basename(source) in FILES:
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_text("provided\n")
    else:
        here.mkdir(parents=True, exist_ok=True)
    mount["source"] = str(here)


def provide_limits(process):
    for limit in process.get("rlimits", []):
        soft, hard = resource.getrlimit(getattr(resource, limit["type"]))
        hard = hard if hard >= 0 else limit["hard"]
        limit["hard"] = min(limit["hard"], hard)
        limit["soft"] = min(limit["soft"], limit["hard"])
    own = int(inside.proc("self", "oom_score_adj"))
    process["oomScoreAdj"] = max(process.get("oomScoreAdj", own), own)


def provide_labels(document):
    if not os.path.exists("/sys/module/apparmor"):
        document["process"].pop("apparmorProfile", None)
    if not os.path.exists("/sys/fs/selinux/enforce"):
        document["process"].pop("selinuxLabel", None)
        document["linux"].pop("mountLabel", None)


def provide_resources(document):
    """Limits for which this machine has no controller are left out."""
    resources = document["linux"].get("resources", {})
    for key, controllers in {"memory": ["memory"], "cpu": ["cpu", "cpuset"], "pids": ["pids"],
                             "blockIO": ["blkio", "io"], "hugepageLimits": ["hugetlb"]}.items():
        if not any(map(inside.has_controller, controllers)):
            resources.pop(key, None)
    if not inside.has_controller("cpuset"):
        for key in ("cpus", "mems"):
            resources.get("cpu", {}).pop(key, None)
    resources.pop("unified", None)


def provide_group(document, name):
    if ":" in document["linux"].get("cgroupsPath", ""):
        document["linux"]["cgroupsPath"] = f"/{name}"  # systemd's form
    else:
        document["linux"]["cgroupsPath"] = f"/{name}{document['linux'].get('cgroupsPath', '')}"


def provide_capabilities(process):
    """Only those that this process has: runc ends with an error at the others."""
    have = inside.capabilities(inside.fields(inside.proc("self", "status"))["CapBnd"])
    last = max(have)
    names = {n: i for i, n in enumerate(ALL)}
    for kind, words in process.get("capabilities", {}).items():
        process["capabilities"][kind] = [w for w in words or [] if names.get(w, last) in have]


ALL = ["CAP_" + n for n in """
    CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
    NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
    SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
    SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
    WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()]


def provide(document, place, name, holder, args):
    """@holder is the pid of a process in namespaces of the kinds joined() names."""
    out = copy.deepcopy(document)
    out["root"]["path"] = "rootfs"
    out["process"].update(args=args, terminal=False)
    out.pop("hooks", None)
    for namespace in out["linux"]["namespaces"]:
        if namespace.get("path"):
            kind = namespace["type"]
            namespace["path"] = f"/proc/{holder}/ns/{PROC.get(kind, kind)}"
    for mount in out.get("mounts", []):
        provide_source(mount, place)
    provide_limits(out["process"])
    provide_labels(out)
    provide_group(out, name)
    provide_resources(out)
    provide_capabilities(out["process"])
    return out
