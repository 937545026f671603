"""Texts that tell a tokenizer with the right Unicode tables and rules from one that is nearly right."""

import string

HANGUL = "".join(chr(c) for c in (0xAC00, 0xAC01, 0xD55C, 0xAE00, 0xD7A3))
DENSE_MARKS = "e\u0301\u0323\u0302\u0331\u0308"

# One text a line, grouped by what they try.
TEXTS = [
    # nothing to tokenize
    "", " ", "   ", "\n", "\t\r\n ", "\u00a0", "\u3000\u3000", "\u200b", "\u00ad", "\ufeff", "\x00", "\x00\x00 \x00",
    "\u0301", "\u0301\u0323", " \u0301 ", "\ufffd", "\ue000\uf8ff", "\U000f0000\U0010ffff",
    # plain text
    "The film is good.", "the film is GOOD", "The FILM Is gOOd!", "unbelievably good acting", "unaffable", "filmmakers",
    "a b c", "aaaaaaaaab", "goodgood", "good-good", "it's good, isn't it?", "don't", "rock 'n' roll", "e-mail me@film.org",
    "http://film.org/a?b=c&d=e#f", "3.14 1,000 20% $5 #1 a+b=c x^2 ~y `z` |w|", "C++ C# F-16", "end.Start", "...", "?!?!",
    "under_score", "a/b\\c", "(good) [good] {good} <good>", "\"good\" 'good' `good`", "well--known", "the the the",
    string.punctuation, " ".join(string.punctuation), "a".join(string.punctuation), string.ascii_letters + string.digits,
    # every kind of white space, and what only looks like it
    "good\tfilm", "good\nfilm", "good\rfilm", "good\r\nfilm", "good\x0bfilm", "good\x0cfilm", "good\x85film",
    "good\u00a0film", "good\u1680film", "good\u2000film", "good\u2003film", "good\u2007film", "good\u2009film",
    "good\u200afilm", "good\u2028film", "good\u2029film", "good\u202ffilm", "good\u205ffilm", "good\u3000film",
    "good\u180efilm", "good\u200bfilm", "good\u2060film", "good\ufefffilm", "\ufeffgood film", "good\x1cfilm\x1f",
    "  good   film  ", "good \u00a0 \u3000 film",
    # control, format, private use, unassigned, noncharacters
    "go\x00od", "go\x01o\x02d", "go\x7fod", "go\x80od", "go\x9fod", "go\u00adod", "go\u200cod", "go\u200dod", "go\u200eod",
    "go\u200fod", "go\u202aod\u202c", "go\u2066od\u2069", "go\ufffdod", "go\ufffeod", "go\uffffod", "go\ue000od",
    "go\U000e0001od", "go\U000e0041od", "go\U000f1234od", "go\U0010fffdod", "go\U0001fffeod", "go\u0378od", "go\u05ffod",
    "go\u061cod", "go\u06ddod", "go\u070fod", "go\u08e2od", "go\U000110bdod", "go\U000110cdod", "go\U00013430od",
    "\ud7fb\uf900", "\ud7ff\ue000", "go\ufff9od\ufffb", "go\ufffcod",
    # accents, precomposed and combining, canonical order
    "caf\u00e9", "cafe\u0301", "CAF\u00c9", "CAFE\u0301", "na\u00efve r\u00e9sum\u00e9", "nai\u0308ve re\u0301sume\u0301",
    "\u00e9", "e\u0301", "\u1e69", "s\u0323\u0307", "s\u0307\u0323", "\u1e0b\u0323", "\u1e0d\u0307", DENSE_MARKS,
    DENSE_MARKS[0] + DENSE_MARKS[:0:-1], "\u0344", "\u0340\u0341", "\u0343", "\u1fc1", "\u1fee", "\u1ffd", "\u0385",
    "\u00c5 \u212b A\u030a", "\u2126 \u03a9", "\u212a k", "\u00c0\u00c1\u00c2\u00c3\u00c4\u00c5", "\u0149 \u1e9a", "o\u0338",
    "\u00f8 \u0142 \u0111 \u0127", "Vi\u1ec7t Nam ti\u1ebfng", "a\u0315\u0300\u05ae\u0300\u0062", "\u0061\u1dd8\u0301",
    "a\u3099", "\u304c \u304b\u3099", "\u30d1 \u30cf\u309a", "\u0f71\u0f72\u0f74", "\u0f73", "\u0f81", "\u0f76", "\u0f43\u0f4d",
    "\U0001d165x", "\U0001d15e", "\U0001d160", "\U0001d158\U0001d165\U0001d16d", "\U0001d158\U0001d16d\U0001d165",
    "\U0001d16d\U0001d165\u0301\u302e", "a\u302e\U0001d165\u0903\U0001d165", "\U0001d165\u0902\u302e\U0001d16d",
    "\u302e\u302f", "\u302f\u302e\u0323", "\u1b35\u1b44\u1bf2", "\u0c46\u0c56", "\u0dd9\u0dcf\u0dca", "\U00011131\U00011127",
    "\U00011347\U0001133e", "\U000114b9\U000114ba", "\U000115b8\U000115af", "\U00011935\U00011930", "\U00011938",
    # letters with their own rules of case
    "\u0130stanbul \u0131l", "I\u0307", "\u0130", "i\u0307", "\u00df \u1e9e STRASSE", "\u03a3\u0391\u03a3", "\u03a3", "\u03c2",
    "\u039f\u0394\u039f\u03a3 \u039f\u0394\u039f\u03a3.", "\u01c4\u01c5\u01c6", "\u01f1\u01f2\u01f3", "\u1f88\u1f80", "\u1fb3",
    "\u1e9e", "\u0149", "\u2160\u2170", "\u24b6\u24d0", "\uff21\uff41", "\U00010400\U00010428", "\U00010c80", "\U000118a0",
    "\U0001e900", "\u10a0\u2d00", "\u1c90\u10d0", "\u13a0\uab70", "\ua64a\u1c88", "\u2c2f\ua7c4\ua7c5\ua7c6", "\ua7cb\ua7da",
    "\u03f4\u03d1", "\u1e9b\u0323", "\u0345", "\u0399\u0345", "\u01c5\u030c",
    # ligatures and compatibility characters, which stay
    "\ufb01lm o\ufb03ce \ufb05", "\u0132\u0133 \u0152\u0153 \u00c6\u00e6", "\u2460 \u00bd \u00b2 x\u00b2", "\u2122 \u2120 \u00ae \u00a9",
    "\u2474\u3251\u32c0", "\u338f \u33a5", "\u1d2c\u1d62", "\u02b0\u02e0", "\uff11\uff12\uff01\uff1f", "\uff76\uff9e\uff8a\uff9f",
    "\U0001d400\U0001d41a\U0001d7ce\U0001d7d8", "\U0001d4d0\U0001d504\U0001d538 \U0001d6a8", "\U0001f130\U0001f170",
    # scripts
    HANGUL, "\ud55c\uae00 \u1112\u1161\u11ab\u1100\u1173\u11af", "\u1112\u1161", "\uac00\u11a8", "\u3131\u314f", "\ud7b0\ud7cb",
    "\u4e2d\u6587", "\u7535\u5f71good\u597d", "\u6620\u753b\u306f\u826f\u3044", "\u30ab\u30bf\u30ab\u30ca\u30fc", "\u3400\u4dbf\u4dc0",
    "\U00020000\U0002a6d6\U0002a6df", "\U0002a700\U0002b740\U0002b81d", "\U0002b820\U0002b920\U0002cea1", "\U0002ceb0\U00030000\U00031350",
    "\uf900\ufa0e\ufa11\ufa30", "\U0002f800\U0002fa1d", "\u2e80\u2f00\u3007\u3021", "\u3105\u31a0", "\u9fff\ua000", "\u3005\u303b",
    "\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u0444\u0438\u043b\u044c\u043c \u0419\u0439 \u0401\u0451", "\u0419 \u0418\u0306",
    "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac", "\u1f08\u03b8\u1fc6\u03bd\u03b1\u03b9", "\u05e9\u05dc\u05d5\u05dd \u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
    "\ufb2a\ufb2b\ufb4b", "\u0645\u0631\u062d\u0628\u0627 \u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627", "\u0622\u0623\u0624 \ufdfa \ufefb", "\u061f\u060c\u066a",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0915\u094d\u200d\u0937 \u0915\u093c \u0958", "\u0964\u0965", "\u09ac\u09be\u0982\u09b2\u09be \u09cb \u09c7\u09be",
    "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u0bca", "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 \u0e33", "\u0ea5\u0eb2\u0ea7 \u0eb3", "\u1019\u103c\u1014\u103a\u1019\u102c",
    "\u1781\u17d2\u1798\u17c2\u179a", "\u0f56\u0f7c\u0f51\u0f0b\u0f61\u0f72\u0f42", "\u10e5\u10d0\u10e0\u10d7", "\u0540\u0561\u0575\u0565\u0580\u0565\u0576 \u0587",
    "\u12a0\u121b\u122d\u129b\u1361", "\u13e3\u13b3\u13a9", "\u1820\u180b\u1802", "\ua500\ua60d", "\U00010330\U00012000\U00013000",
    "\U0001e8d0\U0001e94a", "\U000109a0\U00010a0d", "\U00016ff0\U00030001", "\u07eb\u07fd\u0898\u0899",
    # emoji and symbols
    "good \U0001f600!", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f44d\U0001f3fd", "\u2764\ufe0f \u2764\ufe0e", "\U0001f1e9\U0001f1ea",
    "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001fae0\U0001fae8", "\u2603\u2604", "\u20ac5 \u00a35 \u00a55", "\u2190\u2192 \u221e \u2211",
    "\u266a good \u266b", "\u00b0C \u00b5m", "\u2028", "\u25cc\u0301",
    # punctuation beyond ASCII, by the library's age
    "\u00abgood\u00bb", "\u201cgood\u201d \u2018film\u2019", "good\u2026film", "good\u2013film\u2014good", "\u00bfgood? \u00a1good!", "\u00a7 \u00b6 \u2020 \u2021 \u2022",
    "\u3001\u3002\u300c\u300d\u30fb", "\uff0c\uff0e\uff1a\uff1b", "good\u00b7film \u0387 \u037e", "\u1fef\u1fbd\u2019", "\u2329\u232a \u3008\u3009", "\u2016\u2017\u203f\u2040",
    "\u2e2e\u2e43\u2e52", "\u058a\u05be\u05f3", "\u066c\u061d", "\U00010100\U000110be\U00011fff", "\u02bc\u02c6", "\u00b4\u00a8\u00b8", "\u2044\u2215", "\ufe10\ufe50\uff3f",
    # long and unknown words
    "a" * 99, "a" * 100, "a" * 101, "\u00e9" * 100, "e\u0301" * 100, "\u00e9" * 101, "\u4e2d" * 120, "good" * 25, "good" * 26, "\U0001d400" * 100,
    "\U0001d400" * 101, "x" + "\u0301" * 150, "good" + "\u200d" * 120, "qqqq", "goodqgood", "zzz good zzz", "\u2603", "good\u2603", "\u2603good", "##good", "good##film",
    # special tokens in the text
    "[CLS]", "[MASK]", "a [MASK] film", "a[MASK]film", "[mask]", "[ MASK ]", "[MASK", "MASK]", "[MASK][MASK]", "[[MASK]]", "[SEP] good [SEP]", "[UNK] [PAD]",
    "[CLS]good film[SEP]", "\u3010MASK\u3011", "[MA\u200dSK]", "[MASK]\u0301good", "e[MASK]\u0301", "\u00e9[MASK]\u00e9", "\u4e2d[MASK]\u6587", "\x00[MASK]\x00",
    # added tokens with flags (only the tokenizer `added` has them)
    "the Oscar film", "Oscars Oscar", "xOscar Oscarx", "Oscar.", "(Oscar)", "_Oscar Oscar_", "\u00e9Oscar Oscar\u0301", "Oscar\u200d \u200cOscar", "1Oscar \u4e2dOscar", "oscar OSCAR",
    "good <left> film", "good   <left>", "good\u3000\t<left>film", "<left>", "good <right>   film", "good<right>\n\u00a0film", "<right> ", "good  <both>  film", "<right>  <left>", "<both> <both>",
    "<left> <left>  <right>  <both>", "Blade Runner", "blade runner", "BLADE RUNNER 2049", "BL\u00c1DE  runner", "bladerunner", "blade runner's", "blade runners", "Bla\x00de Runner", "xblade runnerx",
    "Am\u00e9lie", "amelie", "Ame\u0301lie", "AM\u00c9LIE!", "am\u00e9liex", "<new> <newer>", "<newer>", "<new", "<new>er", "<newest>", "good<new>film", "\u65b0\u6d6a\u6f6e", "\u65b0 \u6d6a", "  \u65b0\u6d6a\u6f6e\u4e2d",
    # white space that two added tokens claim (only `overlapping` has them)
    "a@ q", "a@  q", "@ s", "@  s", "a  b", "a   b", "a    b", "a     b", "a s", "a sx", "a\u00a0s S s",
]

SHORT = "good film"
LONG = "the film is unbelievably good, and the acting is good too! don't miss it."
LONGER = LONG + " " + LONG.upper()
MIXED = "\u4e2d\u6587 caf\u00e9 [MASK] Oscar <left> unbelievably"

PAIRS = [
    (SHORT, LONG), (LONG, SHORT), (LONG, LONG), (LONG, LONGER), (LONGER, LONG), (SHORT, ""), ("", SHORT), ("", ""),
    (MIXED, LONG), (LONGER, MIXED), ("[MASK]" * 9, LONG), (LONG, "good " + "[MASK]" * 9), ("unbelievably " * 9, LONGER),
]
LENGTHS = [3, 4, 5, 8, 11, 22, 23, 41]
STRATEGIES = ["longest_first", "only_first", "only_second"]
