"""Plates that nobody can read are compared by their looks, inside the search."""

from collections.abc import Iterator

import numpy as np
import pytest

from index.access.permissions import local_person
from index.answers import Candidate, Query
from index.records import NewChunk
from index.search import gallery, plate_memory, target
from index.search import search as search_steps
from index.search.measured import measure
from index.search.plate_memory import PlateMemory
from index.search.question import SearchOptions
from index.search.search import search
from index.search.target import plate_pictures
from index.store.archive import Archive
from reid.arrays import Floats
from reid.plates.verify import PlateAppearance
from tests.index.plated import PatternVerifier, picture, plated

SAME, ANOTHER = 4, 5


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> PatternVerifier:
    verifier = PatternVerifier()
    monkeypatch.setattr(target, "installed_verifier", lambda: verifier)
    return verifier


@pytest.fixture
def street(archive: Archive) -> Iterator[Archive]:
    """Ten sightings on two cameras: numbers 0, 3 and 8 carry one plate, 5 shows none, the others carry others."""
    plates = {n: SAME if n in (0, 3, 8) else None if n == 5 else 100 + n for n in range(10)}
    archive.add(NewChunk(None, None, tuple(plated(n, pattern) for n, pattern in plates.items())))
    return archive


def asked(archive: Archive, query: Query, options: SearchOptions | None = None) -> dict[str, Candidate]:
    *_, answer = search(archive, query, local_person(), options)
    return {candidate.sighting.id: candidate for candidate in answer.candidates}


def llrs(found: dict[str, Candidate]) -> dict[int, float | None]:
    return {int(id_[-5:]): candidate.evidence.plate for id_, candidate in found.items()}


@pytest.mark.usefixtures("installed")
def test_an_unreadable_plate_finds_its_like(street: Archive) -> None:
    found = asked(street, Query(sighting="sighting-00000"))
    plate = llrs(found)
    assert plate[5] is None
    known = {number: llr for number, llr in plate.items() if llr is not None}
    assert min(known[3], known[8]) > 3 > 0 > max(llr for number, llr in known.items() if number not in (3, 8))


def test_of_those_that_look_the_same_a_plate_that_hides_its_characters_makes_none_likelier(
    street: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A twin of a fleet: its plate, too small to read, was alike, and counted as if nobody else had such a one."""

    class SeesNoCharacter(PatternVerifier):
        def both_llrs(self, first: PlateAppearance, second: PlateAppearance) -> tuple[Floats, Floats]:
            return self.llr(first, second), np.zeros(len(first))

    monkeypatch.setattr(target, "installed_verifier", SeesNoCharacter)
    monkeypatch.setattr(gallery, "appearance_llr", lambda similarity, *_: np.full(len(similarity), 6.0))
    known = [llr for llr in llrs(asked(street, Query(sighting="sighting-00000"))).values() if llr is not None]
    assert max(known) < 0.5
    assert min(known) < -3


@pytest.mark.usefixtures("installed")
def test_words_say_consistent_and_never_same(street: Archive) -> None:
    found = asked(street, Query(sighting="sighting-00000"))
    assert "plate consistent with" in found["sighting-00003"].why
    assert not [one.why for one in found.values() if "same" in one.why and "plate" in one.why.split("same")[0][-12:]]


@pytest.mark.usefixtures("installed")
def test_only_the_likeliest_are_looked_at_from_near(street: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    near = llrs(asked(street, Query(sighting="sighting-00000")))
    for name in ("LOOKED_AT", "MOST_LOOKED_AT"):
        monkeypatch.setattr(search_steps, name, 3)
    some = llrs(asked(street, Query(sighting="sighting-00000")))
    assert {number for number in near if near[number] == some[number] and near[number] is not None} == {3, 8}
    assert all((near[number] is None) == (some[number] is None) for number in near)


@pytest.mark.usefixtures("installed")
def test_a_memory_reads_the_pictures_of_a_plate_once_and_changes_nothing(
    street: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = asked(street, Query(sighting="sighting-00000"))
    options, read = SearchOptions(plate_memory=PlateMemory()), []
    monkeypatch.setattr(plate_memory, "plate_pictures", lambda *given: read.append(given) or plate_pictures(*given))
    assert asked(street, Query(sighting="sighting-00000"), options) == alone
    times = len(read)
    assert asked(street, Query(sighting="sighting-00000"), options) == alone
    assert len(read) == times > 0


@pytest.mark.usefixtures("installed")
def test_a_lost_picture_leaves_the_vector_to_speak(street: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    for pack in (street.path / "crops").glob("*.pack"):
        data = bytearray(pack.read_bytes())
        data[200:] = bytes(len(data) - 200)
        pack.write_bytes(data)
    wanted = plated(90, SAME)
    street.add(NewChunk(None, None, (wanted,)))
    monkeypatch.setattr(target, "SHOTS_EACH", 1)
    found = llrs(asked(street, Query(sighting=wanted.id)))
    assert found[3] is not None
    assert found[3] > 1


@pytest.mark.usefixtures("installed")
def test_deleted_vector_files_change_no_answer(street: Archive) -> None:
    before = asked(street, Query(sighting="sighting-00000"))
    for path in street.vectors.folder.rglob("*.vectors"):  # type: ignore[attr-defined]
        path.unlink()
    with Archive.open(street.path) as again:
        after = asked(again, Query(sighting="sighting-00000"))
    assert llrs(after) == llrs(before)


def test_without_the_verifier_of_the_vectors_the_ranking_stands_on_the_rest(
    street: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "installed_verifier", lambda: None)
    assert set(llrs(asked(street, Query(sighting="sighting-00000"))).values()) == {None}
    monkeypatch.setattr(target, "installed_verifier", lambda: PatternVerifier("patterns-2"))
    assert set(llrs(asked(street, Query(sighting="sighting-00000"))).values()) == {None}


@pytest.mark.usefixtures("installed")
def test_an_unbounded_question_fetches_like_plates_too(street: Archive) -> None:
    options = SearchOptions(shortlist=4, prune=False)
    street.add(NewChunk(None, None, tuple(plated(n, 100 + n) for n in range(10, 40))))
    found = asked(street, Query(sighting="sighting-00000", horizon_s=1e6, top=40), options)
    assert {"sighting-00003", "sighting-00008"} & set(found)


@pytest.mark.usefixtures("installed")
def test_a_sure_reading_outweighs_looks(archive: Archive) -> None:
    news = (
        plated(0, SAME, text="KR123AB"),
        plated(1, SAME, text="XW987ZY"),
        plated(2, ANOTHER, text="KR123AB"),
        plated(3, SAME),
    )
    archive.add(NewChunk(None, None, news))
    found = asked(archive, Query(sighting="sighting-00000"))
    plate = {number: llr or 0.0 for number, llr in llrs(found).items()}
    assert plate[2] > 1
    assert plate[1] < 0
    assert plate[3] > 3
    assert "plate read as KR123AB" in found["sighting-00002"].why


@pytest.mark.usefixtures("installed")
def test_what_was_measured_can_be_fitted(street: Archive) -> None:
    measured = measure(street, Query(sighting="sighting-00000"), local_person())
    assert np.isnan(measured.plate).sum() == 1
    assert measured.plate.dtype == np.float64


@pytest.mark.usefixtures("installed")
def test_the_plate_of_a_picture_is_compared_with_those_remembered(
    street: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    import reid.plates.read
    from reid.vehicle import Box, Plate
    from tests.index.plated import CORNERS

    unread = Plate(Box(30, 60, 60, 20), CORNERS, None, 0.0)
    monkeypatch.setattr(reid.plates.read, "read_plates", lambda image: [unread])
    wanted = plated(0, SAME)
    query = Query(pictures=(picture(SAME, noise=77),), camera=wanted.camera, time=wanted.best)
    monkeypatch.setattr(target, "_embedder", lambda model_id: _Blind())
    plate = llrs(asked(street, query))
    assert (plate[3] or 0) > 3 > 0 > (plate[2] or 0)


class _Blind:
    """Sees every vehicle alike."""

    def embed(self, images: object) -> np.ndarray:
        return np.full((1, 16), 0.25, np.float32)
