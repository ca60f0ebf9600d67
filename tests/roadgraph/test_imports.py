import bz2
import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from roadgraph import imports
from roadgraph.errors import RoadError
from roadgraph.imports import read_roads
from roadgraph.osm import read_osm

OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="42.500" lon="1.500"/>
  <node id="2" lat="42.501" lon="1.500"><tag k="highway" v="traffic_signals"/></node>
  <node id="3" lat="42.502" lon="1.500"/>
  <node id="4" lat="42.501" lon="1.501"/>
  <node id="5" lat="42.5011" lon="1.5009"><tag k="amenity" v="parking"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="South"/></way>
  <way id="11"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="maxspeed" v="30 mph"/></way>
  <way id="12"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
  <relation id="20"><member type="way" ref="10" role="from"/><member type="node" ref="2" role="via"/>
    <member type="way" ref="12" role="to"/><tag k="type" v="restriction"/>
    <tag k="restriction" v="no_right_turn"/></relation>
</osm>
"""
GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"highway": "residential", "name": "South", "maxspeed": 40, "oneway": False},
            "geometry": {"type": "LineString", "coordinates": [[1.5, 42.5], [1.5, 42.501], [1.5, 42.502]]},
        },
        {
            "type": "Feature",
            "properties": {"highway": "tertiary"},
            "geometry": {"type": "MultiLineString", "coordinates": [[[1.5, 42.501], [1.501, 42.501]]]},
        },
    ],
}
GRAPHML = """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d4" for="node" attr.name="y" attr.type="string"/><key id="d5" for="node" attr.name="x" attr.type="string"/>
  <key id="d9" for="edge" attr.name="highway" attr.type="string"/>
  <key id="d10" for="edge" attr.name="oneway" attr.type="string"/>
  <key id="d11" for="edge" attr.name="geometry" attr.type="string"/>
  <key id="d12" for="edge" attr.name="maxspeed" attr.type="string"/>
  <graph edgedefault="directed">
    <node id="1"><data key="d4">42.5</data><data key="d5">1.5</data></node>
    <node id="2"><data key="d4">42.501</data><data key="d5">1.5</data></node>
    <node id="3"><data key="d4">42.502</data><data key="d5">1.5</data></node>
    <edge source="1" target="2" id="0"><data key="d9">['residential', 'service']</data><data key="d10">False</data>
      <data key="d11">LINESTRING (1.5 42.5, 1.5005 42.5005, 1.5 42.501)</data><data key="d12">30</data></edge>
    <edge source="2" target="1" id="0"><data key="d9">residential</data><data key="d10">False</data>
      <data key="d11">LINESTRING (1.5 42.501, 1.5005 42.5005, 1.5 42.5)</data><data key="d12">50</data></edge>
    <edge source="2" target="3" id="0"><data key="d9">residential</data><data key="d10">True</data></edge>
    <edge source="3" target="1" id="0"><data key="d9">residential</data><data key="d10">True</data></edge>
  </graph>
</graphml>
"""
PROJECTED = GRAPHML.replace(
    '<graph edgedefault="directed">',
    '<key id="d0" for="graph" attr.name="crs" attr.type="string"/><graph edgedefault="directed">'
    '<data key="d0">epsg:32631</data>',
)
DOCUMENTS = {"roads.osm": OSM, "roads.geojson": json.dumps(GEOJSON), "roads.graphml": GRAPHML}


def test_openstreetmap_xml(tmp_path: Path) -> None:
    path = tmp_path / "roads.osm"
    path.write_text(OSM)
    graph = read_roads(path).graph
    assert (graph.nodes, graph.edges) == (4, 6)
    assert len(graph.forbidden_paths()) == 1
    assert graph.edge_signals.sum() == 3
    assert len(graph.place_edge) == 1
    assert sorted(set(graph.edge_speed_kmh.round(1))) == [48.3, 50.0]


@pytest.mark.parametrize(("name", "pack"), [("a.osm.gz", gzip.compress), ("a.osm.bz2", bz2.compress)])
def test_compressed_files_are_recognised_by_content_not_by_name(tmp_path: Path, name: str, pack) -> None:
    for file in (tmp_path / name, tmp_path / "no-ending"):
        file.write_bytes(pack(OSM.encode()))
        assert read_roads(file).graph.edges == 6


def test_geojson_lines_with_tag_names(tmp_path: Path) -> None:
    path = tmp_path / "roads.geojson"
    path.write_text(json.dumps(GEOJSON))
    graph = read_roads(path).graph
    assert (graph.nodes, graph.edges) == (4, 6)
    assert 40.0 in graph.edge_speed_kmh
    assert "South" in graph.names
    packed = tmp_path / "roads.geojson.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_roads(packed).graph.fingerprint == graph.fingerprint


def test_graphml_of_osmnx_pairs_the_two_directions(tmp_path: Path) -> None:
    path = tmp_path / "roads.graphml"
    path.write_text(GRAPHML)
    graph = read_roads(path).graph
    assert graph.edges == 4
    paired = graph.edge_reverse >= 0
    assert paired.sum() == 2
    assert sorted(graph.edge_speed_kmh[paired]) == [30.0, 50.0]
    assert graph.shape_start[1:].max() == len(graph.shape_lat) == 3 + 3 + 2 + 2


def test_osmnx_reads_the_same_extract_alike(tmp_path: Path) -> None:
    ox = pytest.importorskip("osmnx", reason="osmnx is not installed")
    path = tmp_path / "roads.osm"
    path.write_text(OSM)
    ox.save_graphml(ox.graph_from_xml(path), tmp_path / "roads.graphml")
    assert read_roads(tmp_path / "roads.graphml").graph.km == pytest.approx(read_roads(path).graph.km, rel=1e-3)


def test_real_extracts_are_whole(material: Path) -> None:
    made = read_roads(material / "roads" / "andorra.osm.pbf")
    assert made.graph.km > 400
    assert made.dropped_km < 10
    krems = read_roads(material / "roads" / "krems.osm.gz").graph
    assert len(krems.forbidden_paths()) == 9


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "not a road map", id="nothing"),
        pytest.param(b"\x89PNG\r\n", "not a road map", id="a picture"),
        pytest.param(gzip.compress(OSM.encode())[:-200], "cut short|damaged", id="packed and cut short"),
        pytest.param(gzip.compress(b"hello"), "not a road map", id="packed text"),
        pytest.param(OSM.encode()[:-20], "damaged", id="XML cut short"),
        pytest.param(b'{"type": "FeatureCollection"', "not complete JSON", id="JSON cut short"),
        pytest.param(b'{"type": "FeatureCollection", "features": []}', "no line", id="GeoJSON without lines"),
        pytest.param(b'{"a": "\xff\xfe"}', "not UTF-8", id="not text"),
        pytest.param(b"<graphml>", "not complete GraphML", id="GraphML cut short"),
        pytest.param(b'<?xml version="1.0" encoding="tf-8"?><graphml/>', "not complete", id="an unknown encoding"),
        pytest.param(b'<?xml version="1.0" encoding="utf-32"?><graphml/>', "not complete", id="a wide encoding"),
        pytest.param(b"<graphml><graph/></graphml>", "no edge", id="GraphML without edges"),
        pytest.param(PROJECTED.encode(), "coordinates of 'epsg:32631'", id="GraphML in metres"),
    ],
)
def test_what_is_not_a_map_is_refused_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "map"
    path.write_bytes(content)
    with pytest.raises(RoadError, match=message) as caught:
        read_roads(path)
    assert "\n" not in str(caught.value)


def test_a_way_that_was_deleted_is_no_road(tmp_path: Path) -> None:
    path = tmp_path / "roads.osm"
    path.write_text(OSM.replace('<way id="12">', '<way id="12" visible="false">'))
    whole = tmp_path / "whole.osm"
    whole.write_text(OSM)
    assert len(read_osm(path, "osm").ways) == len(read_osm(whole, "osm").ways) - 1


@pytest.mark.parametrize("name", ["bomb.osm", "bomb.graphml"])
def test_entities_that_multiply_and_files_from_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("residential")
    more = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    for entities in (f'<!ENTITY e0 "{"x" * 100}">{more}', f'<!ENTITY e9 SYSTEM "{secret.as_uri()}">'):
        document = OSM if name.endswith(".osm") else GRAPHML
        path = tmp_path / name
        path.write_text(document.replace("?>", f"?><!DOCTYPE a [{entities}]>", 1).replace("residential", "&e9;", 1))
        with pytest.raises(RoadError) as refused:
            read_roads(path)
        assert len(str(refused.value).splitlines()) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(DOCUMENTS)), data=st.data())
def test_damaged_documents_never_end_in_a_traceback(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = bytearray(DOCUMENTS[name].encode())
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(content) - 1))
        content[start : start + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=6))
        content = content or bytearray(b" ")
    refuses_or_reads(tmp_path, bytes(content))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=300),
    head=st.sampled_from([b"", b"<osm>", b"\x1f\x8b", b"BZh9", b"{", b"\x00\x00\x00\rOSMHeader"]),
)
@example(content=b"", head=b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c")
def test_noise_never_ends_in_a_traceback(tmp_path: Path, content: bytes, head: bytes) -> None:
    refuses_or_reads(tmp_path, head + content)


def json_values() -> st.SearchStrategy[object]:
    simple = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers()
    return st.recursive(simple, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(coordinates=json_values(), properties=json_values())
def test_strange_geojson_never_ends_in_a_traceback(tmp_path: Path, coordinates: object, properties: object) -> None:
    feature = {"geometry": {"type": "LineString", "coordinates": coordinates}, "properties": properties}
    tagged = feature | {"properties": {"highway": "service"}}
    refuses_or_reads(tmp_path, json.dumps({"features": [feature, tagged]}).encode())


def refuses_or_reads(folder: Path, content: bytes) -> None:
    path = folder / "map"
    path.write_bytes(content)
    with suppress(RoadError, OSError):
        assert read_roads(path).graph.edges > 0


def test_a_map_of_ferries_alone_is_refused(tmp_path: Path) -> None:
    ferries = OSM.replace('k="highway" v="residential"', 'k="route" v="ferry"/><tag k="motor_vehicle" v="yes"')
    (tmp_path / "sea.osm").write_text(ferries)
    with pytest.raises(RoadError, match="no road for cars"):
        read_roads(tmp_path / "sea.osm")


def test_a_packed_map_that_unpacks_to_gigabytes_is_refused_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_UNPACKED", 100_000)
    (tmp_path / "bomb.geojson.gz").write_bytes(gzip.compress(b'{"features":[' + b" " * 100_000))
    with pytest.raises(RoadError, match="unpacks to more than"):
        read_roads(tmp_path / "bomb.geojson.gz")
    (tmp_path / "town.geojson.gz").write_bytes(gzip.compress(json.dumps(GEOJSON).encode()))
    assert read_roads(tmp_path / "town.geojson.gz").graph.edges > 0
