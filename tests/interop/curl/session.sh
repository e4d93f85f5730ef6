#!/usr/bin/env bash
# A whole session by curl and jq. Secrets come on standard input, so that no process list shows them.
set -euo pipefail

log_in() { # password
    jq --null-input --arg email "$PRANCER_EMAIL" --arg customer_id "$PRANCER_CUSTOMER_ID" \
        --rawfile password <(printf %s "$1") '{$email, $password, $customer_id}' |
        curl --silent --show-error --fail-with-body "$PRANCER_PORTAL/api/login/" \
            --header 'content-type: application/json' --data @-
}

refresh() { # refresh token
    printf 'authorization: Bearer %s' "$1" |
        curl --silent --show-error --fail-with-body "$PRANCER_PORTAL/api/refresh/token/" \
            --header 'content-type: application/json' --header @-
}

log_out() { # access token
    printf 'authorization: Bearer %s' "$1" |
        curl --silent --show-error --fail-with-body --request POST "$PRANCER_PORTAL/api/logout/" \
            --header 'content-type: application/json' --header @-
}

fail() {
    echo "not $1" >&2
    exit 1
}

check() { # what, and the command that tells
    local what=$1
    shift
    "$@" || fail "$what"
    echo "ok $what"
}

# Standard input is JSON of which this holds. Nothing at all is null.
holds() { jq --exit-status --slurp ".[0] | $1" > /dev/null; }

refused() { # status, what holds of the answer, and the call
    local status=$1 filter=$2 answer problem
    shift 2
    problem=$(mktemp)
    if answer=$("$@" 2> "$problem"); then
        return 1
    fi
    grep --quiet "returned error: $status" "$problem" && holds "$filter" <<< "$answer"
}

is_new() { [ -n "$1" ] && [ "$1" != "$2" ]; }

export TMPDIR
TMPDIR=$(mktemp --directory)
trap 'rm -r "$TMPDIR"' EXIT

check 'wrong password rejected' refused 400 '.message == "Invalid Email or Password"' log_in "$PRANCER_PASSWORD?"

tokens=$(log_in "$PRANCER_PASSWORD") || fail 'logged in'
check 'logged in' holds '.data | (.token | strings) != "" and (.refresh_token | strings) != ""' <<< "$tokens"
access_token=$(jq --raw-output .data.token <<< "$tokens")
refresh_token=$(jq --raw-output .data.refresh_token <<< "$tokens")

status=$(printf 'authorization: Bearer %s' "$access_token" |
    curl --silent --show-error --output /dev/null --write-out '%{http_code}' \
        "$PRANCER_PORTAL/api/user/get/" --header @-) || fail 'secure call'
check 'secure call' [ "$status" = 200 ]

renewed=$(refresh "$refresh_token" | jq --raw-output '.data.token | strings') || fail 'refreshed'
check 'refreshed' is_new "$renewed" "$access_token"

check 'wrong token rejected by refresh' refused 422 '(.msg | strings) != ""' refresh "$renewed"

goodbye=$(log_out "$renewed") || fail 'logged out'
check 'logged out' holds '.message == "User logged out successfully!"' <<< "$goodbye"

check 'refresh rejected after logout' refused 401 '(.message | strings) != ""' refresh "$refresh_token"
