#!/usr/bin/env bash
# Go by Redocly: a module, got from a module proxy that is a folder.
source "$(dirname "$0")/../client.sh"
generator=@redocly/cli
source "$here/module.sh"

generate() { # folder
    redocly go "$1/client" --go-package prancerauth
    cp "$here/package/portal.go" "$here/package/README.md" "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$1"
    sed -i "s|^var handsOut = .*|var handsOut = []string{$(hands_out)}|" "$1/portal.go"
}

pack() { # folder
    mkdir "$1/source"
    generate "$1/source"
    module_proxy "$1"
}

install() { # module proxy, folder
    installed "$1" "$2" redocly
    mkdir "$2/readme"
    readme "$here/package/README.md" go > "$2/readme/main.go"
    (cd "$2" && quiet go vet ./readme && quiet go build -o as-written ./readme)
    as_written=("$2/as-written")
}

sample() { # file
    local folder=$work/program/sample
    cp "$1" "$(fresh "$folder")/main.go"
    (cd "$work/program" && quiet go vet ./sample && quiet go build -o sampled ./sample)
    sampled=("$work/program/sampled")
}

client "$@"
