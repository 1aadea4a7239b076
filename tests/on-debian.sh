#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Runs the tests on another Debian's GStreamer, in a root of its own:
#
#   tests/on-debian.sh trixie  [TEST...]    GStreamer 1.26
#   tests/on-debian.sh testing [TEST...]    GStreamer 1.28 or newer
#
# Debian is installed by debootstrap into a folder below Lynx's cache; remove that folder to have
# it made anew. The Rust toolchain, the cache and this checkout are bound into it for the time of
# the run. Needs to be root (or sudo), for mounts and chroot.
# shellcheck source-path=SCRIPTDIR/.. source=pipelines/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/setup.sh"
cd "$lynx_root"

suite=${1:-}
[[ $suite =~ ^[a-z]+$ ]] || die "which Debian? For instance: tests/on-debian.sh trixie"
shift
root=$lynx_cache/debian-$suite

# mirror: where this machine gets its own Debian packages from.
# shellcheck disable=SC2016 # apt expands it
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1
}

# install FOLDER: the smallest Debian, with this machine's ways to the network.
install() {
    local file
    as_root /usr/sbin/debootstrap --variant=minbase --include=ca-certificates "$suite" "$1" "$(mirror)" >&2 ||
        die "debootstrap could not install Debian $suite; its message is above"
    as_root cp --dereference /etc/resolv.conf /etc/hosts "$1/etc/"
    as_root cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
    as_root rm -f "$1"/var/cache/apt/archives/*.deb
    echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };' |
        as_root tee "$1/etc/apt/apt.conf.d/keep-no-archives" >/dev/null
    for file in /etc/apt/apt.conf.d/*; do
        ! grep -q '^ *Acquire::' "$file" || as_root cp "$file" "$1/etc/apt/apt.conf.d/"
    done
}

need_cargo
need_packages debootstrap
if [[ ! -e $root ]]; then
    mkdir -p "$lynx_cache"
    as_root rm -rf "$root.part"
    install "$root.part"
    as_root mv -T "$root.part" "$root"
fi
# All crates, also of features that this machine's GStreamer is too old for.
cargo fetch --locked

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
mkdir -p "$target/debian-$suite/reference"
# The reference detections do not depend on GStreamer; without them they are made anew.
cp --preserve=timestamps "$target"/reference/*.json "$target/debian-$suite/reference/" 2>/dev/null || true

# The mounts are seen by this run alone, and go with it. The toolchain is this machine's, which
# rustup would update for a crate that asks for another.
# shellcheck disable=SC2016 # expanded inside
as_root unshare --mount --propagation private /bin/bash -euc '
    root=$1 && shift
    for folder in /proc /dev; do mount --rbind "$folder" "$root$folder"; done
    mount -t tmpfs tmpfs "$root/tmp"
    while [[ $1 != -- ]]; do
        mkdir -p "$root$1" && mount --bind "$1" "$root$1" && shift
    done
    shift
    exec /usr/sbin/chroot "$root" "$@"
' -- "$root" "$lynx_root" "$target" "$lynx_cache" \
    "${CARGO_HOME:-$HOME/.cargo}" "${RUSTUP_HOME:-$HOME/.rustup}" "$(dirname "$(command -v cargo-nextest || command -v cargo)")" -- \
    env --ignore-environment HOME="$HOME" PATH="$PATH" LANG=C.UTF-8 \
    LYNX_CACHE="$lynx_cache" LYNX_ONLY_GSTREAMER="Debian $suite" \
    CARGO_TARGET_DIR="$target/debian-$suite" CARGO_NET_OFFLINE=true RUSTUP_AUTO_INSTALL=0 \
    ${CARGO_INCREMENTAL:+CARGO_INCREMENTAL="$CARGO_INCREMENTAL"} \
    "$lynx_root/tests/run.sh" "$@"
