#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the tiny ONNX models of this folder, one per behaviour; README.md lists them.

Run it with PyPI's onnx installed (1.23 made the committed files): python3 generate.py
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

FLOAT, INT64, UINT8 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.UINT8
IMAGE = [1, 3, 32, 32]
ANCHORS = 21  # 32x32 with strides 8, 16 and 32: 16 + 4 + 1
PEOPLE_AND_CARS = {"task": "detect", "names": "{0: 'person', 1: 'car'}", "imgsz": "[32, 32]", "stride": "32"}

# Centre x, centre y, width, height, then one score a class; in tensor pixels.
PERSON = [8, 16, 8, 16, 0.9, 0]
CAR = [24, 20, 12, 8, 0, 0.8]


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def const(name, value, dtype=np.float32):
    return numpy_helper.from_array(np.array(value, dtype), name)


def tensor(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def write(name, nodes, constants, inputs, outputs, metadata=None):
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    assert len(data) < 1024, f"{name}: {len(data)} bytes"
    Path(__file__).with_name(f"{name}.onnx").write_bytes(data)


# `zero` is a scalar 0 that depends on the image, so that no runtime can fold the graph away.
ZERO = [node("ReduceMean", "images", "mean", keepdims=0), node("Mul", "mean nought", "zero")]
NOUGHT = const("nought", 0)

# `bright` is the mean of the 8x8 centre: what letterbox pads hold does not change it.
BRIGHT = [node("Slice", "images from to axes", "centre"), node("ReduceMean", "centre", "bright", keepdims=0)]
CENTRE = [const("from", [12, 12], np.int64), const("to", [20, 20], np.int64), const("axes", [2, 3], np.int64)]


def columns(*boxes):
    """Boxes as the columns of a v8 output."""
    return np.array([boxes], np.float32).transpose(0, 2, 1)


def padded(rows):
    """`rows` boxes in front, zeros for all other anchors."""
    return node("Pad", "boxes pads", "output0"), const("pads", [0, 0, 0, 0, 0, ANCHORS - rows], np.int64)


def yolov8(name, boxes, metadata, image=None, before=()):
    pad, pads = padded(len(boxes))
    write(
        name,
        [*before, *ZERO, node("Add", "fixed zero", "boxes"), pad],
        [NOUGHT, pads, const("fixed", columns(*boxes))],
        [image or tensor("images", IMAGE)],
        [tensor("output0", [1, 6, ANCHORS])],
        metadata,
    )


def yolov8_bright():
    pad, pads = padded(1)
    write(
        "yolov8-bright",
        [*BRIGHT, node("Mul", "score bright", "scored"), node("Add", "place scored", "boxes"), pad],
        [*CENTRE, pads, const("place", columns(PERSON[:4] + [0, 0])), const("score", columns([0, 0, 0, 0, 1, 0]))],
        [tensor("images", IMAGE)],
        [tensor("output0", [1, 6, ANCHORS])],
        PEOPLE_AND_CARS,
    )


def yolox_raw():
    # Rows of x and y in grid cells, log width and height in strides, objectness, class scores.
    # Stride 8, cell (1, 2) is row 9; stride 16, cell (1, 1) is row 16 + 3.
    person = [0, 0, np.log(8 / 8), np.log(16 / 8), 0.9, 1, 0]
    car = [0.5, 0.25, np.log(12 / 16), np.log(8 / 16), 1, 0, 0.8]
    write(
        "yolox-raw",
        [
            *ZERO,
            node("Pad", "person around_person", "first"),
            node("Pad", "car around_car", "second"),
            node("Concat", "first second", "fixed", axis=1),
            node("Add", "fixed zero", "output"),
        ],
        [
            NOUGHT,
            const("person", [[person]]),
            const("car", [[car]]),
            const("around_person", [0, 9, 0, 0, 9, 0], np.int64),
            const("around_car", [0, 0, 0, 0, 1, 0], np.int64),
        ],
        [tensor("images", IMAGE)],
        [tensor("output", [1, ANCHORS, 7])],
    )


def dets_labels():
    write(
        "dets-labels",
        [*ZERO, node("Add", "fixed zero", "dets"), node("Identity", "classes", "labels")],
        [NOUGHT, const("fixed", [[[4, 8, 12, 24, 0.9], [18, 16, 30, 24, 0.8]]]), const("classes", [[0, 1]], np.int64)],
        [tensor("images", IMAGE)],
        [tensor("dets", [1, "count", 5]), tensor("labels", [1, "count"], INT64)],
    )


def dynamic_hw():
    # The person is at the same place relative to the tensor, whatever the tensor's size.
    write(
        "dynamic-hw",
        [
            node("Shape", "images", "hw", start=2),
            node("ReduceProd", "hw", "area", keepdims=1),
            node("Div", "area cells", "per_stride"),
            node("ReduceSum", "per_stride", "all", keepdims=1),
            node("Sub", "all one", "rest"),
            node("Concat", "nothing rest", "pads", axis=0),
            node("Gather", "hw xywh", "whwh"),
            node("Cast", "whwh", "size", to=FLOAT),
            node("Mul", "size place", "box"),
            *ZERO,
            node("Add", "scores zero", "scored"),
            node("Concat", "box scored", "flat", axis=0),
            node("Unsqueeze", "flat axes", "boxes"),
            node("Pad", "boxes pads", "output0"),
        ],
        [
            NOUGHT,
            const("cells", [64, 256, 1024], np.int64),
            const("one", [1], np.int64),
            const("nothing", [0, 0, 0, 0, 0], np.int64),
            const("xywh", [1, 0, 1, 0], np.int64),
            const("place", [0.25, 0.5, 0.25, 0.5]),
            const("scores", [0.9, 0]),
            const("axes", [0, 2], np.int64),
        ],
        [tensor("images", [1, 3, "height", "width"])],
        [tensor("output0", [1, 6, "anchors"])],
        PEOPLE_AND_CARS,
    )


def echo():
    # One box of 8x8 whose centre and score the picture says: x = 32 * red, y = 32 * green,
    # score = blue, each the mean of the 8x8 centre.
    pad, pads = padded(1)
    write(
        "echo",
        [
            node("Slice", "images from to axes", "centre"),
            node("ReduceMean", "centre", "rgb", axes=[0, 2, 3], keepdims=0),
            node("MatMul", "spread rgb", "said"),
            node("Add", "said always", "flat"),
            node("Unsqueeze", "flat ends", "boxes"),
            pad,
        ],
        [
            *CENTRE,
            pads,
            const("spread", [[32, 0, 0], [0, 32, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0]]),
            const("always", [0, 0, 8, 8, 0, 0]),
            const("ends", [0, 2], np.int64),
        ],
        [tensor("images", IMAGE)],
        [tensor("output0", [1, 6, ANCHORS])],
        PEOPLE_AND_CARS,
    )


def fails_at_run():
    # Asks for element 5 of 1 when the centre of the picture is bright.
    pad, pads = padded(1)
    write(
        "fails-at-run",
        [
            *BRIGHT,
            node("Mul", "bright ten", "scaled"),
            node("Cast", "scaled", "index", to=INT64),
            node("Gather", "only index", "picked"),
            node("Add", "fixed picked", "boxes"),
            pad,
        ],
        [*CENTRE, pads, const("ten", 10), const("only", [0]), const("fixed", columns(PERSON))],
        [tensor("images", IMAGE)],
        [tensor("output0", [1, 6, ANCHORS])],
        PEOPLE_AND_CARS,
    )


def not_detectors():
    write("identity", [node("Identity", "images", "copy")], [], [tensor("images", IMAGE)], [tensor("copy", IMAGE)])
    write(
        "classifier",
        [*ZERO, node("Expand", "zero shape", "logits")],
        [NOUGHT, const("shape", [1, 1000], np.int64)],
        [tensor("images", IMAGE)],
        [tensor("logits", [1, 1000])],
    )
    yolov8("rank3", [PERSON], {}, image=tensor("images", IMAGE[1:]))
    pad, pads = padded(1)
    write(
        "two-inputs",
        [*ZERO, node("Add", "fixed zero", "plain"), node("Mul", "plain scale", "boxes"), pad],
        [NOUGHT, pads, const("fixed", columns(PERSON))],
        [tensor("images", IMAGE), tensor("scale", [1])],
        [tensor("output0", [1, 6, ANCHORS])],
    )


def segment_task():
    pad, pads = padded(1)
    write(
        "segment-task",
        [*ZERO, node("Add", "fixed zero", "boxes"), pad, node("Expand", "zero shape", "output1")],
        [NOUGHT, pads, const("fixed", columns(PERSON + [0] * 32)), const("shape", [1, 32, 8, 8], np.int64)],
        [tensor("images", IMAGE)],
        [tensor("output0", [1, 38, ANCHORS]), tensor("output1", [1, 32, 8, 8])],
        PEOPLE_AND_CARS | {"task": "segment"},
    )


def u8_input():
    cast = node("Cast", "bytes", "images", to=FLOAT)
    yolov8("u8-input", [PERSON, CAR], PEOPLE_AND_CARS, image=tensor("bytes", IMAGE, UINT8), before=[cast])


def main():
    yolov8("yolov8-fixed", [PERSON, CAR], PEOPLE_AND_CARS)
    yolov8_bright()
    yolox_raw()
    dets_labels()
    dynamic_hw()
    echo()
    fails_at_run()
    not_detectors()
    yolov8("labels-mismatch", [PERSON], PEOPLE_AND_CARS | {"names": "{0: 'person', 1: 'car', 2: 'dog'}"})
    segment_task()
    u8_input()


if __name__ == "__main__":
    main()
