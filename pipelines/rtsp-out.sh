#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Sends what a camera or a file shows, annotated, to an RTSP server that takes recordings (MediaMTX,
# for one), which serves it to viewers:
#   pipelines/rtsp-out.sh rtsp://user:password@camera/stream rtsp://127.0.0.1:8554/annotated
# Without such a server, samples/restream is one itself. Needs Debian's gstreamer1.0-rtsp.
# Run pipelines/quickstart.sh once before.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

usage="usage: $0 INPUT|URI rtsp://server/path [MODEL.onnx]"
input=${1:?$usage} server=${2:?$usage} model=${3:-$LYNX_MODELS/yolox-tiny-person.onnx}
[[ -f $model ]] || { echo "$0: no model $model; pipelines/quickstart.sh fetches it" >&2 && exit 1; }
source=(filesrc "location=\"$input\"" ! decodebin)
[[ $input != *://* ]] || source=(uridecodebin "uri=\"$input\"")

# As fast as it was filmed (clocksync): the server's viewers watch it live. TCP, which no firewall
# between here and the server loses packets of.
exec gst-launch-1.0 -e "${source[@]}" ! videoconvert ! clocksync \
    ! lynxpreprocess ! queue max-size-buffers=4 \
    ! lynxinfer model="\"$model\"" threshold=0.1 ! lynxtrack ! lynxoverlay \
    ! x264enc tune=zerolatency speed-preset=veryfast key-int-max=50 ! video/x-h264,profile=main ! h264parse \
    ! rtspclientsink location="\"$server\"" protocols=tcp latency=200
