#!/usr/bin/env bash
# TypeScript by openapi-generator: an npm tarball, compiled as a CommonJS and as an ECMAScript module.
source "$(dirname "$0")/../client.sh"
generator=openapi-generator-cli
source "$here/tarball.sh"

pack() { # folder
    openapi_generator typescript-fetch "$1" "npmName=@prancer/auth-api,npmVersion=$version,supportsES6=true"
    # What is declared is the same for both.
    (cd "$1" && quiet "$compilers/.bin/tsc" --strict --skipDefaultLibCheck && quiet "$compilers/.bin/tsc" --strict --skipLibCheck --project tsconfig.esm.json)
    tarball "$1"
}

install() { # tarball, folder
    installed "$1" "$2" openapi_generator
}

client "$@"
