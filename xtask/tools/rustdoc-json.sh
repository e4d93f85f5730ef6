#!/usr/bin/env bash
# Writes the pages, and JSON of a library beside them, by the rustdoc at hand, which is told that it may; what cargo compiles is told
# nothing, and is not compiled again.
set -e
rustdoc "$@"
[[ "$*" == *"--crate-type lib"* ]] || exit 0
RUSTC_BOOTSTRAP=1 exec rustdoc "$@" -Zunstable-options --output-format=json --cap-lints=allow
