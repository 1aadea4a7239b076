#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# A video in which nobody can be recognised: pipelines/privacy.sh [INPUT [OUTPUT.mp4 [MODEL.onnx]]]
# What is promised, and what not: docs/elements/lynxoverlay.md. Run pipelines/quickstart.sh once before.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

input=${1:-$LYNX_CLIP} output=${2:-private.mp4} model=${3:-$LYNX_MODELS/yolox-tiny-person.onnx}
[[ -f $model ]] || { echo "$0: no model $model; pipelines/quickstart.sh fetches it" >&2 && exit 1; }

exec gst-launch-1.0 -e filesrc location="\"$input\"" ! decodebin ! videoconvert \
    ! lynxpreprocess ! queue max-size-buffers=4 ! lynxinfer model="\"$model\"" threshold=0.1 ! lynxtrack \
    ! lynxoverlay privacy-classes=person privacy-mode=pixelate ! queue max-size-buffers=4 \
    ! x264enc speed-preset=veryfast pass=qual quantizer=23 ! h264parse ! mp4mux \
    ! filesink location="\"$output\""
