#!/usr/bin/env bash
# Python by openapi-python-client: a wheel, in a virtual environment of its own.
source "$(dirname "$0")/../client.sh"
generator=openapi-python-client
source "$here/wheel.sh"

pack() { # folder
    # It formats what it made by the `ruff` that it finds.
    PATH=$python:$PATH RUFF_NO_CACHE=true quiet "$python/openapi-python-client" generate --path "$document" \
        --config "$here/openapi-python-client.yaml" --meta uv --fail-on-warning --output-path "$1" --overwrite
    wheel "$1"
}

install() { # wheel, folder
    installed "$1" "$2" "$here/openapi_python_client.py"
}

client "$@"
