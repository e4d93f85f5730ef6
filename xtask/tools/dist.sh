#!/usr/bin/env bash
# Makes a Debian package of the command in target/debian, with its manual and completions.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR=$PWD/target
deb=$PWD/target/tools/cargo-deb-3.8.0
[ -x "$deb/bin/cargo-deb" ] || cargo install cargo-deb --version 3.8.0 --locked --root "$deb" --target-dir target/tools/target
cargo build --locked --release --package prancer-auth-cli
extras=target/release/extras
mkdir -p "$extras"
target/release/prancer-auth man "$extras"
for shell in bash zsh fish; do
    target/release/prancer-auth completions "$shell" > "$extras/completions.$shell"
done
"$deb/bin/cargo-deb" deb --no-build --package prancer-auth-cli
