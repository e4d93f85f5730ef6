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
    java_tool javac --release 17 -Xlint:all,-path,-classfile -Werror -proc:none -classpath "${program[-2]}" -d "$2" "$2/Program.java"
    as_written=(java "${short[@]}" -classpath "${program[-2]}" Program)
}

sample() { # file
    java_tool javac --release 17 -Xlint:all,-path,-classfile -Werror -proc:none -classpath "${program[-2]}" -d "$work/program" "$1"
    sampled=(java "${short[@]}" -classpath "${program[-2]}" "$(basename "$1" .java)")
}

client "$@"
