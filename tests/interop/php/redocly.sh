#!/usr/bin/env bash
# PHP by Redocly: a folder that a program loads.
source "$(dirname "$0")/../client.sh"
generator=@redocly/cli
source "$here/folder.sh"

pack() { # folder
    redocly php "$1/client"
    checked "$1"
    package=$1
}

install() { # folder of the client, folder
    cp -R "$1" "$2/client"
    checked "$here"
    program=(php "$here/redocly.php" "$2/client")
}

client "$@"
