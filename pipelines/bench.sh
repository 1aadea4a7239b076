#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Measures Lynx beside what else there is, in turn, in one run.
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

usage() {
    cat <<'TEXT'
Usage: pipelines/bench.sh throughput [options]
       pipelines/bench.sh preprocess [options]

throughput: frames per second and processor milliseconds per frame of whole pipelines (decode,
preprocess, infer, track, overlay on the sample clip) and of a loop of nothing but runs of the same
model with the same threads; medians of pairs of rounds, and their ratio.

  --streams N    pipelines at once (default: 1)
  --batch B      frames a run (this version: 1)
  --model M      yolox-tiny-person (default), yolo11n, or the path of an ONNX file
  --threads N    threads a run (default: 0, ONNX Runtime's choice)
  --frames N     frames a stream and round (default: 200)
  --rounds N     rounds (default: 5)
  --json         one JSON object instead of a table

preprocess: milliseconds from a frame to a tensor on one thread: Lynx, a copy of the bytes of frame
and tensor (the floor), the fastest crates, OpenCV in Python, and GStreamer's videoconvertscale
(an RGB image only, no tensor). Each peer's tensor is compared with Lynx's before the clock starts.

  --case TEXT    only cases whose name contains TEXT, such as nv12-1920x1080 or crop
  --rounds N     rounds (default: 50)
  --quick        3 rounds
  --json         one JSON object a case and variant, a line each, instead of a Markdown table
TEXT
}

throughput() {
    local model=yolox-tiny-person previous='' argument
    for argument; do
        [[ $previous != --model ]] || model=$argument
        previous=$argument
    done
    need_runtime "${LYNX_RUNTIME:-cpu}"
    [[ $model == */* ]] || need_model "$model"
    need_clip
    bench throughput -- "$@"
}

preprocess() {
    local python
    need_packages python3-venv
    python=$(need_python "$lynx_root/tests/reference/preprocess-requirements.txt")
    bench preprocess --features yuv -- --python "$python" "$@"
}

# bench NAME [CARGO'S OPTIONS] -- [OPTIONS]: builds and runs a program of tests/src/bin.
bench() {
    local name=$1 options=()
    shift
    while [[ $1 != -- ]]; do options+=("$1") && shift; done
    shift
    cd "$lynx_root"
    cargo build --release --locked --quiet --package lynx-tests --bin "$name" "${options[@]}"
    # The bench has the elements inside; a built plugin beside them would be a second copy.
    unset GST_PLUGIN_PATH
    exec "$(realpath -m "${CARGO_TARGET_DIR:-target}")/release/$name" "$@"
}

what=${1-}
case $what in
    throughput | preprocess) shift ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && die "name what to measure: throughput or preprocess" ;;
esac
[[ " $* " != *" --help "* ]] || { usage && exit; }
need_cargo
need_gstreamer
"$what" "$@"
