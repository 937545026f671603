"""Writes tokenizer/: what the Rust library `tokenizers` makes of hard texts.

    make_tokenizer.py [CACHE_FOLDER]

With a cache folder (holding minilm/ and reviews/) it also writes reviews-token-digest.json: a digest of the token ids of
every movie review by the real model's tokenizer.
"""

import json
import string
import sys
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from tokenizer_cases import LENGTHS, LONGER, MIXED, PAIRS, STRATEGIES, TEXTS

PINNED = "0.23.3"
GOLDEN = Path(__file__).parent
OUTPUT = GOLDEN / "tokenizer"
BLOCK = 0x2000

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


class Digest:
    """FNV-1a, 64 bits."""

    def __init__(self):
        self.state = 0xCBF29CE484222325

    def update(self, data):
        state = self.state
        for byte in data:
            state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        self.state = state

    def __str__(self):
        return f"{self.state:016x}"


def vocabulary():
    """A few hundred tokens over which pieces, unknown words and look-alikes all occur."""
    words = (
        "the film is good good ##good film ##film act ##ing ##ly un ##be ##lie ##va ##bly ##able ##aff don ##maker ##s cafe caf\u00e9 "
        "cafe\u0301 na\u00efve naive resume Film GOOD Good strasse stra\u00dfe istanbul i\u0307stanbul \u0130stanbul oscar Oscar ##oscar blade runner "
        "amelie am\u00e9lie and too it miss isn rock roll well known me org http end start under score"
    ).split()
    letters = list(string.ascii_letters + string.digits)
    letters = [letter for letter in letters if letter not in "qQ"]
    beyond = list(
        "\u00e9\u00e8\u00ef\u00df\u00e5\u00c5\u00f8\u0142\u0111\u0131\u0130\u03c3\u03c2\u03a3\u03b1\u0391\u03bf\u03b4\u03c9\u03a9\u0439\u0438\u0419\u0418\u0440\u0443\u0441\u043a\u0444\u043b\u044c\u043c\u5f71\u4e2d\u6587\u597d\u65b0\u6d6a\u6f6e\u826f\u304b\u304c\u30ab\u30bf"
        "\u1112\u1161\u11ab\u1100\u1173\u11af\ud55c\uae00\uac00\u05e9\u05dc\u05d5\u05dd\u0645\u0631\u062d\u0628\u0627\u0622\u0939\u0928\u0926\u0940\u093f\u0915\u0937\u0e20\u0e32\ufb01\u00bd\u00b2\u20ac\u2122"
        "\U0001f600\U0001f44d\U0001f3fd\u2764\ufe0f\ufe0e\u200d\U0001d400\U0001d41a\u00ab\u00bb\u201c\u201d\u2018\u2019\u2026\u2013\u2014\u3001\u3002\u00b7\u00bf\u00a1\u00a0\u3000\u2028\u0301\u0323\u0307\u0308\u302e\u302f"
        "\U0001d165\U0001d16d\U0001d158\u0378\u05ff\u061c\ufffe\x7f\u200b\u00ad\ufeff\U00020000\u3400\uf900\u8c48\u1820\u07fd\u0898\u2e43\u061d\U00010428\ufffd\ue000"
    )
    tokens = SPECIAL + list(string.punctuation) + words
    for letter in letters + beyond:
        tokens += [letter, "##" + letter]
    return list(dict.fromkeys(tokens))


def tokenizer_over(tokens, lowercase=True, strip_accents=None, bert_processing=False):
    ids = tokens if isinstance(tokens, dict) else {token: index for index, token in enumerate(tokens)}
    result = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    result.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=strip_accents, lowercase=lowercase
    )
    result.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    result.decoder = decoders.WordPiece(prefix="##")
    if bert_processing:
        result.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    else:
        result.post_processor = processors.TemplateProcessing(
            single="[CLS]:0 $A:0 [SEP]:0",
            pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
            special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
        )
    result.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return result


def added(tokens):
    """Every flag of an added token, some of the vocabulary and some new; no accents stripped."""
    result = tokenizer_over(tokens, lowercase=True, strip_accents=False, bert_processing=True)
    result.add_tokens(
        [
            AddedToken("Oscar", single_word=True, normalized=False),
            AddedToken("<left>", lstrip=True, normalized=False),
            AddedToken("<right>", rstrip=True, normalized=False),
            AddedToken("<both>", lstrip=True, rstrip=True, normalized=False),
            AddedToken("Blade Runner", single_word=True, normalized=True),
            AddedToken("Am\u00e9lie", normalized=True),
            AddedToken("<new>", normalized=False),
            AddedToken("<newer>", normalized=False),
            AddedToken("\u65b0\u6d6a", lstrip=True, normalized=False),
        ]
    )
    return result


def overlapping(tokens):
    """Added tokens that begin with the white space another one swallows."""
    result = tokenizer_over(tokens)
    result.add_tokens(
        [
            AddedToken("@", rstrip=True, normalized=False),
            AddedToken(" q", normalized=False),
            AddedToken("  ", lstrip=True, normalized=False),
            AddedToken(" s", single_word=True, normalized=True),
        ]
    )
    return result


def plain(tokens):
    """Neither normalizer nor special tokens around the text."""
    result = tokenizer_over(tokens, lowercase=False)
    result.normalizer = None
    result.post_processor = None
    return result


def from_vocabulary_file(path):
    """As a folder with vocab.txt and a tokenizer_config.json is opened: cased, without accents, ideographs in words."""
    result = tokenizer_over(models.WordPiece.read_file(str(path)), lowercase=False, strip_accents=True)
    result.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=False, strip_accents=True, lowercase=False
    )
    return result


def encodings(encode):
    """Ids and type ids, or null where the library refuses to truncate."""
    try:
        encoding = encode()
    except Exception as error:
        if not str(error).startswith("Truncation error"):
            raise
        return None
    return {"ids": encoding.ids, "typeIDs": encoding.type_ids}


def write_cases(variants):
    texts = []
    for text in TEXTS:
        texts.append({"text": text, "ids": {name: variant.encode(text).ids for name, variant in variants.items()}})

    sequences = []
    for name, variant in variants.items():
        for first, second in PAIRS:
            encoding = encodings(lambda: variant.encode(first, second))
            sequences.append({"variant": name, "text": first, "pair": second, "encoding": encoding})
    variant = variants["added"]
    for first, second in PAIRS + [(LONGER, None), (MIXED, None), ("", None)]:
        for length in LENGTHS:
            for strategy in STRATEGIES:
                variant.enable_truncation(length, strategy=strategy)
                encoding = encodings(lambda: variant.encode(first, second))
                variant.no_truncation()
                case = {"variant": "added", "text": first, "pair": second, "maximumLength": length, "strategy": strategy}
                sequences.append(case | {"encoding": encoding})
    write(OUTPUT / "texts.json", texts)
    write(OUTPUT / "sequences.json", sequences)


def write(path, entries):
    """One entry a line, ASCII only: an editor that normalizes text must not change the cases."""
    path.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")


def code_point_digests():
    """Digests of what becomes of every code point, a block each, by what is done with it."""

    def bert(clean=False, chinese=False, strip=False, lowercase=False):
        normalizer = normalizers.BertNormalizer(
            clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lowercase
        )
        return lambda text: normalizer.normalize_str(text).encode() + b"\xff"

    pre_tokenizer = pre_tokenizers.BertPreTokenizer()

    def words(text):
        return b"".join(word.encode() + b"\xff" for word, _ in pre_tokenizer.pre_tokenize_str(text))

    aspects = {
        "cleaned": ("a", "b", bert(clean=True)),
        "ideographsApart": ("a", "b", bert(chinese=True)),
        "stripped": ("a", "b", bert(strip=True)),
        # Two marks in the wrong order: what is between them decides whether they change places.
        "ordered": ("a\U0001d16d", "\U0001d165b", bert(strip=True)),
        "lowercased": ("a", "b", bert(lowercase=True)),
        "uncased": ("a", "b", bert(clean=True, chinese=True, strip=True, lowercase=True)),
        "words": ("a", "b", words),
    }
    result = {}
    for name, (before, after, function) in aspects.items():
        digests = []
        for start in range(0, 0x110000, BLOCK):
            digest = Digest()
            for c in range(start, start + BLOCK):
                if not 0xD800 <= c <= 0xDFFF:
                    digest.update(function(before + chr(c) + after))
            digests.append(str(digest))
        result[name] = {"before": before, "after": after, "digests": digests}
    return result


def single_word_digests():
    """Beside which code points a token that must stand alone is found, on its left and on its right."""
    tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.add_tokens([AddedToken("x", single_word=True, normalized=False)])
    digests = []
    for start in range(0, 0x110000, BLOCK):
        points = [chr(c) for c in range(start, start + BLOCK) if not 0xD800 <= c <= 0xDFFF]
        digest = Digest()
        for left, right in zip(
            tokenizer.encode_batch([point + "x" for point in points]),
            tokenizer.encode_batch(["x" + point for point in points]),
        ):
            digest.update(bytes([1 in left.ids, 1 in right.ids]))
        digests.append(str(digest))
    return digests


def reviews_digest(cache):
    """Row and token counts and a digest of all ids, per split; and of consecutive rows as truncated pairs.

    The rows are sorted, so that the order of the files doesn't matter.
    """
    tokenizer = Tokenizer.from_file(str(cache / "minilm" / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    result = {}
    for split in ("train", "validation", "test"):
        lines = (cache / "reviews" / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")
        texts = sorted((json.loads(line)["text"] for line in lines if line), key=str.encode)
        result[split] = summary(tokenizer.encode_batch(texts))
        tokenizer.enable_truncation(32)
        result[split]["pairs"] = summary(tokenizer.encode_batch(list(zip(texts, texts[1:]))))
        tokenizer.no_truncation()
    return result


def summary(encoded):
    digest = Digest()
    for encoding in encoded:
        for number in encoding.ids + encoding.type_ids:
            digest.update(number.to_bytes(4, "little"))
    return {"rows": len(encoded), "tokens": sum(len(e.ids) for e in encoded), "digest": str(digest)}


def main():
    if tokenizers.__version__ != PINNED:
        sys.exit(f"this needs tokenizers {PINNED}, not {tokenizers.__version__}")
    OUTPUT.mkdir(exist_ok=True)
    tokens = vocabulary()
    # The tokens of white space lose it in this file, and become the same token.
    vocabulary_file = OUTPUT / "vocab.txt"
    vocabulary_file.write_text("".join(token + "\n" for token in tokens), encoding="utf-8", newline="")
    variants = {
        "uncased": tokenizer_over(tokens),
        "cased": tokenizer_over(tokens, lowercase=False),
        "added": added(tokens),
        "overlapping": overlapping(tokens),
        "plain": plain(tokens),
        "vocab.txt": from_vocabulary_file(vocabulary_file),
    }
    write_cases(variants)
    # What a file may carry along for a pipeline of its own; it is no part of the ids above.
    variants["uncased"].enable_truncation(8)
    variants["uncased"].enable_padding(length=8, pad_token="[PAD]")
    for name in ("uncased", "cased", "added", "overlapping", "plain"):
        variants[name].save(str(OUTPUT / f"{name}.json"))

    digests = {"block": BLOCK, "aspects": code_point_digests(), "singleWord": single_word_digests()}
    (OUTPUT / "code-points.json").write_text(json.dumps(digests, indent=1) + "\n")
    if len(sys.argv) > 1:
        digest = reviews_digest(Path(sys.argv[1]))
        (GOLDEN / "reviews-token-digest.json").write_text(json.dumps(digest, indent=2) + "\n")


if __name__ == "__main__":
    main()
