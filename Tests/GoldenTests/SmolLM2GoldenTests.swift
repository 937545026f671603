import Foundation
import PEFTAutograd
import PEFTFormats
import PEFTInference
import PEFTModels
import PEFTTensor
import PEFTTokenizers
import PEFTTraining
import TestModels
import TestSupport
import Testing

@Suite(
    "The real SmolLM2 with 4-bit weights agrees with transformers, which reads the same file",
    .enabled(if: FetchedFiles.canTest("smollm2"), "run 'make fetch' first")
)
struct SmolLM2GoldenTests {
    let expected: JSONReader
    let file: URL
    let base: FrozenModel<AnyLanguageModel>
    let tokenizer: any Tokenizer

    init() throws {
        file = FetchedFiles.url("smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
        expected = try Golden.json("smollm2/expected.json")
        base = try FrozenModel<AnyLanguageModel>.open(file)
        tokenizer = try Tokenizers.open(file)
    }

    /// The hidden states of a text and its logits, all from one pass.
    private func logits(_ ids: [Int32], rows wanted: [Int]) -> [[Float]] {
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: nil)
        let batch = TokenBatch([ids])
        let hidden = base.architecture.hiddenStates(batch, context)
        return wanted.map { row in
            let (rows, indices) = TokenRows(batch).selecting([row])
            return base.architecture.logits(context.tape.rows(indices, of: hidden), rows: rows, context).value.elements
        }
    }

    @Test("token ids of prompts and of hard texts, and what they decode to")
    func tokens() throws {
        for row in try expected["prompts"].elements() {
            #expect(try tokenizer.ids(of: row["text"].string()) == row["ids"].ints().map(Int32.init))
        }
        let hard = try expected["hard_texts"].elements()
        #expect(hard.count > 50)
        for row in hard {
            let (text, ids) = (try row["text"].string(), try row["ids"].ints().map(Int32.init))
            #expect(try tokenizer.ids(of: text) == ids, "\(text.debugDescription)")
            #expect(
                try Array(tokenizer.decode(ids, skippingSpecialTokens: false).utf8)
                    == Array(row["decoded"].string().utf8)
            )
        }
    }

    @Test(
        "token ids of Shakespeare's works",
        .enabled(if: FetchedFiles.canTest("plays"), "run 'make fetch' first")
    )
    func plays() throws {
        let plays = try expected["plays"].members()
        #expect(plays.count == 42)
        for (name, row) in plays {
            let text = try String(contentsOf: FetchedFiles.url("plays/\(name).txt"), encoding: .utf8)
            let ids = try tokenizer.ids(of: text)
            #expect(try ids.count == row["tokens"].int(), "\(name)")
            var digest = ContentDigest()
            digest.add(ids)
            #expect(try digest.text == row["digest"].string(), "\(name)")
        }
    }

    @Test("logits behind prompts, to 10⁻³")
    func logits() throws {
        let tensors = try Golden.tensors("smollm2/logits.safetensors")
        let stride = try expected["stride"].int()
        let rows = try expected["prompts"].elements()
        #expect(rows.count == 12 && tensors.count == 12)
        for (index, row) in rows.enumerated() {
            let ids = try row["ids"].ints().map(Int32.init)
            let found = logits(ids, rows: [ids.count - 1])[0]
            let wanted = try #require(tensors["logits.\(index)"]).elements
            let peak = wanted.map(abs).max() ?? 0
            for (place, value) in wanted.enumerated() {
                #expect(
                    abs(found[place * stride] - value) <= 1e-3 * max(1, peak),
                    "prompt \(index), token \(place * stride)"
                )
            }
            #expect(try found.indices.max { found[$0] < found[$1] } == row["likeliest"].int())
        }
    }

    @Test("greedy continuations of 64 tokens, side by side")
    func continuations() async throws {
        let generator = try TextGenerator(base, tokenizer: tokenizer)
        let rows = try expected["prompts"].elements()
        let options = GenerationOptions(maximumTokens: 64)
        let requests = try rows.map { row in
            GenerationRequest(prompt: try row["ids"].ints().map(Int32.init), options: options)
        }
        let generations = try await generator.generate(requests)
        #expect(generations.count == 12)
        for (generation, row) in zip(generations, rows) {
            #expect(try generation.tokens == row["continuation"].ints().map(Int32.init), "\(generation.text)")
            #expect(try generation.text == row["continuation_text"].string())
        }
        // One alone goes the way of single rows.
        let alone = try await generator.generate([requests[3]])
        #expect(alone == [generations[3]])
    }

    @Test(
        "perplexity of a page, within half a per cent",
        .enabled(if: FetchedFiles.canTest("plays"), "run 'make fetch' first")
    )
    func perplexity() async throws {
        let page = try expected["page"]
        let text = try String(contentsOf: FetchedFiles.url("plays/\(page["play"].string()).txt"), encoding: .utf8)
        let range = try page["characters"].ints()
        let characters = Array(text.unicodeScalars)
        var part = String.UnicodeScalarView()
        part.append(contentsOf: characters[range[0]..<range[1]])
        let ids = try tokenizer.ids(of: String(part))
        #expect(try ids.count == page["tokens"].int())
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: nil)
        let batch = TokenBatch([ids])
        let hidden = base.architecture.hiddenStates(batch, context)
        let loss = base.architecture.loss(
            hidden,
            rows: TokenRows(batch),
            targets: Array(ids.dropFirst()) + [0],
            weights: Array(repeating: 1, count: ids.count - 1) + [0],
            context
        )
        let found = Double(loss.value.elements[0]) / Double(ids.count - 1)
        #expect(abs(exp(found - (try page["loss"].double())) - 1) < 0.005)
    }

    @Test("a conversation is written as the model's own template has it")
    func chat() throws {
        let template = try #require(try ChatTemplate.open(file))
        let prompts = try expected["prompts"].elements()
        for (index, question) in try expected["questions"].strings().enumerated() {
            let text = try template.render(
                messages: [ChatMessage(role: "user", content: question)],
                addingGenerationPrompt: true,
                extra: tokenizer.specialTokens.templateVariables
            )
            #expect(try text == prompts[10 + index]["text"].string())
        }
    }
}
