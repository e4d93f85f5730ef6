#!/usr/bin/env bash
# Java by Redocly: a jar that needs the standard library alone.
source "$(dirname "$0")/../client.sh"
generator=@redocly/cli
source "$here/jar.sh"

pack() { # folder
    redocly java "$1/Client"
    echo "$1/Client.java" > "$1/sources"
    jar_of "$1" "$1/sources" '' -Xlint:all -Werror
}

install() { # jar, folder
    installed "$1" "$2" Redocly
}

client "$@"
