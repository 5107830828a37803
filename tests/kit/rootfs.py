"""Root file systems for tests: busybox and the probe, nothing else. Made once, linked per test."""
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
APPLETS = """
    [ awk basename cat chmod chown cp cut date dd df dirname dmesg echo egrep env expr false find
    grep head hostname id ip kill ln ls mkdir mkfifo mknod mount mv nc nice od printenv printf ps
    pwd readlink realpath rm rmdir sed seq setsid sh sleep sort stat stty sync tail tee test time
    timeout touch tr true tty umount uname uniq usleep vi wc which whoami xargs yes
""".split()
FOLDERS = ["bin", "dev", "etc", "proc", "sys", "tmp", "root", "home", "mnt", "var", "run"]
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nsomeone:x:1000:1000:Some One:/home:/bin/sh\n",
    "etc/group": "root:x:0:\nsomeone:x:1000:\nextra:x:2000:someone\n",
    "etc/hostname": "image\n",
    "etc/plain": "plain\n",
}


def build_probe(path):
    source = HERE.parent / "oracle" / "probe.c"
    subprocess.run(["gcc", "-O1", "-static", "-o", str(path), str(source)], check=True)


def make(root):
    """A complete root file system in the new directory @root."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for name, text in FILES.items():
        (root / name).write_text(text)
    shutil.copy(shutil.which("busybox"), root / "bin" / "busybox")
    for applet in APPLETS:
        os.symlink("busybox", root / "bin" / applet)
    build_probe(root / "bin" / "probe")
    return root


def link(template, root):
    """The same in @root: programs are hard links, everything a test may write is a copy."""
    shutil.copytree(template, root, symlinks=True, copy_function=copy_or_link)
    return root


def copy_or_link(source, target):
    if os.path.dirname(source).endswith("/bin"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)
