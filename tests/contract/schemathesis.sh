#!/usr/bin/env bash
# Schemathesis sends the emulator whatever the document allows, and much that it does not.
source "$(dirname "$0")/../portal.sh"
built
work=$(fresh "$root/target/contract/schemathesis")
cd "$work" # It leaves there what it found.

# A token of a fresh login. A logout ends both tokens of its session, so the two schemes have sessions of their own.
token_of() { # member
    jq --null-input '{ email: env.PRANCER_EMAIL, password: env.PRANCER_PASSWORD, customer_id: env.PRANCER_CUSTOMER_ID }' |
        curl --silent --show-error --fail --header content-type:application/json --data @- "$portal/api/login/" |
        jq --raw-output ".data.$1"
}

# Well-formed credentials and tokens that are nobody's are refused with a 400, wherever one is documented.
refusals() {
    jq --raw-output '.paths[][] | objects | select(.responses["400"]) | .operationId' "$root/crates/prancer-auth-emulator/src/document.json" |
        while read -r id; do
            printf '[[operations]]\ninclude-operation-id = "%s"\nchecks.positive_data_acceptance.expected-statuses = [200, 400]\n' "$id"
        done
}

count=0
for shape in 2021 2022; do
    start_portal --documented --shape "$shape"
    cat > schemathesis.toml << TOML
[auth.openapi]
accessToken = { bearer = "$(token_of token)" }
refreshToken = { bearer = "$(token_of refresh_token)" }
$(refusals)
TOML
    # The same requests at every run, a hundred for each operation.
    said=$("$python/schemathesis" --config-file schemathesis.toml run "$document" --url "$portal" --checks all --seed 2021 \
        --max-examples 100 --continue-on-failure --workers 1 --no-color 2>&1) || fail "answers of $shape:
$said"
    requests=$(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' <<< "$said")
    [ "${requests:-0}" -ge 300 ] || fail "only ${requests:-no} requests:
$said"
    count=$((count + requests))
done
echo "$count requests"
