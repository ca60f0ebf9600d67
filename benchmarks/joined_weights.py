"""Join two appearance networks into one file whose similarity is the mean of both.

`python -m benchmarks.joined_weights appearance benchmarks/weights/transfer-real.onnx --out joined.onnx` writes the file
and its card; `retrace models add` takes it. Type, colour and heading are those of the first.
"""

import argparse
from pathlib import Path

import onnx
from onnx import ModelProto, TensorProto, compose, helper

from benchmarks.camera_means import find_embedder_weights
from reid.errors import SeeingError
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
    arguments = parser.parse_args()
    first, second = find_embedder_weights(arguments.first), find_embedder_weights(arguments.second)
    if first.card.picture != second.card.picture:
        raise SeeingError("the two networks want different pictures: join networks of one size and normalisation")
    onnx.save(joined(onnx.load(first.path), onnx.load(second.path)), arguments.out)
    write_onnx_card(
        arguments.out,
        name=arguments.out.stem,
        task="appearance",
        source=f"both {_named(first)} and {_named(second)}, vectors side by side",
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
