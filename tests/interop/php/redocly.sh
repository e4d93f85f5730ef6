#!/usr/bin/env bash
# PHP by Redocly: an archive that Composer installs.
source "$(dirname "$0")/../client.sh"
generator=@redocly/cli
source "$here/folder.sh"

composer() {
    COMPOSER_ALLOW_SUPERUSER=1 COMPOSER_HOME=$work/composer COMPOSER_DISABLE_NETWORK=1 command composer --no-interaction "$@"
}

generate() { # folder
    redocly php "$1/client"
    # The header tells the portal what generated the client.
    sed -i '/X-Redocly-Client/d; /string \$clientHeader/d' "$1/client.php"
    cp "$here"/package/* "$root/LICENSE-APACHE" "$root/LICENSE-MIT" "$1"
}

pack() { # folder
    mkdir "$1/source"
    generate "$1/source"
    sed -i "s/\"version\": \"0.0.0\"/\"version\": \"$version\"/" "$1/source/composer.json"
    checked "$1/source"
    (cd "$1/source" && quiet composer validate --strict --no-check-version)
    package=$1/prancer-auth-api-$version.zip
    quiet "$python/python" "$root/tests/interop/zip.py" "$1/source" auth-api "$package"
}

install() { # archive, folder
    mkdir "$2/archives"
    cp "$1" "$2/archives"
    jq --null-input --arg version "$version" '{ repositories: [{ type: "artifact", url: "archives" }, { "packagist.org": false }],
        require: { "prancer/auth-api": $version } }' > "$2/composer.json"
    (cd "$2" && quiet composer install)
    checked "$here"
    program=(php "$here/redocly.php" "$2/vendor")
    readme "$here/package/README.md" php > "$2/readme.php"
    as_written=(bash -c 'cd "$0" && php readme.php' "$2")
}

sample() { # file
    cp "$1" "$work/program/sample.php"
    sampled=(bash -c 'cd "$0" && php -d error_reporting=-1 sample.php' "$work/program")
}

client "$@"
