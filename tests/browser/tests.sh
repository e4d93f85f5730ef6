# Runs tests in a browser, and counts those that passed.
# shellcheck shell=bash
passed=0
before=()

run_tests() { # file
    local said count
    said=$(NODE_PATH=$node "${before[@]}" node --test --test-reporter=tap "$1" 2>&1) || fail "$said"
    count=$(sed -n 's/^# pass //p' <<< "$said")
    [ "${count:-0}" -gt 1 ] || fail "only ${count:-no} test passed:
$said"
    passed=$((passed + count))
}
