#!/usr/bin/env bash
# Rust: the client crate of this workspace, which `cargo xtask generate` made, and its example.
source "$(dirname "$0")/../client.sh"

pack() {
    package=$root/crates/prancer-auth-client
}

install() { # crate
    built
    program=("$binaries/examples/session")
}

# The workspace has its versions.
locked() {
    sed -n 's/^progenitor-client = "=\(.*\)"/progenitor \1/p' "$root/Cargo.toml"
}
generator=progenitor

client "$@"
