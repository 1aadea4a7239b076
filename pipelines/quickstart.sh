#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Sets up what is missing, then detects, tracks and draws people in a video.
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

usage() {
    cat <<'TEXT'
Usage: pipelines/quickstart.sh [options]

Detects, tracks and draws what a video shows. The first run fetches what it needs.

  --input FILE|rtsp://...|/dev/videoN   what to look at (default: a sample clip of pedestrians)
  --model NAME|FILE.onnx                yolox-tiny-person (default), yolo11n, or a model of yours
  --runtime cpu|openvino|cuda|FILE      where the model runs (default: cpu), or the
                                        libonnxruntime.so to run it with
  --output FILE                         the video to write (default: out/annotated.mp4);
                                        detections.jsonl goes beside it
  --frames N                            stop after N frames
  --help                                this text

Ctrl-C ends a run; what was written until then can be played.
TEXT
}

input='' model=yolox-tiny-person runtime=${LYNX_RUNTIME:-cpu} output=$lynx_root/out/annotated.mp4 frames=''
while (($#)); do
    case $1 in
        --input | --model | --runtime | --output | --frames)
            [[ -n ${2-} ]] || die "$1 needs a value; --help lists the options"
            printf -v "${1#--}" %s "$2"
            shift 2
            ;;
        --help | -h) usage && exit ;;
        *) die "unknown option $1; --help lists the options" ;;
    esac
done
[[ -z $frames || $frames =~ ^[1-9][0-9]*$ ]] || die "--frames $frames: give a whole number from 1 up"
case $input in
    '' | rtsp://* | rtsps://*) ;;
    /dev/*) [[ -c $input ]] || die "--input $input: no such device; ls /dev/video* lists the cameras" ;;
    *) [[ -f $input && -r $input ]] || die "--input $input: no such file, or not readable" ;;
esac
[[ $model != */* && $model != *.onnx ]] || [[ -f $model ]] || die "--model $model: no such file"

need_cargo
need_gstreamer
need_runtime "$runtime"
[[ $model == */* || $model == *.onnx ]] || { need_model "$model" && model=$LYNX_MODELS/$model.onnx; }
[[ -n $input ]] || { need_clip && input=$LYNX_CLIP; }
need_plugin
mkdir -p "$(dirname "$output")"
[[ ! $input -ef $output ]] || die "--output $output is the input itself; name another file"
detections=$(dirname "$output")/detections.jsonl
: >"$detections" # nothing of an earlier run is to be summed up

# property NAME VALUE: as gst-launch-1.0 reads it, whatever characters a file's name has.
property() {
    local value=$2
    if [[ $value == *[^A-Za-z0-9_./:@%+,-]* ]]; then
        value=${value//\\/\\\\}
        value=\"${value//\"/\\\"}\"
    fi
    printf '%s=%s' "$1" "$value"
}

case $input in
    rtsp*://*) source=(rtspsrc "$(property location "$input")" latency=200 ! "application/x-rtp,media=video") ;;
    /dev/*) source=(v4l2src "$(property device "$input")") ;;
    *) source=(filesrc "$(property location "$input")") ;;
esac
limit=() provider=()
[[ $runtime != openvino && $runtime != cuda ]] || provider=("execution-provider=$runtime")
small=(queue max-size-buffers=4 max-size-bytes=0 max-size-time=0)
# identity ends the stream in place of one buffer. The queue before it then keeps back what the
# decoder still holds, but for a buffer that was waiting to get in: the second identity's.
[[ -z $frames ]] || {
    end=(identity "eos-after=$((frames + 1))")
    limit=(! "${small[@]}" ! "${end[@]}" ! "${end[@]}")
}
# A low threshold: the tracker makes use of faint detections, and drops those it cannot place.
# The fragments, joined at the end, are what keeps an interrupted MP4 playable.
launch=(gst-launch-1.0 -e "${source[@]}" ! decodebin ! videoconvert "${limit[@]}"
    ! progressreport update-freq=2 ! lynxpreprocess ! "${small[@]}"
    ! lynxinfer "$(property model "$model")" threshold=0.1 "${provider[@]}" ! lynxtrack ! lynxoverlay
    ! lynxpublish "$(property location "$detections")" ! "${small[@]}"
    ! x264enc speed-preset=veryfast pass=qual quantizer=23 key-int-max=50 ! h264parse
    ! mp4mux fragment-duration=1000 fragment-mode=first-moov-then-finalise
    ! filesink "$(property location "$output")")

# Ctrl-C is for gst-launch-1.0, which ends the file; the shell goes on to the summary.
trap : INT
say "running; Ctrl-C ends it early"
start=$EPOCHREALTIME status=0
"${launch[@]}" || status=$?
seconds=$(awk "BEGIN {printf \"%.3f\", ${EPOCHREALTIME/,/.} - ${start/,/.}}")

if [[ -s $detections ]]; then
    echo
    "$lynx_python" "$lynx_root/pipelines/summary.py" "$detections" --seconds "$seconds"
    printf '  %-14s %s\n' video "$output" detections "$detections"
fi
((status == 0)) || say "error: the pipeline ended with status $status; the reason is above"
echo
echo "To go on by hand:"
[[ $runtime == cpu ]] || printf '  export LYNX_RUNTIME=%q\n' "$runtime"
printf '  source %q\n ' "$lynx_root/pipelines/env.sh"
for word in "${launch[@]}"; do
    [[ $word == '!' || $word != *[^A-Za-z0-9_./:@%+,=-]* ]] || word=${word@Q}
    printf ' %s' "$word"
done
echo
exit "$status"
