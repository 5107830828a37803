"""Two containers compared: the one that `run` builds, and the one that explain's script builds."""
import subprocess

from kit.runtime import PATIENCE, Done
from oracle import inside


def explained(runtime, bundle, name, form):
    return runtime.call("explain", "--bundle", bundle.path, "--format", form, name).ok().out


def by_hand(runtime, bundle, name, **how):
    """Runs the script with a shell that is none of ours."""
    script = bundle.path / "by-hand.sh"
    script.write_text(explained(runtime, bundle, name, "sh"))
    done = subprocess.run(["sh", str(script)], input="", text=True, capture_output=True,
                          timeout=PATIENCE, check=False, **how)
    return Done(done.returncode, done.stdout, done.stderr)


def mount_facts(m, bundle):
    """All of a mount but the numbers that the kernel deals out."""
    kinds = sorted(p.partition(":")[0] for p in m.propagation)
    root = m.root.replace(str(bundle.path), "BUNDLE")
    return (m.target, root, m.type, m.source, sorted(m.options), sorted(m.super_options), kinds)


def namespaces(got):
    """Which are the host's: the numbers of new ones differ."""
    return {k: v == inside.own_namespace(k) for k, v in got["namespaces"].items()}


STATUS = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb",
          "NoNewPrivs", "Cpus_allowed_list", "Mems_allowed_list")
FILES = ("limits", "cgroup", "uid_map", "gid_map", "setgroups", "oom_score_adj", "timens_offsets")
KEYS = ("umask", "personality", "hostname", "domainname", "cwd", "argv", "env", "securebits",
        "scheduling", "answers")


def without_device(said):
    """File systems get a number each time."""
    return {k: v for k, v in said.items() if k != "dev"} if isinstance(said, dict) else said


# A filter may keep these from the probe; no shell can load one.
FILTERED = ("get_mempolicy", "memory_mode", "memory_nodes")


def facts(got, bundle):
    out = {key: got[key] for key in KEYS}
    out["scheduling"] = {k: v for k, v in out["scheduling"].items() if k not in FILTERED}
    out.update({name: got.status[name] for name in STATUS})
    out.update({name: got.file(name) for name in FILES})
    out["answers"] = {question: without_device(said) for question, said in out["answers"].items()}
    out["env"] = sorted(out["env"])
    out["namespaces"] = namespaces(got)
    out["mounts"] = sorted(mount_facts(m, bundle) for m in got.mounts)
    out["interfaces"] = got.interfaces
    out["descriptors"] = set(got["descriptors"])
    out["pid namespaces"] = len(got.status["NSpid"].split())
    out["leader"] = got["pid"] == got["session"]
    out["first"] = got["pid"] == 1
    return out


def only_in(a, b):
    """What of @a is not in @b: of texts and numbers all."""
    if isinstance(a, dict):
        return {k: v for k, v in a.items() if b.get(k) != v}
    if isinstance(a, list):
        return [v for v in a if v not in b]
    return a


def differences(a, b):
    return [f"{k}:\n    run:    {only_in(a[k], b[k])}\n    script: {only_in(b[k], a[k])}"
            for k in a if a[k] != b[k]]
