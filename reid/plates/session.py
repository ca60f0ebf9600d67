"""Load a plate network from its weights, to run on one thread of this processor."""

from typing import Any

from reid.errors import SeeingError
from reid.weights import Weights


def open_network(weights: Weights) -> Any:
    """Return the network as an ONNX Runtime session; plates are small, a second thread would only wait."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    data = weights.read()
    try:
        return onnxruntime.InferenceSession(data, settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes of its own that it does not export
        raise SeeingError(f"{weights.path} is not an ONNX network that runs here ({type(error).__name__})") from None
