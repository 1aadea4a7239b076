#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""A sham RTSP camera with faults to order, as a process that can be killed or stopped.

Prints its URL once it listens; ends when its standard input closes. Commands, a line each, on
standard input:

    stall           sends nothing any more, but keeps the sessions
    go              sends again
    corrupt N       flips bytes in the slices of the next N frames
    resize WxH      another size from the next frame on, in the same sessions
"""

import argparse
import random
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

# A time burnt into the picture: 16 columns and two rows of squares, the highest bit first, white
# for 1: milliseconds of CLOCK_MONOTONIC, 24 bits of them, and the same 8 bits of check below.
COLUMNS, ROWS, SQUARE = 16, 2, 32
BITS, FACTOR = 24, 0x9E3779B1


def check(value):
    """8 bits that a wrongly read time has not, most likely."""
    return (value * FACTOR & 0xFFFFFFFF) >> 24


class Stamps:
    """Grey pictures with the time of their making in them."""

    def __init__(self, width, height, fps):
        if width < COLUMNS * SQUARE or height < ROWS * SQUARE:
            sys.exit(f"a stamp needs {COLUMNS * SQUARE}x{ROWS * SQUARE} pixels")
        self.width, self.luma = width, width * height
        self.grey = bytes([100]) * self.luma + bytes([128]) * (self.luma // 2)
        self.fps = fps
        self.ended = threading.Event()

    def run(self, source):
        due = time.monotonic()
        while not self.ended.is_set():
            source.emit("push-buffer", Gst.Buffer.new_wrapped(self.picture()))
            due = max(due + 1 / self.fps, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))

    def picture(self):
        now = time.monotonic_ns() // 1_000_000 % (1 << BITS)
        bits = f"{now:0{BITS}b}{check(now):08b}"
        rows = []
        for row in range(ROWS):
            line = b"".join(bytes([235 if bit == "1" else 16]) * SQUARE for bit in bits[row * COLUMNS :][:COLUMNS])
            rows.append((line + bytes([100]) * (self.width - len(line))) * SQUARE)
        top = b"".join(rows)
        return top + self.grey[len(top) :]


class Camera:
    """Films all the time, as cameras do; who watches gets what there is."""

    def __init__(self, options):
        self.options = options
        self.size = tuple(map(int, options.size.split("x")))
        self.sources = []
        self.lock = threading.Lock()
        self.stalled, self.corrupt = False, 0
        self.random = random.Random(1)
        self.film()

    def film(self):
        width, height = self.size
        fps, kind = self.options.fps, self.options.source
        caps = f"video/x-raw,format=I420,width={width},height={height}"
        self.stamps = None
        if kind == "stamp":
            self.stamps = Stamps(width, height, fps)
            head = f"appsrc name=stamps is-live=true do-timestamp=true format=time caps={caps},framerate={fps}/1"
        elif kind.startswith("test:"):
            head = f"videotestsrc is-live=true pattern={kind[5:]} ! {caps},framerate={fps}/1"
        else:
            head = (
                f'filesrc location="{kind}" ! decodebin ! videoconvert ! videoscale ! {caps} '
                "! clocksync"
            )
        self.pipeline = Gst.parse_launch(
            f"{head} ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max={fps} threads=1 "
            "! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au "
            "! appsink name=sink emit-signals=true sync=false max-buffers=10"
        )
        self.pipeline.get_by_name("sink").connect("new-sample", self.filmed)
        self.bus = self.pipeline.get_bus()
        self.bus.add_signal_watch()
        self.watch = self.bus.connect("message::eos", self.again)
        self.pipeline.set_state(Gst.State.PLAYING)
        if self.stamps:
            source = self.pipeline.get_by_name("stamps")
            threading.Thread(target=self.stamps.run, args=(source,), daemon=True).start()

    def again(self, *_):
        self.pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH, 0)

    def resize(self, size):
        if self.stamps:
            self.stamps.ended.set()
        self.bus.disconnect(self.watch)
        self.bus.remove_signal_watch()
        self.pipeline.set_state(Gst.State.NULL)
        self.size = size
        self.film()

    def filmed(self, sink):
        data = sink.emit("pull-sample").get_buffer()
        data = data.extract_dup(0, data.get_size())
        with self.lock:
            if self.stalled:
                return Gst.FlowReturn.OK
            if self.corrupt:
                self.corrupt -= 1
                data = self.flip(data)
            sources = list(self.sources)
        for source in sources:
            source.emit("push-buffer", Gst.Buffer.new_wrapped(data))
        return Gst.FlowReturn.OK

    def flip(self, data):
        """A byte in 64, behind the parameter sets, of the slices alone."""
        data = bytearray(data)
        first = max(data.rfind(b"\0\0\1"), 0) + 8
        for _ in range(max(1, (len(data) - first) // 64)):
            if first < len(data):
                data[self.random.randrange(first, len(data))] ^= self.random.randrange(1, 256)
        return bytes(data)

    def watched(self, _factory, media):
        source = media.get_element().get_by_name("source")
        media.connect("unprepared", lambda _: self.left(source))
        with self.lock:
            self.sources.append(source)

    def left(self, source):
        with self.lock:
            if source in self.sources:
                self.sources.remove(source)

    def command(self, line):
        word, _, value = line.strip().partition(" ")
        if word == "resize":
            self.resize(tuple(map(int, value.split("x"))))
            return
        with self.lock:
            if word in ("stall", "go"):
                self.stalled = word == "stall"
            elif word == "corrupt":
                self.corrupt = int(value)
            else:
                sys.exit(f"what is {line!r}?")


def allow(server, factory, options):
    """Only who knows the password may watch."""
    token = GstRtspServer.RTSPToken.new()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth.new()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions.new()
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", permission, True)
    factory.set_permissions(permissions)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="test:PATTERN, stamp (the time, burnt in), or a video file, again and again")
    parser.add_argument("--port", default="0")
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--fps", type=int, default=25)
    parser.add_argument("--user")
    parser.add_argument("--password")
    options = parser.parse_args()

    Gst.init(None)
    camera = Camera(options)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service=options.port)
    factory = GstRtspServer.RTSPMediaFactory(shared=True)
    factory.set_latency(0)
    factory.set_launch(
        "( appsrc name=source is-live=true do-timestamp=true format=time max-buffers=50 leaky-type=downstream "
        "caps=video/x-h264,stream-format=byte-stream,alignment=au "
        "! h264parse ! rtph264pay name=pay0 pt=96 aggregate-mode=zero-latency )"
    )
    factory.connect("media-configure", camera.watched)
    if options.user:
        allow(server, factory, options)
    server.get_mount_points().add_factory("/camera", factory)
    if not server.attach(None):
        sys.exit(f"the port {options.port} is taken")
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/camera", flush=True)

    loop = GLib.MainLoop()

    def read():
        for line in sys.stdin:
            GLib.idle_add(lambda line=line: camera.command(line))
        loop.quit()

    threading.Thread(target=read, daemon=True).start()
    loop.run()


main()
