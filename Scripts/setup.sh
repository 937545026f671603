#!/usr/bin/env bash
# Checks for Swift 6.1 or newer and installs the Debian packages that building and fetching need and that are missing:
# as root, or through sudo when it asks for no password. Otherwise says what to run and exits with 1.
set -euo pipefail

fail() {
    echo "setup: $*" >&2
    exit 1
}

check_swift() {
    command -v swift >/dev/null ||
        fail "there is no 'swift' on the PATH; install Swift 6.1 or newer from https://www.swift.org/install"
    local version
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1) || true
    [[ -n $version ]] || fail "'swift --version' doesn't work; reinstall Swift 6.1 or newer"
    read -r major minor <<<"$version"
    ((major > 6 || (major == 6 && minor >= 1))) ||
        fail "Swift $major.$minor is too old; install 6.1 or newer from https://www.swift.org/install"
}

# Asks the compiler, not the package manager, so that OpenBLAS from anywhere counts.
links_openblas() {
    local compiler
    compiler=$(dirname "$(readlink -f "$(command -v swift)")")/clang
    [[ -x $compiler ]] || compiler=cc
    printf '#include <cblas.h>\n#include <lapacke.h>\nint main(void) { return 0; }\n' |
        "$compiler" -x c - -o /dev/null -lopenblas -llapacke 2>/dev/null
}

# Models from the hub are fetched by libcurl, which is loaded when it is needed.
has_libcurl() {
    { ldconfig -p || /sbin/ldconfig -p; } 2>/dev/null | grep -E 'libcurl(-gnutls)?\.so\.4 ' >/dev/null
}

missing_packages() {
    links_openblas || echo libopenblas-dev liblapacke-dev
    has_libcurl || echo libcurl4 ca-certificates
    command -v make >/dev/null || echo make
    command -v git >/dev/null || echo git
    command -v bzip2 >/dev/null || echo bzip2
    { python3 -m pip --version || /usr/bin/python3 -m pip --version; } >/dev/null 2>&1 || echo python3-pip
}

install() {
    command -v apt-get >/dev/null ||
        fail "missing: $*; there is no apt-get here, so install what your system calls them and run this again"
    local as_root=()
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null ||
            fail "missing: $*; run 'sudo apt-get update && sudo apt-get install -y $*' and then this again"
        as_root=(sudo -n)
    fi
    echo "Installing $* (OpenBLAS to compute with; the others to fetch models and examples)"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

check_swift
read -r -d '' -a packages < <(missing_packages) || true
if ((${#packages[@]} > 0)); then
    install "${packages[@]}"
    read -r -d '' -a packages < <(missing_packages) || true
    ((${#packages[@]} == 0)) || fail "still missing after installing: ${packages[*]}"
fi
