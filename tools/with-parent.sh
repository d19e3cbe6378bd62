#!/bin/sh
# Run a command that is told to stop when its parent (make) is killed: no part is left behind.
# Without setpriv (util-linux) it still runs.
if command -v setpriv >/dev/null 2>&1; then
    exec setpriv --pdeathsig TERM "$@"
fi
exec "$@"
