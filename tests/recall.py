#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Recall of detections against a ground truth, by how tall the people are.

    python3 tests/recall.py --truth gt.txt detections.jsonl...

`gt.txt` is in the form of MOTChallenge (frame from 1, identity, left, top, width, height, confidence,
...); for the sample clip that is PETS09-S2L1 of MOT15, whose frames are the clip's. `detections.jsonl`
is what lynxpublish wrote. A box finds a person when their IoU is at least 0.5; each box finds one,
the best pairs first.
"""

import argparse
import collections
import json
from pathlib import Path

HEIGHTS = [(0, 40), (40, 80), (80, 10_000)]


def iou(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def read_truth(path, scale):
    people = collections.defaultdict(list)
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        frame, _, x, y, w, h, confidence, *_ = (float(field) for field in line.split(","))
        if confidence > 0:
            people[int(frame) - 1].append(tuple(scale * v for v in (x, y, w, h)))
    return people


def measure(path, truth, score):
    """Found and all people by height, right and all boxes, and ms a frame that inference took."""
    found, people = [0] * len(HEIGHTS), [0] * len(HEIGHTS)
    right = boxes = 0
    times = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        frame = json.loads(line)
        times.append(sum(frame.get("timings", {}).get(stage, 0) for stage in ("preprocess", "inference", "decode")))
        objects = [o["box"] for o in frame["objects"] if o["label"] == "person" and o["score"] >= score]
        expected = truth[frame["frame"]]
        pairs = sorted(((iou(e, o), i, j) for i, e in enumerate(expected) for j, o in enumerate(objects)), reverse=True)
        person_of, box_of = set(), set()
        for overlap, i, j in pairs:
            if overlap >= 0.5 and i not in person_of and j not in box_of:
                person_of.add(i)
                box_of.add(j)
        right += len(box_of)
        boxes += len(objects)
        for i, box in enumerate(expected):
            bucket = next(k for k, (low, high) in enumerate(HEIGHTS) if low <= box[3] < high)
            people[bucket] += 1
            found[bucket] += i in person_of
    return found, people, right, boxes, sorted(times)[len(times) // 2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", required=True, help="ground truth in the form of MOTChallenge")
    parser.add_argument("--score", type=float, default=0.25, help="lowest score that counts (default 0.25)")
    parser.add_argument("--scale", type=float, default=1, help="of a video that was scaled: by how much (default 1)")
    parser.add_argument("files", nargs="+", help="what lynxpublish wrote")
    options = parser.parse_args()
    truth = read_truth(options.truth, options.scale)
    names = [f"{low}-{high} px" if high < 10_000 else f"{low} px up" for low, high in HEIGHTS]
    print(f"{'file':32} {'recall':>7} " + " ".join(f"{name:>9}" for name in names) + " precision  ms/frame")
    for path in options.files:
        found, people, right, boxes, time = measure(path, truth, options.score)
        parts = " ".join(f"{100 * f / p:8.1f}%" if p else f"{'-':>9}" for f, p in zip(found, people))
        print(
            f"{Path(path).stem:32} {100 * sum(found) / max(sum(people), 1):6.1f}% {parts} "
            f"{100 * right / max(boxes, 1):8.1f}% {time:9.1f}"
        )
    print("people of these heights: " + ", ".join(f"{n} {p}" for n, p in zip(names, people)))


if __name__ == "__main__":
    main()
