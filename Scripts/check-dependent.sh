#!/usr/bin/env bash
# Builds the program of the README as its reader would: a package that depends on this repository's last commit by URL, at a
# version, with a plain `swift build`. By path, settings that bar a package from being depended on would go unnoticed. Then runs it
# on the fetched model and checks that nothing but this package was fetched. The other programs of the documentation are run by
# `make test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=${PEFTKIT_CACHE:-$HOME/.cache/peftkit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[[ -z $(git status --porcelain) ]] || echo "check-dependent: changes that are not committed are not checked"
git clone --quiet --bare . "$work/PEFTKit.git"
# Later tags would win over the one that stands for this commit.
git -C "$work/PEFTKit.git" tag --list | xargs -r git -C "$work/PEFTKit.git" tag --delete >/dev/null
git -C "$work/PEFTKit.git" tag 0.6.0 HEAD

mkdir "$work/Dependent"
sed "s|PEFTKIT_URL|file://$work/PEFTKit.git|" Tests/Dependent/Package.swift >"$work/Dependent/Package.swift"
# The first Swift block is the program.
mkdir -p "$work/Dependent/Sources/Dependent"
awk '/^```swift$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md \
    >"$work/Dependent/Sources/Dependent/main.swift"
cd "$work/Dependent"
ln -s "$cache/minilm" minilm
head -n 32 "$cache/reviews/train.jsonl" >train.jsonl
# A fresh package cache: what an earlier run fetched is not found again.
export XDG_CACHE_HOME=$work/cache

swift build
answers=$(swift run --skip-build Dependent)
echo "$answers"
[[ $(grep -cE '^(positive|negative) 0\.[0-9]+$' <<<"$answers") == 2 ]] || {
    echo "check-dependent: the README's program did not print two answers" >&2
    exit 1
}
[[ -f adapter/adapter_model.safetensors ]] || {
    echo "check-dependent: the README's program saved no adapter" >&2
    exit 1
}

fetched=$(ls .build/checkouts)
[[ $fetched == PEFTKit ]] || {
    echo "check-dependent: a library user fetches more than PEFTKit:" $fetched >&2
    exit 1
}
