"""Join two appearance networks into one file whose similarity is the mean of both.

`python -m benchmarks.joined_weights appearance benchmarks/weights/transfer-real.onnx --out joined.onnx` writes the file
and its card; `retrace models add` takes it. Type, colour and heading are those of the first. With `--dims 256 --cache
FOLDER` the vectors are made so short: their principal directions on the rendered vehicles that validate trainings.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, compose, helper, numpy_helper

from benchmarks.camera_means import find_embedder_weights
from reid.appearance.embedders import EmbedderOptions, OnnxEmbedder
from reid.arrays import Floats32
from reid.errors import SeeingError
from reid.training.appearance.distillation import principal_directions
from reid.training.appearance.recipe import VALIDATION
from reid.training.appearance.rendered import rendered_crops
from reid.training.onnx_file import write_onnx_card
from reid.weights import Weights

FIRST, SECOND = "first_", "second_"
SHARE = 0.5
"""The share of each network in the similarity."""


def main() -> None:
    """Write the file and its card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", help="a name, or an ONNX file beside its card")
    parser.add_argument("second")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dims", type=int, help="how many numbers a vector has; of both side by side if not given")
    parser.add_argument("--cache", type=Path, help="rendered pictures, with --dims")
    arguments = parser.parse_args()
    first, second = find_embedder_weights(arguments.first), find_embedder_weights(arguments.second)
    if first.card.picture != second.card.picture:
        raise SeeingError("the two networks want different pictures: join networks of one size and normalisation")
    model = joined(onnx.load(first.path), onnx.load(second.path))
    kept = "vectors side by side"
    if arguments.dims is not None:
        model = shortened(model, _directions((first, second), arguments.cache, arguments.dims))
        kept = f"their {arguments.dims} principal directions on rendered vehicles"
    onnx.save(model, arguments.out)
    write_onnx_card(
        arguments.out,
        name=arguments.out.stem,
        task="appearance",
        source=f"both {_named(first)} and {_named(second)}, {kept}",
        picture=first.card.picture,
        output="vector",
    )


def joined(first: ModelProto, second: ModelProto) -> ModelProto:
    """Return a network with the pictures of both, whose unit vector holds those of both side by side."""
    parts = [compose.add_prefix(first, FIRST), compose.add_prefix(second, SECOND)]
    pictures = parts[0].graph.input[0]
    for node in parts[1].graph.node:
        node.input[:] = [
            pictures.name if name == f"{SECOND}{pictures.name.removeprefix(FIRST)}" else name for name in node.input
        ]
    scale = helper.make_tensor("half", TensorProto.FLOAT, [], [SHARE**0.5])
    join = [
        helper.make_node("Concat", [f"{FIRST}vector", f"{SECOND}vector"], ["both"], axis=1),
        helper.make_node("Mul", ["both", "half"], ["vector"]),
    ]
    width = sum(part.graph.output[0].type.tensor_type.shape.dim[1].dim_value for part in parts)
    vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["pictures", width])
    graph = helper.make_graph(
        [*parts[0].graph.node, *parts[1].graph.node, *join, *_renamed(parts[0])],
        "joined",
        [_as("pictures", pictures)],
        [vector, *(_as(one.name.removeprefix(FIRST), one) for one in parts[0].graph.output[1:])],
        [*parts[0].graph.initializer, *parts[1].graph.initializer, scale],
    )
    graph.node.insert(0, helper.make_node("Identity", ["pictures"], [pictures.name]))
    model = helper.make_model(graph, opset_imports=parts[0].opset_import, ir_version=parts[0].ir_version)
    onnx.checker.check_model(model)
    return model


def shortened(model: ModelProto, directions: Floats32) -> ModelProto:
    """Return the network with its unit vector projected onto directions (d, dims), and of length 1 again."""
    short = onnx.ModelProto()
    short.CopyFrom(model)
    graph = short.graph
    for node in graph.node:
        node.output[:] = ["long" if name == "vector" else name for name in node.output]
    graph.initializer.append(numpy_helper.from_array(directions, "directions"))
    graph.node.extend(
        [
            helper.make_node("MatMul", ["long", "directions"], ["short"]),
            helper.make_node("LpNormalization", ["short"], ["vector"], axis=1, p=2),
        ]
    )
    graph.output[0].type.tensor_type.shape.dim[1].dim_value = directions.shape[1]
    onnx.checker.check_model(short)
    return short


def _directions(parts: tuple[Weights, Weights], cache: Path, dims: int) -> Floats32:
    """Return the principal directions of the joined vectors of the rendered vehicles that validate trainings."""
    crops = rendered_crops(VALIDATION, cache, lambda *_: None)
    vectors = [OnnxEmbedder(part, EmbedderOptions(threads=1)).embed(list(crops.boxes)) for part in parts]
    return principal_directions(SHARE**0.5 * np.concatenate(vectors, axis=1), dims).astype(np.float32)


def _renamed(part: ModelProto) -> list[onnx.NodeProto]:
    """Return nodes that give the outputs of a prefixed network, but for the vector, their own names."""
    return [helper.make_node("Identity", [one.name], [one.name.removeprefix(FIRST)]) for one in part.graph.output[1:]]


def _as(name: str, value: onnx.ValueInfoProto) -> onnx.ValueInfoProto:
    named = onnx.ValueInfoProto()
    named.CopyFrom(value)
    named.name = name
    return named


def _named(weights: Weights) -> str:
    return f"{weights.model_id} ({weights.card.source})"


if __name__ == "__main__":
    main()
