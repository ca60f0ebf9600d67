"""Set frames aside that show what was seen a moment ago: frozen cameras, empty streets, parked scenes."""

from dataclasses import dataclass

import cv2
import numpy as np

from reid.detect import Detector
from reid.detect.channels import Grey
from reid.vehicle import Detection, Image


@dataclass(frozen=True, slots=True)
class StillOptions:
    """A frame is set aside if none of `across` x `down` parts of it changed by `least_change` grey levels or more.

    It is compared with the frame that was looked at last, so that what creeps adds up until it is seen. The first frame
    of each `slot_s` is always looked at: what is found then depends on the footage, not on where watching began.
    """

    across: int = 128
    down: int = 72
    least_change: int = 5
    slot_s: float = 1.0


class SparingDetector:
    """Ask another detector about the frames that are worth it; for the others, say again what it said last."""

    def __init__(self, detector: Detector, options: StillOptions | None = None) -> None:
        self._detector, self._options = detector, options or StillOptions()
        self._slot: int | None = None
        self._looked_at: Grey = np.zeros((self._options.down, self._options.across), dtype=np.uint8)
        self._found: list[Detection] = []
        self.spared = 0

    @property
    def model_id(self) -> str:
        """Name what decides its answers."""
        return self._detector.model_id

    @property
    def width_px(self) -> int | None:
        """Return how wide a picture the detector looks at."""
        return self._detector.width_px

    @property
    def warm_up_s(self) -> float:
        """Return how much footage to show before the first frame that matters."""
        return self._detector.warm_up_s

    @property
    def learn_every_s(self) -> float:
        """Return how often a frame is of use for learning."""
        return self._detector.learn_every_s

    @property
    def certain_score(self) -> float:
        """Return the score from which a detection is believed by itself."""
        return self._detector.certain_score

    @property
    def in_pieces(self) -> bool:
        """Say whether a vehicle may come as several detections."""
        return self._detector.in_pieces

    def learn(self, image: Image, time_s: float) -> None:
        """Take note of the scene without looking for vehicles."""
        self._detector.learn(image, time_s)

    def detect(self, image: Image, time_s: float) -> list[Detection]:
        """Return the vehicles of a frame, or those of the last one that was looked at if nothing has changed."""
        slot, grey = int(time_s // self._options.slot_s), self._parts(image)
        if slot == self._slot and int(cv2.absdiff(grey, self._looked_at).max()) < self._options.least_change:
            self.spared += 1
            self._detector.learn(image, time_s)
            return self._found
        self._slot, self._looked_at = slot, grey
        self._found = self._detector.detect(image, time_s)
        return self._found

    def _parts(self, image: Image) -> Grey:
        """Return how bright each part of the picture is."""
        size = (self._options.across, self._options.down)
        return np.asarray(cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY))
