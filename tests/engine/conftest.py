import pytest

from kit.engine import Engine


@pytest.fixture
def engine(place, template):
    made = Engine(place, template)
    yield made
    made.clean()
    assert not made.containers()
