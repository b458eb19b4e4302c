#!/bin/sh
# Makes a built site ready for nginx: prepare.sh SITE HEADERS
# Compresses the files of the folder SITE, and writes the site's own headers to the file HEADERS.
set -eu

# nginx takes quoted text with backslashes for escapes and dollar signs for variables.
if grep -q '^  .*["\\$]' "$1/_headers"; then
    echo "$1/_headers holds a character that nginx would read in its own way" >&2
    exit 1
fi
sed -n 's/^  \([A-Za-z-]*\): \(.*\)$/add_header \1 "\2" always;/p' "$1/_headers" >"$2"

# What is compressed already, or fits into one packet, stays as it is. Without a name and a time
# (-n) the same file always gives the same bytes.
find "$1" -type f -size +1023c \
    \( -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.json' -o -name '*.map' \
    -o -name '*.md' -o -name '*.py' -o -name '*.svg' -o -name '*.toml' -o -name '*.txt' \
    -o -name '*.xml' \) -exec gzip -9 -k -n -f {} +
