#!/usr/bin/env bash
# Builds the documentation as a static site into .build/docs: what `import PEFTKit` and `import PEFTLogging` give, with the
# articles of Sources/PEFTKit/PEFTKit.docc. The toolchain's own docc does it, so that the package depends on no plugin.
# A warning of docc, such as a link that leads nowhere or a picture that is missing, fails.
#   PEFTKIT_DOCS_BASE=/PEFTKit Scripts/build-docs.sh    for a site that is served from a folder of its host
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=.build/documentation
site=.build/docs
graphs=$work/symbol-graphs

resources=$(swift -print-target-info | sed -nE 's/.*"runtimeResourcePath": "(.*)",?/\1/p')
triple=$(swift -print-target-info | sed -nE 's/.*"triple": "(.*)",?/\1/p')
docc=$resources/../../bin/docc
[[ -x $docc ]] || docc=$(command -v docc) || {
    echo "build-docs: this Swift toolchain has no 'docc'; use one from https://www.swift.org/install" >&2
    exit 1
}

build=(swift build --configuration release)
"${build[@]}" --target PEFTKit
"${build[@]}" --target PEFTLogging
products=$("${build[@]}" --show-bin-path)

rm -rf "$work" "$site"
mkdir -p "$graphs"

# Of the targets in C, which the layers import.
module_maps=()
for map in Sources/CBLAS/module.modulemap "$products"/C*.build/module.modulemap; do
    module_maps+=(-Xcc "-fmodule-map-file=$map")
done

# graph MODULE [OPTION...]: the public symbols of a module, with their comments.
graph() {
    local module=$1
    shift
    mkdir -p "$graphs/$module"
    swift symbolgraph-extract -module-name "$module" -target "$triple" -I "$products/Modules" \
        "${module_maps[@]}" \
        -output-dir "$graphs/$module" -minimum-access-level public -skip-synthesized-members "$@"
}

# archive MODULE [OPTION...]: its documentation.
archive() {
    local module=$1
    shift
    "$docc" convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$graphs/$module" \
        --fallback-display-name "$module" --fallback-bundle-identifier "$module" --fallback-default-module-kind Library \
        --hosting-base-path "${PEFTKIT_DOCS_BASE:-/}" --warnings-as-errors --output-path "$work/$module.doccarchive" \
        "$@"
}

# A reader imports PEFTKit alone, so that the symbols of the layers it exports are its own here.
layers=$(sed -nE 's/^@_exported public import (.*)/\1/p' Sources/PEFTKit/PEFTKit.swift | paste -sd,)
graph PEFTKit "-experimental-allowed-reexported-modules=$layers"
graph PEFTLogging
archive PEFTKit
archive PEFTLogging
"$docc" merge "$work/PEFTKit.doccarchive" "$work/PEFTLogging.doccarchive" \
    --synthesized-landing-page-name PEFTKit --output-path "$site"
echo "the documentation is in $site; 'python3 -m http.server --directory $site' shows it at http://localhost:8000/documentation/"
