import PEFTTensor

extension Tape {
    /// What becomes of operations with tracked inputs.
    enum Passing {
        /// They are recorded.
        case kept
        /// They are dropped, to be computed once more; `wasTracked` says whether there was one.
        case dropped(wasTracked: Bool)
    }

    /// y = body, of which nothing but y is kept: the backward pass computes it once more (Chen et al. 2016).
    ///
    /// The second time operations are recorded behind all others, walked backward and forgotten, so that only one body's
    /// activations exist at a time. Gradients reach the same places in the same order as without, and are the same to
    /// the bit. When nothing in `body` is tracked nothing is recorded.
    ///
    /// - Parameter body: gives the same bits each time. It must not hold on to the tape, which holds on to it.
    package func recomputing(_ body: @escaping (Tape) -> Variable) -> Variable {
        guard isRecording, case .kept = passing else { return body(self) }
        passing = .dropped(wasTracked: false)
        let output = body(self)
        defer { passing = .kept }
        guard case .dropped(wasTracked: true) = passing, !output.isTracked else { return output }
        return append(output.value) { gradient, tape in tape.backward(through: body, seed: gradient) }
    }

    /// Records what is computed once for several places, even inside of ``recomputing(_:)``.
    package func keeping(_ body: () -> Variable) -> Variable {
        let outer = passing
        passing = .kept
        defer { passing = outer }
        return body()
    }
}
