"""A small image as an archive that every engine can load, made from a directory: no registry."""
import hashlib
import io
import json
import pathlib
import tarfile

NAME = "localhost/onggi-test:1"


def add_text(archive, name, text):
    info = tarfile.TarInfo(name)
    info.size = len(text)
    archive.addfile(info, io.BytesIO(text))


def make(root, path):
    """Writes the root file system @root as an image to the file @path, in docker's format."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        for entry in sorted(root.iterdir()):
            archive.add(entry, entry.name)
    layer = layer.getvalue()
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "created": "2024-01-01T00:00:00Z",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"], "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
        "history": [{"created": "2024-01-01T00:00:00Z"}],
    }).encode()
    name = hashlib.sha256(config).hexdigest() + ".json"
    with tarfile.open(path, "w") as archive:
        add_text(archive, "layer.tar", layer)
        add_text(archive, name, config)
        add_text(archive, "manifest.json", json.dumps(
            [{"Config": name, "RepoTags": [NAME], "Layers": ["layer.tar"]}]).encode())
    return pathlib.Path(path)
