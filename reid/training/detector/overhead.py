"""Set up cameras that look steeply down, from bridges, gantries and houses: the city has none, the world has."""

import numpy as np

from reid.render.light.lens import Lens, aimed
from reid.render.light.shading import Scenery
from reid.render.light.weather import make_light, surroundings
from reid.render.scene import MARGIN_PX, Site, SiteOptions, equip
from reid.render.street.backdrop import draw_backdrop
from reid.render.street.street import Street, bends, draw_street


def site_from_above(seed: int, options: SiteOptions) -> Site:
    """Return a site like those of `make_site`, but seen from above."""
    street = draw_street(seed, keeps_left=options.keeps_left)
    lens = _lens_from_above(seed, street, options)
    light = make_light(seed, options.weather)
    sensor = equip(seed, light, options)
    scenery = Scenery(light, surroundings(light, seed), lens.eye)
    wide = lens.part(-MARGIN_PX, -MARGIN_PX, lens.width + 2 * MARGIN_PX, lens.height + 2 * MARGIN_PX)
    drawn = draw_backdrop(seed, street, wide, scenery, sensor, heading_deg=options.heading_deg, parked=options.parked)
    picture = (drawn.picture, drawn.poles, drawn.before, drawn.parked)
    return Site(seed, options, street, lens, light, sensor, scenery, *picture)


def _lens_from_above(seed: int, street: Street, options: SiteOptions) -> Lens:
    rng = np.random.default_rng([seed, 83])
    turn, steepness = np.radians(options.heading_deg), np.radians(rng.uniform(32, 82))
    away_m = float(rng.uniform(10, 24))
    ground = -away_m * np.cos(steepness) * np.array([np.cos(turn), np.sin(turn)])
    eye = (float(ground[0]), float(ground[1]), away_m * float(np.sin(steepness)))
    target = (0.0, float(rng.uniform(-1, 1)) * street.half_width_m, 0.5)
    shown_m = float(rng.uniform(9, 30))
    focal = away_m / shown_m
    return aimed(eye, target, options.width * focal, options.width, options.height, drawn_in=bends(rng, focal))
