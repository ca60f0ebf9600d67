"""Build vehicles: models, bodies, paint, marks and loads."""
