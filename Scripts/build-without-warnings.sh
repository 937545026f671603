#!/usr/bin/env bash
# Builds everything, tests included, and fails on a warning about our own sources. Only what is compiled can warn: after
# an earlier build, what hasn't changed goes unchecked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build --configuration release --build-tests 2>&1 | tee "$log"
# The compiler's warnings name a file; the package manager's own start the line.
warnings=$(grep -E "^($PWD/(Sources|Tests|Package)[^:]*:.*)?warning:" "$log" | sort -u || true)
if [[ -n $warnings ]]; then
    printf 'build-without-warnings: %s\n' "$(wc -l <<<"$warnings") warnings:" "$warnings" >&2
    exit 1
fi
