#!/usr/bin/env bash
# The session compiles with each of its features alone and with none; what stands on it, with the other TLS and without its extras. The
# stories of TLS are told with the other TLS, too.
set -euo pipefail
cd "$(dirname "$0")/../.."
PATH=$PWD/target/tools/python/bin:$PATH

# The workspace has `default` and `rustls`.
cargo hack clippy --locked --quiet --package prancer-auth --each-feature --exclude-features default,rustls \
    --exclude-all-features -- -D warnings
cargo clippy --locked --quiet --package prancer-auth-emulator --package prancer-auth-cli \
    --no-default-features --features prancer-auth-cli/native-tls -- -D warnings
# All of the workspace is chosen, so that what others wrote has the features that it was compiled with before.
cargo test --locked --quiet --workspace --no-default-features --test it \
    --features tests/native-tls,prancer-auth-cli/native-tls,prancer-auth-cli/emulator,prancer-auth-emulator/command,prancer-auth-emulator/docs \
    tls::
