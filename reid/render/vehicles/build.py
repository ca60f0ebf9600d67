"""Build a vehicle: from what it is to triangles and paint."""

from collections.abc import Callable
from functools import lru_cache

from reid.render.vehicles.assembly import Assembly, Solid
from reid.render.vehicles.bikes import build_bike
from reid.render.vehicles.bodies import TYPE_OF_BODY, Vehicle
from reid.render.vehicles.cargo import build_lorry
from reid.render.vehicles.cars import build_car

_BUILDERS: dict[str, Callable[[Vehicle], Assembly]] = {
    "car": build_car,
    "van": build_car,
    "bus": build_car,
    "truck": build_lorry,
    "motorcycle": build_bike,
}


@lru_cache(maxsize=96)
def build(vehicle: Vehicle) -> Solid:
    """Return the built vehicle; those asked for lately are remembered."""
    return _BUILDERS[TYPE_OF_BODY[vehicle.model.body]](vehicle).solid()
