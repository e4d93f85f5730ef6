#!/usr/bin/env bash
# PHP by openapi-generator: a folder that a program loads, and Debian's Guzzle.
source "$(dirname "$0")/../client.sh"
generator=openapi-generator-cli
source "$here/folder.sh"

pack() { # folder
    openapi_generator php "$1" 'invokerPackage=Prancer\Auth'
    checked "$1/lib"
    package=$1
}

install() { # folder of the client, folder
    cp -R "$1" "$2/client"
    checked "$here"
    program=(php "$here/openapi_generator.php" "$2/client")
}

client "$@"
