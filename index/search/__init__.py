"""Answer one question: bound it, compare the sightings inside, join the evidence, and tell the likeliest story."""
