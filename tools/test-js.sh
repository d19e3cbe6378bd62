#!/bin/sh
# The JavaScript tests, by Node's own runner. The files are named one by one because what
# `node --test` does with a directory differs between its versions.
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/.venv/bin:$PATH" # Node may have been installed there
files=$(find tests/js -name '*.test.js' 2>/dev/null | sort)
if [ -z "$files" ]; then
    echo "No JavaScript tests."
    exit 0
fi
# shellcheck disable=SC2086  # one word per file; the tree has no file names with spaces
exec node --test $files
