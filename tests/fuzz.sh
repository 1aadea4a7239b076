#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Fuzzes the kernels of lynx-tensor with random frames, tensors and regions under AddressSanitizer:
# a panic, or a byte read or written out of bounds, is a failure.
#
#   tests/fuzz.sh [SECONDS]     (default: 30)
#
# Needs cargo-fuzz: cargo install cargo-fuzz --locked
# shellcheck source-path=SCRIPTDIR/.. source=pipelines/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/setup.sh"
need_cargo
need_packages g++
cd "$lynx_root/plugins/libs/tensor"
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-$lynx_root/target}")/fuzz
export CARGO_TARGET_DIR
# Sanitizers are in every toolchain, but only a nightly one says so.
RUSTC_BOOTSTRAP=1 exec cargo fuzz run convert -- -max_total_time="${1:-30}" -max_len=400 -print_final_stats=1
