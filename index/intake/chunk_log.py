"""Note what happens while a chunk of footage is watched, and let others see how far it is."""

import time

from index.catalogue.footage import Footage
from index.intake.claims import AtWork, WorkerLock
from index.intake.registration import chunk_span
from reid.scene_log import SceneLog
from reid.video import Frame

TELL_EVERY_S = 0.5


class ChunkLog:
    """What is noted while a chunk is watched: what could be seen, damage, and how far it is, told now and then."""

    def __init__(self, stored: Footage, number: int, worker: WorkerLock) -> None:
        self.scene = SceneLog()
        self.damage: list[str] = []
        self.frames = 0
        self.sightings = 0
        self._footage, self._number, self._worker = stored.id, number, worker
        self._start_s, _ = chunk_span(stored, number)
        self._told_at = time.monotonic()

    def frame(self, frame: Frame) -> None:
        """Count a frame that was analysed."""
        self.frames += 1
        if time.monotonic() - self._told_at >= TELL_EVERY_S:
            done_s = round(frame.time_s - self._start_s, 1)
            self._worker.tell(AtWork(self._footage, self._number, done_s, self.frames, self.sightings))
            self._told_at = time.monotonic()
