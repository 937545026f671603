import Foundation
import PEFTTokenizers
import PEFTTraining
import TestModels
import Testing

@Suite("Documents become examples")
struct LanguageModelEncoderTests {
    private func encode(
        _ documents: [LanguageModelDocument],
        isBegun: Bool = false,
        endToken: Int32? = PieceTokenizer.end,
        length: Int = 32,
        layout: TextLayout = .separate,
        overlap: Int = 0,
        learns: LearntPart = .completions,
        conversations: TestConversations? = TestConversations()
    ) async throws -> [LanguageModelExample] {
        try await LanguageModelEncoder(
            tokenizer: PieceTokenizer(isBegun: isBegun),
            endToken: endToken,
            maximumLength: length,
            layout: layout,
            overlap: overlap,
            learns: learns,
            conversations: conversations
        ).encode(LanguageModelDataset(documents))
    }

    /// The tokens that are to be predicted.
    private func predicted(_ example: LanguageModelExample) -> [Int32] {
        zip(example.ids, example.isPredicted).filter(\.1).map(\.0)
    }

    @Test("a text ends with the end token, unless it does already or there is none")
    func endToken() async throws {
        let ids: [Int32] = [3, 4, 5, 6]
        #expect(try await encode([.text("The sky is blue")]) == [LanguageModelExample(ids: ids + [2])])
        #expect(try await encode([.text("The sky is blue</s>")]) == [LanguageModelExample(ids: ids + [2])])
        #expect(try await encode([.text("The sky is blue")], endToken: nil) == [LanguageModelExample(ids: ids)])
        let begun = try await encode([.text("The sky is blue")], isBegun: true)
        #expect(begun == [LanguageModelExample(ids: [1] + ids + [2])])
    }

    @Test("of a prompt with its completion the completion and the end token are learnt, or everything")
    func completion() async throws {
        let document = LanguageModelDocument.completion(prompt: "The sky is", completion: " blue.")
        for (isBegun, learns) in [(false, LearntPart.completions), (true, .completions), (true, .answers)] {
            let example = try await encode([document], isBegun: isBegun, learns: learns)[0]
            #expect(example.ids == (isBegun ? [1] : []) + [3, 4, 5, 6, 11, 2])
            #expect(predicted(example) == [6, 11, 2])
        }
        let all = try await encode([document], learns: .all)[0]
        #expect(predicted(all) == [4, 5, 6, 11, 2])
    }

    @Test("a token in which prompt and completion meet belongs to the completion")
    func meeting() async throws {
        let example = try await encode([.completion(prompt: "The sky is ", completion: "blue")])[0]
        #expect(example.ids == [3, 4, 5, 6, 2] && predicted(example) == [6, 2])
    }

    @Test("of a conversation everything is learnt, or what the assistant says with what ends it")
    func conversation() async throws {
        let messages = [
            ChatMessage(role: "user", content: "The sky"), ChatMessage(role: "assistant", content: " is blue"),
            ChatMessage(role: "user", content: " red"), ChatMessage(role: "assistant", content: " is"),
        ]
        let ids: [Int32] = [1, 51, 3, 4, 2, 52, 5, 6, 2, 51, 10, 2, 52, 5, 2]
        let whole = try await encode([.conversation(messages)])
        #expect(whole == [LanguageModelExample(ids: ids)])
        let answers = try await encode([.conversation(messages)], learns: .answers)[0]
        #expect(answers.ids == ids && predicted(answers) == [5, 6, 2, 5, 2])
        let alone = try await encode([.conversation([messages[1]])], learns: .answers)[0]
        #expect(predicted(alone) == [52, 5, 6, 2])
    }

    static let long = LanguageModelDocument.text("The sky is blue. sky is red.")
    // 3 4 5 6 11 4 5 10 11 2

    @Test("what is too long is cut off, split, or laid end to end and cut")
    func layouts() async throws {
        let short = LanguageModelDocument.text("The sky")
        let separate = try await encode([Self.long, short], length: 4)
        #expect(separate == [LanguageModelExample(ids: [3, 4, 5, 6]), LanguageModelExample(ids: [3, 4, 2])])
        let split = try await encode([Self.long, short], length: 4, layout: .split)
        #expect(split.map(\.ids) == [[3, 4, 5, 6], [11, 4, 5, 10], [11, 2], [3, 4, 2]])
        let blocks = try await encode([Self.long, short], length: 4, layout: .blocks)
        #expect(blocks.map(\.ids) == [[3, 4, 5, 6], [11, 4, 5, 10], [11, 2, 3, 4]])
        for example in split + blocks { #expect(example == LanguageModelExample(ids: example.ids)) }
    }

    @Test("blocks that overlap predict every token but the first once", arguments: 1...4)
    func overlap(_ overlap: Int) async throws {
        for layout in [TextLayout.split, .blocks] {
            let blocks = try await encode([Self.long], length: 5, layout: layout, overlap: overlap)
            #expect(blocks.flatMap(predicted) == [4, 5, 6, 11, 4, 5, 10, 11, 2])
            #expect(blocks.allSatisfy { $0.ids.count <= 5 } && blocks.count > 1)
            for (before, after) in zip(blocks, blocks.dropFirst()) {
                #expect(Array(after.ids.prefix(overlap)) == Array(before.ids.suffix(overlap)))
                #expect(after.isPredicted.prefix(overlap).allSatisfy { !$0 })
            }
        }
    }

    @Test("blocks without anything to predict are left out")
    func nothingInBlock() async throws {
        let document = LanguageModelDocument.completion(prompt: "The sky is blue.", completion: " red")
        let blocks = try await encode([document], length: 2, layout: .split)
        // The end token is a block of its own, in which nothing is before it.
        #expect(blocks.map(\.ids) == [[11, 10]])
        let joined = try await encode([document, document], length: 4, layout: .blocks)
        #expect(joined.map(\.ids) == [[11, 10, 2, 3], [10, 2]])
        #expect(joined.flatMap(predicted) == [10, 2, 2])
    }

    @Test("a document that leaves nothing to predict is refused with its place and what to do")
    func refused() async throws {
        let prompt = LanguageModelDocument.completion(prompt: "The sky is blue.", completion: " red")
        let user = LanguageModelDocument.conversation([ChatMessage(role: "user", content: "The sky")])
        let twice = LanguageModelDocument.conversation([
            ChatMessage(role: "user", content: "The"), ChatMessage(role: "user", content: " sky"),
        ])
        let answered = LanguageModelDocument.conversation([
            ChatMessage(role: "user", content: "The sky"), ChatMessage(role: "assistant", content: " is blue"),
        ])
        let cases: [(LanguageModelDocument, LearntPart, TestConversations?, String)] = [
            (.text(""), .all, nil, "there is no token that is to be predicted"),
            (
                prompt, .completions, nil,
                "the first token that is to be predicted is number 6, but texts are cut to 5 tokens"
            ),
            (user, .all, nil, "this document is a conversation, and there is no chat template"),
            (user, .answers, TestConversations(), "nobody says anything as assistant"),
            (twice, .all, TestConversations(), "roles must alternate"),
            (
                answered, .answers, TestConversations(forgets: true),
                "the chat template writes what comes before and up to message 2"
            ),
        ]
        for (document, learns, conversations, reason) in cases {
            let error = await #expect(throws: DatasetError.self) {
                try await encode([document], length: 5, learns: learns, conversations: conversations)
            }
            #expect(error?.problem.hasPrefix(reason) == true, "\(error as Any)")
        }
    }

    @Test("lengths that make no sense, and a model that cannot read them, are refused")
    func lengths() async throws {
        for (length, overlap, reason) in [
            (1, 0, "the maximum length must be at least 2, not 1"),
            (4, 4, "the overlap of blocks must be from 0 to 3, less than the maximum length, not 4"),
            (4, -1, "the overlap of blocks must be from 0 to 3, less than the maximum length, not -1"),
        ] {
            let error = await #expect(throws: TrainingError.self) {
                try await encode([Self.long], length: length, layout: .split, overlap: overlap)
            }
            #expect(error?.description == reason)
        }
        let encoder = LanguageModelEncoder(tokenizer: PieceTokenizer(), endToken: 2, maximumLength: 40)
        let error = #expect(throws: TrainingError.self) { try encoder.check(against: TinyLanguageModel()) }
        #expect(error?.description == "a maximum length of 40 is more than the 32 tokens the model can read")
    }
}
