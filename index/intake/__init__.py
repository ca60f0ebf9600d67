"""Take footage in: each file entered, cut into chunks, watched by workers, and described."""
