import PEFTAutograd
import PEFTModels

/// A low-rank delta that the model sees only through the protocol.
struct Unfused: LinearDelta {
    let fused: LowRankDelta

    func delta(_ x: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        fused.delta(x, rows: rows, context)
    }
}

/// m ⊙ (W x), as DoRA computes its product.
struct ScaledProduct: LinearProduct {
    let magnitude: Parameter

    func product(_ x: Variable, weight: Variable, rows: TokenRows, _ context: ForwardContext) -> Variable {
        context.tape.scaleColumns(context.tape.product(x, transposed: weight), by: context.variable(magnitude))
    }
}

/// Rows of A Bᵀ with A `[count, rank]` and B `[width, rank]`.
struct LowRankRows: EmbeddingDelta {
    let a: Parameter
    let b: Parameter

    func delta(_ indices: [Int32], _ context: ForwardContext) -> Variable {
        context.tape.product(context.tape.rows(indices, of: context.variable(a)), transposed: context.variable(b))
    }
}

/// A bottleneck adapter in the three places of a sub-layer that the field knows.
struct Bottleneck: SublayerAdaptation {
    enum Style {
        /// x = norm(output + input), output + f(x) (Pfeiffer et al. 2021).
        case withOwnNorm
        /// output + f(output) (Houlsby et al. 2019).
        case inSeries
        /// output + 4 f(input) (He et al. 2022).
        case inParallel
    }

    let down: Parameter
    let downBias: Parameter
    let up: Parameter
    let upBias: Parameter
    let style: Style

    func adapt(
        _ output: Variable,
        input: Variable,
        rows: TokenRows,
        normalize: (Variable) -> Variable,
        _ context: ForwardContext
    ) -> Variable {
        switch style {
        case .withOwnNorm: context.tape.add(output, bottleneck(normalize(output), context))
        case .inSeries: context.tape.add(output, bottleneck(output, context))
        case .inParallel: context.tape.add(output, bottleneck(input, context), scaledBy: 4)
        }
    }

    private func bottleneck(_ x: Variable, _ context: ForwardContext) -> Variable {
        let tape = context.tape
        let hidden = tape.addRow(tape.product(x, transposed: context.variable(down)), context.variable(downBias))
        let active = tape.activation(.silu, hidden)
        return tape.addRow(tape.product(active, transposed: context.variable(up)), context.variable(upBias))
    }
}
