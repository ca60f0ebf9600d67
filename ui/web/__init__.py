"""The web page: a question form, the answer while the search runs, and the evidence for it."""
