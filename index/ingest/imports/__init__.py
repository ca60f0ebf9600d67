"""Import the sightings of other systems: tables of plate readers, and folders of crops."""
