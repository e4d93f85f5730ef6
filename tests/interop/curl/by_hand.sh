#!/usr/bin/env bash
# curl: no generator, a script that follows the document.
source "$(dirname "$0")/../client.sh"

pack() {
    package=$here/session.sh
    quiet bash -n "$package"
}

install() { # script
    program=(bash "$1")
}

sample() { # script
    sampled=(bash "$1")
}

locked() {
    echo "by hand"
}
generator=none

client "$@"
