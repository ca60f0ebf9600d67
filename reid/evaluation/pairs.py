"""Score embedders on vehicles seen by two real cameras: each picture of camera 2 is a query in those of camera 1."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from reid.appearance.embedders import Embedder, Vectors
from reid.arrays import Ints
from reid.errors import SeeingError
from reid.evaluation.calibration import check_scale, fit_scale
from reid.evaluation.intervals import Figure, figure
from reid.evaluation.protocols import Labelled, rank_gallery
from reid.images import read_image

HITS = (1, 5, 10)
MIN_CALIBRATED = 50
"""Fewest vehicles for which a calibration is reported."""

PARTS = ("train", "validation", "test")
_PART_OF_DIGIT = {**dict.fromkeys(range(4), "train"), 4: "validation", **dict.fromkeys(range(5, 10), "test")}


@dataclass(frozen=True, slots=True)
class PairFiles:
    """The picture files of one vehicle on two cameras."""

    name: str
    first: Path
    second: Path

    @property
    def kind(self) -> str:
        """Return the vehicle's type from its file name, as in motorcycle_0001."""
        return self.name.split("_")[0]

    @property
    def part(self) -> str:
        """Return its part, one of PARTS, decided by the SHA-256 of its name, as a number, modulo 10.

        0 to 3 train, 4 validates, 5 to 9 test; so nobody chooses, and new vehicles never move old ones.
        """
        return _PART_OF_DIGIT[int(hashlib.sha256(self.name.encode()).hexdigest(), 16) % 10]


@dataclass(frozen=True, slots=True)
class PairRanks:
    """The rank, from 1, of the other picture of each vehicle, in the order of `names`."""

    names: tuple[str, ...]
    rank: Ints

    def share_within(self, hit: int) -> Figure:
        """Return the share of vehicles found among the first `hit` answers, with its interval."""
        found = self.rank <= hit
        return figure(self.names, lambda drawn: float(found[drawn].mean()))

    def mean_precision(self) -> Figure:
        """Return mAP, which is the mean of 1 / rank with one right answer."""
        precision = 1.0 / self.rank
        return figure(self.names, lambda drawn: float(precision[drawn].mean()))

    def gain_over(self, other: "PairRanks") -> Figure:
        """Return the gain in rank-1 over another ranking of the same vehicles (paired bootstrap)."""
        if self.names != other.names:
            raise SeeingError("only rankings of the same vehicles compare: rank both on one list")
        gain = (self.rank == 1).astype(float) - (other.rank == 1)
        return figure(self.names, lambda drawn: float(gain[drawn].mean()))


def pair_files(folder: Path) -> list[PairFiles]:
    """Return the vehicles of a folder of `NAME_cam1.jpg` and `NAME_cam2.jpg`, by name."""
    names = sorted(path.name.removesuffix("_cam1.jpg") for path in folder.glob("*_cam1.jpg"))
    pairs = [PairFiles(name, folder / f"{name}_cam1.jpg", folder / f"{name}_cam2.jpg") for name in names]
    lonely = next((pair for pair in pairs if not pair.second.exists()), None)
    if lonely is not None:
        raise SeeingError(f"{lonely.first} has no partner {lonely.second.name}: each vehicle needs both pictures")
    if not pairs:
        raise SeeingError(f"{folder} holds no NAME_cam1.jpg: give a folder of NAME_cam1.jpg and NAME_cam2.jpg")
    return pairs


def groups_of(pairs: Sequence[PairFiles]) -> dict[str, list[PairFiles]]:
    """Return all vehicles, and separately four-wheeled ones and motorcycles if there are both."""
    groups = {"all": list(pairs)}
    two = [pair for pair in pairs if pair.kind == "motorcycle"]
    if two and len(two) < len(pairs):
        groups["four wheels"] = [pair for pair in pairs if pair.kind != "motorcycle"]
        groups["motorcycles"] = two
    return groups


@dataclass(frozen=True, slots=True)
class EmbeddedPairs:
    """Vehicles with the unit vectors (n, d) of their pictures on camera 1 and camera 2."""

    pairs: tuple[PairFiles, ...]
    first: Vectors
    second: Vectors

    def of(self, chosen: Sequence[PairFiles]) -> "EmbeddedPairs":
        """Return some of the vehicles."""
        place = {pair.name: row for row, pair in enumerate(self.pairs)}
        rows = [place[pair.name] for pair in chosen]
        return EmbeddedPairs(tuple(chosen), self.first[rows], self.second[rows])

    def ranks(self) -> PairRanks:
        """Rank the pictures of camera 1 for each picture of camera 2."""
        vehicle = np.arange(len(self.pairs))
        gallery = Labelled(self.first, vehicle, np.full(len(vehicle), 1))
        query = Labelled(self.second, vehicle, np.full(len(vehicle), 2))
        ranks = rank_gallery(query, gallery, own_camera="counts")
        return PairRanks(tuple(pair.name for pair in self.pairs), ranks.first_right)

    def calibration(self) -> dict[str, object]:
        """Return the scale from similarity to llr, and its cross-validated errors."""
        similarity = (self.second @ self.first.T).astype(np.float64)
        scale = fit_scale(similarity.ravel(), np.eye(len(similarity), dtype=np.bool_).ravel())
        check = check_scale(similarity)
        return {**asdict(scale), "ece": check.error, "brier": check.brier, "brier_base": check.brier_base}


def embed_pairs(pairs: Sequence[PairFiles], embedder: Embedder) -> EmbeddedPairs:
    """Read and embed both pictures of each vehicle."""
    first = embedder.embed([read_image(pair.first) for pair in pairs])
    return EmbeddedPairs(tuple(pairs), first, embedder.embed([read_image(pair.second) for pair in pairs]))


def document(ranks: PairRanks, against: PairRanks | None = None) -> dict[str, object]:
    """Return the scores under the names that `retrace evaluate pairs` prints."""
    hits = {str(hit): ranks.share_within(hit) for hit in HITS}
    precision = ranks.mean_precision()
    scores: dict[str, object] = {
        "map": precision.value,
        "map_ci": _interval(precision),
        "cmc": {hit: share.value for hit, share in hits.items()},
        "cmc_ci": {hit: _interval(share) for hit, share in hits.items()},
        "queries": len(ranks.rank),
        "gallery": len(ranks.rank),
    }
    if against is not None:
        gain = ranks.gain_over(against)
        scores["rank1_gain"], scores["rank1_gain_ci"] = gain.value, _interval(gain)
        scores["against_rank1"] = against.share_within(1).value
    return scores


def evaluate_pairs(
    pairs: Sequence[PairFiles], embedder: Embedder, against: Embedder | None = None
) -> Mapping[str, dict[str, object]]:
    """Score each group of vehicles within its own gallery; `against` is an embedder to compare with."""
    seen = embed_pairs(pairs, embedder)
    other = embed_pairs(pairs, against) if against is not None else None
    scores = {}
    for name, group in groups_of(pairs).items():
        rival = other.of(group).ranks() if other is not None else None
        scores[name] = document(seen.of(group).ranks(), rival)
    if len(pairs) >= MIN_CALIBRATED:
        scores["all"]["calibration"] = seen.calibration()
    return scores


def _interval(measured: Figure) -> list[float] | None:
    return None if measured.low is None or measured.high is None else [measured.low, measured.high]
