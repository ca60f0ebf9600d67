"""Training: render or read labelled pictures, show them to a network, keep the best weights."""
