#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A real RTSP server for the tests: takes what a client sends (RECORD) and decodes it.

Prints its URL once it listens, then the size of each frame; ends when its standard input closes.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def received(sink):
    picture = sink.emit("pull-sample").get_caps().get_structure(0)
    print(picture.get_int("width").value, picture.get_int("height").value, flush=True)
    return Gst.FlowReturn.OK


def configure(_, media):
    media.get_element().get_by_name("end").connect("new-sample", received)


Gst.init(None)
server = GstRtspServer.RTSPServer(address="127.0.0.1", service="0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
factory.set_launch("( rtph264depay name=depay0 ! avdec_h264 ! appsink name=end sync=false emit-signals=true )")
factory.connect("media-configure", configure)
server.get_mount_points().add_factory("/annotated", factory)
server.attach(None)
print(f"rtsp://127.0.0.1:{server.get_bound_port()}/annotated", flush=True)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_HUP | GLib.IO_IN, lambda *_: loop.quit())
loop.run()
