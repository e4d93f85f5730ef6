#!/usr/bin/env bash
# Packs the crates that are published, then builds and tests the archives alone: they do not know the workspace, and find only each other.
# Arguments go to `cargo package`.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
alone=$CARGO_TARGET_DIR/package/alone
metadata=$(cargo metadata --format-version 1 --no-deps --locked)
readarray -t crates < <(jq -r '.packages[] | select(.publish == null) | .name + " " + .version' <<< "$metadata")

rm -rf "$alone"
mkdir -p "$alone"/reader/{src,examples}
names=("${crates[@]% *}")
cargo package --locked --quiet --no-verify "$@" "${names[@]/#/--package=}" >&2

printf '[workspace]\nresolver = "3"\nmembers = ["*"]\n\n[patch.crates-io]\n' > "$alone/Cargo.toml"
for crate in "${crates[@]}"; do
    archive=${crate/ /-}
    # Archives tell no time: what they hold is as new as this run, else cargo would take what it compiled of the last ones.
    tar --extract --touch --file "$CARGO_TARGET_DIR/package/$archive.crate" --directory "$alone"
    for file in Cargo.toml LICENSE-APACHE LICENSE-MIT README.md; do
        [ -f "$alone/$archive/$file" ] || { echo "$archive has no $file" >&2; exit 1; }
    done
    echo "${crate% *} = { path = \"$archive\" }" >> "$alone/Cargo.toml"
done
# With the profile, the lock and the target folder of the workspace, and with the features that the private crates ask for: so nothing of
# what others wrote is compiled again.
sed -n '/^\[profile\.dev\]/,$p' Cargo.toml >> "$alone/Cargo.toml"
cp Cargo.lock "$alone"
for private in $(jq -r '.packages[] | select(.publish == []) | .name' <<< "$metadata"); do
    mkdir -p "$alone/like-$private/src"
    touch "$alone/like-$private/src/lib.rs"
    echo 'fn main() {}' > "$alone/like-$private/build.rs"
    jq -r --arg name "$private" '.packages[] | select(.name == $name)
        | "[package]\nname = \"like-\(.name)\"\nversion = \"0.0.0\"\nedition = \"2024\"",
        (.dependencies[] | select(.path == null)
            | "[\({dev: "dev-", build: "build-"}[.kind // ""] // "")dependencies.\(.name)]",
            "version = \"\(.req)\"\ndefault-features = \(.uses_default_features)\nfeatures = \(.features)")' \
        <<< "$metadata" > "$alone/like-$private/Cargo.toml"
done

# A crate of somebody else, who has the READMEs and the examples, and the dependencies that these name.
cp xtask/tools/reader.toml "$alone/reader/Cargo.toml"
cp "$alone"/prancer-auth*/examples/*.rs "$alone/reader/examples"
count=0
for readme in "$PWD/README.md" "$alone"/prancer-auth*/README.md; do
    echo "#[doc = include_str!(\"$readme\")] mod readme_$((count += 1)) {}"
done > "$alone/reader/src/lib.rs"

tested() { # what; prints how many tests passed
    local said
    said=$(cd "$alone" && cargo test --workspace "$1" 2>&1) || { echo "$said" >&2; exit 1; }
    awk '/^test result: ok/ { passed += $4 } END { print passed + 0 }' <<< "$said"
}
echo "${#crates[@]} archives, $(tested --all-targets) tests, $(tested --doc) doctests"
