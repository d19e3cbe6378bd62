#!/bin/sh
# Everything that judges the source without running the product. Shows all failures, not the first.
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/.venv/bin:$PATH" # Node may have been installed there
failed=""
judge() {
    echo "== $*"
    "$@" || failed="$failed\n  $*"
}
judge .venv/bin/ruff check .
judge .venv/bin/ruff format --check .
judge .venv/bin/mypy
judge .venv/bin/lint-imports
judge tools/test-js.sh
if [ -n "$failed" ]; then
    printf "FAILED:%b\n" "$failed" >&2
    exit 1
fi
echo "All checks passed."
