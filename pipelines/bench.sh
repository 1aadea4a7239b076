#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Measures whole pipelines beside a bare ONNX Runtime loop, in turn, in one run.
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

usage() {
    cat <<'TEXT'
Usage: pipelines/bench.sh throughput [options]

Frames per second and processor milliseconds per frame of whole pipelines (decode, preprocess,
infer, track, overlay on the sample clip) and of a loop of nothing but runs of the same model
with the same threads; medians of pairs of rounds, and their ratio.

  --streams N    pipelines at once (default: 1)
  --batch B      frames a run (this version: 1)
  --model M      yolox-tiny-person (default), yolo11n, or the path of an ONNX file
  --threads N    threads a run (default: 0, ONNX Runtime's choice)
  --frames N     frames a stream and round (default: 200)
  --rounds N     rounds (default: 5)
  --json         one JSON object instead of a table
TEXT
}

case ${1-} in
    throughput) shift ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && die "name what to measure: throughput" ;;
esac
[[ " $* " != *" --help "* ]] || { usage && exit; }
model=yolox-tiny-person previous=''
for argument; do
    [[ $previous != --model ]] || model=$argument
    previous=$argument
done

need_cargo
need_gstreamer
need_runtime "${LYNX_RUNTIME:-cpu}"
[[ $model == */* ]] || need_model "$model"
need_clip
cd "$lynx_root"
cargo build --release --locked --quiet --package lynx-tests --bin throughput
# The bench has the elements inside; a built plugin beside them would be a second copy.
unset GST_PLUGIN_PATH
exec "$(realpath -m "${CARGO_TARGET_DIR:-target}")/release/throughput" "$@"
