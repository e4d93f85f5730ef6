#!/usr/bin/env bash
# Go by openapi-generator: a module, got from a module proxy that is a folder.
source "$(dirname "$0")/../client.sh"
generator=openapi-generator-cli
source "$here/module.sh"

pack() { # folder
    # Without the second property, one new member of an answer would break the login.
    openapi_generator go "$1/generated" packageName=prancerauth,disallowAdditionalPropertiesIfNotPresent=false,withGoMod=false
    mkdir "$1/source"
    cp "$1"/generated/*.go "$1/source"
    module_proxy "$1"
}

install() { # module proxy, folder
    installed "$1" "$2" openapi_generator
}

client "$@"
