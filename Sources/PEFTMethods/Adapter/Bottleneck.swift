import PEFTAutograd
import PEFTModels
import PEFTTensor

/// One bottleneck in the forward pass.
struct Bottleneck: SublayerAdaptation {
    let recipe: Adapter
    let module: BottleneckWeights.Module

    /// What PyTorch's norm takes when nobody says otherwise.
    private static let normEpsilon: Float = 1e-5

    var endsSublayer: Bool { !recipe.normalizesOutput }

    func adapt(
        _ output: Variable,
        input: Variable,
        rows: TokenRows,
        normalize: (Variable) -> Variable,
        _ context: ForwardContext
    ) -> Variable {
        if recipe.isParallel {
            return branch(input, residual: output, rows: rows, normIncludesResidual: false, context)
        }
        let read = recipe.normalizesInput ? normalize(output) : output
        let residual =
            switch recipe.residual {
            case .beforeNorm: output
            case .afterAddition: context.tape.add(output, input)
            case .afterNorm: read
            }
        return branch(
            read,
            residual: residual,
            rows: rows,
            normIncludesResidual: recipe.ownNormIncludesResidual,
            context
        )
    }

    /// r + s · (U f(D x + d) + u), with dropout, and the adapter's own norm where it has one.
    private func branch(
        _ x: Variable,
        residual: Variable,
        rows: TokenRows,
        normIncludesResidual: Bool,
        _ context: ForwardContext
    ) -> Variable {
        let tape = context.tape
        let hidden = tape.activation(
            recipe.activation,
            tape.linear(x, weight: context.variable(module.down), bias: context.variable(module.downBias))
        )
        let (up, bias) = (context.variable(module.up), context.variable(module.upBias))
        let isDropped = context.noise != nil && recipe.dropout > 0
        if case .constant(let s) = recipe.scale, !isDropped, module.norm == nil {
            return tape.linear(hidden, weight: up, bias: bias, scale: Float(s), onto: residual)
        }
        let scaled = scale(tape.linear(hidden, weight: up, bias: bias), context)
        let term = context.dropout(scaled, rate: Float(recipe.dropout), purpose: module.up.path, rows: rows)
        guard let own = module.norm else { return tape.add(residual, term) }
        guard !normIncludesResidual else { return norm(tape.add(term, residual), own, context) }
        return tape.add(residual, norm(term, own, context))
    }

    private func scale(_ x: Variable, _ context: ForwardContext) -> Variable {
        guard let trained = module.scale else {
            guard case .constant(let s) = recipe.scale, s != 1 else { return x }
            return context.tape.scale(x, by: Variable(Tensor([1], [Float(s)])))
        }
        let s = context.variable(trained)
        return recipe.scale == .learned ? context.tape.scale(x, by: s) : context.tape.scaleColumns(x, by: s)
    }

    private func norm(_ x: Variable, _ own: BottleneckWeights.Norm, _ context: ForwardContext) -> Variable {
        context.tape.layerNorm(
            x,
            scale: context.variable(own.scale),
            bias: context.variable(own.bias),
            epsilon: Self.normEpsilon
        )
    }
}
