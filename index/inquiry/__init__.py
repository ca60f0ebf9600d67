"""Work on one question: what can be reached, what speaks for each sighting, and the story they tell together."""
