"""Keep the travel times that were learned from passages, by pair of cameras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from index.catalogue.database import insert_many
from index.catalogue.tables import travel_times


@dataclass(frozen=True, slots=True)
class LearnedTime:
    """What `passages` passages taught of the way between two cameras in the part of the week named by `hours`."""

    from_camera: str
    to_camera: str
    model: str
    hours: str
    passages: int
    content: Mapping[str, Any]
    learned_at: datetime


def replace(connection: Connection, model: str, learned: Sequence[LearnedTime]) -> None:
    """Write all that a model has learned, instead of what it had before."""
    connection.execute(travel_times.delete().where(travel_times.c.model == model))
    rows = [{name: getattr(time, name) for name in LearnedTime.__dataclass_fields__} for time in learned]
    insert_many(connection, travel_times, rows)


def listing(connection: Connection, model: str) -> list[LearnedTime]:
    """Return all that a model has learned."""
    ordered = select(travel_times).where(travel_times.c.model == model)
    ordered = ordered.order_by(travel_times.c.from_camera, travel_times.c.to_camera, travel_times.c.hours)
    return [LearnedTime(**row._mapping) for row in connection.execute(ordered)]
