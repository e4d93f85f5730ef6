# What both clients in Java have in common. They need no build tool.
# shellcheck shell=bash

# Compiles, and packs the classes with one date for all of them.
jar_of() { # folder, file with the names of the sources, class path, more arguments of the compiler
    local jar=$1/prancer-auth-api-$version.jar
    java_tool javac --release 17 -encoding UTF-8 "${@:4}" -classpath "$3" -d "$1/classes" "@$2"
    (cd "$1/classes" && quiet jar --create --no-manifest --date 2021-01-01T00:00:00Z --file "$jar" $(find . -type f | sed 's|^\./||' | LC_ALL=C sort))
    package=$jar
}

# The session program, compiled strictly against the jar.
installed() { # jar, folder, program, more of the class path
    cp "$1" "$2"
    local path=$2/${1##*/}:$2${4:+:$4}
    java_tool javac --release 17 -encoding UTF-8 -Xlint:all,-path,-classfile -Werror -proc:none -classpath "$path" -d "$2" "$here/$3.java"
    program=(java "${short[@]}" -classpath "$path" "$3")
}
