#!/usr/bin/env bash
# The session compiles with each of its features alone and with none; what stands on it, with the other TLS and without its extras. The
# stories of TLS are told with the other TLS, too.
set -euo pipefail
cd "$(dirname "$0")/../.."

compiles() { # package, feature
    cargo clippy --locked --quiet --package "$1" --no-default-features --features="$2" -- -D warnings
    count=$((count + 1))
}

count=0
compiles prancer-auth ''
features=$(sed -n '/^\[features\]/,/^\[dependencies\]/ s/^\([a-z-]*\) = .*/\1/p' crates/prancer-auth/Cargo.toml)
for feature in $features; do
    case $feature in
        default | rustls) ;; # The workspace has them.
        *) compiles prancer-auth "$feature" ;;
    esac
done
compiles prancer-auth-emulator ''
compiles prancer-auth-cli native-tls
[ "$count" -gt 3 ]
# The stories of TLS with the other library; those of the workspace's own have run.
cargo test --locked --quiet --package tests --no-default-features --features native-tls --test it tls:: >&2
echo "$count combinations of features"
