#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Preprocessing in Python with OpenCV, on one thread, timed for tests/src/bin/preprocess.

Standard input has one line of JSON (the case, see `opencv.rs` there) and the frame's bytes; the
answer is OpenCV's version. Then `tensor` is answered with a tensor's bytes, `run N` with a line of
N times in milliseconds. The end of standard input ends it.
"""

import json
import sys
import time

import cv2
import numpy as np

FROM_YUV = {
    ("nv12", "rgb"): cv2.COLOR_YUV2RGB_NV12, ("nv12", "bgr"): cv2.COLOR_YUV2BGR_NV12,
    ("i420", "rgb"): cv2.COLOR_YUV2RGB_I420, ("i420", "bgr"): cv2.COLOR_YUV2BGR_I420,
}


class Preprocess:
    def __init__(self, case, data):
        self.case = case
        self.size = case["tensor"][0], case["tensor"][1]
        rows, columns = case["height"], case["width"]
        self.yuv = case["format"] in ("nv12", "i420")
        shape = (rows * 3 // 2, columns) if self.yuv else (rows, columns, -1)
        self.frame = np.frombuffer(data, np.uint8).reshape(shape)
        self.regions, self.next = case["regions"], 0
        self.image = case["image"]
        self.mean, self.std = case["mean"], case["std"]

    def colors(self):
        """The frame, or the next region, in the tensor's colour order."""
        case = self.case
        region = self.regions[self.next % len(self.regions)] if self.regions else None
        self.next += 1
        if not self.yuv:
            return cv2.cvtColor(self.frame, cv2.COLOR_RGBA2RGB) if case["format"] == "rgbx" else self.frame
        if region is None:
            return cv2.cvtColor(self.frame, FROM_YUV[case["format"], case["color"]])
        # Only what the region touches, from an even column and row on.
        x, y, w, h = region
        left, top = x & ~1, y & ~1
        right, bottom = (x + w + 1) & ~1, (y + h + 1) & ~1
        rows = case["height"]
        luma = self.frame[top:bottom, left:right]
        chroma = self.frame[rows + top // 2 : rows + bottom // 2, left:right]
        chroma = chroma.reshape(chroma.shape[0], -1, 2)
        image = cv2.cvtColorTwoPlane(luma, chroma, cv2.COLOR_YUV2RGB_NV12)
        return image[y - top : y - top + h, x - left : x - left + w]

    def __call__(self):
        x, y, w, h = self.image
        width, height = self.size
        image = cv2.resize(self.colors(), (w, h), interpolation=cv2.INTER_LINEAR)
        if (w, h) != (width, height):
            pads = (y, height - h - y, x, width - w - x)
            image = cv2.copyMakeBorder(image, *pads, cv2.BORDER_CONSTANT, value=(self.case["pad"],) * 3)
        element, layout = self.case["element"], self.case["layout"]
        if element == "u8" and layout == "nhwc":
            return image
        if layout == "nhwc":
            return np.multiply(image, np.float32(1 / self.std[0]), dtype=np.float32)
        if len(set(self.std)) == 1:
            blob = cv2.dnn.blobFromImage(image, 1 / self.std[0], mean=self.mean)
        else:
            scale = [1 / std for std in self.std]
            blob = cv2.dnn.blobFromImageWithParams(image, cv2.dnn.Image2BlobParams(scale, mean=self.mean))
        return blob.astype(np.float16) if element == "f16" else blob

    def times(self, calls):
        for _ in range(calls):
            start = time.perf_counter_ns()
            self()
            yield (time.perf_counter_ns() - start) / 1e6


def main():
    cv2.setNumThreads(1)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    case = json.loads(asked.readline())
    preprocess = Preprocess(case, asked.read(case["bytes"]))
    answers.write(f"{cv2.__version__}\n".encode())
    answers.flush()
    for line in asked:
        if line == b"tensor\n":
            answers.write(np.ascontiguousarray(preprocess()).tobytes())
        else:
            answers.write((json.dumps(list(preprocess.times(int(line.split()[1])))) + "\n").encode())
        answers.flush()


if __name__ == "__main__":
    main()
