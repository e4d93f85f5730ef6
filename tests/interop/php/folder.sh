# What both clients in PHP have in common: PHP takes every file, and has nothing to say of it.
# shellcheck shell=bash

checked() { # folder
    local file said
    while read -r file; do
        # It ends well whatever it warns of.
        said=$(php -d error_reporting=-1 -d display_errors=1 -d log_errors=0 -l "$file" 2>&1)
        [[ $said == 'No syntax errors'* ]] || {
            echo "$said" >&2
            return 1
        }
    done < <(find "$1" -name '*.php')
}
