"""Make sightings of a city without filming it, with noise fitted on filmed cities."""
