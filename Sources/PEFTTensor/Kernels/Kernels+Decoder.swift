internal import CKernels

/// The kernels that decoders need besides; see `CKernels.h` for the equations.
extension Kernels {
    /// y = γ x / √(mean x² + ε) over groups of as many columns as γ has; `inverse` keeps a number for each group.
    package static func rmsNorm(_ x: Tensor, scale: Tensor, epsilon: Float, into y: Tensor, inverse: Tensor?) {
        let width = scale.count
        peft_rms_norm(
            y.mutablePointer,
            inverse?.mutablePointer,
            x.pointer,
            scale.pointer,
            epsilon,
            x.count / width,
            width
        )
    }

    /// The backward pass of ``rmsNorm(_:scale:epsilon:into:inverse:)``: dx ← … + β dx, sums += Σ dy x̂.
    package static func rmsNormBackward(
        _ dy: Tensor,
        of x: Tensor,
        inverse: Tensor,
        scale: Tensor,
        into dx: Tensor?,
        beta: Float,
        sums: Tensor?
    ) {
        let width = scale.count
        peft_rms_norm_backward(
            dx?.mutablePointer,
            beta,
            sums?.mutablePointer,
            dy.pointer,
            x.pointer,
            inverse.pointer,
            scale.pointer,
            x.count / width,
            width
        )
    }

    /// Turns the heads of row i of x `[rows, heads · d]` by the angles of positions[i], in place, or back where `isBack`.
    ///
    /// - Parameter table: `[positions, d]`, d/2 cosines and then as many sines in each row.
    package static func rotary(_ x: Tensor, positions: [Int32], table: Tensor, isBack: Bool = false) {
        let width = table.shape[1]
        peft_rotary(
            x.mutablePointer,
            x.pointer,
            table.pointer,
            positions,
            isBack ? -1 : 1,
            x.shape[0],
            x.shape[1] / width,
            width / 2
        )
    }

    /// Σ_rows weight · −log softmax(logits)[target], in double precision.
    ///
    /// - Parameter gradient: where the gradient of the logits goes, which may be their own memory; nil when nobody wants it.
    package static func crossEntropy(
        _ logits: Tensor,
        targets: [Int32],
        weights: [Float],
        gradient: Tensor? = nil
    ) -> Double {
        peft_cross_entropy(
            gradient?.mutablePointer,
            logits.pointer,
            targets,
            weights,
            logits.shape[0],
            logits.shape[1]
        )
    }
}
