"""Body and marks are told by stored vectors, each with a probability, and not where pictures are too small."""

import numpy as np
import pytest

from reid.appearance.embedders import make_embedder
from reid.appearance.marks import AttributeNetwork, NamedAttributes, installed_attributes, side_px
from reid.weights import find_weights

LARGE = np.array([100.0])


@pytest.fixture(scope="module")
def network() -> AttributeNetwork:
    found = installed_attributes()
    assert found is not None
    return found


def some_vectors(count: int = 3) -> np.ndarray:
    vectors = np.random.default_rng(0).normal(0, 1, (count, 256)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_packaged_attributes_are_for_the_packaged_appearance(network: AttributeNetwork) -> None:
    assert network.appearance_model == find_weights("appearance").model_id
    assert make_embedder("histogram").model_id != network.appearance_model


def test_bodies_add_up_and_follow_the_type(network: AttributeNetwork) -> None:
    told = network.tell(some_vectors(), np.full(3, 100.0), {"truck": 0.9, "car": 0.1})
    types = {one.name: one.type for one in network.bodies}
    assert sum(told.bodies.values()) == pytest.approx(1, abs=1e-3)
    trucks = sum(share for name, share in told.bodies.items() if types[name] == "truck")
    assert trucks == pytest.approx(0.9, abs=1e-3)


def test_a_mark_is_no_likelier_than_a_body_that_can_have_it(network: AttributeNetwork) -> None:
    told = network.tell(some_vectors(), np.full(3, 100.0), {"motorcycle": 1.0})
    assert told.marks["roof box"] == 0
    assert network.tell(some_vectors(), np.full(3, 100.0), {"car": 1.0}).marks["passenger"] == 0


def test_what_is_too_small_to_see_is_not_told(network: AttributeNetwork) -> None:
    told = network.tell(some_vectors(1), np.array([12.0]), {})
    assert (told.bodies, told.marks, told.likely) == ({}, {}, [])
    assert network.tell(some_vectors(2), np.array([12.0, 100.0]), {}).bodies


def test_nothing_is_told_without_vectors(network: AttributeNetwork) -> None:
    assert network.tell(np.zeros((0, 256), np.float32), np.zeros(0), {}).likely == []


@pytest.mark.parametrize(
    ("probability", "share", "shown"),
    [
        pytest.param(0.85, 0.6, True, id="sure"),
        pytest.param(0.7, 0.6, False, id="hardly likelier than usual"),
        pytest.param(0.3, 0.04, True, id="unusually likely"),
        pytest.param(0.1, 0.04, False, id="twice as likely as usual, and unlikely"),
    ],
)
def test_a_mark_is_shown_where_it_is_likely(probability: float, share: float, shown: bool) -> None:
    told = NamedAttributes({}, {"roof box": probability}, {"roof box": share})
    assert told.likely == ([("roof box", probability)] if shown else [])


def test_the_side_of_a_picture_is_that_of_a_square_of_its_area() -> None:
    assert side_px([(90, 40), (16, 16)]).tolist() == [60, 16]
