#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a model sees in a clip, computed without any of Lynx, for Lynx's tests to compare with.

Writes {"frame": [{"label", "score", "box": [x, y, w, h]}]} as JSON: frames counted from 0, boxes
in pixels of the frame, best score first. OpenCV reads, scales and pads; PyPI's ONNX Runtime infers.
"""

import argparse
import ast
import json
import os

import cv2
import numpy as np
import onnxruntime

PAD = 114


def letterbox(frame, width, height, centred):
    """The frame scaled into width x height; the scale and where its corner came to lie."""
    scale = min(width / frame.shape[1], height / frame.shape[0])
    w, h = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
    left, top = ((width - w) // 2, (height - h) // 2) if centred else (0, 0)
    canvas = np.full((height, width, 3), PAD, np.uint8)
    canvas[top : top + h, left : left + w] = cv2.resize(frame, (w, h), interpolation=cv2.INTER_LINEAR)
    return canvas, scale, (left, top)


def nms(boxes, scores, iou_threshold):
    """Greedy suppression over corner boxes; the kept indices, best first."""
    order = np.argsort(-scores, kind="stable")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[order, :2])
        high = np.minimum(boxes[best, 2:], boxes[order, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        order = order[shared <= iou_threshold * (area[best] + area[order] - shared)]
    return kept


class YoloxDets:
    """YOLOX with NMS inside: BGR 0..255, top-left letterbox; `dets` corners + score, `labels`."""

    def __init__(self, session, arguments):
        self.session, self.threshold, self.labels = session, arguments.threshold, ["person"]
        self.input = session.get_inputs()[0]
        self.height, self.width = self.input.shape[2:]

    def __call__(self, frame):
        canvas, scale, corner = letterbox(frame, self.width, self.height, centred=False)
        tensor = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], np.float32)
        dets, classes = self.session.run(["dets", "labels"], {self.input.name: tensor})
        keep = dets[0, :, 4] >= self.threshold
        return dets[0, keep, :4], dets[0, keep, 4], classes[0, keep], scale, corner


class YoloV8:
    """YOLOv8, 9, 11, 12: RGB 0..1, centred letterbox; `[1, 4 + classes, anchors]`."""

    def __init__(self, session, arguments):
        names = ast.literal_eval(session.get_modelmeta().custom_metadata_map["names"])
        self.session, self.threshold, self.iou = session, arguments.threshold, arguments.iou_threshold
        self.labels = [names[index] for index in range(len(names))]
        self.input = session.get_inputs()[0]
        self.height, self.width = (
            side if isinstance(side, int) else arguments.size for side in self.input.shape[2:]
        )

    def __call__(self, frame):
        canvas, scale, corner = letterbox(frame, self.width, self.height, centred=True)
        tensor = np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], np.float32) / 255
        rows = self.session.run(None, {self.input.name: tensor})[0][0].T
        classes, scores = rows[:, 4:].argmax(1), rows[:, 4:].max(1)
        keep = scores >= self.threshold
        rows, classes, scores = rows[keep], classes[keep], scores[keep]
        boxes = np.hstack([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2])
        # One pass for all classes: boxes of different classes are moved where they cannot meet.
        kept = nms(boxes + classes[:, None] * 10000.0, scores, self.iou)
        return boxes[kept], scores[kept], classes[kept], scale, corner


def detections(model, frame):
    boxes, scores, classes, scale, corner = model(frame)
    boxes = (boxes - np.tile(corner, 2)) / scale
    return [
        {
            "label": model.labels[classes[i]],
            "score": round(float(scores[i]), 5),
            "box": [round(float(v), 3) for v in (*boxes[i, :2], *(boxes[i, 2:] - boxes[i, :2]))],
        }
        for i in np.argsort(-scores, kind="stable")
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="ONNX file: YOLOX with dets and labels, or the YOLOv8 family")
    parser.add_argument("clip", help="video file")
    parser.add_argument("output", help="JSON file to write")
    parser.add_argument("--threshold", type=float, default=0.1, help="least score (default %(default)s)")
    parser.add_argument("--iou-threshold", type=float, default=0.45, help="NMS, YOLOv8 family (default %(default)s)")
    parser.add_argument("--size", type=int, default=640, help="sides, where the model leaves them open (default %(default)s)")
    parser.add_argument("--every", type=int, default=20, help="use frames 0, N, 2N and so on (default %(default)s)")
    arguments = parser.parse_args()

    session = onnxruntime.InferenceSession(arguments.model, providers=["CPUExecutionProvider"])
    family = YoloxDets if session.get_outputs()[0].name == "dets" else YoloV8
    model = family(session, arguments)
    clip = cv2.VideoCapture(arguments.clip)
    found, index = {}, 0
    while clip.grab():
        if index % arguments.every == 0:
            found[index] = detections(model, clip.retrieve()[1])
        index += 1
    if not found:
        parser.error(f"{arguments.clip}: no frame could be read")
    part = arguments.output + ".part"
    with open(part, "w", encoding="utf-8") as out:
        json.dump(found, out, indent=1)
        out.write("\n")
    os.replace(part, arguments.output)
    print(f"{arguments.output}: {sum(map(len, found.values()))} detections on {len(found)} of {index} frames")


if __name__ == "__main__":
    main()
