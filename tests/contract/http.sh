#!/usr/bin/env bash
# The `.http` file that is published with the document: httpYac sends what it holds.
source "$(dirname "$0")/../portal.sh"
built
start_portal
export PRANCER_PORTAL=$portal
# It reads files below the current folder only.
cd "$root/openapi"
# Of a failure it shows requests and answers with their secrets, so nothing is passed on but what it counted.
counted=$("$node/.bin/httpyac" send session.http --all --bail --output none --no-color 2>&1 | grep 'requests processed') ||
    fail "httpyac failed; it counted: ${counted:-nothing}"
[ "$counted" = "5 requests processed (5 succeeded)" ] || fail "$counted"
echo "5 requests"
