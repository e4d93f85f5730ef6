#!/usr/bin/env bash
# The emulator's interactive page in a browser: a person logs in, calls and logs out, at `/` and at a tenant.
source "$(dirname "$0")/../portal.sh"
source "$(dirname "$0")/../browser/tests.sh"
built
start_portal
PRANCER_PORTAL=$portal run_tests "$root/tests/browser/docs.test.mjs"
start_portal --tenant prancer-customer1
PRANCER_PORTAL=$portal run_tests "$root/tests/browser/docs.test.mjs"
echo "$passed tests"
