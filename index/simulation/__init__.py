"""Make cities whose truth is known, and score archives against that truth."""
