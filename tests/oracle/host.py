"""The host fingerprint: what no container and no test may change on the machine it runs on."""
import hashlib
import os
import pathlib
import shutil

from oracle import inside, leak

SYSCTLS = """
    kernel/core_pattern kernel/core_uses_pid kernel/hostname kernel/domainname kernel/modprobe
    kernel/panic kernel/panic_on_oops kernel/printk kernel/sysrq kernel/hotplug kernel/msgmax
    kernel/shmmax kernel/shmall kernel/sem kernel/randomize_va_space kernel/dmesg_restrict
    kernel/kptr_restrict kernel/perf_event_paranoid kernel/unprivileged_bpf_disabled
    kernel/poweroff_cmd kernel/ngroups_max fs/suid_dumpable fs/file-max fs/mqueue/msg_max
    fs/protected_symlinks fs/protected_hardlinks fs/pipe-max-size user/max_user_namespaces
    vm/overcommit_memory vm/panic_on_oom vm/swappiness vm/mmap_min_addr net/ipv4/ip_forward
    net/ipv4/ping_group_range net/core/somaxconn
""".split()
FILES = ["/etc/passwd", "/etc/group", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]
FOLDERS = ["/dev", "/etc", "/boot", "/root"]


def digest(path):
    try:
        return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    except OSError as e:
        return e.strerror


def identity(path):
    """Content, inode and mode of a file: what a swapped or rewritten one cannot keep."""
    try:
        s = os.stat(path)
        return f"{digest(path)} inode {s.st_ino} mode {s.st_mode:o} owner {s.st_uid}:{s.st_gid}"
    except OSError as e:
        return e.strerror


def entry(path):
    s = os.lstat(path)
    return f"mode {s.st_mode:o} owner {s.st_uid}:{s.st_gid} device {s.st_rdev:x}"


def listing(folder):
    out = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if not path.startswith("/dev/pts"):
            try:
                out[path] = entry(path)
            except OSError:
                continue
    return out


def sysctl(name):
    try:
        return pathlib.Path("/proc/sys", name).read_text(encoding="utf-8").strip()
    except OSError as e:
        return e.strerror


class Fingerprint:
    """@canaries are files whose change would show that somebody wrote through a container."""

    def __init__(self, runtime, *canaries):
        self.files = [*FILES, shutil.which(runtime) or runtime, *map(str, canaries)]
        self.seen = self.look()

    def look(self):
        out = {f"file {f}": identity(f) for f in self.files}
        out.update((f"sysctl {s}", sysctl(s)) for s in SYSCTLS)
        for folder in FOLDERS:
            out.update((f"entry {k}", v) for k, v in listing(folder).items())
        out.update((f"mount {m}", "there") for m in leak.mount_table())
        out.update((f"socket {s}", "there") for s in leak.sockets())
        out.update((f"group of {k}", v) for k, v in
                   inside.fields(inside.proc("self", "cgroup"), "::").items())
        return out

    def changes(self):
        now = self.look()
        return sorted(f"{k}: {self.seen.get(k, 'not there')} -> {now.get(k, 'gone')}"
                      for k in self.seen.keys() | now.keys() if self.seen.get(k) != now.get(k))
