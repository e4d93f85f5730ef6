#!/usr/bin/env bash
# TypeScript by openapi-typescript and openapi-fetch: an npm tarball, compiled with all the strictness there is.
source "$(dirname "$0")/../client.sh"
generator=openapi-typescript
source "$here/tarball.sh"

generate() { # folder
    cp "$here/package/index.ts" "$here/package/README.md" "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$1"
    quiet "$compilers/.bin/openapi-typescript" "$document" --output "$1/schema.d.ts"
    sed -i "s|^const handsOut: .*|const handsOut: (keyof paths)[] = [$(hands_out)];|" "$1/index.ts"
}

pack() { # folder
    generate "$1"
    sed "s/\"version\": \"0.0.0\"/\"version\": \"$version\"/" "$here/package/package.json" > "$1/package.json"
    # What it imports.
    ln -s "$node" "$1/node_modules"
    # What is declared, and is the same there, is checked where the package is installed.
    compile "$1" --declaration --skipLibCheck
    tarball "$1"
    # What npm's readers of packages trip over. It is an ECMAScript module alone.
    quiet "$node/.bin/publint" run "$package" --strict
    quiet "$node/.bin/attw" "$package" --profile esm-only --no-color
}

install() { # tarball, folder
    readme "$here/package/README.md" typescript > "$2/readme.ts"
    installed "$1" "$2" openapi_fetch "$node/openapi-fetch" "$node/openapi-typescript-helpers"
    as_written=(node "$2/readme.js")
}

sample() { # file
    local program=$work/program/${1##*/}
    # The first brings all of them, for the compiler takes seconds to start.
    [ -e "$program" ] || { cp "$work"/samples/*.ts "$work/program" && compile "$work/program" --skipLibCheck; }
    sampled=(node "${program%.ts}.js")
}

client "$@"
