#!/usr/bin/env bash
# Makes a Debian package of the command in target/debian, with its manual and completions.
#
#   xtask/tools/dist.sh           of a release
#   xtask/tools/dist.sh BINARY    of what is built already, as CI does
set -euo pipefail
cd "$(dirname "$0")/../.."
binary=${1:-}
if [ -z "$binary" ]; then
    cargo build --locked --release --package prancer-auth-cli
    binary=${CARGO_TARGET_DIR:-target}/release/prancer-auth
fi
tree=target/debian/tree share=target/debian/tree/usr/share
rm -rf target/debian
mkdir -p "$tree/DEBIAN" $share/{man/man1,bash-completion/completions,zsh/vendor-completions,fish/vendor_completions.d,doc/prancer-auth}
install -D --strip "$binary" "$tree/usr/bin/prancer-auth"
"$binary" man $share/man/man1
gzip --best --no-name $share/man/man1/*
"$binary" completions bash > $share/bash-completion/completions/prancer-auth
"$binary" completions zsh > $share/zsh/vendor-completions/_prancer-auth
"$binary" completions fish > $share/fish/vendor_completions.d/prancer-auth.fish
cat LICENSE-MIT LICENSE-APACHE > $share/doc/prancer-auth/copyright
cp crates/prancer-auth-cli/README.md $share/doc/prancer-auth

version=$("$binary" --version) libc=$(objdump -T "$tree/usr/bin/prancer-auth" | grep -o 'GLIBC_[0-9.]*' | sort --version-sort | tail -n 1)
cat > "$tree/DEBIAN/control" << END
Package: prancer-auth
Version: ${version##* }-1
Architecture: $(dpkg --print-architecture)
Maintainer: the developers of prancer-auth
Section: utils
Priority: optional
Depends: libc6 (>= ${libc#GLIBC_}), libgcc-s1
Homepage: $(sed -n 's/^homepage = "\(.*\)"/\1/p' Cargo.toml)
Description: $(sed -n 's/^description = "\(.*\)"/\1/p' crates/prancer-auth-cli/Cargo.toml)
END
chmod -R u=rwX,go=rX target/debian
dpkg-deb --root-owner-group -Zgzip --build "$tree" target/debian
rm -r "$tree"
