#!/usr/bin/env bash
# The reference page that `cargo xtask publish` made, in a browser where there is no network.
source "$(dirname "$0")/../portal.sh"
source "$(dirname "$0")/../browser/tests.sh"
export PRANCER_REFERENCE=${PRANCER_REFERENCE:-$root/target/publish/reference.html}
[ -e "$PRANCER_REFERENCE" ] || fail "there is no $PRANCER_REFERENCE; make it with: cargo xtask publish --no-packages"
before=(unshare --map-root-user --net)
run_tests "$root/tests/browser/reference.test.mjs"
echo "$passed tests"
