#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Sums up what lynxpublish wrote: summary.py detections.jsonl [--seconds WALL_TIME]"""

import argparse
import collections
import json
import sys


def frames(path):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError:
                print(f"{path}:{number}: not a whole JSON line, left out (was the run killed?)", file=sys.stderr)


def by_class(counts):
    return ", ".join(f"{label} {count}" for label, count in sorted(counts.items())) or "none"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--seconds", type=float, help="how long the run took, for frames per second")
    arguments = parser.parse_args()

    count, inference, providers, models = 0, collections.Counter(), collections.Counter(), collections.Counter()
    stages, objects, identities = {}, collections.Counter(), collections.defaultdict(set)
    for frame in frames(arguments.file):
        count += 1
        inference[frame.get("inference", "unknown")] += 1
        providers.update(filter(None, [frame.get("provider")]))
        models.update(filter(None, [frame.get("model")]))
        for stage, milliseconds in (frame.get("timings") or {}).items():
            if milliseconds is not None:
                stages.setdefault(stage, []).append(milliseconds)
        for item in frame.get("objects", []):
            label = item.get("label") or f"class {item.get('class', '?')}"
            objects[label] += 1
            if item.get("id") is not None:
                identities[label].add((frame.get("stream"), item["id"]))

    rate = f" in {arguments.seconds:.1f} s: {count / arguments.seconds:.1f} frames per second" if arguments.seconds else ""
    rows = [
        ("frames", f"{count}{rate}"),
        ("inference", ", ".join(f"{word} {number}" for word, number in inference.most_common()) or "none"),
        ("model", ", ".join(models) or "not said"),
        ("provider", ", ".join(providers) or "not said"),
        *((f"ms {stage}", f"{sum(values) / len(values):.2f}") for stage, values in stages.items()),
        ("objects", by_class(objects)),
        ("identities", by_class({label: len(ids) for label, ids in identities.items()})),
    ]
    for name, value in rows:
        print(f"  {name:<14} {value}")


if __name__ == "__main__":
    main()
