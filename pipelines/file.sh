#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Draws what a video file shows into an MP4: pipelines/file.sh [INPUT [OUTPUT.mp4 [MODEL.onnx]]]
# Run pipelines/quickstart.sh once before.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

input=${1:-$LYNX_CLIP} output=${2:-annotated.mp4} model=${3:-$LYNX_MODELS/yolox-tiny-person.onnx}
[[ -f $model ]] || { echo "$0: no model $model; pipelines/quickstart.sh fetches it" >&2 && exit 1; }

exec gst-launch-1.0 -e filesrc location="\"$input\"" ! decodebin ! videoconvert \
    ! lynxpreprocess ! queue max-size-buffers=4 \
    ! lynxinfer model="\"$model\"" threshold=0.1 ! lynxtrack ! lynxoverlay ! queue max-size-buffers=4 \
    ! x264enc speed-preset=veryfast pass=qual quantizer=23 ! h264parse ! mp4mux \
    ! filesink location="\"$output\""
