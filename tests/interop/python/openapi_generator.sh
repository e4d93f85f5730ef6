#!/usr/bin/env bash
# Python by openapi-generator: a wheel, in a virtual environment of its own.
source "$(dirname "$0")/../client.sh"
generator=openapi-generator-cli
source "$here/wheel.sh"

pack() { # folder
    openapi_generator python "$1" "packageName=prancer_auth_api,projectName=prancer-auth-api,packageVersion=$version"
    wheel "$1"
}

install() { # wheel, folder
    installed "$1" "$2" "$here/openapi_generator.py"
}

client "$@"
