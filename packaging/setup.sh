#!/usr/bin/env bash
# Makes .venv in the checkout: `setup.sh run` for the box, `setup.sh dev` for the tests as well.
# Safe to call again: it does nothing when the pinned requirements have not changed since.
set -euo pipefail
what=${1:-run}
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

apt_install() {
    if [ "$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null; then sudo=sudo; else
        say "Debian packages missing: $*; install them as root and call this again"; exit 1
    fi
    say "installing Debian packages: $*"
    $sudo apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >&2
}

find_python() {
    for candidate in python3.11 python3 /usr/bin/python3; do
        if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"; return
        fi
    done
}

missing=()
[ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || missing+=(fonts-dejavu-core)  # statements as PDF
if [ "$what" = dev ]; then
    command -v chromium >/dev/null || missing+=(chromium)
    [ -x /usr/sbin/mosquitto ] || missing+=(mosquitto)
    command -v gammu >/dev/null || missing+=(gammu)
fi
[ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"

# The second virtual machine of the firmware's stories. Without npm, or when it fails, their test says that it was skipped.
vm=packaging/firmware/npm
if [ "$what" = dev ] && command -v npm >/dev/null && ! cmp -s "$vm/package-lock.json" "$vm/node_modules/.installed"; then
    say "installing MicroPython for WebAssembly"
    if npm ci --prefix "$vm" --ignore-scripts --no-audit --no-fund >/dev/null 2>&1; then
        cp "$vm/package-lock.json" "$vm/node_modules/.installed"
    else
        say "it could not be installed; its test will be skipped"
    fi
fi

stamp=".venv/.stamp-$what"
want=$(sha256sum pyproject.toml requirements/"$what".txt packaging/setup.sh | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then exit 0; fi

python=$(find_python)
if [ -z "$python" ]; then apt_install python3 python3-venv; python=$(find_python); fi
# pip comes last: without it an earlier run was broken off, and is made good by making it again.
if [ ! -x .venv/bin/pip ]; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then apt_install python3-venv; fi
    say "making .venv with $("$python" --version)"
    "$python" -m venv .venv
fi
say "installing the pinned requirements ($what); a minute or two"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    if ! .venv/bin/pip install -q --disable-pip-version-check "$@" >"$log" 2>&1; then
        cat "$log" >&2
        say "the packages could not be installed (see above); is the package index reachable?"
        exit 1
    fi
}
install --require-hashes -r requirements/"$what".txt
# A path file to this checkout: commands see changes at once, and nothing is built or fetched for it.
install --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
echo "$want" > "$stamp"
if [ "$what" = dev ]; then echo "$(sha256sum pyproject.toml requirements/run.txt packaging/setup.sh | sha256sum | cut -d' ' -f1)" > .venv/.stamp-run; fi
say "done"
