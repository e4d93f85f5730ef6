# Portals in a box for the script that sources this; they end with it.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
document=$root/openapi/prancer-auth.yaml
# The same in JSON.
described=$root/crates/prancer-auth-emulator/src/document.json
tools=$root/target/tools
python=$tools/python/bin
node=$tools/node/node_modules
# Redocly, and TypeScript with its generator.
compilers=$tools/redocly/node_modules
export PRANCER_EMAIL=user@example.com PRANCER_CUSTOMER_ID=customer1 PRANCER_PASSWORD='correct horse battery staple'
# Redocly neither tells its maker about its use nor looks for a later version.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

processes=()
trap 'kill "${processes[@]}" 2> /dev/null || true' EXIT

# Where the workspace's binaries and examples are, built with all of it so that nothing is compiled a second time.
built() {
    binaries=${PRANCER_BINARIES:-}
    if [ -z "$binaries" ]; then
        (cd "$root" && cargo build --quiet --locked --workspace --bins --examples)
        binaries=${CARGO_TARGET_DIR:-$root/target}/debug
    fi
}

# Starts a portal; its URL is in `portal`, what else it says comes from `output`.
start_portal() { # arguments of the emulator
    exec {output}< <(exec "$binaries/prancer-auth-emulator" "$@")
    processes+=($!)
    read -r portal <&"$output"
}

# Ends what was started.
stop_all() {
    kill "${processes[@]}"
    wait "${processes[@]}" 2> /dev/null || true
    processes=()
}

# An empty folder for what a script makes.
fresh() { # folder
    rm -rf "$1"
    mkdir -p "$1"
    echo "$1"
}

# Runs what has nothing to say unless it fails.
quiet() { # command
    local said
    said=$("$@" 2>&1) || {
        printf '%s\nfailed:\n%s\n' "$*" "$said" >&2
        return 1
    }
}

# Ends the script with a sentence.
fail() {
    echo "$*" >&2
    exit 1
}
