"""onggi pack: root file systems from programs of this machine, tried by chroot."""
import os
import pathlib
import pty
import shutil
import stat
import subprocess

import pytest

from kit.runtime import TOP

ONGGI = str(TOP / "build" / "bin" / "onggi")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def pack(*arguments, **environment):
    return subprocess.run([ONGGI, "pack", *map(str, arguments)], capture_output=True, text=True,
                          check=False, env={"PATH": PATH, "TERM": "xterm", **environment})


@pytest.fixture
def root(place):
    return place / "root"


@pytest.fixture
def packed(root):
    """packed(programs...): packs them and returns inside(command...), which runs there."""

    def make(*programs, **environment):
        done = pack(*programs, "-o", root, **environment)
        assert done.returncode == 0, done.stderr
        return inside

    def inside(*command):
        return subprocess.run(["chroot", root, *map(str, command)], capture_output=True, text=True,
                              check=False, env={"PATH": PATH, "TERM": "xterm"})

    return make


def build(path, text, *flags):
    subprocess.run(["gcc", "-x", "c", "-", "-o", path, *map(str, flags)], input=text, text=True,
                   check=True)
    return path


def files_below(root):
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file() and not p.is_symlink()}


def test_bash_runs(packed):
    inside = packed("bash")
    assert inside("bash", "-c", "echo $((6 * 7))").stdout == "42\n"
    assert inside("/bin/bash", "--version").returncode == 0


@pytest.mark.parametrize("program, arguments, words", [
    ("ls", ["-l", "/"], "proc"),
    ("ps", [], "mount -t proc"),
    ("ip", ["-V"], "iproute2"),
    ("hostname", ["--help"], "hostname"),
    ("id", [], "uid=0(root) gid=0(root)"),
    ("python3", ["--version"], "Python"),
])
def test_programs_of_the_first_container_run(packed, program, arguments, words):
    if not shutil.which(program, path=PATH):
        pytest.skip(f"there is no {program} here")
    done = packed(program)(program, *arguments)
    assert words in done.stdout + done.stderr


def test_it_has_what_programs_expect(packed, root):
    packed("bash")
    assert (root / "etc/passwd").read_text().splitlines()[0] == "root:x:0:0:root:/root:/usr/bin/bash"
    assert "root:x:0:" in (root / "etc/group").read_text()
    for folder, mode in (("tmp", 0o1777), ("root", 0o700), ("proc", 0o555), ("dev", 0o755)):
        assert stat.S_IMODE((root / folder).stat().st_mode) == mode
    for link in ("bin", "lib", "lib64", "sbin"):
        if os.path.islink(f"/{link}"):
            assert os.readlink(root / link) == os.readlink(f"/{link}")


def test_terminals_are_described(packed, root):
    packed("bash")
    assert any(p.name == "xterm-256color" for p in root.rglob("*"))
    shutil.rmtree(root)
    packed("true")
    assert not any(p.name == "xterm" for p in root.rglob("*"))


def test_a_terminal_works(packed, root):
    packed("bash", "tput" if shutil.which("tput") else "true")
    pid, master = pty.fork()
    if pid == 0:
        os.chroot(root)
        os.chdir("/")
        os.execve("/bin/bash", ["bash", "--norc", "-i"], {"TERM": "xterm", "PATH": PATH, "PS1": "> "})
    os.write(master, b"echo $TERM$((1+1))\nexit 3\n")
    text = b""
    while b"xterm2" not in text:
        text += os.read(master, 1000)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    os.close(master)


def test_a_static_program_is_alone(packed, root):
    inside = packed("busybox")
    assert inside("busybox", "echo", "alone").stdout == "alone\n"
    assert {f for f in files_below(root) if not f.startswith("etc/")} == {"usr/bin/busybox"} \
        or not os.path.islink("/bin")


def test_a_script_brings_its_interpreters(packed, place):
    script = place / "hello"
    script.write_text("#!/usr/bin/env bash\necho from $BASH_VERSION\n")
    script.chmod(0o755)
    assert packed(script)(script).stdout.startswith("from ")


def test_libraries_are_found_where_a_program_says(packed, place, root):
    app = place / "app"
    (app / "bin").mkdir(parents=True)
    (app / "lib" / "deep").mkdir(parents=True)
    build(app / "lib/deep/libdeep.so", "int deep(void) { return 40; }", "-shared", "-fPIC")
    build(app / "lib/libmiddle.so.1", "int deep(void); int middle(void) { return deep() + 2; }",
          "-shared", "-fPIC", "-Wl,-soname,libmiddle.so.1", "-L", app / "lib/deep", "-ldeep",
          "-Wl,-rpath,$ORIGIN/deep")
    os.symlink("libmiddle.so.1", app / "lib/libmiddle.so")
    program = build(app / "bin/answer",
                    "#include <stdio.h>\nint middle(void);"
                    "int main(void) { printf(\"%d\\n\", middle()); }",
                    "-L", app / "lib", "-lmiddle", "-Wl,-rpath,${ORIGIN}/../lib",
                    f"-Wl,-rpath-link,{app}/lib/deep")
    inside = packed(program)
    subprocess.run(["mount", "--bind", "/proc", root / "proc"], check=True)  # tells $ORIGIN
    try:
        assert inside(program).stdout == "42\n"
    finally:
        subprocess.run(["umount", root / "proc"], check=True)


def test_a_missing_library_is_named(place, root):
    build(place / "libgone.so", "int gone(void) { return 1; }", "-shared", "-fPIC")
    program = build(place / "orphan", "int gone(void); int main(void) { return gone(); }",
                    "-L", place, "-lgone")
    (place / "libgone.so").unlink()
    done = pack(program, "-o", root)
    assert done.returncode == 125
    assert f"pack: {program} needs libgone.so, which is in none of: " in done.stderr
    assert "/usr/lib" in done.stderr and "hint: install the package" in done.stderr
    assert not root.exists()


def test_a_library_of_another_machine_does_not_count(place, root):
    """As for the loader: it is passed over."""
    library = build(place / "libother.so", "int f(void) { return 1; }", "-shared", "-fPIC")
    program = build(place / "program", "int f(void); int main(void) { return f(); }",
                    "-L", place, "-lother", f"-Wl,-rpath,{place}")
    data = bytearray(library.read_bytes())
    data[18] = 183  # e_machine: aarch64
    library.write_bytes(data)
    assert "libother.so, which is in none of" in pack(program, "-o", root).stderr


def test_a_broken_file_is_named(place, root):
    broken = place / "broken"
    broken.write_bytes(pathlib.Path(shutil.which("bash")).read_bytes()[:200])
    broken.chmod(0o755)
    done = pack(broken, "-o", root)
    assert f"{broken}: not a sound ELF file: " in done.stderr and done.returncode == 125


def test_the_interpreter_of_a_program_is_named(place, root):
    program = build(place / "program", "int main(void) {}", "-Wl,--dynamic-linker,/no/such/ld.so")
    assert f"{program} needs the interpreter /no/such/ld.so, which is not there" in \
        pack(program, "-o", root).stderr


def test_packing_again_changes_nothing(packed, root):
    packed("bash")
    before = {p: p.lstat().st_ino for p in root.rglob("*")}
    inside = packed("bash", "ls")
    assert all(p.lstat().st_ino == inode for p, inode in before.items())
    assert inside("ls", "/").returncode == 0


def test_what_is_there_stays(packed, root):
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text("mine\n")
    packed("true")
    assert (root / "etc/passwd").read_text() == "mine\n"


def test_setuid_stays_behind(packed, root):
    if not os.stat(shutil.which("su", path=PATH)).st_mode & stat.S_ISUID:
        pytest.skip("su has no setuid bit here")
    packed("su")
    copy = root / os.path.realpath(shutil.which("su", path=PATH)).lstrip("/")
    assert not copy.stat().st_mode & stat.S_ISUID


def test_the_environments_libraries_do_not_count(place, packed):
    """What LD_LIBRARY_PATH names now is not named in the container."""
    build(place / "libc.so.6", "int x;", "-shared", "-fPIC")
    inside = packed("bash", LD_LIBRARY_PATH=str(place))
    assert inside("bash", "-c", "echo fine").stdout == "fine\n"


def test_mistakes():
    assert "say where it goes" in pack("bash").stderr
    assert "requires at least 1 argument" in pack("-o", "/tmp/x").stderr
    assert pack("no-such", "-o", "/nowhere/x").returncode == 125


def test_the_list(root):
    lines = pack("bash", "-o", root, "--list").stdout.splitlines()
    assert lines[0] == "/usr/bin/bash" and any("libc.so.6" in line for line in lines)
