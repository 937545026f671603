#!/usr/bin/env bash
# Builds the programs of the README and of Documentation's Adapters.md, CustomTasks.md, Generation.md, Hub.md, LanguageModels.md,
# Training.md and Quantization.md as their reader would: a package that depends on this repository's last commit by URL, at a version, with a
# plain `swift build`. By path, settings that bar a package from being depended on would go unnoticed. Then runs them on the fetched model and
# checks that nothing but this package was fetched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=${PEFTKIT_CACHE:-$HOME/.cache/peftkit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[[ -z $(git status --porcelain) ]] || echo "check-dependent: changes that are not committed are not checked"
git clone --quiet --bare . "$work/PEFTKit.git"
# Later tags would win over the one that stands for this commit.
git -C "$work/PEFTKit.git" tag --list | xargs -r git -C "$work/PEFTKit.git" tag --delete >/dev/null
git -C "$work/PEFTKit.git" tag 0.4.0 HEAD

mkdir "$work/Dependent"
sed "s|PEFTKIT_URL|file://$work/PEFTKit.git|" Tests/Dependent/Package.swift >"$work/Dependent/Package.swift"
# A page's first Swift block is its program.
program() { # page target
    mkdir -p "$work/Dependent/Sources/$2"
    awk '/^```swift$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' "$1" \
        >"$work/Dependent/Sources/$2/main.swift"
}
program README.md Dependent
program Documentation/Adapters.md Adapters
program Documentation/CustomTasks.md CustomTasks
program Documentation/Generation.md Generation
program Documentation/Hub.md Hub
program Documentation/LanguageModels.md LanguageModels
program Documentation/Training.md Training
program Documentation/Quantization.md Quantization
cd "$work/Dependent"
ln -s "$cache/minilm" minilm
ln -s "$cache/smollm2" smollm2
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

# Two LoRAs of one base, for what is done with several.
cp -r adapter films
cp -r adapter books
answers=$(swift run --skip-build Adapters)
echo "$answers"
[[ $(grep -cE '^(films|both|stack) (positive|negative) 0\.[0-9]+$' <<<"$answers") == 3 ]] || {
    echo "check-dependent: the program of Documentation/Adapters.md did not print three answers" >&2
    exit 1
}
[[ -f merged/model.safetensors && -f adapters/both/adapter_model.safetensors && -f adapters/stack/peftkit.json ]] || {
    echo "check-dependent: the program of Documentation/Adapters.md did not save what it makes" >&2
    exit 1
}

answers=$(swift run --skip-build CustomTasks)
echo "$answers"
[[ $(awk '$3 == "to" && $4 < $2 / 2' <<<"$answers" | wc -l) == 2 ]] || {
    echo "check-dependent: the program of Documentation/CustomTasks.md did not halve its two losses" >&2
    exit 1
}

answers=$(swift run --skip-build Generation)
echo "$answers"
[[ $answers == "100°C"* || $answers == " 100°C"* ]] && [[ $(wc -l <<<"$answers") -ge 5 ]] || {
    echo "check-dependent: the program of Documentation/Generation.md did not continue its texts" >&2
    exit 1
}

# The model by its name, from a cache as a download leaves it.
repository=$work/hub/hub/models--bert-base-uncased
commit=0123456789abcdef0123456789abcdef01234567
mkdir -p "$repository/refs" "$repository/snapshots/$commit"
printf %s "$commit" >"$repository/refs/main"
cp -L minilm/*.json minilm/*.txt minilm/*.safetensors "$repository/snapshots/$commit"
answers=$(HF_HOME=$work/hub HF_HUB_OFFLINE=1 swift run --skip-build Hub)
echo "$answers"
[[ $answers == "bert-base-uncased 30522" ]] || {
    echo "check-dependent: the program of Documentation/Hub.md did not open the model by its name" >&2
    exit 1
}

answers=$(swift run --skip-build LanguageModels)
echo "$answers"
[[ $(awk '$1 == "perplexity" && $3 == "to" && $4 < $2 / 2' <<<"$answers" | wc -l) == 1 ]] || {
    echo "check-dependent: the program of Documentation/LanguageModels.md did not halve its perplexity" >&2
    exit 1
}
[[ -f assistant/adapter_model.safetensors ]] || {
    echo "check-dependent: the program of Documentation/LanguageModels.md saved no adapter" >&2
    exit 1
}

answers=$(swift run --skip-build Training)
echo "$answers"
[[ $answers == *"stopped after step 3"*"the same to the bit: true"* && -f run/report.html ]] || {
    echo "check-dependent: the program of Documentation/Training.md did not resume its run" >&2
    exit 1
}

answers=$(swift run --skip-build Quantization)
echo "$answers"
[[ $answers == *"the same base: true"*"encoded after merging: false"* && -f minilm-nf4/model.safetensors ]] || {
    echo "check-dependent: the program of Documentation/Quantization.md did not save the base that it trained on" >&2
    exit 1
}

fetched=$(ls .build/checkouts)
[[ $fetched == PEFTKit ]] || {
    echo "check-dependent: a library user fetches more than PEFTKit:" $fetched >&2
    exit 1
}
