"""Give the embedders that are installed here by their names."""

from reid.appearance.embedder import Embedder
from reid.appearance.histogram import HistogramEmbedder

HISTOGRAM = "histogram"


def make_embedder(name: str, *, threads: int = 0) -> Embedder:
    """Return the embedder of that name: the histogram, or learned weights that are packaged or were added.

    Weights run on so many threads, 0 for all cores.
    """
    if name == HISTOGRAM:
        return HistogramEmbedder()
    # loaded only when asked for: the histogram needs no ONNX Runtime
    from reid.appearance.onnx_embedder import make_onnx_embedder

    return make_onnx_embedder(name, threads)


def embedder_names() -> dict[str, str]:
    """Return the model id of every embedder that is installed here, by name."""
    from reid.weights import list_weights

    learned = {weights.card.name: weights.model_id for weights in list_weights() if weights.card.task == "appearance"}
    return {HISTOGRAM: HistogramEmbedder.model_id, **learned}
