#!/usr/bin/env bash
# Prism stands between: it refuses requests that the document does not describe, and tells of answers that it does not.
source "$(dirname "$0")/../portal.sh"
built
work=$(fresh "$root/target/contract/prism")

# Starts the proxy before the portal; its URL is in `proxy`, what it finds against the document in `log`.
start_proxy() {
    log=$work/log-$1
    "$node/.bin/prism" proxy --errors --port 0 "$document" "$portal" > "$log" 2>&1 &
    processes+=($!)
    until_in_log 'is listening on '
    proxy=$(sed -n 's/.*is listening on \(http[^ ]*\).*/\1/p' "$log")
}

until_in_log() { # text
    for _ in $(seq 600); do
        ! grep --quiet "$1" "$log" || return 0
        sleep 0.1
    done
    fail "prism did not say '$1' within a minute:
$(cat "$log")"
}

call() { # arguments; secrets come on standard input
    curl --silent --show-error --header content-type:application/json "$@"
}

# The command, with the session on top.
command_says() { # arguments
    quiet env --ignore-environment HOME="$work/home" "$binaries/prancer-auth" "$@" <<< "$PRANCER_PASSWORD"
}

calls=0
for shape in 2021 2022; do
    start_portal --shape "$shape"
    start_proxy "$shape"

    said=$(PRANCER_PORTAL=$proxy "$binaries/examples/session" --documented)
    [ "$(grep --count '^ok ' <<< "$said")" = 5 ] || fail "the client's session said
$said"
    fresh "$work/home" > /dev/null
    command_says login --portal "$proxy" --email "$PRANCER_EMAIL" --customer-id "$PRANCER_CUSTOMER_ID" --store file --password-stdin
    command_says refresh
    command_says logout
    calls=$((calls + 8))

    # A request that the document does not describe is refused.
    jq --null-input '{ email: env.PRANCER_EMAIL, password: env.PRANCER_PASSWORD }' | call --data @- "$proxy/api/login/" |
        grep --quiet prism/errors || fail "a login without a customer id got through"
    # So is an answer: the portal says 422 to an access token, and `{"msg": ..}`.
    token=$(jq --null-input '{ email: env.PRANCER_EMAIL, password: env.PRANCER_PASSWORD, customer_id: env.PRANCER_CUSTOMER_ID }' |
        call --data @- "$portal/api/login/" | jq --raw-output .data.token)
    call --header @- "$proxy/api/refresh/token/" > /dev/null <<< "authorization: Bearer $token"
    until_in_log 'Violation: response'
    # Nothing else was found before, and nothing comes after.
    sleep 2
    [ "$(grep --count iolation "$log")" = 1 ] || fail "more than one violation:
$(grep iolation "$log")"
    stop_all
done
echo "$calls calls, 4 violations found"
