#!/usr/bin/env bash
# The rustdoc at hand, which writes JSON where it is told that it may; what cargo compiles is told nothing, and is not compiled again.
RUSTC_BOOTSTRAP=1 exec rustdoc "$@"
