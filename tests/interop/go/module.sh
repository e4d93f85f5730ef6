# What both clients in Go have in common.
# shellcheck shell=bash

module=github.com/prancer-io/prancer-auth/go

# The toolchain, which asks neither the network nor another version of itself, and counts its use in the target folder. The
# target folder may lie in a repository that git refuses to look at.
go() {
    GOPROXY=${proxy:-off} GOTOOLCHAIN=local GOSUMDB=off GOFLAGS='-modcacherw -buildvcs=false' \
        GOPATH=$work/modules GOCACHE=$root/target/interop/go-cache XDG_CONFIG_HOME=$root/target/interop/go-cache \
        "$python/go" "$@"
}

# Vets a folder of sources, and lays it out as a module proxy: `list`, `.info`, `.mod` and `.zip`.
module_proxy() { # folder with `source` in it
    local versions=$1/module-proxy/$module/@v
    printf 'module %s\n\ngo 1.23\n' "$module" > "$1/source/go.mod"
    (cd "$1/source" && quiet go vet ./...)
    mkdir -p "$versions"
    echo "v$version" > "$versions/list"
    printf '{"Version":"v%s","Time":"2021-01-01T00:00:00Z"}\n' "$version" > "$versions/v$version.info"
    cp "$1/source/go.mod" "$versions/v$version.mod"
    quiet "$python/python" "$root/tests/interop/zip.py" "$1/source" "$module@v$version" "$versions/v$version.zip"
    package=$1/module-proxy
}

# Beside the version of now the folder may have others: those that are published stay, and all are listed.
packed() { # folder
    local versions=$1/module-proxy/$module/@v info name
    for info in "$versions"/v*.info; do
        name=$(basename "$info" .info)
        [ "$name" = "v$version" ] || [ -d "$root/openapi/published/${name#v}" ] || rm "$versions/$name".{info,mod,zip}
    done
    (cd "$versions" && printf '%s\n' v*.info) | sed 's/\.info$//' | sort --version-sort > "$work/list"
    mv "$work/list" "$versions/list"
}

# A fresh module that gets the packed one, with the session program.
installed() { # module proxy, folder, folder of the program
    local proxy=file://$1
    rm -rf "$work/modules"
    cp "$here/$3/main.go" "$2"
    (cd "$2" && quiet go mod init program && quiet go get "$module@v$version" && quiet go vet . && quiet go build -o session .)
    program=("$2/session")
}
