#!/bin/sh
# Unpack Debian's asterisk and all it needs into a folder, for tests/interop/test_asterisk.py:
#   tools/asterisk-root.sh FOLDER [sid | bullseye] [MIRROR]
#   ASTERISK_ROOT=FOLDER make test ARGS="-m asterisk"
# Debian 12 and 13 have no asterisk package; 11 (bullseye) has 16, sid 22. Needs debootstrap and, for
# that, root; what it leaves in the folder is run by any user and is deleted with it.
set -eu
[ $# -ge 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$1
suite=${2:-sid}
mirror=${3:-http://deb.debian.org/debian}

fetched=$(mktemp -d)
trap 'rm -rf "$fetched"' EXIT
debootstrap --variant=minbase --download-only --include=asterisk "$suite" "$fetched" "$mirror"
# Only what asterisk itself is linked with or reads: no system is set up and no script is run.
mkdir -p "$root"/usr/bin "$root"/usr/sbin "$root"/usr/lib "$root"/usr/lib64
for each in bin sbin lib lib64; do
    [ -e "$root/$each" ] || ln -s "usr/$each" "$root/$each"
done
for package in "$fetched"/var/cache/apt/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -C "$root" --keep-directory-symlink -xf - ./usr ./lib ./etc 2>/dev/null || true
done
loader=$(find "$root"/usr/lib/*/ -maxdepth 1 -name 'ld-linux-*' | head -n 1)
"$loader" --library-path "$(dirname "$loader"):$root/usr/lib" "$root/usr/sbin/asterisk" -V
