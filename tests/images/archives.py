"""Archives as tests want them: layers, docker archives, and OCI layouts, also broken ones."""
import gzip
import hashlib
import io
import json
import tarfile


class Entry(tarfile.TarInfo):
    """Entry("a/b", content) is a file; everything else by attributes."""

    def __init__(self, name, content=None, **attributes):
        super().__init__(name)
        self.content = content
        self.mode = 0o644
        if content is not None:
            self.size = len(content)
        for key, value in attributes.items():
            setattr(self, key, value)


def directory(name, mode=0o755, **attributes):
    return Entry(name, type=tarfile.DIRTYPE, mode=mode, **attributes)


def symlink(name, target, **attributes):
    return Entry(name, type=tarfile.SYMTYPE, linkname=target, **attributes)


def hardlink(name, target, **attributes):
    return Entry(name, type=tarfile.LNKTYPE, linkname=target, **attributes)


def device(name, major, minor, kind=tarfile.CHRTYPE, **attributes):
    return Entry(name, type=kind, devmajor=major, devminor=minor, **attributes)


def tar(*entries, form=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for entry in entries:
            content = None if entry.content is None else io.BytesIO(entry.content)
            archive.addfile(entry, content)
    return out.getvalue()


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def configuration(layers, **more):
    """of an image with these (uncompressed) layers"""
    return json.dumps({
        "architecture": "amd64", "os": "linux", "created": "2024-01-02T03:04:05Z",
        "config": {"Cmd": ["sh"], "Env": ["A=b"]},
        "rootfs": {"type": "layers", "diff_ids": [sha256(layer) for layer in layers]},
        "history": [{"created_by": f"step {n}"} for n in range(len(layers))]} | more).encode()


def docker_archive(layers, tags=("web:latest",), compress=None, **broken):
    """What `docker save` writes. broken: config, manifest (bytes), names of layers."""
    config = broken.get("config") or configuration(layers)
    names = broken.get("names") or [f"{n}/layer.tar" for n in range(len(layers))]
    manifest = broken.get("manifest") or json.dumps(
        [{"Config": "config.json", "RepoTags": list(tags), "Layers": names}]).encode()
    stored = [compress(layer) if compress else layer for layer in layers]
    return tar(*(Entry(f"{n}/layer.tar", layer) for n, layer in enumerate(stored)),
               Entry("config.json", config), Entry("manifest.json", manifest))


def oci_archive(layers, name="web", of_manifest=lambda manifest: None,
                of_index=lambda index: None, compress=gzip.compress):
    """An OCI layout; the functions change the manifest and the index before they are written."""
    kind = "application/vnd.oci.image."
    blobs = []

    def put(data, media, **more):
        blobs.append(Entry("blobs/sha256/" + sha256(data)[7:], data))
        return {"mediaType": kind + media, "digest": sha256(data), "size": len(data)} | more

    manifest = {
        "schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
        "config": put(configuration(layers), "config.v1+json"),
        "layers": [put(compress(layer), "layer.v1.tar+gzip") for layer in layers]}
    index = {"schemaVersion": 2, "manifests": []}
    of_manifest(manifest)
    index["manifests"].insert(0, put(
        json.dumps(manifest).encode(), "manifest.v1+json",
        annotations={"org.opencontainers.image.ref.name": name}))
    of_index(index)
    return tar(*blobs, Entry("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'),
               Entry("index.json", json.dumps(index).encode()))
