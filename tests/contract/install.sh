#!/usr/bin/env bash
# The lines of `openapi/README.md` that install the published packages, as they are written, where there is no network.
source "$(dirname "$0")/../portal.sh"
work=$(fresh "$root/target/contract/install")
export CHECKOUT=$root
[ -e "$root/target/publish/go" ] || fail "there are no packages in target/publish; make them with: cargo xtask publish"

# What stands in for what a line would ask the network for: packages that these depend on, and which are among the tools.
pip() {
    "$python/uv" pip "$@" --python "$work/Python/venv/bin/python" --constraint "$work/constraints.txt"
}
npm() {
    command npm "$@" --offline --install-links --no-audit --no-fund --no-update-notifier "$node/openapi-fetch" "$node/openapi-typescript-helpers"
}
go() {
    GOTOOLCHAIN=local GOFLAGS='-modcacherw -buildvcs=false' GOPATH=$work/Go/modules GOCACHE=$root/target/interop/go-cache \
        XDG_CONFIG_HOME=$root/target/interop/go-cache "$python/go" "$@"
}
javac() {
    local jackson
    jackson=$("$python/python" -c 'import openapi_generator_cli as it; print(it.__path__[0])')/openapi-generator.jar
    command javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC "$1" "$2:$jackson:/usr/share/java/jakarta-annotation-api.jar" "${@:3}"
}
composer() {
    COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=$work/composer COMPOSER_DISABLE_NETWORK=1 command composer --no-interaction "$@"
}

# The line of a language, in a folder of its own that `prepare` has made; then `prove`.
installs() { # language, prepare, prove
    local line
    line=$(sed -n "s/^| $1 |[^|]*| \`\([^|\`]*\)\`.*/\1/p" "$root/openapi/README.md")
    [ -n "$line" ] || fail "openapi/README.md has no line for $1"
    mkdir "$work/$1"
    cd "$work/$1"
    eval "$2"
    quiet eval "$line"
    quiet eval "$3"
}

# Without its hashes, which would have to hold for the package too.
sed -n 's/^\([^ ]*==[^ ]*\).*/\1/p' "$root/xtask/tools/python/requirements.txt" > "$work/constraints.txt"
installs Python '"$python/uv" venv --quiet --python "$python/python" venv' 'venv/bin/python -c "import prancer_auth_api.portal"'
installs TypeScript 'echo "{ \"private\": true, \"type\": \"module\" }" > package.json' \
    'node --input-type=module --eval "import \"@prancer/auth-api\""'
installs Go 'quiet go mod init program' 'go list github.com/prancer-io/prancer-auth/go'
installs Java 'sed -n "/^\`\`\`java/,/^\`\`\`$/p" "$root/tests/interop/java/package/README.md" | sed "1d; \$d" > Program.java' 'test -e Program.class'
installs PHP 'echo "{ \"repositories\": { \"packagist.org\": false } }" > composer.json' \
    'php -r "require \"vendor/autoload.php\"; new PrancerAuthenticationApi\\Portal(\"\");"'
installs Rust 'mkdir src && echo "fn main() {}" > src/main.rs && printf "[package]\nname = \"program\"\nedition = \"2024\"\n\n[workspace]\n" > Cargo.toml &&
    cp "$root/Cargo.lock" .' 'cargo tree --offline --invert prancer-auth'
echo "6 lines"
