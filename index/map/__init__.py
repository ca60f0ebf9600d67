"""Keep the roads of an archive, the cameras on them, and the travel times between cameras."""
