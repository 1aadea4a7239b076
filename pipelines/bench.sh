#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Measures Lynx beside what else there is, in turn, in one run.
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

usage() {
    cat <<'TEXT'
Usage: pipelines/bench.sh throughput [options]
       pipelines/bench.sh latency [options]
       pipelines/bench.sh overhead [options]
       pipelines/bench.sh preprocess [options]

throughput: frames per second and processor milliseconds per frame of whole pipelines (infer, track,
overlay on the sample clip, all in one process and on one engine) and of loops of nothing but runs
of the same model on prepared tensors: one run on all cores, one a core, and what was asked for,
with batches of 1 and of B; all in turn in each round. Medians, and the pipelines' rate in parts of
that of the fastest loop.

  --streams N    pipelines at once (default: 1)
  --batch B      most frames a run (default: 1)
  --batch-timeout MS  how long a frame waits for others (default: 0)
  --nireq N      runs at the same time (default: 0, lynxinfer's choice)
  --threads N    threads a run (default: 0, lynxinfer's choice)
  --provider P   execution providers: cpu (default), openvino, cuda ...
  --model M      yolox-tiny-person (default), yolo11n, or the path of an ONNX file
  --size N       sides of the input of a model that leaves them open
  --from F       memory (default): decoded frames; file: decoding is part of each pipeline
  --frames N     frames a round, of all streams together (default: 200)
  --rounds N     rounds (default: 5)
  --peers        also Python with OpenCV, onnxruntime and supervision, from the file on, one frame
                 and two at a time, of a YOLO11 or YOLOv8 model
  --json         one JSON object instead of a table

latency: milliseconds that frames of live cameras are on their way through lynxinfer, at a share of
the fastest loop's rate. Options as above, and

  --streams N    cameras (default: 8)
  --frames N     frames of all cameras together (default: 1600, so that a camera has 200)
  --load X       that share (default: 0.7)

overhead: microseconds that one and that 16 lynxinfer add to a frame, with a model that takes next
to no time. Options: --rounds, --frames, --nireq, --threads, --batch, --json.

preprocess: milliseconds from a frame to a tensor on one thread: Lynx, a copy of the bytes of frame
and tensor (the floor), the fastest crates, OpenCV in Python, and GStreamer's videoconvertscale
(an RGB image only, no tensor). Each peer's tensor is compared with Lynx's before the clock starts.

  --case TEXT    only cases whose name contains TEXT, such as nv12-1920x1080 or crop
  --rounds N     rounds (default: 50)
  --quick        3 rounds
  --json         one JSON object a case and variant, a line each, instead of a Markdown table
TEXT
}

# engine WHAT [OPTIONS]: gets what its options name, and measures.
engine() {
    local what=$1 model=yolox-tiny-person provider=cpu previous="" argument
    shift
    for argument; do
        [[ $previous != --model ]] || model=$argument
        [[ $previous != --provider ]] || provider=$argument
        previous=$argument
    done
    case ${provider%%,*} in
        openvino) need_runtime "${LYNX_RUNTIME:-openvino}" ;;
        cuda | tensorrt) need_runtime "${LYNX_RUNTIME:-cuda}" ;;
        *) need_runtime "${LYNX_RUNTIME:-cpu}" ;;
    esac
    if [[ $what != overhead ]]; then
        [[ $model == */* ]] || need_model "$model"
        need_clip
    fi
    if [[ " $* " == *" --peers "* ]]; then
        local -a others
        mapfile -t others < <(peers "$model" "$@")
        for argument; do [[ $argument == --peers ]] || options+=("$argument"); done
        set -- "${options[@]}" "${others[@]}"
    fi
    bench engine -- "$what" "$@"
}

# peers MODEL OPTIONS...: the engine's options for other programs, a word a line.
peers() {
    local model=$1 python frames=200 size=640 requests previous='' argument
    shift
    for argument; do
        [[ $previous != --frames ]] || frames=$argument
        [[ $previous != --size ]] || size=$argument
        previous=$argument
    done
    [[ $model == */* ]] || model=$LYNX_MODELS/$model.onnx
    need_packages python3-venv >&2
    python=$(need_python "$lynx_root/tests/peers/requirements.txt")
    for requests in 1 2; do
        printf '%s\n' --peer "Python, $requests at once=$(printf '%q ' "$python" \
            "$lynx_root/tests/peers/python_peer.py" "$model" "$LYNX_CLIP" "$frames" "$size" "$requests")"
    done
}

throughput() { engine throughput "$@"; }
latency() { engine latency "$@"; }
overhead() { engine overhead "$@"; }

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
    throughput | latency | overhead | preprocess) shift ;;
    --help | -h) usage && exit ;;
    *) usage >&2 && die "name what to measure: throughput, latency, overhead or preprocess" ;;
esac
[[ " $* " != *" --help "* ]] || { usage && exit; }
need_cargo
need_gstreamer
"$what" "$@"
