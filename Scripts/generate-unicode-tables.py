#!/usr/bin/env python3
"""Writes Sources/PEFTTokenizers/Unicode/Data.

The Rust library `tokenizers` carries Unicode tables of several ages (its character categories are older than its case
mappings, its decompositions lie between). Token ids are equal to its ids only with the same tables, so nothing here
comes from a Unicode database: every property is read off the library itself, by handing it every code point and
looking at what comes back.

Run it with the pinned version and commit the result:

    Scripts/oracle/make-environments peft
    ${PEFTKIT_CACHE:-$HOME/.cache/peftkit}/venv-peft/bin/python Scripts/generate-unicode-tables.py
"""

import pathlib
import sys

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

PINNED = "0.23.3"
OUTPUT = pathlib.Path(__file__).parent.parent / "Sources/PEFTTokenizers/Unicode/Data"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]

# Bits of a code point's packed properties; `CharacterProperties` in Swift reads the same ones.
REMOVED, WHITESPACE, PUNCTUATION, IDEOGRAPH, MARK, WORD, LETTER, NUMBER = (1 << bit for bit in range(8))
CLASS_SHIFT, CLASS_COUNT = 8, 1 << 6
DIGIT = 1 << 14


def bert(clean=False, chinese=False, strip=False, lowercase=False):
    return normalizers.BertNormalizer(
        clean_text=clean, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lowercase
    )


def flags_of_normalizer(properties):
    """What clean_text drops, and what handle_chinese_chars surrounds by spaces."""
    clean, chinese = bert(clean=True), bert(chinese=True)
    blanked = set()
    for c in SCALARS:
        text = "a" + chr(c) + "b"
        cleaned = clean.normalize_str(text)
        if cleaned == "ab":
            properties[c] |= REMOVED
        elif cleaned != text:
            assert cleaned == "a b", hex(c)
            blanked.add(c)
        spaced = chinese.normalize_str(text)
        if spaced != text:
            assert spaced == f"a {chr(c)} b", hex(c)
            properties[c] |= IDEOGRAPH
    return blanked


def flags_of_pre_tokenizer(properties, blanked):
    """What splits words and vanishes (whitespace), and what becomes a word of its own (punctuation)."""
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    for c in SCALARS:
        text = "a" + chr(c) + "b"
        words = [word for word, _ in pre_tokenizer.pre_tokenize_str(text)]
        if words == ["a", "b"]:
            properties[c] |= WHITESPACE
        elif words == ["a", chr(c), "b"]:
            properties[c] |= PUNCTUATION
        else:
            assert words == [text], hex(c)
    # One bit serves both stages: clean_text blanks exactly the whitespace that it does not drop.
    kept = {c for c in SCALARS if properties[c] & WHITESPACE and not properties[c] & REMOVED}
    assert kept == blanked | {0x20}


def flags_of_added_tokens(properties):
    """Which neighbours bar a `single_word` token, and that `rstrip` takes exactly the whitespace."""

    def tokenizer(**flags):
        result = Tokenizer(models.WordPiece({"[UNK]": 0, "@": 1}, unk_token="[UNK]"))
        result.add_tokens([AddedToken("@", normalized=False, **flags)])
        return result

    def encode(tokenizer, texts):
        for start in range(0, len(texts), 1 << 16):
            yield from tokenizer.encode_batch(texts[start : start + (1 << 16)])

    for c, encoding in zip(SCALARS, encode(tokenizer(single_word=True), [chr(c) + "@" for c in SCALARS])):
        if 1 not in encoding.ids:
            properties[c] |= WORD
    for c, encoding in zip(SCALARS, encode(tokenizer(rstrip=True), ["@" + chr(c) + "x" for c in SCALARS])):
        assert (len(encoding.tokens[0]) == 2) == bool(properties[c] & WHITESPACE), hex(c)


def flags_of_expressions(properties):
    """What the regular expressions of byte-level tokenizers call letters, numbers and white space, and Digits digits."""

    def matched(expression):
        split = pre_tokenizers.Split(Regex(expression), "isolated")
        # U+0001 is none of it.
        return {c for c in SCALARS if len(split.pre_tokenize_str("\x01" + chr(c) + "\x01")) == 3}

    for c in matched(r"\p{L}"):
        properties[c] |= LETTER
    for c in matched(r"\p{N}"):
        properties[c] |= NUMBER
    assert matched(r"\s") == {c for c in SCALARS if properties[c] & WHITESPACE}
    digits = pre_tokenizers.Digits(individual_digits=True)
    for c in SCALARS:
        if len(digits.pre_tokenize_str("\x01" + chr(c) + "\x01")) == 3:
            properties[c] |= DIGIT


def compositions(decomposed):
    """Which pairs of characters NFC composes; Hangul goes by arithmetic."""
    nfc = normalizers.NFC()
    pairs = {}
    for c, parts in decomposed.items():
        if len(parts) == 1 or nfc.normalize_str(parts) != chr(c):
            continue
        first = nfc.normalize_str(parts[:-1])
        assert len(first) == 1, hex(c)
        pairs[first, parts[-1]] = chr(c)
    return pairs


def lowercase_mappings():
    lowercase = bert(lowercase=True)
    mapped = ((c, lowercase.normalize_str(chr(c))) for c in SCALARS)
    return {c: result for c, result in mapped if result != chr(c)}


def decompositions(properties):
    """Canonical decompositions, nonspacing marks and combining classes, as strip_accents sees them."""
    nfd, strip = normalizers.NFD(), bert(strip=True)
    result = {}
    for c in SCALARS:
        decomposed = nfd.normalize_str(chr(c))
        if decomposed != chr(c):
            result[c] = decomposed
        elif strip.normalize_str(chr(c)) == "":
            properties[c] |= MARK
    for c, decomposed in result.items():
        assert strip.normalize_str(chr(c)) == "".join(d for d in decomposed if not properties[ord(d)] & MARK), hex(c)

    # Combining classes only order marks, so their rank among the classes is enough; it shows in which pairs of marks
    # change places. U+0334 has the lowest class and U+0345 the highest: every mark moves past one of them.
    def swaps(first, second):
        return first != second and nfd.normalize_str(first + second) == second + first

    marks = [chr(c) for c in SCALARS if c not in result and (swaps(chr(c), "\u0334") or swaps("\u0345", chr(c)))]
    classes = []
    for mark in marks:
        rank = sum(swaps(mark, known[0]) for known in classes)
        if rank < len(classes) and not swaps(classes[rank][0], mark):
            classes[rank].append(mark)
        else:
            classes.insert(rank, [mark])
    assert len(classes) < CLASS_COUNT
    for rank, members in enumerate(classes, start=1):
        for mark in members:
            properties[ord(mark)] |= rank << CLASS_SHIFT
    assert classes[0][0] == "\u0334" and "\u0345" in classes[-1], "the probes are not the extremes"
    return drop_hangul(result)


def drop_hangul(decomposed):
    """Hangul syllables decompose by arithmetic: check that, and leave them out."""
    for index in range(19 * 21 * 28):
        lead, vowel, trail = 0x1100 + index // (21 * 28), 0x1161 + index // 28 % 21, 0x11A7 + index % 28
        expected = chr(lead) + chr(vowel) + (chr(trail) if index % 28 else "")
        assert decomposed.pop(0xAC00 + index) == expected, hex(0xAC00 + index)
    return decomposed


def runs(properties):
    """`length value` pairs over all code points."""
    start = 0
    for c in range(1, 0x110001):
        if c == 0x110000 or properties[c] != properties[start]:
            yield f"{c - start:x} {properties[start]:x}"
            start = c


def write(name, comment, entries):
    lines, line = [], ""
    for entry in entries:
        if len(line) + 1 + len(entry) > 112:
            lines.append(line)
            line = entry
        else:
            line = f"{line} {entry}" if line else entry
    lines.append(line)
    body = "\n".join(" " * 8 + text for text in lines)
    (OUTPUT / f"UnicodeData+{name.capitalize()}.swift").write_text(
        f"""// Unicode as tokenizers {PINNED} sees it; written by Scripts/generate-unicode-tables.py, not by hand.

extension UnicodeData {{
    /// {comment}
    static let {name}: StaticString = \"\"\"
{body}
        \"\"\"
}}
"""
    )


def mapping(table):
    """`distance count scalars…` entries, the distance from the code point before."""
    previous = 0
    for c, result in sorted(table.items()):
        yield " ".join([f"{c - previous:x}", f"{len(result):x}", *(f"{ord(d):x}" for d in result)])
        previous = c


def main():
    if tokenizers.__version__ != PINNED:
        sys.exit(f"this needs tokenizers {PINNED}, not {tokenizers.__version__}")
    properties = [0] * 0x110000
    blanked = flags_of_normalizer(properties)
    flags_of_pre_tokenizer(properties, blanked)
    flags_of_added_tokens(properties)
    flags_of_expressions(properties)
    lowercase = lowercase_mappings()
    decomposed = decompositions(properties)

    OUTPUT.mkdir(exist_ok=True)
    write(
        "properties",
        "Pairs of run length and packed ``CharacterProperties``, from U+0000 to U+10FFFF.",
        runs(properties),
    )
    write(
        "decompositions",
        "For each code point: distance from the one before, count, full canonical decomposition.",
        mapping(decomposed),
    )
    write(
        "compositions",
        "The characters that are composed: first, second, composed.",
        (" ".join(f"{ord(c):x}" for c in (*pair, composed)) for pair, composed in compositions(decomposed).items()),
    )
    write(
        "lowercase",
        "For each code point: distance from the one before, count, lowercase mapping.",
        mapping(lowercase),
    )


if __name__ == "__main__":
    main()
