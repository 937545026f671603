"""Texts for byte-level and SentencePiece-style tokenizers, beside those of tokenizer_cases."""

from tokenizer_cases import TEXTS as SHARED

# What the tokenizers are trained on: enough of everything for merges inside and around all kinds of words.
TRAINING = [
    "The film is unbelievably good, and the acting is good too! Don't miss it; we'll see, they've said, I'd go.",
    "the the the film film films filming filmmaker good goods goodness   and    so      on\n\n\nand so on\n",
    "caf\u00e9 na\u00efve r\u00e9sum\u00e9 \u00fcber stra\u00dfe \u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u0444\u0438\u043b\u044c\u043c \u4e2d\u6587\u7535\u5f71 \u0939\u093f\u0928\u094d\u0926\u0940 \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "1 12 123 1234 12345 2024 3.14 1,000,000 20% 007 \u0663\u0664\u0665 \u00bd \u2167",
    "def f(x):\n    return x ** 2  # square\n\tif x:\n\t\tpass\r\n\r\nfor i in range(10):\r\n        print(i)",
    "\U0001f600\U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd \u2764\ufe0f !!! ??? ... --- === '' \"\" `` ((( )))",
    "It's he's she's we're they're I'm you'll he'd IT'S WE'RE I'M YOU'LL aren't can't",
]

TEXTS = [
    # contractions, in either case, half, and of other letters
    "it's", "IT'S", "it'S", "we're WE'RE we'RE we'rE", "'s 't 're 've 'm 'll 'd", "'S 'T 'RE 'VE 'M 'LL 'D", "'sx 'tis 'rex 'vex",
    "'r 'v 'l 'e", "''s", "'", "''", " 's", "a 's", "x'\u017f x'\u017ft", "'L'l", "'lL 'Ll", "'\u017f", "'\u212a", "it\u2019s", "'\n's", "1's",
    # white space of every kind, before, between and behind
    " a", "  a", "   a", "a ", "a  ", "a   ", " ", "  ", "   ", "a\n", "\na", "a\n\nb", "a \n b", "a  \n\n  b", " \n", "\n ", "\n\n\n", "\t\ta",
    "a\r\nb", "a\r\n\r\nb", "\r\r\n\n", "a\u00a0b", "a\u00a0\u00a0b", "a\u3000\u3000\nb", "a \u2028 b", "a\u0085b", "\u0085\u0085\nb", "a\x0b\x0cb",
    "!\n", "!\n\n", "!\r\n x", "! \n", "!!\n\n\t!", "a!\nb", ".\n\n.\n", "\x1c a \x1f", " \u200b ", "  \u00e9", "\u00a0\u00e9", "\t1", " 1", "  1",
    # numbers: runs of three, of other scripts, fractions, and what only some versions of Unicode call one
    "1", "12", "123", "1234", "12345", "1234567", "1a2b", "a1", "1 2", "12 34", "\u0661\u0662\u0663\u0664", "\u0967\u0968\u0969\u0970", "\u00bd\u00b2\u2167\u2460", "x\u00b2",
    "\U0001d7ce\U0001d7cf\U0001d7d0\U0001d7d1", "\u4e00\u4e8c", "\U00011de0\U00011de1", "\U00016ff4\U00016ff5", "3.14159", "1,234,567.89", "v1.2.3", "\u3007\u3021", "12\u0301",
    # marks and letters apart, scripts without spaces
    "e\u0301", "caf\u00e9 cafe\u0301", "\u0301", " \u0301", "a\u0301\u0323 a\u0323\u0301", "\u212b \u00c5 A\u030a", "\ud55c\uae00 \u1112\u1161\u11ab", "\u304b\u3099", "\u0958 \u0915\u093c", "\u0dd9\u0dcf\u0dca",
    "\ufb01 \u2126", "\U0001d15e", "\u0f73\u0f71\u0f72", "\u1ec7 e\u0323\u0302 e\u0302\u0323", "\u0344", "\uac00\u11a8", "\u1100\u1161\u11a8\u11a8", "a\u093cb", "\u0cc6\u0cc2\u0cd5",
    # marks of SentencePiece in the text
    "\u2581", "\u2581a", "a\u2581b", " \u2581 ", "\u2581\u2581\u2581the", "the \u2581the", "  the   film  ", "a\u2581 \u2581b", "\u2581film\u2581",
    # what looks like tokens
    "<0x41>", "<0x0A>", "<s>", "</s>", "<unk>", "\u0120the", "\u0120", "\u010a", "<|endoftext|>", "a<|endoftext|>b", " <|endoftext|> ", "<|endoftext|><|endoftext|>", "<|endoftext|",
    "<|im_start|>user\nHi<|im_end|>\n", "<|im_start|>", "<left>", "a <left> b", "a  <left>  b", "a <right> b", "a  <right>  b", "<right>  <left>", "\n<right>\n", "word", "a word", "swords", "word's",
    "word<left>word", "caf\u00e9token", "cafe\u0301token", "CAF\u00c9token", "<s> a", "<s>a</s> b", " <s>", "a <s> b <s>",
    # long words, for which merges wait in a queue
    "a" * 39, "a" * 40, "a" * 41, "a" * 300, "ab" * 200, "film" * 40, "filmfilms" * 30, "good" * 30 + "x" + "goods" * 20, "the" * 64, "the film is good " * 12,
    "\U0001f600" * 30, "\u00e9" * 60, "\u4e2d\u6587" * 30, " " * 100, "\n" * 70, "!" * 90, "-=" * 40, "thefilmisunbelievablygood" * 5, "1" * 100, "'s" * 50,
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u202ba\u202c \u200fb\u200e", "\U0010ffff\ue000\ufffd\ufffe", "\x00", "a\x00b",
] + SHARED[::2]

PAIRS = [("the film", "is good"), ("", "a"), ("a", ""), ("caf\u00e9 <left> b", " word\n"), ("film " * 9, "good " * 12)]

# Where a generated token may end: inside a character, and inside a run of bytes that is none.
BROKEN = [
    "\U0001f600\u00e9\u4e2d", "a\U0001f44d\U0001f3fdb", "\ud55c\uae00 \u05e9", "x\u00a0y\u2028z", "\u0939\u093f\u0928\u094d\u0926\u0940", "<0x0A>\n\u2764\ufe0f",
]
