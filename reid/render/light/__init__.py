"""Let there be light, and a camera that records it."""
