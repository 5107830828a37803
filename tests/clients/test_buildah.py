"""Buildah's RUN drives the runtime: create, start, state, delete."""
import pytest

from kit import image
from kit.daemon import STORAGE, call, need


@pytest.fixture(scope="module")
def buildah(area, binary, archive):
    need("buildah")
    (area / "storage.conf").write_text(STORAGE.format(area=area))
    (area / "registries.conf").write_text("")
    (area / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    env = {"CONTAINERS_STORAGE_CONF": str(area / "storage.conf"), "BUILDAH_ISOLATION": "oci",
           "CONTAINERS_REGISTRIES_CONF": str(area / "registries.conf"), "TMPDIR": str(area),
           "BUILDAH_RUNTIME": binary}

    def run(*args, **how):
        return call("buildah", *args, env=env, **how)

    run("pull", "--signature-policy", area / "policy.json", f"docker-archive:{archive}").ok()
    return run


def test_run_in_a_working_container(buildah, binary):
    name = buildah("from", "--pull-never", image.NAME).ok().out.strip()
    done = buildah("run", "--runtime", binary, "--network", "none", name, "/bin/sh", "-c",
                   "echo built >/x; cat /x; exit 3")
    assert done.out.startswith("built\n")
    assert done.status == 3
    buildah("rm", name).ok()


def test_build(buildah, binary, area):
    (area / "Containerfile").write_text(f"FROM {image.NAME}\nRUN echo one >/one && id -u\n"
                                        "RUN test -f /one\n")
    done = buildah("build", "--runtime", binary, "--pull-never", "--network", "none", "--tag",
                   "built", "--file", area / "Containerfile", area)
    done.ok()
