# What both clients in Java have in common. They need no build tool.
# shellcheck shell=bash

# Compiles, and packs the classes with one date for all of them.
jar_of() { # folder, file with the names of the sources, class path, more arguments of the compiler
    local jar=$1/prancer-auth-api-$version.jar
    java_tool javac --release 17 -encoding UTF-8 "${@:4}" -classpath "$3" -d "$1/classes" "@$2"
    (cd "$1/classes" && quiet jar --create --no-manifest --date 2021-01-01T00:00:00Z --file "$jar" $(find . -type f | sed 's|^\./||' | LC_ALL=C sort))
    package=$jar
}

# Compiles strictly against jars.
strictly() { # class path, folder, files
    java_tool javac --release 17 -encoding UTF-8 -Xlint:all,-path,-classfile -Werror -proc:none -classpath "$1" -d "$2" "${@:3}"
}

# Runs a program that is a jar, for of a folder Java keeps no classes.
run_java() { # jar, class path
    local status=0
    java "${short[@]}" "$(kept "${1%.jar}.jsa")" -classpath "$1:$2" "$(basename "$1" .jar)" || status=$?
    keep "${1%.jar}.jsa"
    return "$status"
}

# A program of one file as a jar beside it.
program_of() { # class path, file
    local classes=${2%.java}
    mkdir "$classes"
    strictly "$1" "$classes" "$2"
    (cd "$classes" && quiet "$python/python" -m zipfile -c "$classes.jar" *.class)
}

# The session program, compiled against the jar.
installed() { # jar, folder, program, more of the class path
    cp "$1" "$here/$3.java" "$2"
    jars=$2/${1##*/}${4:+:$4}
    program_of "$jars" "$2/$3.java"
    program=(run_java "$2/$3.jar" "$jars")
}
