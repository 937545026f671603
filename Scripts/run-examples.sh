#!/usr/bin/env bash
# Builds the programs of Examples, runs them on the fetched model and some reviews in a fresh folder, and checks what they print and
# write. Two of them are guides' programs, and must be theirs to the letter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=${PEFTKIT_CACHE:-$HOME/.cache/peftkit}
guides=$PWD/Sources/PEFTKit/PEFTKit.docc/Guides
sources=$PWD/Examples/Sources

fail() {
    echo "run-examples: $*" >&2
    exit 1
}

# The Swift blocks of a page, one after the other; blank lines count nowhere.
blocks() { awk '/^```swift$/ { inside = 1; next } /^```$/ { inside = 0 } inside && NF' "$1"; }
program() { awk '/^import/ { begun = 1 } begun && NF' "$1"; }
same_program() { # guide example
    diff <(blocks "$guides/$1.md") <(program "$sources/$2/main.swift") ||
        fail "Examples/Sources/$2 is not the program of the guide $1 any more; change both"
}
same_program WriteYourOwnMethod CustomMethod
same_program BringYourOwnModel CustomModel

# A signature that changes below PEFTKit is none of its own, and would not have them compiled again.
touch "$sources"/*/main.swift
build=(swift build --package-path Examples --configuration release)
"${build[@]}"
PATH=$("${build[@]}" --show-bin-path):$PATH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
ln -s "$cache/minilm" minilm
head -n 64 "$cache/reviews/train.jsonl" >train.jsonl
python3 - <<'END'
import csv, json
with open("train.jsonl") as lines, open("train.csv", "w", newline="") as table:
    rows = csv.DictWriter(table, ["text", "label"])
    rows.writeheader()
    rows.writerows(json.loads(line) for line in lines)
END

# run EXAMPLE ARGUMENT...: runs one and keeps what it prints.
run() {
    example=$1
    echo "== $*"
    output=$("$@") || fail "$1 ended with an error"
    echo "$output"
}
# prints COUNT PATTERN: whether that many of the lines match.
prints() {
    (($(grep -cE "$2" <<<"$output") == $1)) || fail "$example did not print '$2' in $1 lines"
}
writes() {
    for file; do [[ -s $file ]] || fail "$example did not write $file"; done
}
# Every line with a loss says that it fell.
losses_fall() { # count
    local fallen
    fallen=$(awk '{ for (i = 1; i < NF - 2; i++) if ($i == "loss" && $(i + 2) == "to" && $(i + 3) < $(i + 1)) print }' <<<"$output")
    (($(wc -l <<<"$fallen") == $1)) || fail "the loss of $example did not fall $1 times"
}

run Classifier minilm train.csv adapter "A warm and funny film."
prints 1 '^accuracy [01]\.'
prints 1 '^(positive|negative) 0\.[0-9]+ A warm and funny film\.$'
writes adapter/adapter_config.json adapter/adapter_model.safetensors

run CustomMethod
losses_fall 1
prints 1 '^merged answers the same$'
prints 1 '^lora-fa answers the same$'
prints 1 '^lora answers the same$'

run CustomModel
losses_fall 4
prints 2 '^merged, the same answer: true$'
prints 1 '^the same base: true$'
prints 1 '^merged and opened: \["long", "middle", "short"\]$'
writes tiny-lora/adapter_model.safetensors tiny-ia3/adapter_model.safetensors tiny-merged/model.safetensors

run ManyAdapters minilm train.jsonl adapters
prints 1 '^sentiment (positive|negative) 0\.'
prints 1 '^length (long|short) 0\.'
prints 1 '^meanwhile (long|short)$'
prints 1 '^swapped (positive|negative)$'
prints 1 'there is no adapter named "sentiment"'
writes adapters/sentiment/adapter_model.safetensors adapters/length/adapter_model.safetensors

run LiveEvents minilm train.jsonl adapter-live 0.5
prints 1 '^800 steps'
prints 1 '^ended after [0-9]+ steps: requested$'
writes adapter-live/adapter_model.safetensors

# Ctrl-C: the step is finished, and the adapter saved.
example="LiveEvents, interrupted,"
LiveEvents minilm train.jsonl adapter-interrupted 0 >events &
process=$!
for _ in {1..600}; do
    if grep -q '^step 3' events; then break; fi
    sleep 0.1
done
kill -INT "$process"
wait "$process" || fail "$example ended with an error"
output=$(cat events)
tail -n 1 events
prints 1 '^ended after [0-9]{1,2} steps: requested$'
writes adapter-interrupted/adapter_model.safetensors
echo "all examples run"
