"""The page of an investigator: one question, its answer as it arrives, and why."""
