#!/usr/bin/env bash
# Java by openapi-generator: a jar that needs Jackson, which the generator's own jar holds, and Debian's annotations.
source "$(dirname "$0")/../client.sh"
generator=openapi-generator-cli
source "$here/jar.sh"

needed() {
    echo "$("$python/python" -c 'import openapi_generator_cli as it; print(it.__path__[0])')/openapi-generator.jar:/usr/share/java/jakarta-annotation-api.jar"
}

generate() { # folder
    openapi_generator java "$1" library=native,useJakartaEe=true,openApiNullable=false,invokerPackage=io.prancer.auth,apiPackage=io.prancer.auth.api,modelPackage=io.prancer.auth.model
    quiet "$python/python" "$here/package.py" "$1" "$version"
}

pack() { # folder
    generate "$1"
    find "$1/src/main/java" -type f | LC_ALL=C sort > "$1/sources"
    # Its own code has warnings.
    jar_of "$1" "$1/sources" "$(needed)" -nowarn
    java_tool javadoc -quiet -Xdoclint:all,-missing -Werror -encoding UTF-8 -classpath "$(needed)" -d "$1/javadoc" "@$1/sources"
}

install() { # jar, folder
    installed "$1" "$2" OpenApiGenerator "$(needed)"
    readme "$here/package/README.md" java > "$2/Program.java"
    program_of "$jars" "$2/Program.java"
    as_written=(run_java "$2/Program.jar" "$jars")
}

sample() { # file
    local name
    name=$(basename "$1" .java)
    # The first brings all of them.
    [ -e "$work/program/$name.class" ] || strictly "$jars" "$work/program" "$work"/samples/*.java
    sampled=(java "${short[@]}" -classpath "$jars:$work/program" "$name")
}

client "$@"
