package import PEFTTensor

extension Tape {
    /// y = a + s · b, element by element.
    public func add(_ a: Variable, _ b: Variable, scaledBy s: Float = 1) -> Variable {
        precondition(a.shape == b.shape, "\(a.shape) and \(b.shape) cannot be added")
        let y = allocate(a.shape)
        Kernels.scale(a.value, by: 1, into: y)
        Kernels.addScaled(b.value.pointer, s, into: y.mutablePointer, count: y.count)
        let (left, right) = (a.target, b.target)
        return record(y, from: [a, b]) { dy, tape in
            tape.accumulateZeroed(into: right) {
                Kernels.addScaled(dy.pointer, s, into: $0.mutablePointer, count: dy.count)
            }
            tape.accumulate(dy, into: left)
        }
    }

    /// y = x + bias in every row, for x `[rows, width]` and bias `[width]`.
    public func addRow(_ x: Variable, _ bias: Variable) -> Variable {
        let y = allocate(x.shape)
        Kernels.fillRows(of: y, with: bias.value)
        Kernels.addScaled(x.value.pointer, 1, into: y.mutablePointer, count: y.count)
        let (source, row) = (x.target, bias.target)
        return record(y, from: [x, bias]) { dy, tape in
            tape.accumulateZeroed(into: row) { Kernels.addColumnSums(of: dy, into: $0) }
            tape.accumulate(dy, into: source)
        }
    }

    /// y[row, column] = x[row, column] · scale[column], for x `[rows, width]` and scale `[width]`.
    public func scaleColumns(_ x: Variable, by scale: Variable) -> Variable {
        let y = allocate(x.shape)
        Kernels.scaleColumns(x.value, by: scale.value, into: y)
        let source = x.target
        let savedInput = scale.isTracked ? x.value : nil
        return record(y, from: [x, scale]) { gradient, tape in
            guard source.isTracked else {
                guard let savedInput else { return }
                return tape.accumulateZeroed(into: scale.target) {
                    Kernels.addColumnDots(gradient, savedInput, into: $0)
                }
            }
            let dx = (consume gradient).uniquelyOwned(pool: tape.pool)
            if let savedInput {
                tape.accumulateZeroed(into: scale.target) {
                    Kernels.scaleColumnsBackward(dx, of: savedInput, by: scale.value, into: $0)
                }
            } else {
                Kernels.scaleColumns(dx, by: scale.value, into: dx)
            }
            tape.accumulate(dx, into: source)
        }
    }

    /// y = x / divisor, element by element, for a divisor that is a constant.
    package func quotient(_ x: Variable, by divisor: Tensor) -> Variable {
        precondition(x.shape == divisor.shape, "\(x.shape) cannot be divided by \(divisor.shape)")
        let y = allocate(x.shape)
        for i in 0..<y.count { y.mutablePointer[i] = x.value.pointer[i] / divisor.pointer[i] }
        let source = x.target
        return record(y, from: [x]) { dy, tape in
            tape.accumulateZeroed(into: source) { dx in
                for i in 0..<dx.count { dx.mutablePointer[i] += dy.pointer[i] / divisor.pointer[i] }
            }
        }
    }

    /// y = s · x Wᵀ for x `[rows, in]` and W `[out, in]`, which may be encoded when it is frozen.
    public func product(_ x: Variable, transposed weight: Variable, scale: Float = 1) -> Variable {
        let y = allocate([x.shape[0], weight.shape[0]])
        multiply(x.value.matrix, transposing: weight.value, into: y.matrix, alpha: scale)
        let source = x.target
        let savedInput = weight.isTracked ? x.value : nil
        return record(y, from: [x, weight]) { dy, tape in
            if let savedInput {
                tape.accumulate(into: weight.target) { dw, beta in
                    multiply(dy.matrix.transposed, savedInput.matrix, into: dw.matrix, alpha: scale, beta: beta)
                }
            }
            tape.accumulate(into: source) { dx, beta in
                multiply(dy.matrix, by: weight.value, into: dx.matrix, alpha: scale, beta: beta)
            }
        }
    }
}
