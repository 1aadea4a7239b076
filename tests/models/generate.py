#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the tiny ONNX models of this folder, one per behaviour; README.md lists them.

Run it with PyPI's onnx installed (1.23 made the committed files): python3 generate.py
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, load, numpy_helper

FLOAT, HALF, UINT8 = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.UINT8
INT64, INT32, BOOL = TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL
IMAGE = [1, 3, 32, 32]
WIDE = ["batch", 3, 32, 64]  # not square, so that width and height cannot be mistaken for each other
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
    save(name, model)


def save(name, model):
    data = model.SerializeToString()
    assert len(data) < 1024, f"{name}: {len(data)} bytes"
    (Path(__file__).parent / f"{name}.onnx").write_bytes(data)


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


def finds_nothing():
    # As dets-labels, of no rows at all, which no runtime knows before the run.
    write(
        "finds-nothing",
        [
            *ZERO,
            node("Greater", "zero above", "keep"),
            node("Compress", "fixed keep", "dets", axis=1),
            node("Compress", "classes keep", "labels", axis=1),
        ],
        [
            NOUGHT,
            const("above", [1]),
            const("fixed", [[[4, 8, 12, 24, 0.9]]]),
            const("classes", [[0]], np.int64),
        ],
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


def bright_box():
    # Any number of pictures; in each one box around what is brightest, its score that brightness.
    sides = []
    for axis, others in (("x", [1, 2]), ("y", [1, 3])):
        sides += [
            node("ReduceMax", "images", axis, axes=others, keepdims=0),
            node("ArgMax", axis, f"first_{axis}", axis=1),
            node("ArgMax", axis, f"last_{axis}", axis=1, select_last_index=1),
        ]
    ends = "first_x first_y last_x last_y"
    write(
        "bright-box",
        [
            *sides,
            node("Concat", ends, "ends", axis=1),
            node("Cast", "ends", "corners", to=FLOAT),
            node("ReduceMax", "x", "score", axes=[1]),
            node("MatMul", "corners to_centre", "moved"),
            node("Add", "moved edge", "place"),
            node("Concat", "place score", "flat", axis=1),
            node("Unsqueeze", "flat axis", "box"),
            node("Pad", "box pads", "output0"),
        ],
        [
            const("to_centre", [[0.5, 0, -1, 0], [0, 0.5, 0, -1], [0.5, 0, 1, 0], [0, 0.5, 0, 1]]),
            const("edge", [0.5, 0.5, 1, 1]),
            const("axis", [2], np.int64),
            const("pads", [0, 0, 0, 0, 0, ANCHORS - 1], np.int64),
        ],
        [tensor("images", ["batch", *IMAGE[1:]])],
        [tensor("output0", ["batch", 5, ANCHORS])],
        PEOPLE_AND_CARS | {"names": "{0: 'light'}"},
    )


def colour():
    # Any number of pictures; a logit a channel, ten times its mean.
    write(
        "colour",
        [node("ReduceMean", "images", "mean", axes=[2, 3], keepdims=0), node("Mul", "mean ten", "output0")],
        [const("ten", 10)],
        [tensor("images", ["batch", *IMAGE[1:]])],
        [tensor("output0", ["batch", 3])],
        {"task": "classify", "names": "{0: 'red', 1: 'green', 2: 'blue'}", "imgsz": "[32, 32]", "stride": "1"},
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


def never_returns():
    # Counts to 2^60 when the centre of the picture is bright, which takes centuries; a runtime
    # that is told to stop can do so between two rounds.
    pad, pads = padded(1)
    body = helper.make_graph(
        [node("Identity", "going", "on"), node("Add", "sum step", "more")],
        "body",
        [tensor("round", [], INT64), tensor("going", [], BOOL), tensor("sum", [])],
        [tensor("on", [], BOOL), tensor("more", [])],
        [const("step", 0)],
    )
    write(
        "never-returns",
        [
            *BRIGHT,
            node("Greater", "bright half", "is_bright"),
            node("Cast", "is_bright", "once", to=INT64),
            node("Mul", "once many", "rounds"),
            helper.make_node("Loop", ["rounds", "", "start"], ["total"], body=body),
            node("Add", "fixed total", "boxes"),
            pad,
        ],
        [
            *CENTRE,
            pads,
            const("half", 0.5),
            const("many", 2**60, np.int64),
            const("start", 0),
            const("fixed", columns(PERSON)),
        ],
        [tensor("images", IMAGE)],
        [tensor("output0", [1, 6, ANCHORS])],
        PEOPLE_AND_CARS,
    )


def slow():
    # One 8x8 box at x = 32 * red, after a loop of as many rounds as the picture is blue.
    pad, pads = padded(1)
    body = helper.make_graph(
        [node("Identity", "going", "on"), node("Add", "sum step", "more")],
        "body",
        [tensor("round", [], INT64), tensor("going", [], BOOL), tensor("sum", [])],
        [tensor("on", [], BOOL), tensor("more", [])],
        [const("step", 0)],
    )
    write(
        "slow",
        [
            node("ReduceMean", "images", "rgb", axes=[0, 2, 3], keepdims=0),
            node("MatMul", "pick rgb", "blue"),
            node("Cast", "blue", "rounds", to=INT64),
            helper.make_node("Loop", ["rounds", "", "start"], ["total"], body=body),
            node("MatMul", "spread rgb", "said"),
            node("Add", "said always", "place"),
            node("Add", "place total", "flat"),
            node("Unsqueeze", "flat ends", "boxes"),
            pad,
        ],
        [
            pads,
            const("pick", [0, 0, 200_000]),
            const("start", 0),
            const("spread", [[32, 0, 0], *[[0, 0, 0]] * 5]),
            const("always", [0, 16, 8, 8, 0.9, 0]),
            const("ends", [0, 2], np.int64),
        ],
        [tensor("images", IMAGE)],
        [tensor("output0", [1, 6, ANCHORS])],
        PEOPLE_AND_CARS,
    )


def counts_batches():
    # One box whose width is four times the number of pictures in the run.
    pad, pads = padded(1)
    write(
        "counts-batches",
        [
            node("ReduceMean", "images", "mean", axes=[1, 2, 3], keepdims=0),
            node("Mul", "mean nought", "zeros"),  # one a picture
            node("Unsqueeze", "zeros ends", "each"),
            node("Shape", "images", "count", end=1),
            node("Cast", "count", "pictures", to=FLOAT),
            node("Mul", "wider pictures", "width"),
            node("Add", "place width", "box"),
            node("Add", "box each", "boxes"),
            pad,
        ],
        [
            NOUGHT,
            pads,
            const("ends", [1, 2], np.int64),
            const("wider", columns([0, 0, 4, 0, 0])),
            const("place", columns([16, 16, 0, 8, 0.9])),
        ],
        [tensor("images", ["batch", *IMAGE[1:]])],
        [tensor("output0", ["batch", 5, ANCHORS])],
        PEOPLE_AND_CARS | {"names": "{0: 'batch'}"},
    )


def claims_batches():
    # As an export whose author marked a batch that the graph does not have: one answer, of the first.
    pad, pads = padded(2)
    write(
        "claims-batches",
        [
            node("ReduceMean", "images", "mean", axes=[1, 2, 3], keepdims=0),
            node("Mul", "mean nought", "zeros"),  # one a picture
            node("Unsqueeze", "zeros ends", "each"),
            node("Slice", "each none one", "first"),
            node("Add", "fixed first", "boxes"),
            pad,
        ],
        [
            NOUGHT,
            pads,
            const("ends", [1, 2], np.int64),
            const("none", [0], np.int64),
            const("one", [1], np.int64),
            const("fixed", columns(PERSON, CAR)),
        ],
        [tensor("images", ["batch", *IMAGE[1:]])],
        [tensor("output0", ["batch", 6, ANCHORS])],
        PEOPLE_AND_CARS,
    )


def fails_in_batches():
    # As counts-batches; asks for element 10 of 1 when any picture of the run is white.
    pad, pads = padded(1)
    write(
        "fails-in-batches",
        [
            node("ReduceMean", "images", "mean", axes=[1, 2, 3], keepdims=0),
            node("Mul", "mean ten", "scaled"),
            node("Cast", "scaled", "index", to=INT64),
            node("Gather", "only index", "zeros"),  # one a picture
            node("Unsqueeze", "zeros ends", "each"),
            node("Shape", "images", "count", end=1),
            node("Cast", "count", "pictures", to=FLOAT),
            node("Mul", "wider pictures", "width"),
            node("Add", "place width", "box"),
            node("Add", "box each", "boxes"),
            pad,
        ],
        [
            pads,
            const("ten", 10),
            const("only", [0]),
            const("ends", [1, 2], np.int64),
            const("wider", columns([0, 0, 4, 0, 0])),
            const("place", columns([16, 16, 0, 8, 0.9])),
        ],
        [tensor("images", ["batch", *IMAGE[1:]])],
        [tensor("output0", ["batch", 5, ANCHORS])],
        PEOPLE_AND_CARS | {"names": "{0: 'batch'}"},
    )


# The person and the car: class, score, corners as fractions (left, top, right, bottom).
ROWS = np.array([[0, 0.9, 0.125, 0.25, 0.375, 0.75], [1, 0.8, 0.5625, 0.5, 0.9375, 0.75]], np.float32)


def detr():
    # As the deploy exports of RT-DETR and D-FINE: boxes are fractions of orig_target_sizes, which
    # is width and height.
    write(
        "detr",
        [
            node("ReduceMean", "images", "mean", axes=[1, 2, 3], keepdims=0),
            node("Mul", "mean nought", "zeros"),
            node("Unsqueeze", "zeros middle", "each"),
            node("Cast", "orig_target_sizes", "wh", to=FLOAT),
            node("Concat", "wh wh", "whwh", axis=1),
            node("Unsqueeze", "whwh middle", "scale"),
            node("Mul", "fractions scale", "boxes"),
            node("Add", "fixed_scores each", "scores"),
            node("Cast", "each", "whole", to=INT64),
            node("Add", "classes whole", "labels"),
        ],
        [
            NOUGHT,
            const("middle", [1], np.int64),
            const("fractions", [ROWS[:, 2:]]),
            const("fixed_scores", [ROWS[:, 1]]),
            const("classes", [ROWS[:, 0]], np.int64),
        ],
        [tensor("images", WIDE), tensor("orig_target_sizes", ["batch", 2], INT64)],
        [tensor("labels", ["batch", 2], INT64), tensor("boxes", ["batch", 2, 4]), tensor("scores", ["batch", 2])],
    )


def paddle_detection():
    # As PaddleDetection's export of RT-DETR: boxes are fractions of im_shape / scale_factor, height
    # and width, rounded; those of all pictures are one after another.
    write(
        "paddle-detection",
        [
            node("Div", "im_shape scale_factor", "exact"),
            node("Add", "exact half", "more"),
            node("Floor", "more", "hw"),
            node("Pad", "hw front one", "one_h_w"),
            node("Gather", "one_h_w columns", "scale", axis=1),
            node("Unsqueeze", "scale middle", "scales"),
            node("Mul", "fixed scales", "all"),
            node("Reshape", "all flat", "rows"),
            node("ReduceMean", "image", "mean", axes=[1, 2, 3], keepdims=0),
            node("Mul", "mean nought", "zeros"),
            node("Add", "zeros two", "each"),
            node("Cast", "each", "counts", to=INT32),
        ],
        [
            NOUGHT,
            const("fixed", [ROWS]),
            const("half", 0.5),
            const("front", [0, 1, 0, 0], np.int64),
            const("one", 1),
            const("columns", [0, 0, 2, 1, 2, 1], np.int64),
            const("middle", [1], np.int64),
            const("flat", [-1, 6], np.int64),
            const("two", 2),
        ],
        [tensor("im_shape", ["batch", 2]), tensor("image", WIDE), tensor("scale_factor", ["batch", 2])],
        [tensor("rows", ["n", 6]), tensor("counts", ["batch"], INT32)],
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
    # A pixel of a mask is the sum of coefficient * proto: positive in the left quarter of the
    # picture, which is the person's left half.
    pad, pads = padded(1)
    write(
        "segment-task",
        [
            *ZERO,
            node("Add", "fixed zero", "boxes"),
            pad,
            node("Add", "left zero", "row"),
            node("Expand", "row shape", "output1"),
        ],
        [
            NOUGHT,
            pads,
            const("fixed", columns(PERSON + [1] + [0] * 31)),
            const("left", [9] * 2 + [-9] * 6),
            const("shape", [1, 32, 8, 8], np.int64),
        ],
        [tensor("images", IMAGE)],
        [tensor("output0", [1, 38, ANCHORS]), tensor("output1", [1, 32, 8, 8])],
        PEOPLE_AND_CARS | {"task": "segment"},
    )


def ssd():
    # Corners as fractions of the picture (top, left, bottom, right); classes count from 1.
    boxes = [[0.25, 0.125, 0.75, 0.375], [0.5, 0.5625, 0.75, 0.9375]]
    outputs = {"boxes": [1, "n", 4], "scores": [1, "n"], "classes": [1, "n"], "count": [1]}
    ids = {"boxes": "Boxes", "scores": "Scores", "classes": "Classes", "count": "NumDetections"}
    write(
        "ssd",
        [
            node("Cast", "image", "images", to=FLOAT),
            *ZERO,
            node("Less", "zero above", "keep"),  # all of them, which no runtime knows before the run
            *(node("Compress", f"fixed_{name} keep", name, axis=1) for name in ["boxes", "scores", "classes"]),
            node("Add", "two zero", "count"),
        ],
        [
            NOUGHT,
            const("above", [1, 1]),
            const("fixed_boxes", [boxes]),
            const("fixed_scores", [[0.9, 0.8]]),
            const("fixed_classes", [[1, 2]]),
            const("two", [2]),
        ],
        [tensor("image", [1, 32, 32, 3], UINT8)],
        [tensor(name, shape) for name, shape in outputs.items()],
        {name: f"Gst.Model.ObjectDetector.{id}" for name, id in ids.items()},
    )


def face():
    # Per candidate: scores of background and face; corners as fractions (left, top, right, bottom).
    write(
        "face",
        [*ZERO, node("Add", "fixed_scores zero", "scores"), node("Add", "fixed_boxes zero", "boxes")],
        [
            NOUGHT,
            const("fixed_scores", [[[0.1, 0.9], [0.95, 0.05]]]),
            const("fixed_boxes", [[[0.125, 0.25, 0.375, 0.75], [0.5, 0.5, 0.6, 0.6]]]),
        ],
        [tensor("images", IMAGE)],
        [tensor("scores", [1, 2, 2]), tensor("boxes", [1, 2, 4])],
    )


# What GStreamer's onnxinference reads beside a model (GstAnalyticsModelInfo, 1.28): for each
# tensor the id that tensor decoders know it by.
RGB01 = {"ranges": ";".join(["0.0,1.0"] * 3)}
RGB255 = {"ranges": ";".join(["0.0,255.0"] * 3)}
SSD = "ssd-mobilenet-v1-variant-1-out"
FACE = "ultra-lightweight-face-detection-rfb-320-v1-variant-1-out"
SEG = "yolo-v8-segmentation-out"
YOLO = {"id": "yolo-v8-out", "dims-order": "col-major"}


def modelinfos():
    modelinfo("yolov8-fixed", "yolo-v8-out", {"images": RGB01}, {"output0": YOLO})
    modelinfo(
        "segment-task",
        SEG,
        {"images": RGB01},
        {
            "output0": {"id": f"{SEG}-detections", "dims-order": "col-major"},
            "output1": {"id": f"{SEG}-protos", "dims-order": "col-major"},
        },
    )
    ssd_ids = {"boxes": f"{SSD}-boxes", "scores": f"{SSD}-scores", "classes": f"{SSD}-classes"}
    ssd_ids["count"] = "generic-variant-1-out-count"
    modelinfo("ssd", SSD, {"image": RGB255}, {name: {"id": id} for name, id in ssd_ids.items()})
    face_ids = {"scores": f"{FACE}-scores", "boxes": f"{SSD}-boxes"}
    modelinfo("face", FACE, {"images": RGB01}, {name: {"id": id} for name, id in face_ids.items()})


def modelinfo(name, group, inputs, outputs):
    """Writes NAME.onnx.modelinfo; types and shapes are the model's own."""
    path = Path(__file__).with_name(f"{name}.onnx")
    graph = load(path).graph
    lines = ["# SPDX-License-Identifier: MIT OR Apache-2.0", "[modelinfo]", "version=1.0", f"group-id={group}"]
    for direction, values, extras in (("input", graph.input, inputs), ("output", graph.output, outputs)):
        for value in values:
            kind = value.type.tensor_type
            fields = {
                "id": value.name,
                "type": {FLOAT: "float32", UINT8: "uint8"}[kind.elem_type],
                "dims": ",".join(str(d.dim_value or -1) for d in kind.shape.dim),
                "dir": direction,
                **extras[value.name],
            }
            lines += ["", f"[{value.name}]", *(f"{key}={text}" for key, text in fields.items())]
    path.with_name(f"{path.name}.modelinfo").write_text("\n".join(lines) + "\n", encoding="utf-8")


def u8_input():
    cast = node("Cast", "bytes", "images", to=FLOAT)
    yolov8("u8-input", [PERSON, CAR], PEOPLE_AND_CARS, image=tensor("bytes", IMAGE, UINT8), before=[cast])


def half():
    _, pads = padded(2)
    cast = node("Cast", "boxes", "halves", to=HALF)
    pad = node("Pad", "halves pads", "output0")
    write(
        "half",
        [node("Cast", "half", "images", to=FLOAT), *ZERO, node("Add", "fixed zero", "boxes"), cast, pad],
        [NOUGHT, pads, const("fixed", columns(PERSON, CAR))],
        [tensor("half", IMAGE, HALF)],
        [tensor("output0", [1, 6, ANCHORS], HALF)],
        PEOPLE_AND_CARS,
    )


def main():
    yolov8("yolov8-fixed", [PERSON, CAR], PEOPLE_AND_CARS)
    yolov8_bright()
    yolox_raw()
    dets_labels()
    finds_nothing()
    dynamic_hw()
    echo()
    bright_box()
    colour()
    fails_at_run()
    never_returns()
    slow()
    counts_batches()
    claims_batches()
    fails_in_batches()
    detr()
    paddle_detection()
    not_detectors()
    yolov8("labels-mismatch", [PERSON], PEOPLE_AND_CARS | {"names": "{0: 'person', 1: 'car', 2: 'dog'}"})
    segment_task()
    ssd()
    face()
    u8_input()
    half()
    modelinfos()


if __name__ == "__main__":
    main()
