#!/usr/bin/env bash
# Ruby by openapi-generator, from the published edition: a gem, and Debian's Typhoeus. Nothing was prepared for it.
source "$(dirname "$0")/../client.sh"
generator=openapi-generator-cli
document=$root/openapi/published/$version/prancer-auth.yaml
# Before a version is published, the document itself.
[ -e "$document" ] || document=$root/openapi/prancer-auth.yaml

pack() { # folder
    openapi_generator ruby "$1" "gemName=prancer_auth_api,moduleName=PrancerAuthApi,gemVersion=$version"
    # Its option takes one licence.
    sed -i "s/s\.license .*/s.licenses = ['MIT', 'Apache-2.0']/" "$1/prancer_auth_api.gemspec"
    (cd "$1" && quiet gem build --strict --output prancer_auth_api.gem prancer_auth_api.gemspec)
    package=$1/prancer_auth_api.gem
}

install() { # gem, folder
    quiet gem install --local --ignore-dependencies --no-document --install-dir "$2/gems" "$1"
    quiet ruby -wc "$here/openapi_generator.rb"
    program=(env "GEM_PATH=$2/gems:$(gem env gempath)" ruby "$here/openapi_generator.rb")
}

client "$@"
