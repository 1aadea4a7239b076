#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# What meson-compat promises, tried: tests/meson.sh [STEP]..., all of them without an argument.
# Folders are kept between runs in Cargo's target folder, so that Cargo builds little anew.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work=$target/meson
mkdir -p "$work"
export GST_REGISTRY=$work/registry.bin
# Only what a step puts there is found; and Cargo builds where a step says.
unset GST_PLUGIN_PATH GST_PLUGIN_SYSTEM_PATH CARGO_TARGET_DIR

fail() {
    printf 'meson.sh: %s\n' "$*" >&2
    exit 1
}

# expect TEXT FILE: the file has that text.
expect() {
    grep --fixed-strings --quiet -- "$1" "$2" || fail "expected '$1', found: $(cat "$2")"
}

# refused TEXT COMMAND...: the command fails, and says that.
refused() {
    local text=$1
    shift
    if "$@" >"$work/refused.log" 2>&1; then fail "not refused: $*"; fi
    expect "$text" "$work/refused.log"
}

# setup BUILD OPTION...: a fresh build folder for meson-compat, or for $project.
setup() {
    local build=$1
    shift
    rm -rf "$build"
    meson setup "$build" "${project:-meson-compat}" "$@"
}

idle() {
    ninja -C "$1" >"$work/idle.log"
    expect "ninja: no work to do." "$work/idle.log"
}

# source_copy FOLDER: this tree as it is now, without what is built.
source_copy() {
    rm -rf "$1"
    mkdir -p "$1"
    tar --create --exclude-vcs --exclude-caches-all --exclude=./out --exclude=./target . | tar --extract --directory "$1"
}

stand_alone() {
    local build=$work/stand-alone prefix=$work/prefix destdir=$work/destdir installed
    export CARGO_TARGET_DIR=$target
    rm -rf "$prefix" "$destdir"
    setup "$build" --buildtype=release --prefix="$prefix" -Ddefault_library=both -Dcargo-c=disabled
    ninja -C "$build"
    meson test -C "$build"
    meson devenv -C "$build" gst-inspect-1.0 lynx >"$work/inspect.log"
    expect "$build/plugin/libgstlynx.so" "$work/inspect.log"

    DESTDIR=$destdir meson install -C "$build" --no-rebuild --quiet
    installed=$(find "$destdir$prefix" -path '*/gstreamer-1.0/libgstlynx.so')
    GST_PLUGIN_PATH=${installed%/*} gst-inspect-1.0 lynx >"$work/inspect.log"
    expect "$installed" "$work/inspect.log"

    meson install -C "$build" --no-rebuild --quiet
    installed=$(find "$prefix" -path '*/gstreamer-1.0/pkgconfig/gstlynx.pc')
    application "${installed%/*}"
    application "$build/meson-uninstalled"
}

# application PKG_CONFIG_FOLDER: a program that has Lynx in it.
application() {
    local flags
    flags=$(PKG_CONFIG_PATH=$1 pkg-config --cflags --libs gstlynx)
    # shellcheck disable=SC2086 # flags are many
    gcc -Wall -Werror -o "$work/application" tests/meson/application.c $flags
    "$work/application"
}

# Cargo is called for a source, a manifest and the lock, and for nothing else.
rebuild() {
    local build=$work/rebuild file
    export CARGO_TARGET_DIR=$target
    setup "$build" --buildtype=release -Dcargo-c=disabled
    ninja -C "$build"
    idle "$build"
    for file in Cargo.lock plugins/libs/geometry/Cargo.toml plugins/lynx/src/lib.rs; do
        touch "$file"
        ninja -C "$build" 2>&1 | tee "$work/rebuild.log"
        expect "Finished \`release\` profile" "$work/rebuild.log"
        idle "$build"
    done
    expect "Compiling gst-plugin-lynx" "$work/rebuild.log"
}

# The project's version is Cargo's, or setup is refused, also when it changes later.
versions() {
    local build=$work/versions copy=$work/versions-source version
    source_copy "$copy"
    project=$copy/meson-compat setup "$build"
    version=$(cargo pkgid --package gst-plugin-lynx)
    meson introspect --projectinfo "$build" >"$work/versions.log"
    expect "\"version\": \"${version##*[@#]}\"" "$work/versions.log"
    sed -i '/^\[workspace.package\]/,/^version/ s/^version = .*/version = "99.0.0"/' "$copy/Cargo.toml"
    refused "Cargo.toml says version 99.0.0" ninja -C "$build"
}

gst_versions() {
    local build=$work/gst-versions analytics="base video analytics"
    gstreamer_is 1.22.0 "base video"
    chosen "none: GStreamer is older than 1.24"
    gstreamer_is 1.24.0 "base video"
    chosen "none: no gstreamer-analytics-1.0"
    refused "gstreamer-analytics-1.0 found: NO" setup "$build" -Dgst-version=1.24
    gstreamer_is 1.25.90 "$analytics"
    chosen v1_24
    refused "gstreamer-1.0 found: NO" setup "$build" -Dgst-version=1.26
    gstreamer_is 1.26.2 "$analytics"
    chosen v1_26
    gstreamer_is 1.28.0 "$analytics"
    chosen v1_28
    chosen v1_24 -Dgst-version=1.24
    chosen "none, as gst-version=1.20 asks" -Dgst-version=1.20
    chosen "v1_28 one two" -Dfeatures=one,two
}

# gstreamer_is VERSION MODULES: as far as pkg-config knows.
gstreamer_is() {
    local module folder=$work/gst-versions-pkg-config
    rm -rf "$folder"
    mkdir "$folder"
    for module in "" $2; do
        printf 'Name: stand-in\nDescription: stand-in\nVersion: %s\n' "$1" >"$folder/gstreamer-${module:+$module-}1.0.pc"
    done
    export PKG_CONFIG_LIBDIR=$folder
}

# chosen TEXT OPTION...: setup says so in its summary.
chosen() {
    local text=$1
    shift
    setup "$build" -Dcargo-c=disabled "$@" | tee "$work/gst-versions.log"
    expect ": $text" "$work/gst-versions.log"
}

# The cargo that is asked for, or else the first on PATH, whatever a distribution has beside it.
cargo_bin() {
    local build=$work/cargo-bin bin=$work/bin
    mkdir -p "$bin"
    ln -sf "$(command -v cargo)" "$bin/cargo"
    setup "$build" -Dcargo-c=disabled >"$work/cargo-bin.log"
    expect "Program cargo found: YES ($(command -v cargo))" "$work/cargo-bin.log"
    setup "$build" -Dcargo-c=disabled -Dcargo-bin="$bin" >"$work/cargo-bin.log"
    expect "cargo found: YES ($bin/cargo)" "$work/cargo-bin.log"
    meson-compat/plugin/cargo_wrapper.py run --target-dir "$build" --bin "$bin" --path /last -- \
        printenv PATH >"$work/cargo-bin.log"
    # What python3 is may put folders of its own there.
    [[ $(<"$work/cargo-bin.log") == "$bin:"*"$PATH:/last" ]] || fail "not this PATH: $(<"$work/cargo-bin.log")"
}

# Without GStreamer's .pc files but those of the build itself, and through the wrap.
monorepo() {
    local copy=$work/monorepo-source project=$work/monorepo build=$work/monorepo-build library
    hide_gstreamer "$work/pkg-config"
    source_copy "$copy"
    git -C "$copy" init --quiet --initial-branch=main
    git -C "$copy" add --all
    git -C "$copy" -c user.name=Lynx -c user.email=lynx@lynx.example commit --quiet --message=tests
    rm -rf "$project"
    cp -r tests/meson/monorepo tests/meson/application.c "$work/"
    mv "$work/application.c" "$project/"
    mkdir -p "$project/subprojects/packagefiles/lynx"
    cp meson-compat/meson{.build,_options.txt} "$project/subprojects/packagefiles/lynx/"
    sed "s|^url = .*|url = file://$copy|" meson-compat/lynx.wrap >"$project/subprojects/lynx.wrap"

    export CARGO_TARGET_DIR=$work/monorepo-target
    setup "$build" -Dcustom_subprojects=lynx -Dlynx:cargo-c=disabled
    # Nothing but the plugin is asked for: what it links with is built because it says so.
    library=subprojects/lynx/meson-compat/plugin/libgstlynx.so
    ninja -C "$build" "$library"
    idle "$build"
    meson devenv -C "$build" gst-inspect-1.0 lynx >"$work/monorepo.log"
    expect "$build/$library" "$work/monorepo.log"

    setup "$build" -Dcustom_subprojects=lynx -Dlynx:cargo-c=disabled -Ddefault_library=static
    ninja -C "$build"
    meson test -C "$build"
}

# hide_gstreamer FOLDER: pkg-config knows all the system's modules but GStreamer's.
hide_gstreamer() {
    local folder
    rm -rf "$1"
    mkdir -p "$1"
    for folder in $(pkg-config --variable pc_path pkg-config | tr : ' '); do
        [[ ! -d $folder ]] || find "$folder" -name '*.pc' ! -name 'gstreamer-*' -exec ln -sf -t "$1" {} +
    done
    export PKG_CONFIG_LIBDIR=$1
    if pkg-config --exists gstreamer-1.0; then fail "the system's GStreamer is not hidden"; fi
}

# As a distribution builds: crates in the tree, an empty CARGO_HOME, and no way out.
offline() {
    local copy=$work/offline-source build=$work/offline project
    source_copy "$copy"
    mkdir "$copy/.cargo"
    cargo vendor --locked --manifest-path "$copy/Cargo.toml" "$copy/vendor" >"$copy/.cargo/config.toml"
    export CARGO_TARGET_DIR=$work/offline-target CARGO_HOME=$work/offline-home CARGO_HTTP_PROXY=127.0.0.1:9
    rm -rf "$CARGO_HOME"
    project=$copy/meson-compat setup "$build" -Dcargo-offline=true -Dcargo-c=disabled
    ninja -C "$build"
    meson test -C "$build"
}

cargo_c() {
    local build=$work/cargo-c
    export CARGO_TARGET_DIR=$target
    setup "$build" --buildtype=release -Ddefault_library=both -Dcargo-c=enabled
    ninja -C "$build"
    idle "$build"
    meson test -C "$build"
    application "$build/meson-uninstalled"

    # And without Meson, as a shared library.
    cargo cinstall --release --locked --package gst-plugin-lynx --library-type cdylib --prefix="$work/cargo-c-prefix" --libdir=lib
    PKG_CONFIG_PATH=$work/cargo-c-prefix/lib/pkgconfig make -C samples/embed-c --always-make program="$work/count"
    if "$work/count" >"$work/count.log" 2>&1; then fail "count runs without arguments"; fi
    expect "usage: " "$work/count.log"
}

cargo_tests() {
    local build=$work/cargo-tests
    export CARGO_TARGET_DIR=$target
    setup "$build" -Dtests=enabled -Dcargo-c=disabled
    meson test -C "$build" 'cargo test'
}

(($#)) || set -- stand_alone rebuild versions gst_versions cargo_bin monorepo offline cargo_c cargo_tests
for step; do
    (
        set -e
        "$step"
    )
done
