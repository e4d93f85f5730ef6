#!/usr/bin/env bash
# Packs the crates that are published, then builds and tests the archives alone, with all features and with each: they do not know the
# workspace, and find only each other. Arguments go to `cargo package`.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
alone=$CARGO_TARGET_DIR/package/alone new=$CARGO_TARGET_DIR/package/new
metadata=$(cargo metadata --format-version 1 --no-deps --locked)
readarray -t crates < <(jq -r '.packages[] | select(.publish == null) | .name + " " + .version' <<< "$metadata")

rm -rf "$new"
mkdir -p "$alone" "$new"/reader/{src,examples}
names=("${crates[@]% *}")
# Whether the versions are free is asked by `cargo publish`; to ask for each crate takes longer than to pack it.
cargo fetch --locked --quiet
cargo package --locked --offline --quiet --no-verify "$@" "${names[@]/#/--package=}" >&2

printf '[workspace]\nresolver = "3"\nmembers = ["*"]\n\n[patch.crates-io]\n' > "$new/Cargo.toml"
for crate in "${crates[@]}"; do
    archive=${crate/ /-}
    tar --extract --file "$CARGO_TARGET_DIR/package/$archive.crate" --directory "$new"
    for file in Cargo.toml LICENSE-APACHE LICENSE-MIT README.md; do
        [ -f "$new/$archive/$file" ] || { echo "$archive has no $file" >&2; exit 1; }
    done
    echo "${crate% *} = { path = \"$archive\" }" >> "$new/Cargo.toml"
done
# With the profile, the lock and the target folder of the workspace, and with the features that all of its crates ask for: so nothing of
# what others wrote is compiled again.
sed -n '/^\[profile\.dev\]/,$p' Cargo.toml >> "$new/Cargo.toml"
cp Cargo.lock "$new"
like=()
for kind in normal dev build; do
    for crate in $(jq -r --arg kind "$kind" '.packages[] | select(any(.dependencies[]; .path == null and (.kind // "normal") == $kind)).name' <<< "$metadata"); do
        package=like-$crate-$kind
        like+=("--package=$package")
        mkdir -p "$new/$package/src"
        touch "$new/$package/src/lib.rs"
        [ "$kind" != build ] || echo 'fn main() {}' > "$new/$package/build.rs"
        jq -r --arg name "$crate" --arg kind "$kind" '.packages[] | select(.name == $name)
            | "[package]\nname = \"like-\(.name)-\($kind)\"\nversion = \"0.0.0\"\nedition = \"2024\"",
            "[lib]\ntest = false\ndoctest = false",
            (.dependencies[] | select(.path == null and (.kind // "normal") == $kind)
                | "[\(if .target then "target.\u0027\(.target)\u0027." else "" end)\({build: "build-"}[$kind] // "")dependencies.\(.name)]",
                "version = \"\(.req)\"\ndefault-features = \(.uses_default_features)\nfeatures = \(.features)")' \
            <<< "$metadata" > "$new/$package/Cargo.toml"
    done
done

# A crate of somebody else, who has the READMEs and the examples, and the dependencies that these name.
cp xtask/tools/reader.toml "$new/reader/Cargo.toml"
cp "$new"/prancer-auth*/examples/*.rs "$new/reader/examples"
count=0
for readme in "$PWD/README.md" "$new"/prancer-auth*/README.md; do
    echo "#[doc = include_str!(\"${readme/#$new/$alone}\")] mod readme_$((count += 1)) {}"
done > "$new/reader/src/lib.rs"

# What did not change is as old as it was, and is not compiled again; what did is as new as this run, for archives tell no time.
(cd "$alone" && find . -type f) | while read -r file; do
    [ -e "$new/$file" ] || rm "$alone/$file"
done
(cd "$new" && find . -type f) | while read -r file; do
    cmp --quiet "$new/$file" "$alone/$file" || install -D --mode 644 "$new/$file" "$alone/$file"
done
find "$alone" -type d -empty -delete
rm -rf "$new"

cd "$alone"
said=$(cargo test --workspace 2>&1) || { echo "$said" >&2; exit 1; }
tests=$(awk '/^test result: ok/ { passed += $4 } END { print passed + 0 }' <<< "$said")

clippy() { # what is chosen
    cargo clippy --quiet "${like[@]}" --package prancer-auth-client --no-default-features --features prancer-auth-client/rustls "$@" -- -D warnings
}
# The session with none of its features and with each, of which the TLS are tried by others, and all of them were tried above.
readarray -t features < <(jq -r '.packages[] | select(.name == "prancer-auth") | .features | del(.default, .rustls, ."native-tls") | keys[]' <<< "$metadata")
clippy --package prancer-auth
for feature in "${features[@]}"; do
    clippy --package prancer-auth --features "prancer-auth/$feature"
done
# The client alone has a test of what it is without TLS.
said=$(cargo test --quiet "${like[@]}" --package prancer-auth-client --no-default-features --lib 2>&1) || { echo "$said" >&2; exit 1; }
# What stands on it, without its extras.
clippy --package prancer-auth-emulator --package prancer-auth-cli --features prancer-auth-cli/rustls
echo "${#crates[@]} archives, $tests tests with doctests, ${#features[@]} features alone"
