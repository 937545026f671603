import CKernels
import PEFTTensor
import Testing

@Suite("Gated activation kernels")
struct GatedKernelTests {
    /// Gates, factors and gradients of many lengths, for every kind of activation.
    private func forEachProblem(
        _ body: (_ twin: ActivationTwin, _ gate: [Float], _ up: [Float], _ dy: [Float], _ context: String) -> Void
    ) {
        for kind in ActivationTwin.kinds {
            for size in oddSizes {
                body(
                    ActivationTwin(kind: kind),
                    Samples("gate").normal(size, deviation: 2),
                    Samples("up").normal(size),
                    Samples("dy").normal(size),
                    "kind \(kind.rawValue), size \(size)"
                )
            }
        }
    }

    @Test("f(gate) times up, in the place of either, too", arguments: KernelVariant.supported)
    func forward(_ variant: KernelVariant) {
        forEachProblem { twin, gate, up, _, context in
            let (left, right) = (GuardedFloats(gate, misalignment: 1), GuardedFloats(up, misalignment: 2))
            let (overGate, overUp) = (GuardedFloats(gate), GuardedFloats(up, misalignment: 1))
            let y = GuardedFloats(count: gate.count, misalignment: 3)
            variant.run {
                peft_gated(twin.kind, y.pointer, left.pointer, right.pointer, gate.count)
                peft_gated(twin.kind, overGate.pointer, overGate.pointer, right.pointer, gate.count)
                peft_gated(twin.kind, overUp.pointer, left.pointer, overUp.pointer, gate.count)
            }
            let expected = zip(gate, up).map { twin.value(Double($0)) * Double($1) }
            expectAgreement(y.elements, expected, relative: 2e-5, context)
            expectSameBits(overGate.elements, y.elements, "\(context), in the gate's place")
            expectSameBits(overUp.elements, y.elements, "\(context), in the factor's place")
            for floats in [left, right, overGate, overUp, y] { #expect(floats.isIntact) }
        }
    }

    @Test("dy up f′(gate) and dy f(gate), in the places of the inputs, too", arguments: KernelVariant.supported)
    func backward(_ variant: KernelVariant) {
        forEachProblem { twin, gate, up, dy, context in
            let (left, right) = (GuardedFloats(gate, misalignment: 1), GuardedFloats(up, misalignment: 2))
            let source = GuardedFloats(dy, misalignment: 3)
            let (dgate, dup) = (GuardedFloats(count: gate.count), GuardedFloats(count: gate.count, misalignment: 1))
            let (overGate, overUp) = (GuardedFloats(gate), GuardedFloats(up, misalignment: 1))
            variant.run {
                peft_gated_backward(
                    twin.kind,
                    dgate.pointer,
                    dup.pointer,
                    source.pointer,
                    left.pointer,
                    right.pointer,
                    gate.count
                )
                peft_gated_backward(
                    twin.kind,
                    overGate.pointer,
                    overUp.pointer,
                    source.pointer,
                    overGate.pointer,
                    overUp.pointer,
                    gate.count
                )
            }
            let slopes = gate.map { twin.derivative(Double($0)) }
            let factors = zip(dy, up).map { Double($0) * Double($1) }
            expectAgreement(dgate.elements, zip(factors, slopes).map(*), context) {
                // The derivative is as accurate as 5e-7.
                abs(factors[$0]) * (5e-7 + 2e-7 * abs(slopes[$0]))
            }
            let values = zip(gate, dy).map { twin.value(Double($0)) * Double($1) }
            expectAgreement(dup.elements, values, relative: 2e-5, context)
            expectSameBits(overGate.elements, dgate.elements, "\(context), in place")
            expectSameBits(overUp.elements, dup.elements, "\(context), in place")
            for floats in [left, right, source, dgate, dup, overGate, overUp] { #expect(floats.isIntact) }
        }
    }

    @Test(
        "either gradient alone; the one of `up` needs no `up`, and may lie where the gate lies",
        arguments: KernelVariant.supported
    )
    func alone(_ variant: KernelVariant) {
        forEachProblem { twin, gate, up, dy, context in
            let (kind, count) = (twin.kind, gate.count)
            var (dgate, dup) = (gate, gate)
            let (gateAlone, upAlone) = (GuardedFloats(gate, misalignment: 1), GuardedFloats(gate, misalignment: 2))
            variant.run {
                peft_gated_backward(kind, &dgate, &dup, dy, gate, up, count)
                peft_gated_backward(kind, gateAlone.pointer, nil, dy, gateAlone.pointer, up, count)
                peft_gated_backward(kind, nil, upAlone.pointer, dy, upAlone.pointer, nil, count)
            }
            expectSameBits(gateAlone.elements, dgate, context)
            expectSameBits(upAlone.elements, dup, context)
            #expect(gateAlone.isIntact && upAlone.isIntact)
        }
    }
}
