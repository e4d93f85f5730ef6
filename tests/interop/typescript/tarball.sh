# What both clients in TypeScript have in common.
# shellcheck shell=bash

npm() {
    command npm "$@" --no-update-notifier --loglevel=error
}

# Compiles the files of a folder as `tsconfig.json` says.
compile() { # folder, more arguments
    sed 's|^{|{ "include": ["*.ts"],|' "$here/tsconfig.json" > "$1/strict.json"
    (cd "$1" && quiet "$compilers/.bin/tsc" --project strict.json "${@:2}")
    rm "$1/strict.json"
}

# Packs a folder as npm does: the dates in the tarball are npm's own, always the same; the modes are those of the files.
tarball() { # folder
    chmod -R u=rwX,go=rX "$1"
    (cd "$1" && quiet npm pack --ignore-scripts)
    package=$(echo "$1"/*.tgz)
}

# A fresh package that depends on the tarball, with the session program, and what else is there, compiled in it: here all that the
# package declares is checked too. Nothing is asked of a registry: what the package depends on is among the tools.
installed() { # tarball, folder, program without its ending, more packages of the tools
    echo '{ "name": "program", "private": true, "type": "module" }' > "$2/package.json"
    (cd "$2" && quiet npm install --offline --install-links --no-audit --no-fund \
        "$1" "$node/@types/node" "$node/undici-types" "${@:4}")
    cp "$here/$3.ts" "$2"
    compile "$2"
    program=(node "$2/$3.js")
}
