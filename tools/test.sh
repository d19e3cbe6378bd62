#!/bin/sh
# The JavaScript tests, then pytest, whose closing line comes last. Fails when either failed.
# Any argument goes to pytest, and then only pytest runs.
cd "$(dirname "$0")/.." || exit 1
PATH="$PWD/.venv/bin:$PATH" # Node may have been installed there

javascript=0
if [ $# -eq 0 ]; then
    tools/test-js.sh || javascript=$?
fi

# What is compiled is kept, whatever this machine's habit: each part a test starts would do it anew.
unset PYTHONDONTWRITEBYTECODE

# Three at a time on two cores, a file to a worker: much of the suite waits for telephones to ring.
.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder "$@" || exit $?
if [ "$javascript" -ne 0 ]; then
    echo "FAILED: the JavaScript tests above" >&2
fi
exit "$javascript"
