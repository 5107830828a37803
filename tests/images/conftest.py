import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from engine import Onggi  # noqa: E402 (the path comes first)


@pytest.fixture
def onggi(place):
    return Onggi(place / "root")
