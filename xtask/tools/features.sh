#!/usr/bin/env bash
# The session compiles with each of its features alone and with none; what stands on it, with the other TLS and without its extras. The
# stories of TLS are told with the other TLS, too.
set -euo pipefail
cd "$(dirname "$0")/../.."

compiles() { # features, packages...
    local features=$1
    shift
    cargo clippy --locked --quiet "${@/#/--package=}" --no-default-features --features="$features" -- -D warnings
    count=$((count + 1))
}

count=0
compiles '' prancer-auth
features=$(sed -n '/^\[features\]/,/^\[dependencies\]/ s/^\([a-z-]*\) = .*/\1/p' crates/prancer-auth/Cargo.toml)
for feature in $features; do
    case $feature in
        default | rustls) ;; # The workspace has them.
        *) compiles "$feature" prancer-auth ;;
    esac
done
compiles prancer-auth-cli/native-tls prancer-auth-emulator prancer-auth-cli
[ "$count" -gt 3 ]
# The stories of TLS with the other library; those of the workspace's own have run. All of the workspace is chosen, so that what others wrote
# has the features that it was compiled with before.
cargo test --locked --quiet --workspace --no-default-features --test it \
    --features tests/native-tls,prancer-auth-cli/native-tls,prancer-auth-cli/emulator,prancer-auth-emulator/command,prancer-auth-emulator/docs \
    tls:: >&2
echo "$count combinations of features"
