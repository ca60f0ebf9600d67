import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from index.access.permissions import local_person
from index.errors import ArchiveError
from index.ingest.ingest import ingest
from index.ingest.ingest_options import IngestOptions
from index.ingest.registration import FootageJob
from index.map.map_changes import mask_of, set_mask
from index.map.mask_file import mask_document, parse_mask, read_masks
from index.store.archive import Archive
from index.store.catalogue import Catalogue, cameras, sightings
from index.upkeep.verify import verify
from reid.scene.regions import Regions
from roadgraph.camera_files import read_cameras
from ui.cli.main import retrace

EIGHT = datetime(2026, 5, 4, 8, tzinfo=UTC)
UPPER = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.45), (0.0, 0.45))
LOWER = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))


def test_a_mask_holds_from_a_time_until_the_next(catalogue: Catalogue) -> None:
    with catalogue.writing() as connection:
        cameras.put_mask(connection, "a", Regions(look=(LOWER,)))
        cameras.put_mask(connection, "a", Regions(ignore=(UPPER,)), since=EIGHT)
        cameras.put_mask(connection, "a", Regions(), since=EIGHT + timedelta(hours=1))
    with catalogue.reading() as connection:
        assert cameras.mask_at(connection, "a", EIGHT - timedelta(seconds=1)) == Regions(look=(LOWER,))
        assert cameras.mask_at(connection, "a", EIGHT) == Regions(ignore=(UPPER,))
        assert cameras.mask_at(connection, "a", EIGHT + timedelta(hours=2)) is None
        assert cameras.mask_at(connection, "b", EIGHT) is None
    with catalogue.writing() as connection:
        cameras.put_mask(connection, "a", Regions(look=(UPPER,)))
    with catalogue.reading() as connection:
        assert cameras.mask_at(connection, "a", EIGHT + timedelta(hours=2)) == Regions(look=(UPPER,))


def test_footage_is_looked_at_only_where_its_camera_should(
    archive: Archive, film_street: Callable[..., Path], car: type, tmp_path: Path
) -> None:
    video = film_street(tmp_path / "street.mp4", [car(1.0, 30), car(1.5, 120)], 8.0)
    set_mask(archive, local_person(), "a", Regions(ignore=(UPPER,)), EIGHT)
    options = IngestOptions(detector="motion", plates=False, weights="histogram")
    ingest(archive, [FootageJob(video, "a", EIGHT)], local_person(), options)
    with archive.catalogue.reading() as connection:
        (seen,) = sightings.listing(connection, sightings.SightingFilter())
    assert seen.box.y > 100
    assert mask_of(archive, local_person(), "a") == Regions(ignore=(UPPER,))
    assert verify(archive) == []


def test_a_mask_is_read_as_it_is_written() -> None:
    regions = Regions(look=(LOWER,), ignore=(UPPER,))
    assert parse_mask(json.loads(json.dumps(mask_document(regions))), "m") == regions
    polygon = {"type": "Polygon", "coordinates": [[list(corner) for corner in (*UPPER, UPPER[0])]]}
    features = [{"type": "Feature", "properties": {"use": "ignore"}, "geometry": polygon}]
    assert parse_mask({"type": "FeatureCollection", "features": features}, "m") == Regions(ignore=(UPPER,))


@pytest.mark.parametrize(
    "document", [{}, [], {"loook": []}, {"look": 3}, {"type": "FeatureCollection", "features": [{}]}]
)
def test_what_is_no_mask_is_refused(document: object) -> None:
    with pytest.raises(ArchiveError, match="m: "):
        parse_mask(document, "m")


def test_cameras_bring_their_masks_along(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "cameras.geojson"
    point = {"type": "Point", "coordinates": [15.6, 48.4]}
    cameras = [{"id": "c1", "mask": mask_document(Regions(look=(LOWER,)))}, {"id": "c2"}]
    features = [{"type": "Feature", "geometry": point, "properties": one} for one in cameras]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert read_masks(path) == {"c1": Regions(look=(LOWER,))}
    at = ["--archive", str(archive.path), "cameras"]
    assert CliRunner().invoke(retrace, [*at, "import", str(path)]).exit_code == 0
    shown = CliRunner().invoke(retrace, [*at, "mask", "c1", "--json"])
    assert json.loads(shown.stdout)["mask"]["look"] == [[list(corner) for corner in LOWER]]
    cleared = CliRunner().invoke(retrace, [*at, "mask", "c1", "--everywhere", "--json"])
    assert json.loads(cleared.stdout) == {"camera": "c1", "mask": None}
    unknown = CliRunner().invoke(retrace, [*at, "mask", "c11"])
    assert "did you mean c1" in str(unknown.exception)
    assert read_masks(Path(__file__)) == {}


def test_more_polygons_than_a_person_draws_are_refused() -> None:
    with pytest.raises(ArchiveError, match="1,000 are the most"):
        parse_mask({"look": [[[0, 0], [0, 1], [1, 1]]] * 1001}, "mask.json")


@pytest.mark.parametrize("properties", [{"id": " gate "}, {"camera": "gate"}, {"name": "gate"}], ids=str)
def test_a_mask_goes_to_the_camera_of_its_feature_however_that_is_named(
    tmp_path: Path, properties: dict[str, str]
) -> None:
    mask = {"look": [[[0, 0], [1, 0], [1, 1]]]}
    point = {"type": "Point", "coordinates": [16, 48]}
    file = tmp_path / "cameras.geojson"
    file.write_text(json.dumps({"type": "Feature", "geometry": point, "properties": properties | {"mask": mask}}))
    assert list(read_masks(file)) == [camera.id for camera in read_cameras(file)] == ["gate"]
