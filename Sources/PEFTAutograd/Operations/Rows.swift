import PEFTTensor

extension Tape {
    /// y[i] = x[indices[i]]: chosen rows of a matrix, or an embedding look-up.
    public func rows(_ indices: [Int32], of x: Variable) -> Variable {
        precondition(exist(indices, in: x), "every index is a row of \(x.shape)")
        let y = allocate([indices.count, x.shape[1]])
        Kernels.gatherRows(indices, of: x.value, into: y)
        let source = x.target
        return record(y, from: [x]) { dy, tape in
            tape.accumulateZeroed(into: source) { Kernels.scatterRows(dy, at: indices, addingInto: $0) }
        }
    }

    /// y = Σ tables[indices]: the sum of several embedding look-ups, without a temporary per table.
    package func sumOfRows(_ lookups: [(indices: [Int32], table: Variable)]) -> Variable {
        precondition(!lookups.isEmpty, "a sum of rows has at least one table")
        precondition(
            lookups.allSatisfy { $0.indices.count == lookups[0].indices.count && exist($0.indices, in: $0.table) },
            "every look-up has as many indices, all of them rows of its table"
        )
        let y = allocate([lookups[0].indices.count, lookups[0].table.shape[1]])
        for (i, lookup) in lookups.enumerated() {
            Kernels.gatherRows(lookup.indices, of: lookup.table.value, into: y, adding: i > 0)
        }
        let targets = lookups.map { (indices: $0.indices, table: $0.table.target) }
        return record(y, from: lookups.map(\.table)) { dy, tape in
            for (indices, table) in targets {
                tape.accumulateZeroed(into: table) { Kernels.scatterRows(dy, at: indices, addingInto: $0) }
            }
        }
    }

    /// Inserts the rows of `inserted` `[v, width]` in front of every run of rows of x `[tokens, width]` that `offsets`
    /// marks: the result has v more rows per run.
    public func prepend(_ inserted: Variable, toRunsOf x: Variable, offsets: [Int]) -> Variable {
        let (count, width, runs) = (inserted.shape[0], x.shape[1], offsets.count - 1)
        let y = allocate([x.shape[0] + runs * count, width])
        for run in 0..<runs {
            let (from, to) = (offsets[run], offsets[run + 1])
            let start = y.mutablePointer + (from + run * count) * width
            start.update(from: inserted.value.pointer, count: count * width)
            (start + count * width).update(from: x.value.pointer + from * width, count: (to - from) * width)
        }
        let (source, prefix) = (x.target, inserted.target)
        return record(y, from: [x, inserted]) { dy, tape in
            tape.accumulate(into: source) { dx, beta in
                for run in 0..<runs {
                    let (from, to) = (offsets[run], offsets[run + 1])
                    let (rows, sum) = (
                        dy.pointer + (from + (run + 1) * count) * width, dx.mutablePointer + from * width
                    )
                    if beta == 0 {
                        sum.update(from: rows, count: (to - from) * width)
                    } else {
                        Kernels.addScaled(rows, 1, into: sum, count: (to - from) * width)
                    }
                }
            }
            tape.accumulateZeroed(into: prefix) { sum in
                for run in 0..<runs {
                    let start = dy.pointer + (offsets[run] + run * count) * width
                    Kernels.addScaled(start, 1, into: sum.mutablePointer, count: count * width)
                }
            }
        }
    }
}

private func exist(_ indices: [Int32], in table: Variable) -> Bool {
    indices.allSatisfy { $0 >= 0 && Int($0) < table.shape[0] }
}
