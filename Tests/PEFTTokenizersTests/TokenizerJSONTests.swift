import PEFTFormats
import PEFTTokenizers
import Testing

/// What a `tokenizer.json` may hold, and what is said of one that holds something else.
@Suite("tokenizer.json")
struct TokenizerJSONTests {
    /// A file with one of its parts replaced.
    private func tokenizer(_ part: String = "", _ replacement: String? = nil) throws -> WordPieceTokenizer {
        var parts = [
            "version": "\"1.0\"",
            "truncation": #"{"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}"#,
            "padding": #"{"strategy": {"Fixed": 9}, "direction": "Right", "pad_id": 0, "pad_token": "[PAD]"}"#,
            "added_tokens": "[\(Self.added("[MASK]", id: 4, special: true))]",
            "normalizer": """
            {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
             "lowercase": true}
            """,
            "pre_tokenizer": #"{"type": "BertPreTokenizer"}"#,
            "post_processor": #"{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}"#,
            "decoder": ###"{"type": "WordPiece", "prefix": "##", "cleanup": true}"###,
            "model": Self.model(
                ###"{"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "good": 5, "##s": 6}"###
            ),
        ]
        if !part.isEmpty { parts[part] = replacement }
        let text = "{" + parts.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
        return try WordPieceTokenizer(tokenizerJSON: Array(text.utf8), source: "some/tokenizer.json")
    }

    private static func model(_ vocabulary: String) -> String {
        """
        {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 100, "vocab": \(vocabulary)}
        """
    }

    private static func added(_ content: String, id: Int, special: Bool = false, normalized: Bool = false) -> String {
        """
        {"id": \(id), "content": "\(content)", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": \(normalized), "special": \(special)}
        """
    }

    private func message(_ part: String, _ replacement: String?) -> String {
        do {
            _ = try tokenizer(part, replacement)
            return "no error"
        } catch {
            return String(describing: error)
        }
    }

    @Test("embedded truncation and padding are not applied")
    func embeddedSettings() throws {
        #expect(try tokenizer().encode("goods goods good").ids == [2, 5, 6, 5, 6, 5, 3])
        #expect(try tokenizer().encode("good").ids == [2, 5, 3])
    }

    @Test("the special tokens are known by kind")
    func specialTokens() throws {
        let special = try tokenizer().specialTokens
        #expect(special.padding == SpecialToken(text: "[PAD]", id: 0))
        #expect(special.unknown == SpecialToken(text: "[UNK]", id: 1))
        #expect(special.classification == SpecialToken(text: "[CLS]", id: 2))
        #expect(special.separator == SpecialToken(text: "[SEP]", id: 3))
        #expect(special.mask == SpecialToken(text: "[MASK]", id: 4))
    }

    @Test(
        "another kind of part is refused with what was found and what is supported",
        arguments: [
            ("model", #"{"type": "BPE", "vocab": {}, "merges": []}"#, #"model is "BPE""#, "WordPiece"),
            ("model", #"{"vocab": {}}"#, "model is of no named type", "WordPiece"),
            ("model", "null", "model is null", "WordPiece"),
            ("version", "\"2.0\"", #"version is "2.0""#, "1.0"),
            (
                "normalizer", #"{"type": "Sequence", "normalizers": []}"#, #"normalizer is "Sequence""#,
                "BertNormalizer, null"
            ),
            ("pre_tokenizer", #"{"type": "Whitespace"}"#, #"pre_tokenizer is "Whitespace""#, "BertPreTokenizer"),
            ("pre_tokenizer", "null", "pre_tokenizer is null", "BertPreTokenizer"),
            ("pre_tokenizer", nil, "pre_tokenizer is missing", "BertPreTokenizer"),
            (
                "post_processor", #"{"type": "RobertaProcessing"}"#, #"post_processor is "RobertaProcessing""#,
                "TemplateProcessing, BertProcessing, null"
            ),
            ("decoder", #"{"type": "ByteLevel"}"#, #"decoder is "ByteLevel""#, "WordPiece, null"),
        ] as [(String, String?, String, String)]
    )
    func unsupported(part: String, replacement: String?, found: String, supported: String) {
        #expect(
            message(part, replacement)
                == "some/tokenizer.json: \(found), which is not supported; supported: \(supported)"
        )
    }

    @Test(
        "a file that contradicts itself is refused with the place",
        arguments: [
            (
                "model", model(#"{"[CLS]": 2, "[SEP]": 3, "a": 0}"#),
                "some/tokenizer.json: the unknown token \"[UNK]\" is not in the vocabulary of 3 tokens; "
                    + "every word that cannot be split becomes it"
            ),
            (
                "model", model(#"{"[UNK]": 1, "a": 1}"#),
                "some/tokenizer.json: the tokens \"[UNK]\" and \"a\" both have the id 1; every id belongs to one token"
            ),
            (
                "model", model(#"{"[UNK]": 1, "a": -1}"#),
                #"some/tokenizer.json: model.vocab.a: expected an id from 0 to 2147483646, found -1"#
            ),
            (
                "model", #"{"type": "WordPiece", "vocab": {"[UNK]": 0}}"#,
                "some/tokenizer.json: model.unk_token: expected a string, found nothing"
            ),
            (
                "normalizer", #"{"type": "BertNormalizer", "clean_text": true}"#,
                "some/tokenizer.json: normalizer.handle_chinese_chars: expected true or false, found nothing"
            ),
            (
                "added_tokens", #"[{"id": 4, "content": "[MASK]"}]"#,
                "some/tokenizer.json: added_tokens[0].special: expected true or false, found nothing"
            ),
            (
                "added_tokens",
                "[\(added("Day", id: 7, normalized: true)), \(added("DAY", id: 8, normalized: true))]",
                "some/tokenizer.json: the added tokens \"Day\" and \"DAY\" are the same text once normalized, so which one "
                    + "a text means is undefined; remove one, or set its \"normalized\" to false"
            ),
            (
                "added_tokens", "[\(added("\u{301}", id: 7, normalized: true))]",
                "some/tokenizer.json: the added token \"\u{301}\" is looked for in normalized text, but nothing is left "
                    + "of it when it is normalized"
            ),
            (
                "post_processor", #"{"type": "BertProcessing", "sep": ["[SEP]", 99], "cls": ["[CLS]", 2]}"#,
                "some/tokenizer.json: post_processor.sep[1]: expected the id of a token, found 99"
            ),
            (
                "post_processor",
                #"{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[X]", "type_id": 0}}], "pair": [], "special_tokens": {}}"#,
                "some/tokenizer.json: post_processor.special_tokens[\"[X]\"]: expected an object, found nothing"
            ),
            (
                "post_processor",
                #"{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B", "type_id": 0}}], "pair": [], "special_tokens": {}}"#,
                "some/tokenizer.json: post_processor.single: expected a template of Sequence A alone, found an array"
            ),
            (
                "post_processor",
                #"{"type": "TemplateProcessing", "single": [], "pair": [{"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {}}"#,
                "some/tokenizer.json: post_processor.pair: expected a template that uses Sequence B, found an array"
            ),
            (
                "post_processor",
                #"{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "C", "type_id": 0}}], "pair": [], "special_tokens": {}}"#,
                "some/tokenizer.json: post_processor.single[0].Sequence.id: expected \"A\" or \"B\", found \"C\""
            ),
        ]
    )
    func contradiction(part: String, replacement: String, expected: String) {
        #expect(message(part, replacement) == expected)
    }

    @Test("a template may repeat texts and special tokens, and gives each its type id")
    func template() throws {
        let template = """
            {"type": "TemplateProcessing",
             "single": [{"Sequence": {"id": "A", "type_id": 2}}, {"SpecialToken": {"id": "two", "type_id": 5}},
                        {"Sequence": {"id": "A", "type_id": 3}}],
             "pair": [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "two", "type_id": 0}}],
             "special_tokens": {"two": {"id": "two", "ids": [2, 3], "tokens": ["[CLS]", "[SEP]"]}}}
            """
        let tokenizer = try tokenizer("post_processor", template)
        #expect(try tokenizer.encode("goods") == Encoding(ids: [5, 6, 2, 3, 5, 6], typeIDs: [2, 2, 5, 5, 3, 3]))
        #expect(try tokenizer.encode("good", pair: "goods") == Encoding(ids: [5, 6, 2, 3], typeIDs: [1, 1, 0, 0]))
        #expect(try tokenizer.encode("goods", maximumLength: 3).ids == [5, 2, 3, 5])
    }

    @Test("malformed JSON is refused with line and column")
    func malformed() {
        #expect(throws: JSONError.self) {
            try WordPieceTokenizer(tokenizerJSON: Array("{\"version\": }".utf8))
        }
    }
}
