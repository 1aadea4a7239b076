#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Counts people and vehicles that cross a line.

    samples/embed-python/count.py street.mp4 model.onnx 100 300 500 300
"""

import sys
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstVideo", "1.0")
from gi.repository import GLib, Gst, GstVideo  # noqa: E402

Gst.init(None)
if Gst.version() >= (1, 24, 0, 0):
    gi.require_version("GstAnalytics", "1.0")
    from gi.repository import GstAnalytics

COUNTED = {"person", "bicycle", "car", "motorcycle", "bus", "truck"}
FORGET = 10 * Gst.SECOND  # lynxtrack gives no identity again that was away for longer


def detections(buffer):
    """GStreamer 1.24 and newer: identity, label and box of each object that was seen, not predicted."""
    meta = GstAnalytics.buffer_get_analytics_relation_meta(buffer)
    pieces = range(GstAnalytics.relation_get_length(meta)) if meta else ()
    for i in pieces:
        found, detection = meta.get_od_mtd(i)
        if not found:
            continue
        _, x, y, w, h, _ = detection.get_location()
        for j in pieces:
            tracked, tracking = meta.get_tracking_mtd(j)
            if tracked and meta.get_relation(i, j) == GstAnalytics.RelTypes.RELATE_TO:
                _, identity, _, last_seen, lost = tracking.get_info()
                if last_seen == buffer.pts and not lost:
                    yield identity, GLib.quark_to_string(detection.get_obj_type()), x, y, w, h


def regions(buffer):
    """The same from regions of interest, which carry objects on an older GStreamer."""
    # PyGObject finds a region by its id alone; the ids are the names of what Lynx keeps beside them.
    kept = buffer.get_custom_meta("LynxRegionsMeta")
    kept = kept.get_structure() if kept else Gst.Structure.new_empty("none")
    for i in range(kept.n_fields()):
        region = GstVideo.buffer_get_video_region_of_interest_meta_id(buffer, int(kept.nth_field_name(i)))
        who = region.get_param("object_id") if region else None
        if who and not who.get_boolean("coasted").value:
            label = GLib.quark_to_string(region.roi_type)
            yield who.get_int("id").value, label, region.x, region.y, region.w, region.h


def at_right(a, b, point):
    """Whether a point is at the right hand of who walks from a to b, or on the line."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) >= 0


class Counter:
    """Knows where each identity was seen last; called on the streaming thread."""

    def __init__(self, start, end):
        self.line = start, end
        self.seen = {}
        self.counts = {"in": 0, "out": 0}

    def new_sample(self, sink):
        sample = sink.emit("pull-sample")
        buffer = sample.get_buffer()
        time = sample.get_segment().to_stream_time(Gst.Format.TIME, buffer.pts)
        objects = list(regions(buffer))
        if Gst.version() >= (1, 24, 0, 0):
            objects += detections(buffer)
        for identity, label, x, y, w, h in objects:
            if label in COUNTED:
                self.see(identity, label, (x + w // 2, y + h), time)
        self.seen = {who: last for who, last in self.seen.items() if time - last[1] < FORGET}
        return Gst.FlowReturn.OK

    def see(self, identity, label, foot, time):
        before, _ = self.seen.get(identity, (foot, time))
        self.seen[identity] = foot, time
        now = at_right(*self.line, foot)
        sides = [at_right(before, foot, point) for point in self.line]
        if at_right(*self.line, before) != now and sides[0] != sides[1]:
            direction = "in" if now else "out"
            self.counts[direction] += 1
            print(
                f'{{"time":{time},"id":{identity},"label":"{label}"'
                f',"direction":"{direction}","count":{self.counts[direction]}}}',
                flush=True,
            )


def main():
    try:
        video, model = sys.argv[1:3]
        x1, y1, x2, y2 = map(int, sys.argv[3:])
    except ValueError:
        sys.exit(f"usage: {sys.argv[0]} FILE|URI MODEL.onnx X1 Y1 X2 Y2 (pixels)")
    pipeline = Gst.parse_launch(
        "uridecodebin name=video ! videoconvert ! lynxpreprocess ! queue "
        "! lynxinfer name=infer threshold=0.1 ! lynxtrack ! appsink name=end sync=false emit-signals=true"
    )
    # Properties are set as values: names of files need no quoting then.
    pipeline.get_by_name("video").props.uri = video if Gst.Uri.is_valid(video) else Path(video).absolute().as_uri()
    pipeline.get_by_name("infer").props.model = model
    pipeline.get_by_name("end").connect("new-sample", Counter((x1, y1), (x2, y2)).new_sample)

    started = pipeline.set_state(Gst.State.PLAYING) != Gst.StateChangeReturn.FAILURE
    bus, ends, message = pipeline.get_bus(), Gst.MessageType.EOS | Gst.MessageType.ERROR, None
    while started and not message:  # Python heeds Ctrl-C in between
        message = bus.timed_pop_filtered(Gst.SECOND // 2, ends)
    message = message or bus.pop_filtered(ends)  # where it does not start, the bus knows why
    pipeline.set_state(Gst.State.NULL)
    if message and message.type == Gst.MessageType.ERROR:
        error, more = message.parse_error()
        sys.exit(f"{error.message} {more}")
    if not started:
        sys.exit("the pipeline did not start")


main()
