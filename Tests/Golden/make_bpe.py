"""Writes bpe/: tokenizers of language models and what the Rust library `tokenizers` makes of hard texts with them."""

import json
import random
import sys
from pathlib import Path

import tokenizers
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers,
)

from bpe_cases import BROKEN, PAIRS, TEXTS, TRAINING
from make_tokenizer import BLOCK, Digest, write

PINNED = "0.23.3"
OUTPUT = Path(__file__).parent / "bpe"

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
    r"\s+(?!\S)|\s+"
)
LLAMA3, QWEN2 = CL100K.replace("DIGITS", "{1,3}"), CL100K.replace("DIGITS", "")
TIKTOKEN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
)
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def special(text, **flags):
    return AddedToken(text, special=True, normalized=False, **flags)


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def byte_level(pre_tokenizer, normalizer=None, size=480):
    """A byte-level tokenizer trained over the text, with an added token of every kind."""
    result = Tokenizer(models.BPE())
    if normalizer:
        result.normalizer = normalizer
    result.pre_tokenizer = pre_tokenizer
    result.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    result.train_from_iterator(TRAINING * 3, trainer)
    return result


def with_flags(result):
    """Adds tokens of every flag."""
    result.add_tokens([AddedToken("word", single_word=True, normalized=False), AddedToken("caf\u00e9token", normalized=True)])
    result.add_special_tokens([special("<left>", lstrip=True), special("<right>", rstrip=True)])
    return result


def begins_with(result, token):
    """A beginning token before every text, as Llama 3 has it."""
    template = processors.TemplateProcessing(
        single=f"{token} $A", pair=f"{token} $A {token}:1 $B:1", special_tokens=[(token, result.token_to_id(token))]
    )
    result.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return result


def ignoring_merges(result):
    """As Llama 3: some tokens are reached by no merge, but only as whole words."""
    file = json.loads(result.to_str())
    merges = file["model"]["merges"]
    file["model"]["merges"] = [merge for index, merge in enumerate(merges) if index % 5 or index < 20]
    file["model"]["ignore_merges"] = True
    return Tokenizer.from_str(json.dumps(file))


def character_level(pre_tokenizer, normalizer, decoder, fallback, fuses):
    """A tokenizer over characters, spaces written as marks."""
    result = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=fallback, fuse_unk=fuses))
    if normalizer:
        result.normalizer = normalizer
    if pre_tokenizer:
        result.pre_tokenizer = pre_tokenizer
    result.decoder = decoder
    # Without word boundaries the trainer would merge across them; SentencePiece doesn't.
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokens = ["<unk>", "<s>", "</s>"] + (BYTES if fallback else [])
    trainer = trainers.BpeTrainer(vocab_size=560, special_tokens=tokens, limit_alphabet=90, show_progress=False)
    trained.train_from_iterator(TRAINING * 3, trainer)
    model = json.loads(trained.to_str())["model"]
    file = json.loads(result.to_str())
    file["model"]["vocab"], file["model"]["merges"] = model["vocab"], model["merges"]
    result = Tokenizer.from_str(json.dumps(file))
    result.add_special_tokens([special(token) for token in tokens[:3]])
    result.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", result.token_to_id("<s>"))]
    )
    return result


def sentencepiece_decoder():
    return decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )


def llama2():
    normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    return character_level(None, normalizer, sentencepiece_decoder(), fallback=True, fuses=True)


def scored(base):
    """The same vocabulary by scores, as SentencePiece merges: all ways to a token, the best token first."""
    file = json.loads(base.to_str())
    vocabulary = file["model"]["vocab"]
    ordered = sorted(vocabulary, key=vocabulary.get)
    pieces = [token for token in ordered if token not in ["<unk>", "<s>", "</s>"] + BYTES]
    # Not in the order of the ids.
    ranks = {token: index for index, token in enumerate(sorted(pieces, key=lambda token: (len(token), token)))}
    scores = {token: -float(ranks[token]) for token in pieces}
    merges = []
    for token in sorted(pieces, key=lambda token: -scores[token]):
        merges += [
            [token[:cut], token[cut:]] for cut in range(1, len(token)) if token[:cut] in scores and token[cut:] in scores
        ]
    file["model"]["merges"] = merges
    kinds = {"<unk>": 2, "<s>": 3, "</s>": 3} | {token: 6 for token in BYTES}
    values = {
        "tokens": ordered,
        "scores": [scores.get(token, 0.0) for token in ordered],
        "types": [kinds.get(token, 1) for token in ordered],
    }
    (OUTPUT / "scores.json").write_text(json.dumps(values) + "\n")
    return Tokenizer.from_str(json.dumps(file))


def variants():
    digits = pre_tokenizers.Digits(individual_digits=True)
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    gpt2 = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
    gpt2.post_processor = processors.ByteLevel(trim_offsets=True)
    prefixed = byte_level(
        pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.ByteLevel(add_prefix_space=True)]
        )
    )
    smollm = byte_level(
        pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    )
    llama3 = byte_level(pre_tokenizers.Sequence([split(LLAMA3), bytes_only]))
    qwen2 = byte_level(pre_tokenizers.Sequence([split(QWEN2), bytes_only]), normalizers.NFC())
    return {
        "gpt2": with_flags(gpt2),
        "prefixed": with_flags(prefixed),
        "smollm": smollm,
        "llama3": begins_with(with_flags(ignoring_merges(llama3)), "<|im_start|>"),
        "qwen2": with_flags(qwen2),
        "llama2": llama2(),
        "sentencepiece": scored(llama2()),
        "metaspace": character_level(
            pre_tokenizers.Metaspace(prepend_scheme="first"), None, decoders.Metaspace(prepend_scheme="first"),
            fallback=False, fuses=False,
        ),
    }


def id_lists(variant):
    """Lists of ids that no text has: any at all, some of no token, and all bytes of a text in pieces."""
    generator = random.Random(7)
    size = variant.get_vocab_size()
    lists = [[generator.randrange(size + 3) for _ in range(length)] for length in (0, 1, 2, 3, 5, 8, 30, 60)]
    lists += [[index, index + 1] for index in range(0, size, 7)]
    for text in BROKEN:
        ids = variant.encode(text, add_special_tokens=False).ids
        lists += [ids[start : start + 5] for start in range(len(ids))]
    return lists


def sequences(variant):
    for first, second in PAIRS:
        for length in (None, 2, 3, 7, 12):
            if length:
                variant.enable_truncation(length)
            encoding = variant.encode(first, second)
            variant.no_truncation()
            yield {"text": first, "pair": second, "maximumLength": length, "ids": encoding.ids, "typeIDs": encoding.type_ids}


def code_points():
    """Digests of how each expression cuts a text around every code point, and of what NFC makes of it."""

    def words(pre_tokenizer):
        return lambda text: b"".join(word.encode() + b"\xff" for word, _ in pre_tokenizer.pre_tokenize_str(text))

    nfc = normalizers.NFC()
    cut = [("a", "a 1"), ("1", " \n"), ("  ", "!x"), ("'", "\u0301")]
    aspects = {
        "gpt2": (words(split(GPT2)), cut),
        "llama3": (words(split(LLAMA3)), cut),
        "qwen2": (words(split(QWEN2)), cut),
        "tiktoken": (words(split(TIKTOKEN)), cut),
        "digits": (words(pre_tokenizers.Digits(individual_digits=True)), [("a", "b")]),
        "composition": (
            lambda text: nfc.normalize_str(text).encode() + b"\xff",
            [("a", "\u0301b"), ("a\u0302", "\u0323"), ("\u1100", "\u1161"), ("\u0915", "\u093c"), ("\u03b1\u0345", "")],
        ),
    }
    result = {}
    for name, (function, contexts) in aspects.items():
        digests = []
        for start in range(0, 0x110000, BLOCK):
            digest = Digest()
            for c in range(start, start + BLOCK):
                if not 0xD800 <= c <= 0xDFFF:
                    for before, after in contexts:
                        digest.update(function(before + chr(c) + after))
            digests.append(str(digest))
        result[name] = {"contexts": contexts, "digests": digests}
    return result


def main():
    if tokenizers.__version__ != PINNED:
        sys.exit(f"this needs tokenizers {PINNED}, not {tokenizers.__version__}")
    OUTPUT.mkdir(exist_ok=True)
    made = variants()
    write(
        OUTPUT / "texts.json",
        [{"text": text, "ids": {name: variant.encode(text).ids for name, variant in made.items()}} for text in TEXTS],
    )
    decoded = []
    for name, variant in made.items():
        lists = id_lists(variant) + [variant.encode(text).ids for text in TEXTS[::3]]
        for ids in lists:
            texts = [variant.decode(ids, skip_special_tokens=skips) for skips in (False, True)]
            decoded.append({"variant": name, "ids": ids, "text": texts[0], "withoutSpecial": texts[1]})
        variant.save(str(OUTPUT / f"{name}.json"), pretty=False)
    write(OUTPUT / "decoded.json", decoded)
    write(
        OUTPUT / "sequences.json",
        [{"variant": name} | case for name in ("gpt2", "llama3", "llama2") for case in sequences(made[name])],
    )
    expressions = {"gpt2": GPT2, "llama3": LLAMA3, "qwen2": QWEN2, "tiktoken": TIKTOKEN}
    digests = {"block": BLOCK, "expressions": expressions, "aspects": code_points()}
    (OUTPUT / "code-points.json").write_text(json.dumps(digests, indent=1) + "\n")


if __name__ == "__main__":
    main()
