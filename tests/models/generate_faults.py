#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the models of the folder faults, each with one fault; README.md lists them.

Run it as generate.py: python3 generate_faults.py
"""

from generate import (
    ANCHORS,
    FLOAT,
    IMAGE,
    NOUGHT,
    PEOPLE_AND_CARS,
    PERSON,
    ZERO,
    columns,
    const,
    node,
    padded,
    save,
    tensor,
)
from onnx import TensorProto, helper


def write(name, before=(), image=None, fixed=None, output=None, opset=17, ir_version=8, domains=()):
    """yolov8-fixed with something wrong, hence without onnx's own check."""
    pad, pads = padded(1)
    graph = helper.make_graph(
        [*before, *ZERO, node("Add", "fixed zero", "boxes"), pad],
        name,
        [image or tensor("images", IMAGE)],
        [output or tensor("output0", [1, 6, ANCHORS])],
        [NOUGHT, pads, fixed or const("fixed", columns(PERSON))],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=ir_version)
    helper.set_model_props(model, PEOPLE_AND_CARS)
    save(f"faults/{name}", model)


def external_data():
    weights = const("fixed", columns(PERSON))
    length = len(weights.raw_data)
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "external-data.bin", "offset": 0, "length": length}.items():
        weights.external_data.add(key=key, value=str(value))
    write("external-data", fixed=weights)


def main():
    external_data()
    pixels = tensor("pixels", IMAGE)
    frobnicate = helper.make_node("Frobnicate", ["pixels"], ["images"])
    write("unknown-operator", [frobnicate], pixels)
    custom = helper.make_node("Frobnicate", ["pixels"], ["images"], domain="com.example")
    write("custom-operator", [custom], pixels, domains=["com.example"])
    write("opset-99", opset=99)
    write("ir-99", ir_version=99)
    write("double-input", [node("Cast", "pixels", "images", to=FLOAT)], tensor("pixels", IMAGE, TensorProto.DOUBLE))
    write("rank5", image=tensor("images", [1, *IMAGE]))
    write("no-rank", image=tensor("images", None), output=tensor("output0", None))
    write("zero-width", image=tensor("images", [1, 3, 32, 0]))
    write("zero-batch", image=tensor("images", [0, *IMAGE[1:]]))
    write("open-channels", image=tensor("images", ["n", "c", "h", "w"]))
    write("open-size", image=tensor("images", [1, 3, "h", "w"]))
    write("huge", image=tensor("images", [1, 3, 2**31, 2**31]))


if __name__ == "__main__":
    main()
