#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Several cameras or files in one window, each annotated; one model, in one engine, for all of them:
#   pipelines/mosaic.sh rtsp://camera1/stream rtsp://camera2/stream garage.mp4
#   pipelines/mosaic.sh --output mosaic.mp4 one.mp4 two.mp4
# LYNX_MODEL is another model. Run pipelines/quickstart.sh once before.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

model=${LYNX_MODEL:-$LYNX_MODELS/yolox-tiny-person.onnx}
[[ -f $model ]] || { echo "$0: no model $model; pipelines/quickstart.sh fetches it" >&2 && exit 1; }
sink=(autovideosink)
if [[ ${1:-} == --output ]]; then
    sink=(x264enc speed-preset=veryfast ! h264parse ! mp4mux ! filesink "location=\"${2:?a file}\"")
    shift 2
fi
(($#)) || { echo "usage: $0 [--output FILE.mp4] INPUT|URI..." >&2 && exit 1; }

# Tiles of 640x360 in as many columns as rows, or one more.
width=640 height=360 columns=1
while ((columns * columns < $#)); do columns=$((columns + 1)); done
cameras=() places=() i=0
for input; do
    row=$((i / columns)) column=$((i % columns))
    source=(filesrc "location=\"$input\"" ! decodebin)
    [[ $input != *://* ]] || source=(uridecodebin "uri=\"$input\"")
    places+=("sink_$i::xpos=$((column * width))" "sink_$i::ypos=$((row * height))"
        "sink_$i::width=$width" "sink_$i::height=$height" "sink_$i::sizing-policy=keep-aspect-ratio")
    cameras+=("${source[@]}" ! videoconvert ! lynxpreprocess ! queue max-size-buffers=4
        ! lynxinfer "model=\"$model\"" threshold=0.1 stream="camera-$i" ! lynxtrack ! lynxoverlay
        ! queue ! mosaic."sink_$i")
    i=$((i + 1))
done

exec gst-launch-1.0 -e compositor name=mosaic background=black "${places[@]}" \
    ! video/x-raw,format=I420 ! queue ! "${sink[@]}" "${cameras[@]}"
