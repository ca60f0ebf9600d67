"""Write the sightings of a report as a CSV table."""

import csv
import io
from collections.abc import Sequence

from index.casework.contents import Exhibit
from ui.cells import safe_cell
from ui.report.document import ShownExhibit

COLUMNS = (
    "no",
    "role",
    "sighting",
    "camera",
    "lat",
    "lon",
    "true_time",
    "camera_first",
    "camera_best",
    "camera_last",
    "clock_ahead_s",
    "clock_source",
    "mark",
    "marked_by",
    "marked_at",
    "probability_alone",
    "probability_with_marks",
    "type",
    "colour",
    "plate",
    "footage_sha256",
    "footage_state",
    "pictures",
    "clip",
)


def sightings_csv(shown: Sequence[ShownExhibit]) -> str:
    """Return the table; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in shown:
        row = _row(one)
        writer.writerow([safe_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def _row(shown: ShownExhibit) -> dict[str, object]:
    exhibit, sighting, film = shown.exhibit, shown.exhibit.sighting, shown.exhibit.footage
    clock, mark, camera = exhibit.clock, exhibit.mark, exhibit.camera
    return {
        "no": exhibit.label,
        "role": exhibit.role,
        "sighting": sighting.id,
        "camera": sighting.camera,
        "lat": camera.lat if camera else None,
        "lon": camera.lon if camera else None,
        "true_time": exhibit.time.isoformat(),
        "camera_first": sighting.first.isoformat(),
        "camera_best": sighting.best.isoformat(),
        "camera_last": sighting.last.isoformat(),
        "clock_ahead_s": clock.offset.ahead_s(sighting.best) if clock else None,
        "clock_source": (clock.set_by or clock.offset.source) if clock else None,
        "mark": mark.verdict if mark else None,
        "marked_by": mark.person if mark else None,
        "marked_at": mark.marked_at.isoformat() if mark else None,
        "probability_alone": exhibit.alone.probability if exhibit.alone else None,
        "probability_with_marks": exhibit.marked.probability if exhibit.marked else None,
        "type": sighting.attributes.type if exhibit.is_shown else None,
        "colour": sighting.attributes.colour if exhibit.is_shown else None,
        "plate": plate_text(exhibit),
        "footage_sha256": film.footage.id if film else None,
        "footage_state": film.state if film else None,
        "pictures": " ".join(picture.path for picture in shown.pictures),
        "clip": shown.clip,
    }


def plate_text(exhibit: Exhibit) -> str | None:
    """Return the text of a plate that may be shown."""
    plate = exhibit.sighting.plate
    return plate.text if plate is not None and exhibit.shows_plate else None
