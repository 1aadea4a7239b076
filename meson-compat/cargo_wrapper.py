#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What Meson calls: says the workspace's version, and builds the plugin with Cargo."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parent.parent


def version():
    manifest = (WORKSPACE / "Cargo.toml").read_text(encoding="utf-8")
    found = re.search(r'^\[workspace\.package\][^\[]*?^version *= *"([^"]+)"', manifest, re.M)
    if not found:
        sys.exit(f"{WORKSPACE}/Cargo.toml: no version in [workspace.package]")
    return found[1]


def build(arguments):
    # As with plain Cargo, CARGO_TARGET_DIR decides where to build; Meson's build folder is else.
    target = Path(os.environ.get("CARGO_TARGET_DIR") or arguments.target_dir).resolve()
    command = [arguments.cargo, "build", "--locked", "--package", "gst-plugin-lynx"]
    command += ["--profile", arguments.profile, "--target-dir", str(target)]
    status = subprocess.run(command, cwd=WORKSPACE, check=False).returncode
    if status:
        sys.exit(status)

    built = target / ("debug" if arguments.profile == "dev" else arguments.profile)
    part = arguments.output + ".part"
    shutil.copy2(built / "libgstlynx.so", part)
    # Ninja compares times: the copy is as new as this call, also where Cargo had nothing to do.
    os.utime(part)
    os.replace(part, arguments.output)

    # Cargo's list of sources, for what Ninja has to make; and the manifests, which it leaves out.
    _, sources = (built / "libgstlynx.d").read_text(encoding="utf-8").split(": ", 1)
    manifests = [WORKSPACE / "Cargo.lock", WORKSPACE / "Cargo.toml", *WORKSPACE.glob("plugins/**/Cargo.toml")]
    names = " ".join(str(path).replace(" ", "\\ ") for path in manifests)
    Path(arguments.depfile).write_text(f"{Path(arguments.output).name}: {sources.strip()} {names}\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("version")
    options = commands.add_parser("build")
    for name in ("profile", "cargo", "target-dir", "output", "depfile"):
        options.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    if arguments.command == "version":
        print(version())
    else:
        build(arguments)


if __name__ == "__main__":
    main()
