#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# What a network camera sees, one JSON object a frame, on standard output:
#   pipelines/rtsp-in.sh rtsp://user:password@camera/stream | jq -c '.objects[]'
# Run pipelines/quickstart.sh once before.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

url=${1:?usage: $0 rtsp://...}
model=${2:-$LYNX_MODELS/yolox-tiny-person.onnx}
[[ -f $model ]] || { echo "$0: no model $model; pipelines/quickstart.sh fetches it" >&2 && exit 1; }

# Frames that come faster than the model runs go on without inference, as the camera is live.
# -q: standard output is for the JSON lines alone.
exec gst-launch-1.0 -q -e rtspsrc location="\"$url\"" latency=200 ! application/x-rtp,media=video \
    ! decodebin ! videoconvert \
    ! lynxpreprocess ! lynxinfer model="\"$model\"" threshold=0.1 ! lynxtrack \
    ! lynxpublish ! fakesink sync=false
