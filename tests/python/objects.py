#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Prints the objects on a frame of a Lynx pipeline, read through GStreamer's introspection alone."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstAnalytics", "1.0")
from gi.repository import GLib, Gst, GstAnalytics  # noqa: E402

Gst.init(None)
pipeline = Gst.parse_launch(
    "videotestsrc pattern=black num-buffers=3 ! video/x-raw,format=RGB,width=32,height=32 "
    f"! lynxinfer model={sys.argv[1]} ! lynxtrack ! appsink name=sink sync=false"
)
pipeline.set_state(Gst.State.PLAYING)
sample = pipeline.get_by_name("sink").emit("pull-sample")
meta = GstAnalytics.buffer_get_analytics_relation_meta(sample.get_buffer())

ids = range(GstAnalytics.relation_get_length(meta))


def related(detection, get):
    """What is related to a detection, of the type of metadata that `get` finds."""
    for i in ids:
        found, mtd = get(i)
        if found and meta.get_relation(detection.id, i) == GstAnalytics.RelTypes.RELATE_TO:
            return mtd
    raise SystemExit(f"nothing related to {detection.id}")


for i in ids:
    found, detection = meta.get_od_mtd(i)
    if not found:
        continue
    _, x, y, w, h, confidence = detection.get_location()
    label = GLib.quark_to_string(detection.get_obj_type())
    classified = GLib.quark_to_string(related(detection, meta.get_cls_mtd).get_quark(0))
    identity = related(detection, meta.get_tracking_mtd).get_info()[1]
    print(label, x, y, w, h, f"{confidence:.2f}", "class", classified, "identity", identity)
pipeline.set_state(Gst.State.NULL)
