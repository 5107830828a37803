"""The gates fail when they must: tools/layers on trees that break its rules, ./dev by its words."""
import subprocess

import pytest

from kit.runtime import TOP


@pytest.fixture
def layers(place):
    """layers({file: text}): status and output of tools/layers on a tree of these files."""

    def check(files):
        for name, text in files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([TOP / "tools/layers", "--root", place, place], capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout

    return check


GUARD = "#pragma once\n"


def test_sound_tree(layers):
    status, out = layers({
        "base/a.h": GUARD, "kernel/b.h": GUARD + '#include "base/a.h"\n',
        "kernel/b.c": '#include "kernel/b.h"\n#include "base/a.h"\n',
    })
    assert (status, out) == (0, "")


def test_upward_include(layers):
    status, out = layers({"kernel/b.h": GUARD, "base/a.c": '#include "kernel/b.h"\n'})
    assert status == 1
    assert 'src/base/a.c: layer \'base\' may not include "kernel/b.h"' in out


def test_siblings_do_not_see_each_other(layers):
    status, out = layers({"net/n.h": GUARD, "runtime/r.c": '#include "net/n.h"\n'})
    assert status == 1
    assert "may not include" in out


def test_unknown_layer(layers):
    status, out = layers({"misc/a.h": GUARD})
    assert status == 1
    assert "not in the list" in out


def test_circle_among_headers(layers):
    status, out = layers({
        "base/a.h": GUARD + '#include "base/b.h"\n', "base/b.h": GUARD + '#include "base/a.h"\n'})
    assert status == 1
    assert "headers in a circle: base/a.h, base/b.h" in out


def test_circle_among_modules(layers):
    status, out = layers({
        "base/a.h": GUARD, "base/a.c": '#include "base/a.h"\n#include "base/b.h"\n',
        "base/b.h": GUARD, "base/b.c": '#include "base/b.h"\n#include "base/a.h"\n'})
    assert status == 1
    assert "modules in a circle: base/a, base/b" in out


def test_header_that_leans_on_its_includer(layers):
    status, out = layers({"base/a.h": GUARD + "size_t size(void);\n"})
    assert status == 1
    assert "base/a.h: does not compile on its own" in out


def test_include_that_is_not_from_the_top(layers):
    status, out = layers({"base/a.h": GUARD, "base/a.c": '#include "a.h"\n'})
    assert status == 1
    assert "not written from src/" in out


def dev(*args):
    return subprocess.run([TOP / "dev", *args], capture_output=True, text=True, check=False)


def test_help_names_every_command():
    out = dev("help").stdout
    for command in "setup run test bench fuzz vm lint measure fmt install help".split():
        assert f"\n  {command}" in out


def test_unknown_command():
    done = dev("tset")
    assert done.returncode == 2
    assert "no command 'tset'" in done.stderr


def test_measure_prints_a_table():
    out = dev("measure").stdout
    assert "function length, maximum" in out
    assert "upward includes and cycles                               0         0" in out
