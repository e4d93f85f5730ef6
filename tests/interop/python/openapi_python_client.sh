#!/usr/bin/env bash
# Python by openapi-python-client: a wheel, in a virtual environment of its own.
source "$(dirname "$0")/../client.sh"
generator=openapi-python-client
source "$here/wheel.sh"

generate() { # folder
    # It formats what it made by the `ruff` that it finds.
    PATH=$python:$PATH RUFF_NO_CACHE=true quiet "$python/openapi-python-client" generate --path "$document" \
        --config "$here/openapi-python-client.yaml" --custom-template-path "$here/package" --meta uv --fail-on-warning --output-path "$1" --overwrite
    quiet "$python/python" "$here/package.py" "$1"
}

pack() { # folder
    generate "$1"
    wheel "$1"
}

install() { # wheel, folder
    installed "$1" "$2" "$here/openapi_python_client.py"
    readme "$here/package/README.md" python > "$2/readme.py"
    quiet "$python/mypy" --strict --cache-dir "$2/mypy" --python-executable "$2/venv/bin/python" "$2/readme.py"
    as_written=("$2/venv/bin/python" "$2/readme.py")
}

sample() { # file
    quiet "$python/mypy" --strict --cache-dir "$work/program/mypy" --python-executable "$work/program/venv/bin/python" "$1"
    quiet "$python/ruff" check --no-cache "$1"
    sampled=("$work/program/venv/bin/python" "$1")
}

client "$@"
