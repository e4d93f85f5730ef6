#!/usr/bin/env bash
# A whole session by curl and jq. Secrets come on standard input, so that no process list shows them.
set -euo pipefail

# sample: login
log_in() { # password
    jq --null-input --arg email "$PRANCER_EMAIL" --arg customer_id "$PRANCER_CUSTOMER_ID" \
        --rawfile password <(printf %s "$1") '{$email, $password, $customer_id}' |
        curl --silent --show-error --fail-with-body "$PRANCER_PORTAL/api/login/" \
            --header 'content-type: application/json' --data @-
}
# end sample

# sample: refresh
refresh() { # refresh token
    printf 'authorization: Bearer %s' "$1" |
        curl --silent --show-error --fail-with-body "$PRANCER_PORTAL/api/refresh/token/" \
            --header 'content-type: application/json' --header @-
}
# end sample

# sample: logout
log_out() { # access token
    printf 'authorization: Bearer %s' "$1" |
        curl --silent --show-error --fail-with-body --request POST "$PRANCER_PORTAL/api/logout/" \
            --header 'content-type: application/json' --header @-
}
# end sample

check() { # what, and the command that tells
    local what=$1
    shift
    if ! "$@"; then
        echo "not $what" >&2
        exit 1
    fi
    echo "ok $what"
}

# Standard input is JSON of which this holds.
holds() { jq --exit-status "$1" > /dev/null; }

refused() { # status, what holds of the answer, and the call
    local status=$1 filter=$2 answer problem
    shift 2
    problem=$(mktemp)
    if answer=$("$@" 2> "$problem"); then
        return 1
    fi
    grep --quiet "returned error: $status" "$problem" && holds "$filter" <<< "$answer"
}

token_of() { jq --raw-output ".data.$1" <<< "$2"; }

export TMPDIR
TMPDIR=$(mktemp --directory)
trap 'rm -r "$TMPDIR"' EXIT

check 'wrong password refused' refused 400 '.message == "Invalid Email or Password"' log_in "$PRANCER_PASSWORD?"

tokens=$(log_in "$PRANCER_PASSWORD")
check 'logged in' holds '.data.token != "" and .data.refresh_token != ""' <<< "$tokens"
access_token=$(token_of token "$tokens")
refresh_token=$(token_of refresh_token "$tokens")

user=$(printf 'authorization: Bearer %s' "$access_token" |
    curl --silent --show-error --fail "$PRANCER_PORTAL/api/user/get/" --header @-)
check 'secure call' holds '.status == 200' <<< "$user"

renewed=$(token_of token "$(refresh "$refresh_token")")
check 'refreshed' [ "${renewed:0:3}" = eyJ -a "$renewed" != "$access_token" ]

check 'wrong token refused by refresh' refused 422 '.msg != ""' refresh "$renewed"

goodbye=$(log_out "$renewed")
check 'logged out' holds '.message == "User logged out successfully!"' <<< "$goodbye"

check 'refresh refused after logout' refused 401 '.message != ""' refresh "$refresh_token"
