#!/usr/bin/env bash
# Installs the Debian packages that `cargo xtask test --all` needs beside Rust and a C compiler, where they are missing: as
# root, or by a sudo that asks for no password.
set -euo pipefail

# A package, and the program that does as well where one of that name is on the path.
packages='
chromium chromium
composer composer
curl curl
dbus dbus-run-session
fish fish
gnome-keyring gnome-keyring-daemon
iproute2 ip
jq jq
libjakarta-annotation-api-java
libsecret-tools secret-tool
libssl-dev
man-db man
nodejs node
npm npm
openjdk-17-jdk-headless javac
php-cli php
php-curl
php-guzzlehttp-guzzle
php-mbstring
php-zip
pkg-config pkg-config
python3 python3
redis-server redis-server
ruby ruby
ruby-typhoeus
socat socat
zsh zsh
'

missing=()
while read -r package program; do
    [ -n "$package" ] || continue
    if [ -n "$program" ]; then
        command -v "$program" > /dev/null || missing+=("$package")
    else
        dpkg-query --show "$package" > /dev/null 2>&1 || missing+=("$package")
    fi
done <<< "$packages"
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    as_root=(sudo -n)
    "${as_root[@]}" true 2> /dev/null || {
        echo "neither root nor a sudo without a password; install with: apt-get install ${missing[*]}" >&2
        exit 1
    }
fi
echo "installing ${missing[*]}" >&2
"${as_root[@]}" apt-get --quiet --quiet update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet --quiet --yes --no-install-recommends install "${missing[@]}"
