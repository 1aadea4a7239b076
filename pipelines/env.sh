# SPDX-License-Identifier: MIT OR Apache-2.0
# shellcheck shell=sh
# source pipelines/env.sh: lets gst-launch-1.0 and your own programs find the Lynx plugin, ONNX
# Runtime and the models that set-up fetched. For bash and zsh; other shells: from Lynx's folder.
#
#   LYNX_RUNTIME  cpu (default), openvino, cuda, or the path of your own libonnxruntime.so
#   LYNX_CACHE    where set-up keeps what it fetched; default ~/.cache/lynx

if [ -n "${BASH_VERSION:-}" ]; then
    # shellcheck disable=SC3028,SC3054 # only bash gets here
    _lynx_dir=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
elif [ -n "${ZSH_VERSION:-}" ]; then
    _lynx_dir=$(eval 'CDPATH="" cd -- "$(dirname -- "${(%):-%x}")/.." && pwd')
else
    _lynx_dir=${LYNX_ROOT:-$PWD}
fi

_lynx_cache=${LYNX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lynx}
export LYNX_MODELS="${LYNX_MODELS:-$_lynx_cache/models}"
export LYNX_CLIP="${LYNX_CLIP:-$_lynx_cache/clips/vtest.avi}"

case ${LYNX_RUNTIME:-cpu} in
    cpu) ORT_DYLIB_PATH=$_lynx_cache/onnxruntime-1.32.0/libonnxruntime.so.1.32.0 ;;
    openvino) ORT_DYLIB_PATH=$_lynx_cache/onnxruntime-openvino-1.24.1/libonnxruntime.so.1.24.1 ;;
    cuda)
        ORT_DYLIB_PATH=$_lynx_cache/onnxruntime-gpu-1.31.1/libonnxruntime.so.1.31.1
        # CUDA's own libraries, where NVIDIA's PyPI packages were unpacked there (see setup.sh).
        for _lynx_lib in "$_lynx_cache"/cuda-13/nvidia/*/lib; do
            case ":${LD_LIBRARY_PATH:-}:" in
                *":$_lynx_lib:"*) ;;
                *) [ ! -d "$_lynx_lib" ] || export LD_LIBRARY_PATH="$_lynx_lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ;;
            esac
        done
        ;;
    *) ORT_DYLIB_PATH=$LYNX_RUNTIME ;;
esac
export ORT_DYLIB_PATH

case ${CARGO_TARGET_DIR:-target} in
    /*) _lynx_lib=$CARGO_TARGET_DIR/release ;;
    *) _lynx_lib=$_lynx_dir/${CARGO_TARGET_DIR:-target}/release ;;
esac
case ":${GST_PLUGIN_PATH:-}:" in
    *":$_lynx_lib:"*) ;;
    *) export GST_PLUGIN_PATH="$_lynx_lib${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}" ;;
esac
unset _lynx_dir _lynx_cache _lynx_lib
