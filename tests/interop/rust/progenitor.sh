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

# Compiled with what the workspace has built.
sample() { # file
    local artifacts=$work/artifacts name externs=()
    [ -e "$artifacts" ] || (cd "$root" && cargo build --quiet --locked --workspace --bins --examples --message-format json > "$artifacts")
    for name in prancer_auth_client reqwest tokio; do
        externs+=(--extern "$name=$(jq --raw-output --arg name $name 'select(.target.name == $name) | .filenames[]? | select(endswith(".rlib"))' "$artifacts" | tail -n 1)")
    done
    quiet rustc --edition 2024 -D warnings -L "dependency=$binaries/deps" "${externs[@]}" -o "$work/sampled" "$1"
    sampled=("$work/sampled")
}

# The workspace has its versions.
locked() {
    sed -n 's/^progenitor-client = "=\(.*\)"/progenitor \1/p' "$root/Cargo.toml"
}
generator=progenitor

client "$@"
