import PEFTTensor

extension Tape {
    /// Rows `range` of x `[rows, width]`, sharing its memory.
    public func slice(_ range: Range<Int>, of x: Variable) -> Variable {
        let source = x.target
        return record(x.value.rows(range), from: [x]) { dy, tape in
            tape.accumulateZeroed(into: source) { dx in
                let part = dx.rows(range)
                Kernels.addScaled(dy.pointer, 1, into: part.mutablePointer, count: dy.count)
            }
        }
    }

    /// The rows of all parts, one part after the other.
    ///
    /// Parts `[rowsᵢ, widthᵢ]` give `[Σ rowsᵢ, max widthᵢ]`; a narrower part's rows end in `padding`.
    public func concatenate(_ parts: [Variable], padding: Float = 0) -> Variable {
        precondition(!parts.isEmpty, "there is something to lay end to end")
        guard parts.count > 1 else { return parts[0] }
        let width = parts.map { $0.shape[1] }.max() ?? 0
        let y = allocate([parts.reduce(0) { $0 + $1.shape[0] }, width])
        if parts.contains(where: { $0.shape[1] < width }) {
            y.mutablePointer.update(repeating: padding, count: y.count)
        }
        var first = 0
        var ranges: [Range<Int>] = []
        for part in parts {
            let (rows, own) = (part.shape[0], part.shape[1])
            let start = y.mutablePointer + first * width
            copyRows(from: part.value.pointer, stride: own, to: start, stride: width, rows, own)
            ranges.append(first..<(first + rows))
            first += rows
        }
        let targets = parts.map(\.target)
        return record(y, from: parts) { dy, tape in
            for (target, range) in zip(targets, ranges) where target.isTracked {
                let own = target.shape[1]
                let part = tape.allocate([range.count, own])
                let start = dy.pointer + range.lowerBound * width
                copyRows(from: start, stride: width, to: part.mutablePointer, stride: own, range.count, own)
                tape.accumulate(part, into: target)
            }
        }
    }

    /// Columns `range` of x `[rows, width]`: `[rows, range.count]`.
    public func slice(columns range: Range<Int>, of x: Variable) -> Variable {
        let (rows, width, own) = (x.shape[0], x.shape[1], range.count)
        precondition(range.lowerBound >= 0 && range.upperBound <= width, "\(range) are columns of \(x.shape)")
        let y = allocate([rows, own])
        let start = x.value.pointer + range.lowerBound
        copyRows(from: start, stride: width, to: y.mutablePointer, stride: own, rows, own)
        let source = x.target
        return record(y, from: [x]) { dy, tape in
            tape.accumulateZeroed(into: source) { dx in
                for row in 0..<rows {
                    let part = dx.mutablePointer + row * width + range.lowerBound
                    Kernels.addScaled(dy.pointer + row * own, 1, into: part, count: own)
                }
            }
        }
    }

    /// y[i] = column `indices[i]` of x `[height, count]`, as a row: `[indices.count, height]`.
    public func columns(_ indices: [Int32], of x: Variable) -> Variable {
        let (height, count) = (x.shape[0], x.shape[1])
        precondition(indices.allSatisfy { (0..<count).contains(Int($0)) }, "every index is a column of \(x.shape)")
        let y = allocate([indices.count, height])
        let (from, to) = (x.value.pointer, y.mutablePointer)
        for (row, index) in indices.enumerated() {
            for h in 0..<height { to[row * height + h] = from[h * count + Int(index)] }
        }
        let source = x.target
        return record(y, from: [x]) { dy, tape in
            tape.accumulateZeroed(into: source) { dx in
                let (from, to) = (dy.pointer, dx.mutablePointer)
                for (row, index) in indices.enumerated() {
                    for h in 0..<height { to[h * count + Int(index)] += from[row * height + h] }
                }
            }
        }
    }

    /// y = s · x for a scalar s `[1]` that may be trained.
    public func scale(_ x: Variable, by s: Variable) -> Variable {
        precondition(s.shape.count == 1, "a scale is one number, not \(s.shape)")
        let factor = s.value.pointer[0]
        let y = allocate(x.shape)
        Kernels.scale(x.value, by: factor, into: y)
        let source = x.target
        let savedInput = s.isTracked ? x.value : nil
        return record(y, from: [x, s]) { dy, tape in
            if let savedInput {
                tape.accumulateZeroed(into: s.target) { ds in
                    let product = zip(UnsafeBufferPointer(start: dy.pointer, count: dy.count), savedInput.elements)
                    ds.mutablePointer[0] += Float(product.reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
                }
            }
            tape.accumulateZeroed(into: source) { dx in
                Kernels.addScaled(dy.pointer, factor, into: dx.mutablePointer, count: dy.count)
            }
        }
    }
}

private func copyRows(
    from source: UnsafePointer<Float>,
    stride sourceStride: Int,
    to target: UnsafeMutablePointer<Float>,
    stride targetStride: Int,
    _ rows: Int,
    _ width: Int
) {
    for row in 0..<rows {
        (target + row * targetStride).update(from: source + row * sourceStride, count: width)
    }
}
