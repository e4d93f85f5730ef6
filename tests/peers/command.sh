#!/usr/bin/env bash
# The `prancer-auth` command as a whole process: its start, its memory, its size. Prints a line of JSON for each; with `--once` of a few
# runs without optimisation, to see that this works.
source "$(dirname "$0")/../portal.sh"
built
runs=3 command=$binaries/prancer-auth
if [ "${1:-}" != --once ]; then
    (cd "$root" && cargo build --quiet --locked --release --package prancer-auth-cli)
    runs=220 command=${CARGO_TARGET_DIR:-$root/target}/release/prancer-auth
fi
HOME=$(mktemp -d)
export HOME
trap 'kill "${processes[@]}"; rm -rf "$HOME"' EXIT
start_portal
"$command" login --portal "$portal" --email "$PRANCER_EMAIL" --customer-id "$PRANCER_CUSTOMER_ID" --store file \
    --password-stdin <<< "$PRANCER_PASSWORD" 2> /dev/null

row() { # what, value, unit
    printf '{"command": "%s", "value": %s, "unit": "%s"}\n' "$@"
}

left_out() { # program, of what
    printf '{"left_out": "%s", "of": "%s"}\n' "$@"
}

# The middle of all runs but the first, which warm up, in milliseconds.
median_ms() { # command
    local start end
    for run in $(seq "$runs"); do
        start=${EPOCHREALTIME/./}
        "$@" > /dev/null
        end=${EPOCHREALTIME/./}
        [ "$run" -le $((runs / 11)) ] || echo $((end - start))
    done | sort --numeric-sort | sed -n "$(((runs - runs / 11 + 1) / 2))p" | sed 's/\(...\)$/.\1/; s/^\./0./'
}

row '`prancer-auth token`' "$(median_ms "$command" token)" ms
row '`prancer-auth --help`' "$(median_ms "$command" --help)" ms
row '`cat /dev/null`' "$(median_ms cat /dev/null)" ms
if type -P gh > /dev/null; then
    # Its token is in its environment, so it reads no keyring and asks nobody.
    row '`gh auth token`' "$(GH_TOKEN=a-token median_ms gh auth token)" ms
else
    left_out gh 'the same of another command'
fi
if type -P time > /dev/null; then
    row 'peak memory of `token`' "$(command time --format %M "$command" token 2>&1 > /dev/null)" KiB
else
    left_out time 'its peak memory'
fi
row 'the release binary' $(($(stat --format %s "$command") / 1024)) KiB
