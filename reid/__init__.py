"""See: turn pixels into boxes, tracks, embeddings and plates."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# ONNX Runtime reports every process to its maker otherwise; it reads this once, when it is first imported.
