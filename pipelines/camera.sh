#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# A camera in a window: pipelines/camera.sh [/dev/videoN]; a test picture where there is no camera.
# Without a screen: pipelines/camera.sh --test [FRAMES], the test picture through every element.
# Run pipelines/quickstart.sh once before.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

model=${LYNX_MODEL:-$LYNX_MODELS/yolox-tiny-person.onnx}
[[ -f $model ]] || { echo "$0: no model $model; pipelines/quickstart.sh fetches it" >&2 && exit 1; }

# Frames that come faster than the model runs go on without inference, as the source is live.
device=${1:-/dev/video0}
if [[ $device == --test ]]; then
    source=(videotestsrc "num-buffers=${2:-100}") sink=(fakesink)
elif [[ -c $device ]]; then
    source=(v4l2src "device=$device") sink=(autovideosink sync=false)
elif (($#)); then
    echo "$0: no camera $device; ls /dev/video* lists them" >&2 && exit 1
else
    echo "$0: no camera $device; showing a test picture" >&2
    source=(videotestsrc is-live=true) sink=(autovideosink sync=false)
fi

exec gst-launch-1.0 "${source[@]}" ! decodebin ! videoconvert \
    ! lynxpreprocess ! lynxinfer model="\"$model\"" threshold=0.1 ! lynxtrack ! lynxoverlay \
    ! videoconvert ! "${sink[@]}"
