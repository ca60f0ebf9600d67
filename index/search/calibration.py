"""Hold the fitted numbers that turn evidence into a probability: those of the package, and those of an archive."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np

from index.errors import ArchiveError
from index.search.looks import Pictures, SharedLook, View
from index.store.catalogue import Connection, models
from index.store.catalogue.models import StoredCalibration
from reid.arrays import Flags, Floats, Floats32

PACKAGED = Path(__file__).with_name("calibration.json")

ANY_MODEL = "*"
"""Stands for a model without a calibration of its own: of its similarities only the z-score is believed."""

OWN = ("looks weighed by this archive's own calibration",)
"""What is said of an answer where an archive keeps a calibration of its own: somebody made it, or it was adapted."""

KIND = "looks less what a camera shares"
"""The name under which an archive keeps the appearance scale of a model; scales of whole vectors were "looks"."""


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """How far each kind of evidence is trusted: 1 in full, less where it repeats what another kind says."""

    appearance: float = 1.0
    plate: float = 1.0
    travel: float = 1.0
    direction: float = 1.0
    way_back: float = 1.0
    links: float = 1.0

    def without(self, kinds: Collection[str]) -> "EvidenceWeights":
        """Return the weights with those of some kinds of evidence at 0."""
        return replace(self, **dict.fromkeys(kinds, 0.0))


@dataclass(frozen=True, slots=True)
class LinkScale:
    """How far a sighting is believed to be the next of another's vehicle, and what it is worth to be reached so.

    The weights are those of the kinds of evidence between two sightings, `expected` the number of next sightings beside
    as many others as there are. The log odds of what is reached are `bias`, its log odds by itself times `alone`, and
    the logit of how far it is reached times `reached`: unless something else was fitted, links tell nothing.
    """

    appearance: float = 1.0
    plate: float = 1.0
    travel: float = 1.0
    direction: float = 1.0
    expected: float = 1.0
    bias: float = 0.0
    alone: float = 1.0
    reached: float = 0.0

    def log_odds(self, alone: Floats, reached: Floats) -> Floats:
        """Return the log odds of sightings, from those of each alone and from how far each is reached, 0 to 1."""
        return np.asarray(self.bias + self.alone * alone + self.reached * (np.log(reached) - np.log1p(-reached)))

    def without(self, kinds: Collection[str]) -> "LinkScale":
        """Return the scale with some kinds of evidence weighing nothing."""
        return replace(self, **dict.fromkeys(sorted({"appearance", "plate", "travel", "direction"} & set(kinds)), 0.0))


@dataclass(frozen=True, slots=True)
class FittedOn:
    """What a calibration was fitted on; of `absent` of the questions the vehicle was in no sighting of the gallery."""

    made: str
    seeds: tuple[int, ...]
    questions: int
    pairs: int
    same: int
    absent: int = 0


@dataclass(frozen=True, slots=True)
class AppearanceScale:
    """How the cosine similarity of one model becomes a log-likelihood ratio.

    `usual` and `spread` are the mean and the standard deviation of the similarity of two different vehicles. The ratio
    is `bias + per_similarity * similarity + per_z_score * z_score`, kept within `limit` either way, because the pairs
    that were fitted cannot vouch for more. Pictures of one camera share its view and light, so that more strangers are
    very much alike there: `one_camera_bias` and `one_camera_per_similarity` are added for them.
    """

    usual: float
    spread: float
    bias: float
    per_similarity: float
    per_z_score: float
    limit: float
    one_camera_bias: float = 0.0
    one_camera_per_similarity: float = 0.0

    def times(self, worth: float) -> "AppearanceScale":
        """Return the scale of llrs so many times as large."""
        return replace(
            self,
            bias=worth * self.bias,
            per_similarity=worth * self.per_similarity,
            per_z_score=worth * self.per_z_score,
            limit=worth * self.limit,
            one_camera_bias=worth * self.one_camera_bias,
            one_camera_per_similarity=worth * self.one_camera_per_similarity,
        )

    @classmethod
    def from_document(cls, document: Mapping[str, float]) -> "AppearanceScale":
        """Return the scale that `to_document` wrote, in this version or an earlier one; refuse what weighs no looks."""
        try:
            scale = cls(**{_FORMER_NAMES.get(name, name): value for name, value in document.items()})
            is_scale = scale.weighs_looks
        except TypeError:
            is_scale = False
        if not is_scale:
            raise ArchiveError(
                "a calibration of looks is none: more alike must be likelier, and two others less likely"
            )
        return scale

    @property
    def weighs_looks(self) -> bool:
        """Tell whether what is more alike is likelier the same, and two vehicles as alike as usual are not."""
        numbers = astuple(self)
        of_one_camera = self.per_similarity + self.one_camera_per_similarity
        grows = min(self.per_similarity, of_one_camera, self.per_z_score) >= 0
        usual = self.bias + self.per_similarity * self.usual
        usual_of_one = usual + self.one_camera_bias + self.one_camera_per_similarity * self.usual
        is_scale = self.spread > 0 and self.limit > 0 and grows and max(usual, usual_of_one) <= 0
        return all(map(math.isfinite, numbers)) and is_scale

    def to_document(self) -> dict[str, float]:
        """Return the scale as plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that fusion needs.

    Of a vehicle that was seen, `drives` further passages are expected on the same drive, before and after, and
    `errands_per_hour` on other drives, spread evenly over the window. `own` says in words what of it an archive keeps.
    """

    looks: Mapping[str, AppearanceScale]
    weights: EvidenceWeights
    drives: float
    errands_per_hour: float
    origin: FittedOn
    own: tuple[str, ...] = ()
    links: LinkScale = LinkScale()

    def passages(self, window_s: Floats) -> Floats:
        """Return how many further passages are expected within a window."""
        return np.asarray(self.drives + self.errands_per_hour / 3600 * window_s)

    def drive_share(self, window_s: Floats) -> Floats:
        """Return the share of these passages that belong to the same drive."""
        return np.asarray(self.drives / self.passages(window_s))

    def scale_of(self, model_id: str) -> AppearanceScale:
        """Return the appearance scale of a model, or the cautious one for a model that was never calibrated."""
        return self.looks.get(model_id, self.looks[ANY_MODEL])

    def save(self, path: Path) -> None:
        """Write the calibration as JSON that a person can read."""
        document = {"about": "fitted by `retrace city calibrate` on simulated cities", **asdict(self)}
        del document["own"]
        path.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """Read a calibration that `save` wrote."""
        document = json.loads(path.read_text(encoding="utf-8"))
        try:
            origin = document["origin"]
            return cls(
                looks={model: AppearanceScale.from_document(one) for model, one in sorted(document["looks"].items())},
                weights=EvidenceWeights(**document["weights"]),
                links=LinkScale(**document.get("links", {})),
                drives=float(document["drives"]),
                errands_per_hour=float(document["errands_per_hour"]),
                origin=FittedOn(**{**origin, "seeds": tuple(origin["seeds"])}),
            )
        except (KeyError, TypeError) as error:
            raise ArchiveError(
                f"{path} is no calibration ({error}): make one with `retrace city calibrate CITY... --out {path}`"
            ) from None


@cache
def packaged_calibration() -> Calibration:
    """Return the calibration that is shipped with the package."""
    return Calibration.load(PACKAGED)


def calibration_of(connection: Connection, model: str | None, shipped: Calibration) -> Calibration:
    """Return the shipped calibration, with the archive's own appearance scale of a model if it keeps one."""
    kept = None if model is None else models.newest_calibration(connection, KIND, model)
    if kept is None or model is None:
        return shipped
    return replace(shipped, looks={**shipped.looks, model: AppearanceScale.from_document(kept.content)}, own=OWN)


def keep_scale(connection: Connection, model: str, scale: AppearanceScale, *, fitted_on: str, at: datetime) -> None:
    """Keep the appearance scale of a model with the archive."""
    models.add_calibration(connection, StoredCalibration(KIND, model, scale.to_document(), fitted_on, at))


PRIOR_GALLERY_SIZE = 20.0
"""A gallery must have this many sightings before its own statistics outweigh those that are usual for the model."""

_FORMER_NAMES = {"per_standing": "per_z_score"}


def z_score(similarity: Floats, scale: AppearanceScale, among: Floats | None = None) -> Floats:
    """Return how many standard deviations each similarity lies above the gallery of its question, or above `among`.

    A white van resembles half the street, a yellow bus nothing: the gallery tells which (the Z-norm of speaker
    verification, Auckenthaler et al. 2000). Median and quartiles are used, so that the target's own sightings hardly
    move them; a small gallery is filled up with what is usual for the model.
    """
    others = similarity if among is None else among
    known = others[~np.isnan(others)]
    if not known.size:
        return np.full(similarity.shape, np.nan)
    trust = known.size / (known.size + PRIOR_GALLERY_SIZE)
    low, middle, high = np.percentile(known, (25, 50, 75))
    centre = trust * middle + (1 - trust) * scale.usual
    spread = trust * max((high - low) / 1.349, scale.spread / 4) + (1 - trust) * scale.spread
    return np.asarray((similarity - centre) / spread)


def appearance_llr(
    similarity: Floats, scale: AppearanceScale, one_camera: Flags | None = None, among: Floats | None = None
) -> Floats:
    """Return the log-likelihood ratio of each cosine similarity in one gallery, or beside those it was chosen of.

    `one_camera` tells which are of pictures that the camera of the target's pictures took; None is none of them. It
    approaches the limit but never reaches it, so that the more similar of two of another camera always ranks first.
    """
    return _bent_llr(similarity, z_score(similarity, scale, among), scale, one_camera)


def usual_llr(similarity: Floats, scale: AppearanceScale, one_camera: Flags) -> Floats:
    """Return the log-likelihood ratio of each similarity of two sightings, by what is usual and not by a gallery."""
    return _bent_llr(similarity, (similarity - scale.usual) / scale.spread, scale, one_camera)


def _bent_llr(similarity: Floats, z_scores: Floats, scale: AppearanceScale, one_camera: Flags | None) -> Floats:
    llr = scale.bias + scale.per_similarity * similarity + scale.per_z_score * z_scores
    if one_camera is not None:
        llr = llr + one_camera * (scale.one_camera_bias + scale.one_camera_per_similarity * similarity)
    return np.asarray(scale.limit * np.tanh(llr / scale.limit))


def similarities(vectors: Mapping[str, Floats32], cameras: Mapping[str, str]) -> Floats:
    """Return the similarity of every two sightings of different cameras."""
    ids = sorted(vectors)
    pictures, camera = Pictures.of([vectors[id_] for id_ in ids]), [cameras[id_] for id_ in ids]
    views: list[View] = [(one, None) for one in camera]
    pictures = SharedLook.of(pictures, views).taken_off(pictures, views)
    apart = np.triu(np.array(camera)[:, None] != np.array(camera))
    return np.asarray(pictures.alike(pictures)[apart])


def carried_over(scale: AppearanceScale, before: Floats, after: Floats) -> AppearanceScale:
    """Return the scale of an adapted model, from the similarities of the same pairs by the old and the new model.

    Nearly all pairs are of different vehicles, so their median and spread tell how the similarities of a model lie.
    A similarity that lies as many spreads above the median as before is worth what it was worth before.
    """
    stretch = _spread(after) / max(_spread(before), 1e-6)
    usual = float(np.median(after) + stretch * (scale.usual - np.median(before)))
    return replace(
        scale,
        usual=usual,
        spread=scale.spread * stretch,
        per_similarity=scale.per_similarity / stretch,
        bias=scale.bias + scale.per_similarity * (scale.usual - usual / stretch),
        one_camera_per_similarity=scale.one_camera_per_similarity / stretch,
        one_camera_bias=scale.one_camera_bias + scale.one_camera_per_similarity * (scale.usual - usual / stretch),
    )


def _spread(values: Floats) -> float:
    low, high = np.percentile(values, (25, 75))
    return float(high - low)
