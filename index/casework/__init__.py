"""What is known of a case: its questions with their answers, its sightings, and the footage that they rest on."""
