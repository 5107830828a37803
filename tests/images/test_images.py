"""Images as people handle them: in and out of archives, lists, names, removal."""
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import stat
import subprocess
import tarfile

import pytest

from archives import (Entry, configuration, device, directory, docker_archive, hardlink,
                      oci_archive, symlink, tar)

LOW = tar(directory("etc"), Entry("etc/a", b"low"), Entry("etc/b", b"low"),
          directory("tmp", mode=0o1777, uid=7, gid=8), directory("gone"), Entry("gone/x", b""),
          Entry("big", b"0123456789" * 1000))
HIGH = tar(Entry("etc/.wh.a", b""), Entry("tmp/x", b"high"), Entry(".wh.gone", b""),
           directory("gone"), Entry("gone/y", b""), hardlink("linked", "big"))


def zstd(data):
    return subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=True).stdout


def loaded(onggi, layers=(LOW, HIGH), **how):
    return onggi("load", stdin=docker_archive(list(layers), **how))


def top_layer(onggi, image="web"):
    (found,) = json.loads(onggi("image", "inspect", image))
    return found["GraphDriver"]["Data"]["LowerDir"].split(":")[0]


# --- layers -----------------------------------------------------------------------------------------

def test_the_kernel_joins_the_layers(onggi, place):
    """What overlayfs makes of them is what the archive means."""
    loaded(onggi)
    (image,) = json.loads(onggi("image", "inspect", "web"))
    lower = image["GraphDriver"]["Data"]["LowerDir"]
    root = place / "merged"
    root.mkdir()
    subprocess.run(["mount", "-t", "overlay", "-o", f"ro,lowerdir={lower}", "overlay", root],
                   check=True)
    try:
        seen = sorted(str(p.relative_to(root)) for p in root.rglob("*"))
        assert seen == ["big", "etc", "etc/b", "gone", "gone/y", "linked", "tmp", "tmp/x"]
        assert (root / "tmp/x").read_bytes() == b"high"
        there = os.stat(root / "tmp")
        assert (stat.S_IMODE(there.st_mode), there.st_uid, there.st_gid) == (0o1777, 7, 8)
        assert (root / "linked").read_bytes() == b"0123456789" * 1000
    finally:
        subprocess.run(["umount", root], check=True)


def test_attributes_arrive(onggi):
    onggi("import", "-", "all", stdin=tar(
        Entry("f", b"x", mode=0o6755, uid=1234, gid=4321, mtime=1234567890.5, pax_headers={
            "SCHILY.xattr.user.note": "here", "mtime": "1234567890.5"}),
        directory("d", mode=0o700, mtime=99), Entry("d/inside", b""),
        symlink("l", "f", uid=5, mtime=77), device("null", 1, 3, mode=0o666),
        Entry("p", type=b"6", mode=0o600)))
    top = top_layer(onggi, "all")
    f = os.stat(top + "/f")
    assert (stat.S_IMODE(f.st_mode), f.st_uid, f.st_gid) == (0o6755, 1234, 4321)
    assert f.st_mtime_ns == 1234567890500000000
    assert os.getxattr(top + "/f", "user.note") == b"here"
    assert os.stat(top + "/d").st_mtime == 99 and stat.S_IMODE(os.stat(top + "/d").st_mode) == 0o700
    link = os.lstat(top + "/l")
    assert (os.readlink(top + "/l"), link.st_uid, link.st_mtime) == ("f", 5, 77)
    assert os.stat(top + "/null").st_rdev == os.makedev(1, 3)
    assert stat.S_ISFIFO(os.stat(top + "/p").st_mode)


def test_opaque_directories(onggi):
    high = tar(directory("etc"), Entry("etc/new", b""), Entry("etc/.wh..wh..opq", b""))
    loaded(onggi, [LOW, high])
    assert os.getxattr(top_layer(onggi) + "/etc", "trusted.overlay.opaque") == b"y"


def test_layers_are_shared(onggi):
    loaded(onggi, [LOW, HIGH], tags=["one"])
    loaded(onggi, [LOW, tar(Entry("other", b""))], tags=["two"])
    assert len(onggi.layers()) == 3
    onggi("rmi", "one")
    assert len(onggi.layers()) == 2
    assert onggi("images", "--format", "names") == "two:latest\n"
    onggi("rmi", "two")
    assert onggi.left() == []


# --- archives ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, zstd])
def test_any_compression(onggi, pack):
    onggi("load", stdin=pack(docker_archive([LOW])))
    onggi("import", "-", "fs", stdin=pack(LOW))
    assert onggi("images", "-q").count("\n") == 2


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_compressed_layers_stay_as_they_are(onggi, pack):
    onggi("load", stdin=docker_archive([LOW], compress=pack))
    blob = onggi.root / "images/blobs/sha256" / hashlib.sha256(pack(LOW)).hexdigest()
    assert pack is zstd or blob.exists()
    assert len(onggi.layers()) == 1


def test_save_and_load_again(onggi, place):
    loaded(onggi, tags=["web:1", "team/web:2"])
    onggi("import", "-", "other", stdin=LOW)
    first, second = place / "first", place / "second"
    onggi("save", "-o", first, "web:1", "team/web:2", "other")
    second.write_bytes(onggi.run("save", "web:1", "team/web:2", "other").stdout)
    assert first.read_bytes() == second.read_bytes(), "not the same twice"
    ids = sorted(onggi("images", "-q", "--no-trunc").split())
    onggi("image", "prune", "-a", "-f")
    assert onggi.left() == []
    said = onggi("load", "-i", first)
    assert said.splitlines() == ["Loaded image: web:1", "Loaded image: team/web:2",
                                 "Loaded image: other:latest"]
    assert sorted(onggi("images", "-q", "--no-trunc").split()) == ids


def test_older_archives_have_links(onggi):
    """docker save once wrote a layer that two images share only once."""
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["web:latest"],
                            "Layers": ["a/layer.tar", "b/layer.tar"]}]).encode()
    archive = tar(Entry("a/layer.tar", LOW), symlink("b/layer.tar", "../a/layer.tar"),
                  Entry("config.json", configuration([LOW, LOW])), Entry("manifest.json", manifest),
                  Entry("repositories", b"{}"), Entry("a/VERSION", b"1.0"), Entry("a/json", b"{}"))
    onggi("load", stdin=archive)
    assert len(onggi.layers()) == 2


def test_an_oci_archive(onggi):
    assert onggi("load", stdin=oci_archive([LOW, HIGH], "example.org/a/b:1")) == \
        "Loaded image: example.org/a/b:1\n"


def test_the_store_is_a_layout(onggi):
    loaded(onggi)
    for path in (onggi.root / "images/blobs/sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    index = json.loads((onggi.root / "images/index.json").read_text())
    assert index["manifests"][0]["annotations"] == {
        "org.opencontainers.image.ref.name": "docker.io/library/web:latest"}


skopeo = pytest.mark.skipif(not shutil.which("skopeo"), reason="skopeo is not installed")


def copied(source, target):
    subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", source, target], check=True)


@skopeo
@pytest.mark.parametrize("form", ["docker-archive:{}:example.org/web:1", "oci-archive:{}:example.org/web:1"])
def test_skopeo_writes_and_we_read(onggi, place, form):
    loaded(onggi)
    ours, theirs = place / "ours", place / "theirs"
    onggi("save", "-o", ours, "web")
    copied(f"docker-archive:{ours}:web:latest", form.format(theirs))
    onggi("rmi", "web")
    assert onggi("load", "-i", theirs) == "Loaded image: example.org/web:1\n"
    assert len(onggi.layers()) == 2


@skopeo
def test_skopeo_reads_what_we_write(onggi, place):
    loaded(onggi)
    (image,) = json.loads(onggi("image", "inspect", "web"))
    onggi("save", "-o", place / "ours", "web")
    for form in (f"docker-archive:{place}/ours:web:latest", f"oci-archive:{place}/ours:latest",
                 f"oci:{onggi.root}/images:docker.io/library/web:latest"):
        shown = json.loads(subprocess.run(["skopeo", "inspect", "--config", form],
                                          capture_output=True, check=True).stdout)
        assert shown["rootfs"]["diff_ids"] == image["RootFS"]["Layers"]


# --- import -----------------------------------------------------------------------------------------

def test_import_with_changes(onggi, place):
    (place / "fs.tar").write_bytes(LOW)
    onggi("import", "-m", "made by hand", "-c", 'CMD ["a", "b"]', "-c", "ENV A=1 B=2",
          "--change", "EXPOSE 80", "--change", "USER 1:2", "--change", "LABEL x=y", "--change",
          "WORKDIR /w", "--change", "VOLUME /v", place / "fs.tar", "made:1")
    (image,) = json.loads(onggi("image", "inspect", "made:1"))
    assert image["Config"] == {
        "User": "1:2", "ExposedPorts": {"80/tcp": {}}, "Env": ["A=1", "B=2"], "Cmd": ["a", "b"],
        "Volumes": {"/v": {}}, "WorkingDir": "/w", "Labels": {"x": "y"}}
    assert image["Comment"] == "made by hand" and image["RepoTags"] == ["made:1"]
    assert "not a valid change command" in onggi.fails(
        "import", "-c", "RUN x", place / "fs.tar")


def test_import_without_a_name(onggi):
    identity = onggi("import", "-", stdin=LOW).strip()
    assert onggi("images").splitlines()[1].split()[:3] == ["<none>", "<none>", identity[7:19]]


# --- names and lists --------------------------------------------------------------------------------

def test_lists(onggi):
    loaded(onggi, tags=["web:1", "example.org:5000/team/web:2"])
    lines = [line.split() for line in onggi("images").splitlines()]
    assert lines[0] == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"]
    assert [line[:2] for line in lines[1:]] == [["web", "1"], ["example.org:5000/team/web", "2"]]
    assert lines[1][-1] == "20kB"
    assert onggi("images", "-q").count("\n") == 1
    assert onggi("images", "web", "--format", "names") == "web:1\n"
    assert onggi("images", "--filter", "reference=*/*/*:2", "--format", "names") == \
        "example.org:5000/team/web:2\n"
    assert onggi("images", "-q", "--filter", "dangling=true") == ""
    assert onggi("images", "-q", "--filter", "label=x") == ""
    assert "invalid filter" in onggi.fails("images", "--filter", "colour=red")
    rows = [json.loads(line) for line in onggi("images", "--format", "json").splitlines()]
    assert [(row["Repository"], row["Tag"]) for row in rows] == [
        ("web", "1"), ("example.org:5000/team/web", "2")]


def test_ids_and_their_beginnings(onggi):
    loaded(onggi)
    identity = onggi("images", "-q", "--no-trunc").strip()
    for text in (identity, identity[7:], identity[7:19], identity[7:11], "sha256:" + identity[7:15]):
        assert json.loads(onggi("image", "inspect", text))[0]["Id"] == identity
    assert "No such image: nothing" in onggi.fails("image", "inspect", "nothing")
    assert onggi.run("image", "exists", "web").returncode == 0
    assert onggi.run("image", "exists", "nothing").returncode == 1


def test_names_come_and_go(onggi):
    loaded(onggi)
    onggi("tag", "web", "copy:1")
    assert onggi("rmi", "web") == "Untagged: web:latest\n"
    assert "invalid reference" in onggi.fails("tag", "copy:1", "Copy")
    said = onggi("rmi", "copy:1").splitlines()
    assert said[0] == "Untagged: copy:1" and said[1].startswith("Deleted: sha256:")
    assert onggi.left() == []
    assert "No such image" in onggi.fails("rmi", "copy:1")
    assert onggi("rmi", "-f", "copy:1") == ""


def test_an_image_in_use_stays(onggi):
    loaded(onggi)
    identity = onggi("images", "-q", "--no-trunc").strip()
    record = onggi.root / "containers" / ("0" * 64)
    record.mkdir(parents=True)
    (record / "record.json").write_text(json.dumps({"id": "0" * 64, "imageId": identity}))
    assert "container 000000000000 is using" in onggi.fails("rmi", "web")
    assert "Total reclaimed space: 0B" in onggi("image", "prune", "-a", "-f")
    assert onggi("rmi", "-f", "web") == "Untagged: web:latest\n"
    assert len(onggi.layers()) == 2


def test_history(onggi):
    loaded(onggi)
    lines = onggi("history", "web").splitlines()
    assert lines[0].split() == ["IMAGE", "CREATED", "CREATED", "BY", "SIZE", "COMMENT"]
    assert "step 1" in lines[1] and "step 0" in lines[2] and lines[2].startswith("<missing>")
    assert "10kB" in lines[2]


def test_two_at_once(onggi, place):
    """Commands that change the index wait for each other, and none is lost."""
    (place / "a").write_bytes(docker_archive([LOW], tags=[f"a:{n}" for n in range(3)]))
    loaded(onggi)
    running = [subprocess.Popen([*command]) for n in range(8) for command in [
        [onggi_program(), "--root", str(onggi.root), "--run-root", str(place / "run"), "tag", "web", f"t:{n}"],
        [onggi_program(), "--root", str(onggi.root), "--run-root", str(place / "run"), "load", "-q", "-i", str(place / "a")]]]
    assert [process.wait() for process in running] == [0] * 16
    names = onggi("images", "--format", "names").split()
    assert sorted(names) == sorted(["web:latest", *(f"t:{n}" for n in range(8)),
                                    *(f"a:{n}" for n in range(3))])


def onggi_program():
    from engine import BIN
    return str(BIN / "onggi")


# --- trees ------------------------------------------------------------------------------------------

def archive_program(onggi, *args, stdin):
    """what onggi-archive answers, and what it writes"""
    from engine import BIN
    with open(onggi.root / "answers", "wb") as answers:
        done = subprocess.run(["sh", "-c", 'exec "$0" "$@" 3>&2', BIN / "onggi-archive", *args],
                              stdin=stdin, stdout=subprocess.PIPE, stderr=answers, check=False)
    lines = (onggi.root / "answers").read_text().splitlines()
    return [json.loads(line) for line in lines], done.stdout


def members(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {m.name: m for m in archive.getmembers()}


def test_the_tree_of_several_layers_is_exported(onggi):
    loaded(onggi)
    (image,) = json.loads(onggi("image", "inspect", "web"))
    dirs = image["GraphDriver"]["Data"]["LowerDir"].split(":")[::-1]
    answers, data = archive_program(
        onggi, "export", onggi.root, *dirs, stdin=subprocess.DEVNULL)
    assert answers == [{"done": True}]
    found = members(data)
    assert sorted(found) == [".", "big", "etc", "etc/b", "gone", "gone/y", "linked", "tmp", "tmp/x"]
    assert (found["tmp"].mode, found["tmp"].uid, found["tmp"].gid) == (0o1777, 7, 8)
    again = archive_program(onggi, "export", onggi.root, *dirs, stdin=subprocess.DEVNULL)[1]
    assert again == data


def test_a_tree_becomes_a_layer_and_a_layer_again(onggi, place):
    """What overlayfs marks as gone is a whiteout of the layer, and comes back as the same mark."""
    loaded(onggi)
    (image,) = json.loads(onggi("image", "inspect", "web"))
    base = image["RootFS"]["Layers"][0]
    upper = place / "upper"
    upper.mkdir()
    os.mknod(upper / "big", stat.S_IFCHR, os.makedev(0, 0))
    (upper / "etc").mkdir()
    os.setxattr(upper / "etc", "trusted.overlay.opaque", b"y")
    (upper / "etc/new").write_bytes(b"new")
    os.setxattr(upper / "etc/new", "user.note", b"here")
    os.link(upper / "etc/new", upper / "again")
    directory_fd = os.open(upper, os.O_RDONLY)
    answers, _ = archive_program(onggi, "commit", onggi.root, base, stdin=directory_fd)
    os.close(directory_fd)
    assert answers[-1] == {"done": True}
    blob = onggi.root / "images/blobs/sha256" / answers[0]["digest"][7:]
    found = members(blob.read_bytes())
    assert sorted(found) == [".", ".wh.big", "again", "etc", "etc/.wh..wh..opq", "etc/new"]
    assert found["etc/new"].islnk() != found["again"].islnk()
    diff = onggi.root / "layers" / answers[0]["chain"][7:] / "diff"
    assert os.stat(diff / "big").st_rdev == 0 and stat.S_ISCHR(os.stat(diff / "big").st_mode)
    assert os.getxattr(diff / "etc", "trusted.overlay.opaque") == b"y"
    assert os.getxattr(diff / "etc/new", "user.note") == b"here"
    assert os.stat(diff / "again").st_ino == os.stat(diff / "etc/new").st_ino


def test_programs_become_an_image(onggi):
    identity = onggi("pack", "-t", "tools", "cat", "ls").strip()
    (image,) = json.loads(onggi("image", "inspect", "tools"))
    assert image["Id"] == identity and image["Config"]["Cmd"] == ["cat"]
    top = top_layer(onggi, "tools")
    assert subprocess.run(["chroot", top, "cat", "/etc/passwd"], check=True, capture_output=True).stdout
    assert "say where it goes" in onggi.fails("pack", "cat", status=125)


# --- after a power cut ------------------------------------------------------------------------------

def age(path):
    """old enough to belong to no command at work"""
    os.utime(path, (1, 1), follow_symlinks=False)


def test_a_whole_store_is_whole(onggi):
    loaded(onggi)
    assert onggi("fsck") == ""


def test_a_layer_that_is_missing_is_unpacked_again(onggi):
    loaded(onggi)
    shutil.rmtree(onggi.layers()[0].parent)
    assert "is not whole" in onggi.run("fsck").stdout.decode()
    assert onggi.run("fsck").returncode == 1
    onggi("fsck", "--repair")
    assert onggi("fsck") == "" and len(onggi.layers()) == 2


def test_leftovers_are_removed(onggi):
    loaded(onggi)
    before = sorted(onggi.left())
    blob = onggi.root / "images/blobs/sha256/.new.1.0"
    blob.write_bytes(b"cut off")
    layer = onggi.root / "layers/.new.1.0"
    (layer / "diff/etc").mkdir(parents=True)
    assert onggi("fsck", "--repair") == "", "they may belong to a command at work"
    age(blob)
    age(layer)
    assert onggi("fsck", "--repair").splitlines()[-1] == "2 problems, 2 repaired"
    assert sorted(onggi.left()) == before and onggi("fsck") == ""


def test_a_damaged_image_goes_and_others_stay(onggi):
    loaded(onggi, [LOW, HIGH], tags=["broken"])
    loaded(onggi, [LOW], tags=["whole"])
    (image,) = json.loads(onggi("image", "inspect", "broken"))
    blob = onggi.root / "images/blobs/sha256" / image["RootFS"]["Layers"][1][7:]
    data = bytearray(blob.read_bytes())
    data[700] ^= 1
    blob.write_bytes(data)
    assert "is damaged" in onggi.run("fsck").stdout.decode()
    onggi("fsck", "--repair")
    assert onggi("images", "--format", "names") == "whole:latest\n"


def test_layers_of_containers_are_no_leftovers(onggi):
    loaded(onggi)
    layers = onggi.layers()
    record = onggi.root / "containers" / ("0" * 64)
    record.mkdir(parents=True)
    (record / "record.json").write_text(json.dumps(
        {"id": "0" * 64, "imageId": "sha256:" + "0" * 64, "layers": [str(p) for p in layers]}))
    (onggi.root / "images/index.json").unlink()
    for path in [*layers, *(onggi.root / "images/blobs/sha256").iterdir()]:
        age(path.parent if path in layers else path)
    onggi("fsck", "--repair")
    assert onggi.layers() == layers
