import PEFTTensor

extension Tape {
    /// y[i] = the mean of the rows `offsets[i] ..< offsets[i + 1]` of x `[rows, width]`: `[runs, width]`, for instance one
    /// vector for each text of its tokens' hidden states.
    ///
    /// - Precondition: no run is empty.
    public func meanOfRows(_ x: Variable, offsets: [Int]) -> Variable {
        let (runs, width) = (offsets.count - 1, x.shape[1])
        precondition(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 }, "every run has a row")
        precondition(offsets.first == 0 && offsets.last == x.shape[0], "the runs are all rows of \(x.shape)")
        let y = allocate([runs, width])
        y.mutablePointer.update(repeating: 0, count: y.count)
        for run in 0..<runs {
            let share = 1 / Float(offsets[run + 1] - offsets[run])
            for row in offsets[run]..<offsets[run + 1] {
                Kernels.addScaled(
                    x.value.pointer + row * width,
                    share,
                    into: y.mutablePointer + run * width,
                    count: width
                )
            }
        }
        let source = x.target
        return record(y, from: [x]) { dy, tape in
            tape.accumulateZeroed(into: source) { dx in
                for run in 0..<runs {
                    let share = 1 / Float(offsets[run + 1] - offsets[run])
                    for row in offsets[run]..<offsets[run + 1] {
                        Kernels.addScaled(
                            dy.pointer + run * width,
                            share,
                            into: dx.mutablePointer + row * width,
                            count: width
                        )
                    }
                }
            }
        }
    }
}
