#!/usr/bin/env bash
# What a new program pays that depends on a crate of ours: how many crates, and how many seconds of processors for its first
# debug build. Prints a line of JSON for each; with `--once` it builds nothing, to see that this works.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%U %S'
build=(cargo build --quiet --target-dir "$work/target")
[ "${1:-}" != --once ] || build=(true)

pays() { # what, crate, its features in TOML
    rm -rf "${work:?}"/*
    mkdir "$work/src"
    echo 'fn main() {}' > "$work/src/main.rs"
    cp "$root/Cargo.lock" "$work"
    cat > "$work/Cargo.toml" << TOML
[package]
name = "dependent"
edition = "2024"
[workspace]
[dependencies]
$2 = { path = "$root/crates/$2"$3 }
TOML
    cd "$work"
    local crates seconds
    # Itself is none.
    crates=$(($(cargo tree --prefix none --edges normal,build 2> /dev/null | sed 's/ (\*)$//' | sort --unique | wc -l) - 1))
    seconds=$({ time "${build[@]}" > "$work/said" 2>&1; } 2>&1) || { cat "$work/said" >&2; exit 1; }
    printf '{"dependent": "%s", "crates": %s, "cpu_seconds": %.0f}\n' "$1" "$crates" "$(awk "{ print \$1 + \$2 }" <<< "$seconds")"
}

pays '`prancer-auth-client`, without TLS' prancer-auth-client ', default-features = false'
pays '`prancer-auth-client`' prancer-auth-client ''
pays '`prancer-auth`, without TLS' prancer-auth ', default-features = false'
pays '`prancer-auth`' prancer-auth ''
pays '`prancer-auth`, all stores' prancer-auth ', features = ["file", "keyring", "redis"]'
