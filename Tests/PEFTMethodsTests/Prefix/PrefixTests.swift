import Foundation
import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A prefix")
struct PrefixTests {
    let model: BERT
    let examples = Sentences.uneven

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    @Test("is one table of keys and values for every block, normal with deviation 1")
    func table() throws {
        let weights = try Prefix(virtualTokens: 40).makeWeights(for: model, seed: 1)
        let table = try #require(weights.parameters.first)
        #expect(weights.parameters.count == 1 && table.value.shape == [40, 2 * 3 * 32])
        let values = table.value.elements.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        #expect(abs(mean) < 5 / Double(values.count).squareRoot())
        #expect(abs(square - 1) < 5 * (2 / Double(values.count)).squareRoot())
        #expect(!weights.isProjected)
    }

    @Test("takes as many positions as it has virtual tokens, 20 by default as in most examples of peft")
    func positions() throws {
        for (method, count) in [(Prefix(), 20), (Prefix(virtualTokens: 3, isProjected: true), 3)] {
            let weights = try method.makeWeights(for: model, seed: 1)
            #expect(weights.virtualPositions == count && weights.reservedPositions == count)
        }
    }

    @Test("with a projection is an embedding and two linear maps, as wide inside as keys or as asked")
    func projection() throws {
        for (hidden, width) in [(nil, 32), (7, 7)] {
            let method = Prefix(virtualTokens: 4, isProjected: true, encoderHiddenSize: hidden)
            let weights = try method.makeWeights(for: model, seed: 1)
            let shapes: [Shape] = [[4, 32], [width, 32], [width], [192, width], [192]]
            #expect(weights.parameters.map(\.value.shape) == shapes)
            let bounds = [nil, 32, 32, width, width].map { $0.map { 1 / Float($0).squareRoot() } }
            for (parameter, bound) in zip(weights.parameters, bounds) {
                let largest = parameter.value.elements.map(abs).max() ?? 0
                guard let bound else {
                    #expect(largest > 1)
                    continue
                }
                #expect(largest <= bound && largest > bound / 2)
            }
            #expect(weights.isProjected)
        }
    }

    @Test("may start from zero, with or without a projection", arguments: [false, true])
    func zero(isProjected: Bool) throws {
        let method = Prefix(virtualTokens: 4, isProjected: isProjected, initialization: .zero)
        let weights = try method.makeWeights(for: model, seed: 1)
        #expect(weights.flattened().parameters.allSatisfy { $0.value.elements.allSatisfy { $0 == 0 } })
        #expect(weights.parameters.count == (isProjected ? 5 : 1))
    }

    @Test("flattened has the same logits without a projection")
    func flattened() throws {
        let weights = try Prefix(virtualTokens: 4, isProjected: true).makeWeights(for: model, seed: 1)
        let flat = weights.flattened()
        #expect(!flat.isProjected && flat.parameters.map(\.path) == ["prompt_embeddings"])
        let (a, b) = (Pass(model, flat, examples).logits, Pass(model, weights, examples).logits)
        #expect(Agreement.relative(a, b) < 1e-5)
        #expect(Agreement.relative(a, Pass(model, nil, examples).logits) > 1e-2)
    }

    @Test("is projected once in a pass, whatever the number of blocks")
    func once() throws {
        let weights = try Prefix(virtualTokens: 4, isProjected: true).makeWeights(for: model, seed: 1)
        let tape = Tape(pool: BufferPool(), isRecording: true)
        let context = ForwardContext(tape: tape, adapter: weights)
        var counts: [Int] = []
        for block in 0..<3 {
            let before = tape.count
            let virtual = weights.virtualKeysAndValues(at: Site(.encoder, block: block, .attentionSublayer), context)
            #expect(virtual?.keys.shape == [4, 32] && virtual?.values.shape == [4, 32])
            counts.append(tape.count - before)
        }
        #expect(counts[0] > 2 && counts[1...] == [2, 2])
        #expect(weights.virtualKeysAndValues(at: Site(.encoder, block: 0, .feedForwardSublayer), context) == nil)
    }

    @Test("gives block l the columns 2l·d on as keys, and the next d as values")
    func columns() throws {
        var weights = try Prefix(virtualTokens: 2).makeWeights(for: model, seed: 1)
        weights.visitParameters { $0.value = Tensor([2, 192], (0..<384).map(Float.init)) }
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: weights)
        let site = Site(.encoder, block: 1, .attentionSublayer)
        let virtual = try #require(weights.virtualKeysAndValues(at: site, context))
        let (keys, values) = (virtual.keys.value.elements, virtual.values.value.elements)
        #expect(keys == (0..<2).flatMap { row in (64..<96).map { Float(row * 192 + $0) } })
        #expect(values == (0..<2).flatMap { row in (96..<128).map { Float(row * 192 + $0) } })
    }

    @Test("of no virtual tokens, of more than leave room for a text, or of no hidden width is refused")
    func refusals() throws {
        func refusal(_ method: Prefix) -> String {
            #expect(throws: (any Error).self) { try method.makeWeights(for: model, seed: 0) }.map { "\($0)" } ?? ""
        }
        for count in [0, -2] {
            let text = "the number of virtual tokens of prefix must be at least 1, not \(count)"
            #expect(refusal(Prefix(virtualTokens: count)) == text)
            #expect(throws: VirtualTokenError.self) { try Prefix(virtualTokens: count).validate() }
        }
        for count in [64, 65, Int.max] {
            #expect(
                refusal(Prefix(virtualTokens: count))
                    == "\(count) virtual tokens of prefix leave no room for a text in "
                    + "the 64 positions of the model; there must be at most 63"
            )
        }
        _ = try Prefix(virtualTokens: 63).makeWeights(for: model, seed: 0)
        for size in [0, -1, 65_537] {
            let text = "the hidden size of a prefix's projection must be from 1 to 65536, not \(size)"
            #expect(refusal(Prefix(isProjected: true, encoderHiddenSize: size)) == text)
            #expect(throws: PrefixError.self) { try Prefix(encoderHiddenSize: size).validate() }
        }
    }

    @Test("is the same recipe after coding and decoding")
    func coding() throws {
        let method = Prefix(
            virtualTokens: 3,
            isProjected: true,
            encoderHiddenSize: 9,
            initialization: .zero,
            savedModules: ["pooler"]
        )
        let decoded = try JSONDecoder().decode(Prefix.self, from: JSONEncoder().encode(method))
        #expect(decoded.virtualTokens == 3 && decoded.isProjected && decoded.encoderHiddenSize == 9)
        #expect(decoded.initialization == .zero && decoded.savedModules == ["pooler"])
    }
}
