internal import CKernels
import PEFTTensor

extension Tape {
    /// y = f(gate) ⊙ up, the middle of a gated feed-forward layer (Shazeer 2020).
    ///
    /// Gate, up and y have one shape. Saved: the inputs themselves, and `up` only where the gate is tracked. The backward
    /// pass computes f and f′ once more and leaves the gradients in the places of what was saved, which is a copy where
    /// somebody else looks at an input.
    package func gated(_ gate: consuming Variable, _ up: consuming Variable, activation: Activation) -> Variable {
        let (gateTarget, upTarget) = (gate.target, up.target)
        precondition(
            gateTarget.shape == upTarget.shape,
            "a gate of shape \(gateTarget.shape) does not fit \(upTarget.shape)"
        )
        let y = allocate(gateTarget.shape)
        peft_gated(activation.kernel, y.mutablePointer, gate.value.pointer, up.value.pointer, y.count)
        guard gateTarget.isTracked || upTarget.isTracked else { return Variable(y) }
        let savedGate = gate.takingValue().uniquelyOwned(pool: pool)
        var savedUp: Tensor?
        if gateTarget.isTracked {
            savedUp = upTarget.isTracked ? up.takingValue().uniquelyOwned(pool: pool) : up.takingValue()
        }
        let factor = savedUp
        // Without a gradient of its own the gate gives its place to the other one.
        let dup = upTarget.isTracked ? factor ?? savedGate : nil
        let tracked = [Variable(y, node: gateTarget.node), Variable(y, node: upTarget.node)]
        return record(y, from: tracked) { dy, tape in
            peft_gated_backward(
                activation.kernel,
                gateTarget.isTracked ? savedGate.mutablePointer : nil,
                dup?.mutablePointer,
                dy.pointer,
                savedGate.pointer,
                factor?.pointer,
                dy.count
            )
            tape.accumulate(savedGate, into: gateTarget)
            if let dup { tape.accumulate(dup, into: upTarget) }
        }
    }
}
