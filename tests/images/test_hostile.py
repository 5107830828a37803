"""Archives that somebody made to do harm. Each is refused with the entry's name and leaves nothing
behind, or does in its own directory what it would do as the root of a container."""
import bz2
import gzip
import io
import json
import lzma
import os
import resource
import stat
import subprocess
import tarfile

import pytest

from archives import (Entry, configuration, device, directory, docker_archive, hardlink,
                      oci_archive, sha256, symlink, tar)
from engine import BIN

# Other runs of these tests have others.
CANARY = f"/tmp/onggi-canary-{os.urandom(4).hex()}"
INSIDE = CANARY[1:]
DEEP = "/".join(["d"] * 2500)


@pytest.fixture(autouse=True)
def canary():
    """A directory outside, which every absolute name below points to, stays as it is."""
    os.makedirs(CANARY, exist_ok=True)
    with open(CANARY + "/file", "w", encoding="ascii") as f:
        f.write("untouched")
    before = os.stat(CANARY + "/file")
    yield
    after = os.stat(CANARY + "/file")
    with open(CANARY + "/file", encoding="ascii") as f:
        assert f.read() == "untouched"
    assert os.listdir(CANARY) == ["file"]
    assert (before.st_mode, before.st_uid, before.st_nlink, before.st_mtime_ns) == \
        (after.st_mode, after.st_uid, after.st_nlink, after.st_mtime_ns)
    os.unlink(CANARY + "/file")
    os.rmdir(CANARY)


def pax(name, **headers):
    """An entry whose extended header says something else than its plain one."""
    return Entry(name, b"x", pax_headers=headers)


# name -> (entries, what the message says)
REFUSED = {
    "up": ([Entry("../evil", b"x")], "entry '../evil'"),
    "up-inside": ([Entry("a/../../evil", b"x")], "entry 'a/../../evil'"),
    "up-at-the-end": ([directory("a/..")], "entry 'a/../'"),
    "up-alone": ([directory("..")], "entry '../'"),
    "up-absolute": ([Entry("/../evil", b"x")], "entry '/../evil'"),
    "root-is-a-link": ([symlink(".", CANARY)], "the root is a directory"),
    "root-is-a-link-with-slash": ([symlink("./", CANARY)], "the root is a directory"),
    "root-is-a-file": ([Entry(".", b"x")], "the root is a directory"),
    "root-is-a-hard-link": ([Entry("a", b"x"), hardlink(".", "a")], "the root is no link"),
    "no-name": ([Entry("", b"x")], ""),
    "hard-link-up": ([hardlink("a", "../../../../" + CANARY + "/file")], "entry 'a'"),
    "hard-link-absolute": ([hardlink("a", CANARY + "/file")], "entry 'a'"),
    "hard-link-missing": ([hardlink("a", "b")], "entry 'a'"),
    "hard-link-to-directory": ([directory("d"), hardlink("a", "d")], "entry 'a'"),
    "hard-link-to-root": ([hardlink("a", "/")], "entry 'a'"),
    "hard-link-through-link": ([symlink("l", CANARY), hardlink("a", "l/file")], "entry 'a'"),
    "hard-link-through-link-up": ([symlink("l", "../../../../../.." + CANARY),
                                   hardlink("a", "l/file")], "entry 'a'"),
    "file-as-directory": ([Entry("a", b"x"), Entry("a/b", b"x")], "entry 'a/b'"),
    "device-as-directory": ([device("a", 1, 3), Entry("a/b", b"x")], "entry 'a/b'"),
    "dangling-link-as-directory": ([symlink("l", "nowhere"), Entry("l/a", b"x")], "entry 'l/a'"),
    "link-loop": ([symlink("l", "l"), Entry("l/a", b"x")], "entry 'l/a'"),
    "two-links-loop": ([symlink("a", "b"), symlink("b", "a"), Entry("a/x", b"x")], "entry 'a/x'"),
    "long-component": ([Entry("n" * 300, b"x")], "entry 'nnn"),
    "long-component-inside": ([Entry("n" * 300 + "/a", b"x")], "entry 'nnn"),
    "long-path": ([Entry("d/" * 3000 + "a", b"x")], "longer than a path can be"),
    "deep-link": ([symlink("l", "d/" * 3000)] + [Entry("l/a", b"x")], "entry 'l"),
    "whiteout-of-nothing": ([Entry(".wh.", b"")], "entry '.wh.'"),
    "whiteout-of-dot": ([Entry("a/.wh..", b"")], "entry 'a/.wh..'"),
    "whiteout-of-up": ([Entry("a/.wh...", b"")], "entry 'a/.wh...'"),
    "whiteout-that-holds": ([Entry(".wh.a/b", b"")], "a whiteout holds nothing"),
    "device-0-0": ([device("a", 0, 0)], "0:0"),
    "pax-path-up": ([pax("a", path="../evil")], "entry '../evil'"),
    "pax-path-absolute-up": ([pax("a", path="/a/../../evil")], "entry '/a/../../evil'"),
    "negative-owner": ([pax("a", uid="-1")], ""),
    "huge-owner": ([pax("a", uid="99999999999")], "entry 'a'"),
    "owner-that-is-none": ([pax("a", uid="4294967295")], "entry 'a'"),
    "negative-size": ([pax("a", size="-5")], ""),
    "huge-size": ([pax("a", size="9223372036854775807")], ""),
}


def whole(entries, form):
    return tar(*entries, form=form)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(onggi, name):
    entries, message = REFUSED[name]
    said = onggi.fails("import", "-", "evil", stdin=whole(entries, tarfile.PAX_FORMAT))
    assert message in said
    assert onggi("images", "-q") == "" and onggi.left() == []


@pytest.mark.parametrize("name", ["up", "hard-link-up", "long-path", "long-component",
                                  "root-is-a-link", "whiteout-of-up"])
def test_refused_in_gnu_form(onggi, name):
    entries, message = REFUSED[name]
    said = onggi.fails("import", "-", "evil", stdin=whole(entries, tarfile.GNU_FORMAT))
    assert message in said and onggi.left() == []


@pytest.mark.parametrize("name", ["up", "root-is-a-link", "hard-link-absolute", "device-0-0"])
def test_refused_in_an_image(onggi, name):
    entries, message = REFUSED[name]
    archive = docker_archive([tar(directory("etc")), tar(*entries)])
    assert message in onggi.fails("load", stdin=archive)
    assert onggi("images", "-q") == ""
    assert [p for p in onggi.left() if "/.new." in p or "/blobs/" in p
            and sha256(tar(*entries))[7:] in p] == []


# name -> (entries, path -> what has to be there: content, or the type of what is no file)
CONTAINED = {
    "absolute": ([Entry(CANARY + "/file", b"mine")], {INSIDE + "/file": b"mine"}),
    "link-then-file": ([directory(INSIDE), symlink("l", CANARY),
                        Entry("l/file", b"mine")], {INSIDE + "/file": b"mine"}),
    "link-up-then-file": ([directory(INSIDE), symlink("l", "../../../.." + CANARY),
                           Entry("l/file", b"mine")], {INSIDE + "/file": b"mine"}),
    "link-then-directory": ([symlink("l", CANARY), directory("l")], {"l": stat.S_IFDIR}),
    "link-then-same-file": ([symlink("f", CANARY + "/file"), Entry("f", b"mine")],
                            {"f": b"mine"}),
    "link-then-mode": ([symlink("f", CANARY + "/file", mode=0o777),
                        Entry("f", b"", mode=0o4777)], {"f": b""}),
    "hard-link-to-link-then-file": ([symlink("l", CANARY + "/file"), hardlink("h", "l"),
                                     Entry("h", b"mine")], {"h": b"mine", "l": stat.S_IFLNK}),
    "hard-link-then-overwrite": ([Entry("a", b"one"), hardlink("b", "a"), Entry("b", b"two")],
                                 {"a": b"one", "b": b"two"}),
    "hard-link-to-itself": ([Entry("a", b"one"), hardlink("a", "a")], {"a": b"one"}),
    "directory-becomes-link": ([directory("d"), Entry("d/a", b"x"), symlink("d", CANARY),
                                directory(INSIDE), Entry("d/file", b"mine")],
                               {"d": stat.S_IFLNK, INSIDE + "/file": b"mine"}),
    "file-becomes-directory": ([Entry("d", b"x"), directory("d"), Entry("d/a", b"y")],
                               {"d/a": b"y"}),
    "same-name-twice": ([Entry("a", b"one"), Entry("a", b"two")], {"a": b"two"}),
    "fifo-then-file": ([Entry("p", type=tarfile.FIFOTYPE), Entry("p", b"x")], {"p": b"x"}),
    "device-then-file": ([device("n", 1, 3), Entry("n", b"x")], {"n": b"x"}),
    "link-to-proc": ([symlink("l", "/proc/self/root" + CANARY), directory("proc/self/root/tmp"),
                      directory("proc/self/root" + CANARY), Entry("l/file", b"mine")],
                     {"proc/self/root" + CANARY + "/file": b"mine"}),
    "dots-and-slashes": ([Entry("././/a//./b", b"x")], {"a/b": b"x"}),
    "control-characters": ([Entry("a\nb\x1b[31m", b"x")], {"a\nb\x1b[31m": b"x"}),
    "not-utf8": ([Entry("a\udcff", b"x")], None),
    "pax-linkpath": ([Entry("l", type=tarfile.SYMTYPE, linkname="harmless",
                            pax_headers={"linkpath": CANARY}), directory("l")],
                     {"l": stat.S_IFDIR}),
    "deep": ([Entry("d/" * 1200 + "a", b"x")], {"d/" * 1200 + "a": b"x"}),
    "overlay-redirect": ([directory("d", pax_headers={
        "SCHILY.xattr.trusted.overlay.redirect": "/etc",
        "SCHILY.xattr.user.overlay.redirect": "/etc"})], {"d": stat.S_IFDIR}),
    "overlay-metacopy": ([Entry("f", b"x", pax_headers={
        "SCHILY.xattr.trusted.overlay.metacopy": "", "SCHILY.xattr.user.overlay.metacopy": ""})],
        {"f": b"x"}),
    "whiteout-in-the-lowest": ([directory("d"), Entry("d/.wh.a", b""), Entry("d/b", b"x"),
                                Entry("d/.wh..wh..opq", b"")], {"d/b": b"x"}),
    "aufs-marks": ([Entry(".wh..wh.plnk", b""), Entry("a", b"x")], {"a": b"x"}),
}


@pytest.mark.parametrize("name", CONTAINED)
def test_contained(onggi, name):
    entries, want = CONTAINED[name]
    if want is None:
        done = onggi.run("import", "-", "odd", stdin=whole(entries, tarfile.GNU_FORMAT))
        assert done.returncode in (0, 1)
        return
    onggi("import", "-", "odd", stdin=whole(entries, tarfile.PAX_FORMAT))
    (layer,) = onggi.layers()
    for path, content in want.items():
        fd = os.open(layer, os.O_PATH)
        for part in path.split("/")[:-1]:
            fd, old = os.open(part, os.O_PATH | os.O_NOFOLLOW, dir_fd=fd), fd
            os.close(old)
        base = path.rsplit("/", 1)[-1]
        found = os.stat(base, dir_fd=fd, follow_symlinks=False)
        if isinstance(content, bytes):
            assert stat.S_ISREG(found.st_mode)
            with open(f"/proc/self/fd/{fd}/{base}", "rb") as f:
                assert f.read() == content
        else:
            assert stat.S_IFMT(found.st_mode) == content
        assert [n for n in os.listxattr(f"/proc/self/fd/{fd}/{base}", follow_symlinks=False)
                if "overlay" in n] == []
        os.close(fd)
    onggi("rmi", "odd")
    assert onggi.left() == []


def test_the_next_layer_cannot_leave_either(onggi):
    """What a layer below made a link is a directory of its own in this one."""
    low, high = tar(symlink("l", CANARY)), tar(Entry("l/file", b"mine"))
    onggi("load", stdin=docker_archive([low, high]))
    top = max(onggi.layers(), key=lambda p: (p / "l/file").exists() and not (p / "l").is_symlink())
    assert (top / "l/file").read_bytes() == b"mine"


# --- documents ------------------------------------------------------------------------------------

LAYER = tar(Entry("a", b"x"))
DOCUMENTS = {
    "manifest-and-index": oci_archive([LAYER], of_manifest=lambda m: m.update(manifests=[])),
    "index-and-manifest": oci_archive([LAYER], of_index=lambda i: i.update(layers=[])),
    "manifest-of-wrong-type": oci_archive([LAYER], of_manifest=lambda m: m.update(
        mediaType="application/vnd.oci.image.index.v1+json")),
    "digest-is-a-path": oci_archive([LAYER], of_manifest=lambda m: m["layers"][0].update(
        digest="sha256:../../../../etc/passwd")),
    "digest-is-too-long": oci_archive([LAYER], of_manifest=lambda m: m["layers"][0].update(
        digest="sha256:" + "a" * 1000000)),
    "digest-in-capitals": oci_archive([LAYER], of_manifest=lambda m: m["layers"][0].update(
        digest="sha256:" + "A" * 64)),
    "digest-is-sha512": oci_archive([LAYER], of_index=lambda i: i["manifests"][0].update(
        digest="sha512:" + "a" * 128)),
    "digest-is-empty": oci_archive([LAYER], of_index=lambda i: i["manifests"][0].update(digest="")),
    "blob-is-missing": oci_archive([LAYER], of_manifest=lambda m: m["layers"][0].update(
        digest="sha256:" + "a" * 64)),
    "size-is-wrong": oci_archive([LAYER], of_index=lambda i: i["manifests"][0].update(size=1)),
    "size-is-negative": oci_archive([LAYER], of_index=lambda i: i["manifests"][0].update(size=-1)),
    "schema-1": oci_archive([LAYER], of_manifest=lambda m: m.update(schemaVersion=1)),
    "too-few-layers": oci_archive([LAYER], of_manifest=lambda m: m.update(layers=[])),
    "layer-of-another-content": docker_archive([LAYER], config=configuration([b"other"])),
    "layer-that-is-missing": docker_archive([LAYER], names=["2/layer.tar"]),
    "layer-outside": docker_archive([LAYER], names=["../../../etc/passwd"]),
    "configuration-that-is-none": docker_archive([LAYER], config=b"{}"),
    "configuration-is-a-list": docker_archive([LAYER], config=b"[]"),
    "other-root-file-system": docker_archive([LAYER], config=json.dumps(
        {"rootfs": {"type": "squashfs", "diff_ids": []}}).encode()),
    "manifest-is-an-object": docker_archive([LAYER], manifest=b"{}"),
    "manifest-is-broken": docker_archive([LAYER], manifest=b"[{"),
    "manifest-is-deep": docker_archive([LAYER], manifest=b"[" * 100000),
    "manifest-is-large": docker_archive([LAYER], manifest=b" " * (5 << 20)),
    "no-image": tar(Entry("a", b"x")),
    "nothing": b"",
    "no-archive": b"this is no archive" * 1000,
    "cut-short": docker_archive([LAYER])[:2000],
    "layer-is-no-archive": docker_archive([b"no archive" * 100]),
    "layer-is-a-link-to-itself": tar(
        symlink("0/layer.tar", "layer.tar"), Entry("config.json", configuration([LAYER])),
        Entry("manifest.json", json.dumps([{"Config": "config.json", "Layers": ["0/layer.tar"]}])
              .encode())),
    "manifest-is-a-device": tar(device("manifest.json", 1, 5)),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(onggi, name):
    said = onggi.fails("load", stdin=DOCUMENTS[name])
    assert said.startswith("onggi: ") and "AddressSanitizer" not in said
    assert onggi("images", "-q") == ""
    # A manifest of ours may be left; nothing that the archive said.
    assert [p for p in onggi.left() if "/layers/" in p] == []


def test_a_name_that_is_none_is_no_name(onggi):
    onggi("load", stdin=docker_archive([LAYER], tags=["../../etc:x", "Good", "ok:1"]))
    assert onggi("images", "--format", "names") == "ok:1\n"


def test_an_image_with_too_many_layers(onggi):
    layers = [tar(Entry(f"{n}", b"")) for n in range(501)]
    assert "overlayfs takes 500" in onggi.fails("load", stdin=docker_archive(layers))


# --- sizes ------------------------------------------------------------------------------------------

def measured(onggi, file, *limits):
    """(status, message, peak memory in KiB) of an import from an open file"""
    root = onggi.root
    root.mkdir(parents=True, exist_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    script = 'ulimit -f 4194304; exec "$0" "$@" 3>&1'
    with subprocess.Popen(["sh", "-c", script, BIN / "onggi-archive", "layer", root], stdin=file,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = process.stdout.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss, before


def test_a_gzip_bomb(onggi, place):
    """10 GiB of zeros in 10 MB. It is noticed long before its end."""
    bomb = place / "bomb"
    block = gzip.compress(bytes(64 << 20), 9)
    with open(bomb, "wb") as f:
        header = tarfile.TarInfo("zeros")
        header.size = 10 << 30
        f.write(gzip.compress(header.tobuf()))
        for _ in range(160):
            f.write(block)
    with open(bomb, "rb") as f:
        status, said, peak, _ = measured(onggi, f)
    assert status == 1 and "bomb" in said
    assert peak < 64 << 10
    assert onggi.left() == []


def test_zeros_behind_the_end(onggi, place):
    """What lies behind the end is read, as it is in the digest, but kept nowhere."""
    padded = place / "padded"
    with open(padded, "wb") as f:
        f.write(gzip.compress(tar(Entry("a", b"x"))))
        f.write(gzip.compress(bytes(512 << 20), 1))
    with open(padded, "rb") as f:
        status, said, peak, _ = measured(onggi, f)
    assert status == 0, said
    assert peak < 64 << 10


def test_a_large_window(onggi, place):
    """zstd's --long=31 wants two gigabytes of memory to read."""
    source = place / "plain"
    source.write_bytes(tar(Entry("a", os.urandom(1 << 20))))
    packed = subprocess.run(["zstd", "--ultra", "-22", "--long=31", "-c", "--no-progress"],
                            stdin=open(source, "rb"), capture_output=True, check=False)
    if packed.returncode:
        pytest.skip("zstd is not installed")
    (place / "packed").write_bytes(packed.stdout)
    with open(place / "packed", "rb") as f:
        status, said, peak, _ = measured(onggi, f)
    assert status == 1 and "zstd" in said and peak < 64 << 10


def test_many_entries(onggi, place):
    many = place / "many"
    header = tarfile.TarInfo("a").tobuf()
    with gzip.open(many, "wb", compresslevel=1) as f:
        for _ in range(100):
            f.write(header * 1000)
        f.write(bytes(1024))
    with open(many, "rb") as f:
        status, said, peak, _ = measured(onggi, f)
    assert status == 0, said
    assert peak < 64 << 10


def test_compressed_twice(onggi):
    twice = gzip.compress(gzip.compress(LAYER))
    assert "not a tar archive" in onggi.fails("import", "-", stdin=twice)


@pytest.mark.parametrize("name", ["gzip", "zstd", "xz", "bzip2"])
def test_damaged(onggi, name):
    pack = {"gzip": gzip.compress, "xz": lzma.compress, "bzip2": bz2.compress,
            "zstd": lambda d: subprocess.run(["zstd", "-c"], input=d, capture_output=True,
                                             check=True).stdout}[name]
    good = bytearray(pack(tar(Entry("a", os.urandom(100000)))))
    onggi("import", "-", "good", stdin=bytes(good))
    onggi("rmi", "good")
    assert onggi.fails("import", "-", stdin=bytes(good[:len(good) // 2]))
    good[len(good) // 2] ^= 0xff
    good[len(good) // 2 + 1] ^= 0xff
    assert name == "zstd" or onggi.fails("import", "-", stdin=bytes(good))
    assert name == "zstd" or onggi.left() == []


def test_sparse_files_stay_sparse(onggi, place):
    (place / "fs").mkdir()
    with open(place / "fs/hole", "wb") as f:
        f.truncate(1 << 30)
        f.seek(512 << 20)
        f.write(b"middle")
    packed = subprocess.run(["tar", "-S", "-c", "-C", place / "fs", "."], capture_output=True,
                            check=True).stdout
    onggi("import", "-", "sparse", stdin=packed)
    (layer,) = onggi.layers()
    found = os.stat(layer / "hole")
    assert found.st_size == 1 << 30 and found.st_blocks < 1000
    with open(layer / "hole", "rb") as f:
        f.seek(512 << 20)
        assert f.read(6) == b"middle"


def test_an_archive_that_claims_to_be_huge(onggi):
    header = io.BytesIO()
    info = tarfile.TarInfo("a")
    info.size = 1 << 42
    header.write(info.tobuf())
    said = onggi.fails("import", "-", stdin=header.getvalue() + bytes(1024))
    assert "entry 'a'" in said and onggi.left() == []
