#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Runs the tests of the kernels as aarch64 code (NEON), on an emulator: compiler, cross linker and
# qemu are Debian's, whose testing suite has a Rust that is new enough. tests/run.sh calls it there.
#
#   tests/aarch64.sh [TEST...]
# shellcheck source-path=SCRIPTDIR/.. source=pipelines/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/setup.sh"
cd "$lynx_root"

target=aarch64-unknown-linux-gnu
if [[ ! -e /usr/lib/rustlib/$target ]]; then
    as_root dpkg --add-architecture arm64
    as_root apt-get update --quiet >&2
fi
need_packages rustc cargo gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
[[ -e /usr/lib/rustlib/$target ]] || need_packages libstd-rust-dev:arm64

export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="qemu-aarch64 -L /usr/aarch64-linux-gnu"
# Another compiler than the one that builds the rest.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/aarch64
PATH=/usr/bin:$PATH exec cargo test --locked --package lynx-tensor --lib --target "$target" "$@"
