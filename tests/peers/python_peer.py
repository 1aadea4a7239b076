#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What people write in Python: OpenCV decodes and letterboxes, ONNX Runtime runs a YOLOv8 or YOLO11
model, supervision tracks (ByteTrack) and draws. Prints frames a second, without the first ones.

    python_peer.py MODEL CLIP FRAMES SIZE [REQUESTS]

With REQUESTS above 1 so many frames are under way at once, in threads, with one thread a run.
"""
import sys
import time
import warnings
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import onnxruntime as ort
import supervision as sv

warnings.simplefilter("ignore")
WARM_UP = 24


def main() -> None:
    model, clip, frames, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    requests = int(sys.argv[5]) if len(sys.argv) > 5 else 1
    options = ort.SessionOptions()
    if requests > 1:
        options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    tracker = sv.ByteTrack(frame_rate=10)
    boxes, labels = sv.BoxAnnotator(), sv.LabelAnnotator()

    def infer(frame: np.ndarray) -> sv.Detections:
        height, width = frame.shape[:2]
        scale = min(size / width, size / height)
        w, h = round(width * scale), round(height * scale)
        left, top = (size - w) // 2, (size - h) // 2
        image = cv2.copyMakeBorder(
            cv2.resize(frame, (w, h)), top, size - h - top, left, size - w - left,
            cv2.BORDER_CONSTANT, value=(114, 114, 114))
        tensor = cv2.dnn.blobFromImage(image, 1 / 255.0, swapRB=True)
        output = session.run(None, {name: tensor})[0][0].T
        scores = output[:, 4:]
        classes = scores.argmax(1)
        best = scores[np.arange(len(scores)), classes]
        keep = best > 0.1
        centre, half = output[keep, :2], output[keep, 2:4] / 2
        xyxy = np.hstack([centre - half, centre + half]) - [left, top, left, top]
        return sv.Detections(xyxy=(xyxy / scale).astype(np.float32), confidence=best[keep],
                             class_id=classes[keep]).with_nms(0.45)

    capture = cv2.VideoCapture(clip)
    pool = ThreadPoolExecutor(requests)
    under_way: deque = deque()
    shown, start = 0, 0.0
    while shown < WARM_UP + frames:
        while len(under_way) < requests + (requests > 1):
            fine, frame = capture.read()
            if not fine:
                sys.exit("the clip has fewer frames than asked for")
            under_way.append((frame, pool.submit(infer, frame) if requests > 1 else None))
        frame, result = under_way.popleft()
        detections = tracker.update_with_detections(result.result() if result else infer(frame))
        names = [f"#{i} {c}" for i, c in zip(detections.tracker_id, detections.class_id)]
        labels.annotate(boxes.annotate(frame, detections), detections, labels=names)
        shown += 1
        if shown == WARM_UP:
            start = time.perf_counter()
    print(f"{frames / (time.perf_counter() - start):.2f}")
    pool.shutdown(wait=False, cancel_futures=True)


main()
