#!/usr/bin/env bash
# Builds Tests/Dependent against this repository's last commit as its user would: by URL, at a version, with a plain
# `swift build`. By path, settings that bar a package from being depended on would go unnoticed. Then runs it and checks
# that nothing else was fetched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[[ -z $(git status --porcelain) ]] || echo "check-dependent: changes that are not committed are not checked"
git clone --quiet --bare . "$work/PEFTKit.git"
# Later tags would win over the one that stands for this commit.
git -C "$work/PEFTKit.git" tag --list | xargs -r git -C "$work/PEFTKit.git" tag --delete >/dev/null
git -C "$work/PEFTKit.git" tag 0.1.0 HEAD

cp -R Tests/Dependent "$work/Dependent"
cd "$work/Dependent"
rm -rf .build Package.resolved
sed -i "s|PEFTKIT_URL|file://$work/PEFTKit.git|" Package.swift
# A fresh package cache: what an earlier run fetched is not found again.
export XDG_CACHE_HOME=$work/cache

swift build
output=$(swift run --skip-build Dependent "$work/tensors.safetensors")
echo "$output"
[[ -n $output ]] || {
    echo "check-dependent: the dependent package printed nothing" >&2
    exit 1
}

fetched=$(ls .build/checkouts)
[[ $fetched == PEFTKit ]] || {
    echo "check-dependent: a library user fetches more than PEFTKit:" $fetched >&2
    exit 1
}
