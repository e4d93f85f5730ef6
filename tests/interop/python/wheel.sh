# What both clients in Python have in common.
# shellcheck shell=bash

# Builds the wheel of a project, with nothing but the locked tools, always the same bytes.
wheel() { # project
    PATH=$python:$PATH SOURCE_DATE_EPOCH=1609459200 quiet "$python/uv" build --wheel --offline --no-build-isolation \
        --python "$python/python" --out-dir "$1/dist" "$1"
    package=$(echo "$1"/dist/*.whl)
    quiet "$python/twine" check --strict "$package"
}

# A virtual environment with the wheel, in which the session program passes the strictest type check.
installed() { # wheel, folder, program
    quiet "$python/uv" venv --quiet --python "$python/python" "$2/venv"
    # The versions of the lock, without its hashes, which would have to hold for the wheel itself too.
    sed -n 's/^\([^ ]*==[^ ]*\).*/\1/p' "$root/xtask/tools/python/requirements.txt" > "$2/constraints.txt"
    quiet "$python/uv" pip install --quiet --python "$2/venv/bin/python" --constraint "$2/constraints.txt" "$1"
    quiet "$2/venv/bin/python" -m compileall -q "$2/venv/lib"
    quiet "$python/mypy" --strict --cache-dir "$2/mypy" --python-executable "$2/venv/bin/python" "$3"
    program=("$2/venv/bin/python" "$3")
}
