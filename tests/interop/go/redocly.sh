#!/usr/bin/env bash
# Go by Redocly: a module, got from a module proxy that is a folder.
source "$(dirname "$0")/../client.sh"
generator=@redocly/cli
source "$here/module.sh"

pack() { # folder
    mkdir "$1/source"
    redocly go "$1/source/client" --go-package prancerauth
    module_proxy "$1"
}

install() { # module proxy, folder
    installed "$1" "$2" redocly
}

client "$@"
