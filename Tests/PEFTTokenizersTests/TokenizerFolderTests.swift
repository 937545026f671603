import Foundation
import PEFTFormats
import PEFTTokenizers
import Testing

/// What is read from which file of a checkpoint folder.
@Suite("A tokenizer's folder")
struct TokenizerFolderTests {
    private let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\nGood\n##s\nca\u{301}\n\u{4E2D}\n"

    private func open(_ files: [String: String]) throws -> WordPieceTokenizer {
        try withFolder(files.mapValues { Array($0.utf8) }) { try WordPieceTokenizer.open($0) }
    }

    private func message(_ files: [String: [UInt8]]) throws -> String {
        try withFolder(files) { folder in
            do {
                _ = try WordPieceTokenizer.open(folder)
                return "no error"
            } catch {
                return String(describing: error).replacingOccurrences(of: folder.path, with: "FOLDER")
            }
        }
    }

    @Test("vocab.txt alone is an uncased BERT")
    func vocabularyAlone() throws {
        let tokenizer = try open(["vocab.txt": vocabulary])
        #expect(try tokenizer.encode("GOODS [MASK]").ids == [2, 5, 7, 4, 3])
        #expect(try tokenizer.encode("good", pair: "good").typeIDs == [0, 0, 0, 1, 1])
        #expect(tokenizer.vocabularySize == 10)
        #expect(tokenizer.specialTokens.padding == SpecialToken(text: "[PAD]", id: 0))
    }

    @Test("tokenizer_config.json says how vocab.txt is to be used")
    func configuration() throws {
        let cased = try open(["vocab.txt": vocabulary, "tokenizer_config.json": #"{"do_lower_case": false}"#])
        #expect(try cased.encode("Goods good").ids == [2, 6, 7, 5, 3])
        let accented = try open([
            "vocab.txt": vocabulary, "tokenizer_config.json": #"{"do_lower_case": true, "strip_accents": false}"#,
        ])
        #expect(try accented.encode("Ca\u{301}").ids == [2, 8, 3])
        let together = try open([
            "vocab.txt": vocabulary, "tokenizer_config.json": #"{"tokenize_chinese_chars": false}"#,
        ])
        #expect(try together.encode("good\u{4E2D}").ids == [2, 1, 3])
        #expect(try open(["vocab.txt": vocabulary]).encode("good\u{4E2D}").ids == [2, 5, 9, 3])
    }

    @Test("special tokens are named by tokenizer_config.json, or else by special_tokens_map.json")
    func names() throws {
        let tokenizer = try open([
            "vocab.txt": "<pad>\n<unk>\n<s>\n</s>\ngood\n<other>\n",
            "special_tokens_map.json": """
            {"pad_token": {"content": "<pad>", "lstrip": false}, "unk_token": "<unk>", "sep_token": "</s>",
             "cls_token": "<other>"}
            """,
            "tokenizer_config.json": #"{"cls_token": "<s>", "mask_token": null}"#,
        ])
        #expect(try tokenizer.encode("good bad<pad>").ids == [2, 4, 1, 0, 3])
        #expect(tokenizer.specialTokens.classification?.text == "<s>")
        #expect(tokenizer.specialTokens.mask == nil)
    }

    @Test("tokens in added_tokens_decoder are found in the text, new ones behind the vocabulary")
    func addedTokens() throws {
        let tokenizer = try open([
            "vocab.txt": vocabulary,
            "tokenizer_config.json": """
            {"added_tokens_decoder": {"11": {"content": "<b>", "special": true}, "10": {"content": "<A>"},
                                      "4": {"content": "[MASK]", "special": true, "lstrip": true}}}
            """,
        ])
        #expect(try tokenizer.encode("good<a><b> [MASK]<B>").ids.prefix(5) == [2, 5, 10, 11, 4])
        #expect(tokenizer.vocabularySize == 12)
    }

    @Test("tokenizer.json counts for more than vocab.txt and its settings")
    func precedence() throws {
        let file = try Golden.bytes(Golden.tokenizers.appendingPathComponent("cased.json"))
        let tokenizer = try withFolder([
            "tokenizer.json": file,
            "vocab.txt": Array("[UNK]\n".utf8),
            "tokenizer_config.json": Array(#"{"do_lower_case": true, "pad_token": "[UNK]"}"#.utf8),
        ]) { try WordPieceTokenizer.open($0) }
        let good = try #require(tokenizer.id(of: "GOOD"))
        #expect(try tokenizer.encode("GOOD").ids.contains(good))
        #expect(tokenizer.specialTokens.padding?.text == "[UNK]")
    }

    @Test("a vocabulary made in the program is used like vocab.txt")
    func programmatic() throws {
        let tokens = vocabulary.split(separator: "\n").map(String.init)
        let uncased = try WordPieceTokenizer(vocabulary: tokens)
        #expect(try uncased.encode("GOODS").ids == [2, 5, 7, 3])
        let cased = try WordPieceTokenizer(vocabulary: tokens, lowercases: false)
        #expect(try cased.encode("Goods").ids == [2, 6, 7, 3])
        #expect(throws: TokenizerError.self) { try WordPieceTokenizer(vocabulary: ["[UNK]", "[CLS]"]) }
    }

    @Test(
        "a folder that cannot be opened is refused with the file and what is wrong",
        arguments: [
            ([:], "FOLDER: no tokenizer here; expected tokenizer.json or vocab.txt"),
            (
                ["vocab.txt": Array("[PAD]\n[CLS]\n[SEP]\n".utf8)],
                "FOLDER/vocab.txt: the unknown token \"[UNK]\" is not in the vocabulary of 3 tokens; "
                    + "every word that cannot be split becomes it"
            ),
            (
                ["vocab.txt": Array("[UNK]\n[CLS]\n".utf8)],
                "FOLDER/vocab.txt: the token \"[SEP]\" is not in the vocabulary of 2 tokens; every sequence has it"
            ),
            (
                ["vocab.txt": Array("[UNK]\n[CLS]\n".utf8) + [0x61, 0xC3, 0x0A]],
                "FOLDER/vocab.txt:3: not valid UTF-8; convert the file to UTF-8"
            ),
            (
                [
                    "vocab.txt": Array("[UNK]\n[CLS]\n[SEP]\n".utf8),
                    "tokenizer_config.json": Array(#"{"pad_token": "<pad>"}"#.utf8),
                ],
                "FOLDER/tokenizer_config.json: the padding token \"<pad>\" is not in the vocabulary"
            ),
            (
                [
                    "vocab.txt": Array("[UNK]\n[CLS]\n[SEP]\n".utf8),
                    "tokenizer_config.json": Array(#"{"do_lower_case": "yes"}"#.utf8),
                ],
                "FOLDER/tokenizer_config.json: do_lower_case: expected true or false, found \"yes\""
            ),
            (
                ["vocab.txt": Array("[UNK]\n".utf8), "added_tokens.json": Array("{}".utf8)],
                "FOLDER/added_tokens.json: a list of added tokens without their flags is given, which is not supported; "
                    + "supported: added_tokens_decoder in tokenizer_config.json, or a tokenizer.json"
            ),
        ] as [([String: [UInt8]], String)]
    )
    func faults(files: [String: [UInt8]], expected: String) throws {
        #expect(try message(files) == expected)
    }

    @Test("a file that cannot be read is an error of its own, not a missing file")
    func unreadable() throws {
        try withFolder([:]) { folder in
            let path = folder.appendingPathComponent("tokenizer.json")
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: false)
            let error = #expect(throws: FileError.self) { try WordPieceTokenizer.open(folder) }
            #expect(error?.description == "cannot read \(path.path): it is a folder")
        }
    }
}
