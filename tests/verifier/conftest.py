"""Node.js for tests that run on every version that is here."""

import pytest

from tests.verifier.node import all_nodes, find_node


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `node` runs once with each."""
    if "node" in metafunc.fixturenames:
        nodes = all_nodes()
        metafunc.parametrize("node", nodes or [""], indirect=True, ids=[f"node{n}" for n in range(len(nodes) or 1)])


@pytest.fixture
def node(request: pytest.FixtureRequest) -> str:
    return request.param or find_node()
