#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""What Meson calls of Rust: the workspace's version, the plugin's build, the crates' tests."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parents[2]


def version(arguments):
    manifest = arguments.manifest.read_text(encoding="utf-8")
    found = re.search(r'^\[workspace\.package\][^\[]*?^version *= *"([^"]+)"', manifest, re.M)
    if not found:
        sys.exit(f"{arguments.manifest}: no version in [workspace.package]")
    print(found[1])


def native_libs(arguments):
    """Prints the linker's arguments that each static library made by this rustc needs."""
    with tempfile.TemporaryDirectory() as folder:
        command = [arguments.rustc, "--crate-type=staticlib", "--print=native-static-libs", "--out-dir", folder, "-"]
        said = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    found = re.search(r"native-static-libs: *(.*)", said.stderr)
    if said.returncode or not found:
        sys.exit(f"{' '.join(command)} did not list the system's libraries:\n{said.stderr}")
    print(found[1])


def cargo(arguments, **how):
    environment = {
        # As with plain Cargo, CARGO_TARGET_DIR decides where to build; Meson's build folder is else.
        "CARGO_TARGET_DIR": arguments.target_dir,
        **os.environ,
        # rustc and Cargo's subcommands are beside cargo: before PATH where a folder was asked for,
        # or else after it, as PATH may be another by now.
        "PATH": os.pathsep.join([*arguments.bin, os.environ["PATH"], *arguments.path]),
    }
    if arguments.pkg_config_path:
        paths = [*arguments.pkg_config_path, os.environ.get("PKG_CONFIG_PATH", "")]
        environment["PKG_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    # In the workspace, where Cargo looks for its configuration: vendored crates, for one.
    return subprocess.run(arguments.cargo, cwd=WORKSPACE, env=environment, check=False, **how)


def run(arguments):
    sys.exit(cargo(arguments).returncode)


def build(arguments):
    arguments.cargo.append("--message-format=json-render-diagnostics")
    said = cargo(arguments, stdout=subprocess.PIPE, text=True)
    if said.returncode:
        sys.exit(said.returncode)
    built = artifacts(said.stdout)
    for output in arguments.outputs:
        part = output + ".part"
        shutil.copy2(built[Path(output).name], part)
        # Ninja compares times: the copy is as new as this call, also where Cargo had nothing to do.
        os.utime(part)
        os.replace(part, output)
    write_depfile(arguments, built[Path(arguments.outputs[0]).name].with_suffix(".d"))


def artifacts(messages):
    """Cargo's own word for where it put each file: profile, target and cargo-c have a say in it."""
    built = {}
    for line in messages.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") == "compiler-artifact" and message["target"]["name"] == "gstlynx":
            built |= {Path(path).name: Path(path) for path in message["filenames"]}
    return built


def write_depfile(arguments, cargo_depfile):
    """Cargo's list of sources, for what Ninja has to make; and the manifests, which it leaves out."""
    _, sources = cargo_depfile.read_text(encoding="utf-8").split(": ", 1)
    manifests = [WORKSPACE / "Cargo.lock", WORKSPACE / "Cargo.toml", *WORKSPACE.glob("plugins/**/Cargo.toml")]
    names = " ".join(str(path).replace(" ", "\\ ") for path in manifests)
    Path(arguments.depfile).write_text(f"{arguments.outputs[0]}: {sources.strip()} {names}\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("version")
    command.add_argument("manifest", type=Path)
    command.set_defaults(call=version)

    command = commands.add_parser("native-libs")
    command.add_argument("rustc")
    command.set_defaults(call=native_libs)

    for name, call in (("run", run), ("build", build)):
        command = commands.add_parser(name)
        command.add_argument("--target-dir", required=True)
        command.add_argument("--bin", action="append", default=[])
        command.add_argument("--path", action="append", default=[])
        command.add_argument("--pkg-config-path", action="append", default=[])
        if call is build:
            command.add_argument("--depfile", required=True)
            command.add_argument("--outputs", nargs="+", required=True)
        command.add_argument("cargo", nargs="+")
        command.set_defaults(call=call)

    arguments = parser.parse_args()
    arguments.call(arguments)


if __name__ == "__main__":
    main()
