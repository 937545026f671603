#!/usr/bin/env bash
# Builds everything, tests included, and fails on a warning about our own sources. Only what is compiled can warn: after
# an earlier build, what hasn't changed goes unchecked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build --configuration release --build-tests 2>&1 | tee "$log"
# A diagnostic starts its line with a place, which is a file or a macro's expansion; quoted source is indented.
warnings=$(grep -E '^([^ |`].*)?warning:' "$log" | grep -v '/\.build/checkouts/' | sort -u || true)
if [[ -n $warnings ]]; then
    printf 'build-without-warnings: %s\n' "$(wc -l <<<"$warnings") warnings:" "$warnings" >&2
    exit 1
fi
