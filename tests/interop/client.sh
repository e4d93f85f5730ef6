# What the clients of all languages have in common; each script beside a session program sources it.
#
#   tests/interop/python/openapi_python_client.sh                 generates, compiles strictly, packs, installs, runs a session
#   tests/interop/python/openapi_python_client.sh session WHEEL   installs that package and runs a session
#   tests/interop/python/openapi_python_client.sh pack FOLDER     leaves the package in FOLDER
#   tests/interop/python/openapi_python_client.sh generate DOCUMENT FOLDER   leaves there what programs may use of the package
#
# The tools come from `cargo xtask setup`.
# shellcheck shell=bash
source "$(dirname "${BASH_SOURCE[0]}")/../portal.sh"

here=$(cd "$(dirname "$0")" && pwd)
# The document that is to be taken in place of that of the workspace.
[ "${1:-}" != generate ] || document=$2
version=$(sed -n '/^info:/,/^[^ ]*:$/ s/^  version: *//p' "$document")
work=$root/target/interop/$(basename "$here")-$(basename "$0" .sh)
checks=$root/tests/interop/session.txt

# A tool with the version that the lock files name.
locked() { # package
    sed -n "s|^$1==|$1 |p; s|^ *\"$1\": \"\(.*\)\",*$|$1 \1|p" \
        "$root"/xtask/tools/{node,redocly}/package.json "$root/xtask/tools/python/requirements.in"
}

# A Java that ends before better code would pay, and reads the classes that it loaded the first time as they lay in memory then. It says
# nothing of those that it cannot keep.
short=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable)
kept() { # file of the classes
    if [ -e "$1" ]; then echo "-XX:SharedArchiveFile=$1"; else echo "-XX:ArchiveClassesAtExit=$1.$$"; fi
}
keep() { # file of the classes
    [ ! -e "$1.$$" ] || mv "$1.$$" "$1"
}
java_tool() {
    # Beside the other tools, and made anew with them.
    local classes=$tools/python/${1##*/}.jsa
    JAVA_TOOL_OPTIONS="${short[*]} $(kept "$classes")" quiet "$@"
    keep "$classes"
}

# Generates by openapi-generator, which has all languages.
openapi_generator() { # generator, folder, properties
    java_tool "$python/python" "$python/openapi-generator-cli" generate --generator-name "$1" --input-spec "$document" --output "$2" \
        --additional-properties "hideGenerationTimestamp=true,$3"
}

# Generates by Redocly, in one file; it takes a TypeScript file's name, and gives it the language's own ending.
redocly() { # generator, file without its ending, more arguments
    quiet "$tools/redocly/node_modules/.bin/redocly" generate-client "$document" --generator "$1" --output "$2.ts" "${@:3}"
}

# The paths whose success hands out tokens, in quotes.
hands_out() {
    local json=$document
    [[ $json == *.json ]] || json=$described
    jq --raw-output '[.paths | to_entries[]
        | select(any(.value[] | objects | .responses["200"].content["application/json"].schema["$ref"] // ""; endswith("/TokenEnvelope")))
        | .key | tojson] | join(", ")' "$json"
}

# A session of the program in `program` with the portal in `portal`: every check in its place, and no secret shown.
session() {
    local said good=yes
    said=$(PRANCER_PORTAL=$portal "${program[@]}" 2> "$work/problem") || good=no
    case $said$(cat "$work/problem") in
        *eyJ* | *"$PRANCER_PASSWORD"*) fail "with $portal: the session program shows a secret" ;;
    esac
    [ "$good" = yes ] && [ "$said" = "$(cat "$checks")" ] || fail "with $portal the session program said:
$said
$(cat "$work/problem")"
}

# The program of a package's README: its first block of this language.
readme() { # file, language
    sed -n "/^\`\`\`$2\$/,/^\`\`\`\$/p" "$1" | sed '1d; /^```$/,$d'
}

# Runs the README's program as it is written, where the package has one: login, a call, a renewal, logout.
run_readme() {
    local said
    [ ${#as_written[@]} -gt 0 ] || return 0
    said=$(PRANCER_PORTAL=$portal "${as_written[@]}" 2>&1) || true
    [ "$said" = '200
User logged out successfully!' ] || fail "with $portal the README's program said:
$said"
}
as_written=()

# Runs the samples that the reference page shows of this client, each with a session of its own: what is called is in `sampled`.
run_samples() {
    local sample tokens said
    quiet node "$root/openapi/samples.mjs" "$described" \
        "$(basename "$here")/$(basename "$0" .sh)" "$(fresh "$work/samples")"
    start_portal
    for sample in "$work"/samples/*; do
        [ -e "$sample" ] || fail "there is no sample of this client in openapi/samples.mjs"
        tokens=$(jq --null-input '{ email: env.PRANCER_EMAIL, password: env.PRANCER_PASSWORD, customer_id: env.PRANCER_CUSTOMER_ID }' |
            curl --silent --show-error --fail --header content-type:application/json --data @- "$portal/api/login/")
        sample "$sample"
        said=$(PRANCER_PORTAL=$portal PRANCER_ACCESS_TOKEN=$(jq --raw-output .data.token <<< "$tokens") \
            PRANCER_REFRESH_TOKEN=$(jq --raw-output .data.refresh_token <<< "$tokens") "${sampled[@]}" 2>&1) || true
        [ "$said" = 200 ] || fail "the sample $(basename "$sample") said: $said"
        samples=$((samples + 1))
    done
}
samples=0

# The same program, unchanged, with the gateway of `prancer-auth proxy` in the portal's place: across an expiry and a revocation of the
# gateway's tokens every call succeeds, by one refresh and, since the revocation ends both tokens, one login.
through_gateway() {
    local home=$work/home log=$work/gateway.log commands gateway answer
    rm -rf "$home" "$work/commands"
    mkdir "$home"
    mkfifo "$work/commands"
    exec {commands}<> "$work/commands"
    start_portal --commands < "$work/commands"
    command=(env "HOME=$home" PRANCER_STORE=file "$binaries/prancer-auth")
    quiet "${command[@]}" login --portal "$portal"
    exec {gateway}< <(exec "${command[@]}" proxy --debug 2> "$log")
    processes+=($!)
    read -r portal <&"$gateway"
    session
    echo 'advance 8d' >&"$commands"
    read -r answer <&"$output"
    session
    session
    quiet "${command[@]}" api POST logout/
    session
    [ "$(grep --count 'renewed the access token' "$log")" = 1 ] || fail "the portal saw more than one refresh: $answer"
    [ "$(grep --count 'INFO.*logged in' "$log")" = 1 ] || fail "no login after the revocation"
}

# The README's program meets what no document describes, at each of the three calls: it shows no secret, asks once, follows nowhere, and
# takes nothing for a logout.
run_hostile() {
    [ ${#as_written[@]} -gt 0 ] || return 0
    local log=$work/hostile kind said asked
    : > "$log"
    "$python/python" "$root/tests/interop/hostile.py" > "$log" &
    processes+=($!)
    until portal=$(head -n 1 "$log") && [ -n "$portal" ]; do sleep 0.1; done
    for kind in {redirect,html,odd,unknown,retry,lacking}{,-refresh} {redirect,html,odd,unknown,retry}-logout; do
        said=$(PRANCER_PORTAL=$portal/$kind "${as_written[@]}" 2>&1) || true
        case $said in
            *"$PRANCER_PASSWORD"* | *eyJ* | *"logged out"*) fail "answered by $kind the README's program shows a secret, or ends well" ;;
        esac
        asked=$(grep -c "^/$kind/" "$log") || true
        [ "$asked" = 1 ] && ! grep -q ^/gone "$log" || fail "answered by $kind the README's program asked $asked times: $(cat "$log")"
    done
}

# Sessions with portals that answer as in 2021 and as in 2022, with a tenant and without.
sessions() {
    local shape
    built
    for shape in 2021 2022; do
        start_portal --shape "$shape"
        session
        start_portal --shape "$shape" --tenant prancer-customer1
        portal=$portal/prancer-customer1
        session
        run_readme
    done
    run_hostile
    [ "$(type -t sample)" != function ] || run_samples
    through_gateway
    echo "8 sessions, 4 of them through the gateway, $((8 * $(wc -l < "$checks"))) checks, $samples samples, $(locked "$generator")"
}

# What a script does once it has said how: `pack FOLDER` leaves the package's name in `package`, `install PACKAGE FOLDER`
# the command of the session in `program`; `sample FILE` that of a sample in `sampled`.
client() {
    case ${1:-session} in
        pack)
            # A folder of its own, for a session may be at the other one.
            pack "$(fresh "$work/client-$$")"
            mkdir -p "$2"
            cp -R "$package" "$2"
            [ "$(type -t packed)" != function ] || packed "$2"
            rm -rf "$work/client-$$"
            ;;
        generate) generate "$3" ;;
        session)
            package=${2:-}
            [ -n "$package" ] || pack "$(fresh "$work/client")"
            install "$package" "$(fresh "$work/program")"
            sessions
            ;;
        *) fail "$(sed -n '3,6s/^# *//p' "${BASH_SOURCE[0]}")" ;;
    esac
}
