import Foundation
import PEFTFormats
import PEFTTokenizers
import Testing

/// What a `tokenizer.json` of a language model may hold, and which tokenizer a folder has.
@Suite("BPE files")
struct BPEFileTests {
    /// A file with one of its parts replaced.
    private func json(_ part: String = "", _ replacement: String? = nil) -> String {
        var parts = [
            "version": "\"1.0\"",
            "added_tokens": "[]",
            "normalizer": "null",
            "pre_tokenizer": #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"#,
            "post_processor": "null",
            "decoder": #"{"type": "ByteLevel"}"#,
            "model": #"{"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]}"#,
        ]
        if !part.isEmpty { parts[part] = replacement }
        return "{" + parts.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
    }

    private func ids(_ text: String, _ part: String, _ replacement: String) throws -> [Int32] {
        try BPETokenizer(tokenizerJSON: Array(json(part, replacement).utf8)).ids(of: text)
    }

    private func message(_ part: String, _ replacement: String?) -> String {
        do {
            _ = try BPETokenizer(tokenizerJSON: Array(json(part, replacement).utf8), source: "tokenizer.json")
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("merges are pairs, or texts with a space as in older files, and a model may name no type")
    func merges() throws {
        let old = #"{"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"], "dropout": null, "unk_token": null}"#
        #expect(try ids("abb", "model", old) == [2, 1])
        #expect(try ids("abb", "version", "\"1.0\"") == [2, 1])
    }

    @Test(
        "another kind of part is refused with what was found and what is supported",
        arguments: [
            ("model", #"{"type": "Unigram", "vocab": [], "merges": []}"#, #"model is "Unigram""#, "BPE"),
            (
                "model", #"{"type": "BPE", "vocab": {}, "merges": [], "end_of_word_suffix": "</w>"}"#,
                #"the model's end_of_word_suffix is "</w>""#, "an empty one, null"
            ),
            (
                "model", #"{"type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1}"#, "the model's dropout is 0.1",
                "0, null"
            ),
            ("normalizer", #"{"type": "NFKC"}"#, #"normalizer is "NFKC""#, "Sequence, NFC, Prepend, Replace, null"),
            (
                "normalizer", #"{"type": "Replace", "pattern": {"Regex": "\\s"}, "content": ""}"#,
                #"a pattern of the normalizer is the regular expression "\\s""#, "a String"
            ),
            (
                "pre_tokenizer", #"{"type": "Whitespace"}"#, #"pre_tokenizer is "Whitespace""#,
                "Sequence, ByteLevel, Digits, Metaspace, Split, null"
            ),
            (
                "pre_tokenizer",
                #"{"type": "Split", "pattern": {"Regex": "\\p{L}+"}, "behavior": "Isolated", "invert": false}"#,
                #"the pattern of a Split is \p{L}+"#,
                "the regular expressions of GPT-2, cl100k_base, Llama 3 and Qwen 2"
            ),
            (
                "post_processor", #"{"type": "RobertaProcessing"}"#, #"post_processor is "RobertaProcessing""#,
                "TemplateProcessing, ByteLevel, Sequence, null"
            ),
            (
                "decoder", #"{"type": "CTC"}"#, #"decoder is "CTC""#,
                "Sequence, ByteLevel, ByteFallback, Replace, Fuse, Strip, Metaspace, WordPiece, null"
            ),
        ]
    )
    func unsupported(part: String, replacement: String, found: String, supported: String) {
        let expected = "tokenizer.json: \(found), which is not supported; supported: \(supported)"
        #expect(message(part, replacement) == expected)
    }

    @Test("a merge that is none, and one of tokens that there are not")
    func badMerges() {
        #expect(
            message("model", #"{"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]}"#)
                == "tokenizer.json: merge 0 needs the token \"b\", which is not in the vocabulary of 1 tokens"
        )
        #expect(
            message("model", #"{"type": "BPE", "vocab": {"a": 0}, "merges": ["a a a"]}"#)
                == "tokenizer.json: model.merges[0]: expected two tokens, found \"a a a\""
        )
    }

    @Test("without a decoder tokens stand between spaces")
    func noDecoder() throws {
        let tokenizer = try BPETokenizer(tokenizerJSON: Array(json("decoder", "null").utf8))
        #expect(tokenizer.decode([2, 0], skippingSpecialTokens: true) == "ab a")
    }

    @Test("a folder has the tokenizer that its files say, and the roles of its tokens")
    func folders() throws {
        let configuration = #"{"bos_token": "a", "eos_token": {"content": "ab"}, "pad_token": null}"#
        let bpe = try withFolder([
            "tokenizer.json": Array(json().utf8), "tokenizer_config.json": Array(configuration.utf8),
        ]) { try Tokenizers.open($0) }
        #expect(bpe is BPETokenizer)
        #expect(bpe.specialTokens == SpecialTokens(beginning: .init(text: "a", id: 0), end: .init(text: "ab", id: 2)))

        let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\n##s\n."
        let wordPiece = try withFolder(["vocab.txt": Array(vocabulary.utf8)]) { try Tokenizers.open($0) }
        #expect(wordPiece is WordPieceTokenizer)
        let ids = try wordPiece.encode("Goods.").ids
        #expect(wordPiece.decode(ids, skippingSpecialTokens: true) == "goods.")
        #expect(wordPiece.decode(ids, skippingSpecialTokens: false) == "[CLS] goods. [SEP]")

        #expect(throws: TokenizerError.missingFiles(folder: "/nowhere")) {
            try Tokenizers.open(URL(filePath: "/nowhere", directoryHint: .isDirectory))
        }
    }
}
