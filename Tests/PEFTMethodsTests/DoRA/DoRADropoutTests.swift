import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("DoRA with dropout")
struct DoRADropoutTests {
    /// One adapted linear map, its numbers in double precision, and a pass over some tokens.
    private struct Scene {
        let weights: DoRAWeights
        let weight: Tensor
        let site: Site
        let context: ForwardContext
        let rows: TokenRows

        init(dropout: Double) throws {
            let model = try Golden.model("odd-heads").architecture
            let module = "bert.encoder.layer.0.output.dense"
            let lora = LoRA(
                rank: 3,
                alpha: 5,
                dropout: dropout,
                targets: .names([module]),
                initialization: .random
            )
            var weights = try DoRA(lora).makeWeights(for: model, seed: 2)
            weights.visitParameters { parameter in
                guard parameter.path.hasSuffix("magnitude_vector") else { return }
                let values = parameter.value.elements.enumerated().map { $1 * (0.5 + Float($0 % 7) / 6) }
                parameter.value = Tensor(parameter.value.shape, values)
            }
            self.weights = weights
            weight = try #require(model.parameters.first { $0.path == "\(module).weight" }).value
            site = weights.lora.modules[0].site
            context = ForwardContext(
                tape: Tape(pool: BufferPool(), isRecording: true),
                adapter: weights,
                noise: TrainingNoise(seed: 4, step: 1)
            )
            rows = TokenRows(TokenBatch([[1, 2, 3], [4, 5]], typeIDs: [[0, 0, 0], [0, 0]]))
        }

        func product(_ x: Variable) throws -> Variable {
            guard case .exclusive(let product) = try #require(weights.linear(at: site)).product else {
                throw NoProduct()
            }
            return product.product(x, weight: Variable(weight), rows: rows, context)
        }
    }

    private struct NoProduct: Error {}

    /// a bᵀ of row-major matrices.
    private func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
        a.map { row in b.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
    }

    private func transposed(_ a: [[Double]]) -> [[Double]] {
        a[0].indices.map { column in a.map { $0[column] } }
    }

    private func scaled(_ a: [[Double]], columns: [Double]) -> [[Double]] {
        a.map { row in zip(row, columns).map { $0 * $1 } }
    }

    private func times(_ s: Double, _ a: [[Double]]) -> [[Double]] {
        a.map { row in row.map { s * $0 } }
    }

    private func sum(_ a: [[Double]], _ b: [[Double]], _ s: Double = 1) -> [[Double]] {
        zip(a, b).map { zip($0, $1).map { $0 + s * $1 } }
    }

    private func matrix(_ tensor: Tensor) -> [[Double]] {
        let width = tensor.shape[tensor.shape.rank - 1]
        return stride(from: 0, to: tensor.count, by: width).map { tensor.elements[$0..<($0 + width)].map(Double.init) }
    }

    @Test("is peft's: W x + (m / n − 1) ⊙ W x̃ + (m / n) ⊙ s · B A x̃, forward and backward", arguments: [0.0, 0.4])
    func formula(rate: Double) throws {
        let scene = try Scene(dropout: rate)
        let (weight, module) = (matrix(scene.weight), scene.weights.lora.modules[0])
        let (down, up, s) = (matrix(module.down.value), matrix(module.up.value), Double(module.scale))
        let input = CounterRandom(seed: 1, purpose: "x").normal([5, 30], standardDeviation: 1)
        let x = scene.context.tape.leaf(input)
        let mask = matrix(
            scene.context.dropout(
                Variable(.ones(input.shape)),
                rate: Float(rate),
                purpose: module.down.path,
                rows: scene.rows
            ).value
        )
        #expect(mask.joined().contains(0) == (rate > 0))
        let adapted = sum(weight, product(up, transposed(down)), s)
        let norms = adapted.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let magnitudes = matrix(scene.weights.magnitudes[0].value)[0]
        let ratios = zip(magnitudes, norms).map { $0 / $1 }
        let dropped = zip(matrix(input), mask).map { zip($0, $1).map { $0 * $1 } }
        let hidden = product(dropped, down)
        let expected = sum(
            sum(product(matrix(input), weight), scaled(product(dropped, weight), columns: ratios.map { $0 - 1 })),
            scaled(product(hidden, up), columns: ratios),
            s
        )
        let y = try scene.product(x)
        #expect(Agreement.relative(matrix(y.value), expected) < 2e-6)

        let seed = CounterRandom(seed: 1, purpose: "dy").normal([5, 21], standardDeviation: 1)
        scene.context.tape.backward(from: y, seed: seed)
        let dy = matrix(seed)
        let scaledGradient = scaled(dy, columns: ratios)
        func check(_ path: String, _ expected: [[Double]]) throws {
            let parameter = try #require(scene.weights.parameters.first { $0.path.hasSuffix(path) })
            let gradient = try #require(scene.context.gradient(of: parameter))
            #expect(Agreement.relative(matrix(gradient), expected) < 5e-6, "\(path)")
        }
        let toHidden = product(scaledGradient, transposed(up))
        try check("lora_B.weight", times(s, product(transposed(scaledGradient), transposed(hidden))))
        try check("lora_A.weight", times(s, product(transposed(toHidden), transposed(dropped))))
        let direction = sum(product(dropped, weight), product(hidden, up), s)
        let perRow = zip(dy, direction).map { zip($0, $1).map { $0 * $1 } }
        try check("magnitude_vector", [zip(transposed(perRow), norms).map { $0.reduce(0, +) / $1 }])
        let throughMask = sum(
            product(scaled(dy, columns: ratios.map { $0 - 1 }), transposed(weight)),
            product(toHidden, transposed(down)),
            s
        )
        let dx = sum(
            product(dy, transposed(weight)),
            zip(throughMask, mask).map { zip($0, $1).map { $0 * $1 } }
        )
        let gradient = try #require(scene.context.tape.gradient(of: x))
        #expect(Agreement.relative(matrix(gradient), dx) < 5e-6)
    }
}
