#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Sets up what is missing, then runs every check and test. A step that fails does not keep the
# next ones from running; the list at the end names it and what it said last, and the exit status
# is then 1.
# shellcheck disable=SC2317 # the steps are called by name
export LYNX_RUNTIME=cpu
# shellcheck source-path=SCRIPTDIR/.. source=pipelines/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/setup.sh"
cd "$lynx_root"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
: >"$scratch/tests.log"
: >"$scratch/failures"
report=() failed=0

# LYNX_ONLY_GSTREAMER says where this runs besides a machine that has run every step: what does not
# depend on GStreamer is left out then.
only_gstreamer=${LYNX_ONLY_GSTREAMER:-}

# step NAME COMMAND...: a heading, the command, how long it took.
step() {
    local name=$1 start=$SECONDS status word=ok
    shift
    printf '\n=== %s\n' "$name"
    set +e
    (
        set -e
        "$@"
    ) 2>&1 | tee "$scratch/step"
    status=${PIPESTATUS[0]}
    set -e
    if ((status != 0)); then
        word=FAILED failed=1
        printf '\n=== %s, its last lines\n' "$name" >>"$scratch/failures"
        tail -n 30 "$scratch/step" >>"$scratch/failures"
    fi
    report+=("$(printf '%-8s %4d s  %s' "$word" $((SECONDS - start)) "$name")")
}

# left_out NAME REASON: nothing is skipped in silence.
left_out() {
    printf '\n=== %s: left out, %s\n' "$1" "$2"
    report+=("$(printf '%-8s %6s  %s (%s)' "left out" "" "$1" "$2")")
}

# One that any Rust which builds Lynx builds, too.
cargo_c=0.10.21+cargo-0.95.0
cargo_fuzz=0.13.2

set_up() {
    need_cargo
    need_gstreamer
    need_packages python3-venv python3-gi gir1.2-gst-rtsp-server-1.0 \
        shellcheck ffmpeg make meson ninja-build git \
        libgstrtspserver-1.0-dev gstreamer1.0-rtsp glib-networking openssl fonts-dejavu-core
    [[ -n $only_gstreamer ]] || need_packages vlc-bin vlc-plugin-base chromium
    need_runtime openvino
    need_runtime cpu
    need_model yolox-tiny-person
    need_model yolo11n
    need_clip
    fetch "${LYNX_ORT_TOO_OLD%/*}" too_old_runtime
    need_python "$lynx_root/tests/reference/requirements.txt"
    [[ -n $only_gstreamer ]] || cargo deny --version 2>/dev/null || cargo install cargo-deny --locked --version 0.20.2
    [[ -z ${CI:-} || -n $only_gstreamer ]] || install_for_ci
}

# Six minutes to build: in CI alone.
install_for_ci() {
    cargo fuzz --version 2>/dev/null || cargo install cargo-fuzz --locked --version "$cargo_fuzz"
    cargo cbuild --version 2>/dev/null && return
    need_packages libssl-dev
    cargo install cargo-c --locked --version "$cargo_c"
}

scripts() {
    shellcheck --external-sources pipelines/*.sh tests/*.sh .ci/run
    PYTHONPYCACHEPREFIX=$scratch "$lynx_python" -m py_compile pipelines/*.py tests/*/*.py meson-compat/*/*.py
}

# too_old_runtime: an ONNX Runtime that Lynx refuses by name.
too_old_runtime() {
    runtime onnxruntime 1.20.1 5eec64c0269dcdb8d9a9a53dc4d64f87b9e0c19801d9321246a53b7eb5a7d1bc
}

quickstart() {
    pipelines/quickstart.sh --output "$LYNX_TEST_MP4"
}

reference() {
    local model json script=tests/reference/reference.py
    mkdir -p "$references"
    for model in yolox-tiny-person yolo11n; do
        json=$references/$model.json
        if [[ $json -nt $script && $json -nt tests/reference/requirements.txt ]]; then
            echo "$json is newer than what makes it: kept"
        else
            "$(need_python "$lynx_root/tests/reference/requirements.txt")" "$script" "$LYNX_MODELS/$model.onnx" "$LYNX_CLIP" "$json"
        fi
    done
}

# A build for an older GStreamer than this one has other code, too.
older_features() {
    local version
    for version in v1_24 v1_26; do
        [[ $feature != *"$version" ]] || break
        cargo clippy --workspace --all-targets --locked --features "lynx-tests/$version" -- -D warnings
        cargo test --package lynx-meta --locked --features "$version"
    done
}

# GStreamer looks through its own plugins first, without fatal warnings: those are not ours.
rust_tests() {
    export GST_REGISTRY=$scratch/registry.bin
    gst-inspect-1.0 >/dev/null
    export G_DEBUG=fatal-warnings
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run --workspace --locked "${features[@]}" "$@" 2>&1 | tee "$scratch/tests.log"
    else
        echo "cargo-nextest is not installed (cargo install cargo-nextest --locked); plain cargo test instead"
        cargo test --workspace --locked "${features[@]}" --lib --bins --tests "$@" 2>&1 | tee "$scratch/tests.log"
    fi
}

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
references=$target/reference

# What the tests in tests/suite find by name, with what env.sh sets.
export LYNX_REFERENCE_YOLOX=$references/yolox-tiny-person.json
export LYNX_REFERENCE_YOLO11N=$references/yolo11n.json
LYNX_ORT_OPENVINO=$(LYNX_RUNTIME=openvino bash -c '. pipelines/env.sh && echo "$ORT_DYLIB_PATH"')
export LYNX_ORT_OPENVINO
export LYNX_ORT_TOO_OLD=$lynx_cache/onnxruntime-1.20.1/libonnxruntime.so.1.20.1
export LYNX_TEST_MP4=$target/quickstart/annotated.mp4
export LYNX_TEST_JSONL=$target/quickstart/detections.jsonl

step "set-up" set_up
((failed == 0)) || die "set-up failed; the reason is above"
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
feature=$(gstreamer_feature)
features=(${feature:+"${feature/gst-plugin-lynx/lynx-tests}"})
if [[ -z $only_gstreamer ]]; then
    step "rustfmt" cargo fmt --all --check
    step "shellcheck, Python syntax" scripts
    step "cargo deny: licences, bans, sources" cargo deny --locked check licenses bans sources
    left_out "cargo deny: advisories" "they need a database that is not in a package registry; run: cargo deny check advisories"
else
    left_out "rustfmt, shellcheck, Python syntax, cargo deny" "they do not depend on GStreamer"
fi
step "clippy" cargo clippy --workspace --all-targets --locked "${features[@]}" -- -D warnings
step "clippy: the peers that only benches have" cargo clippy --package lynx-bench --all-targets --locked --features yuv -- -D warnings
[[ $feature != *v1_2[68] ]] || step "features of older GStreamers" older_features
step "release build" need_plugin
step "quickstart on the sample clip" quickstart
step "reference detections in Python" reference
step "doctests" cargo test --doc --workspace --locked "${features[@]}"
step "tests" rust_tests "$@"
step "soak: 2 minutes of restreaming" cargo test --package lynx-restream --locked \
    ${feature:+"--features=lynx-restream/${feature#*/}"} --bench soak -- 2
case $feature in
    *v1_28) ;;
    *v1_26) left_out "interop with elements of GStreamer 1.28" "there are none here; run: tests/on-debian.sh testing" ;;
    *) left_out "interop with GStreamer's analytics elements" "there are none here; run: tests/on-debian.sh trixie, and testing" ;;
esac
if [[ -n $only_gstreamer ]]; then
    left_out "kernels under a fuzzer" "they do not depend on GStreamer"
elif cargo fuzz --version >/dev/null 2>&1; then
    step "kernels under a fuzzer" tests/fuzz.sh 20
else
    left_out "kernels under a fuzzer" "it is not installed; run: cargo install cargo-fuzz --locked --version $cargo_fuzz && tests/fuzz.sh"
fi
if [[ $only_gstreamer == "Debian testing" ]]; then
    step "kernels on aarch64" tests/aarch64.sh
else
    left_out "kernels on aarch64" "the Rust of Debian testing compiles them; run: tests/on-debian.sh testing"
fi
for name in stand_alone rebuild versions gst_versions cargo_bin monorepo offline cargo_tests; do
    step "Meson: ${name/_/ }" tests/meson.sh "$name"
done
if cargo cbuild --version >/dev/null 2>&1; then
    step "Meson: cargo-c" tests/meson.sh cargo_c
else
    left_out "Meson: cargo-c" "it is not installed; run: cargo install cargo-c --locked --version $cargo_c && tests/meson.sh cargo_c"
fi

printf '\n=== steps%s with GStreamer %s, %d s in all\n' "${only_gstreamer:+ on $only_gstreamer}" \
    "$(pkg-config --modversion gstreamer-1.0) (${feature:-no cargo feature})" "$SECONDS"
printf '%s\n' "${report[@]}"
cat "$scratch/failures"
echo
sed -n '/^ *Summary \[/,$p; /^test result:/p; /^error: could not compile/p' "$scratch/tests.log"
exit "$failed"
