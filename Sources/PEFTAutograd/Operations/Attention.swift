internal import CKernels
package import PEFTTensor

/// Which keys a query may see.
package enum AttentionVisibility: Sendable {
    /// All of its sequence.
    case all
    /// Those up to its own position; the last query sits at the last key.
    case causal
    /// Of those, the nearest `width`.
    case causalWindow(Int)

    func kernel(queries: Int, keys: Int) -> PEFTVisibility {
        let ahead = keys - queries
        return switch self {
        case .all: PEFTVisibility(first: 0, firstSlope: 0, last: keys, lastSlope: 0)
        case .causal: PEFTVisibility(first: 0, firstSlope: 0, last: ahead + 1, lastSlope: 1)
        case .causalWindow(let width):
            PEFTVisibility(first: ahead + 1 - width, firstSlope: 1, last: ahead + 1, lastSlope: 1)
        }
    }
}

/// How the rows of queries, keys and values divide into sequences and heads.
package struct AttentionLayout: Sendable {
    /// Sequence i's queries are rows `queryOffsets[i] ..< queryOffsets[i + 1]`.
    package let queryOffsets: [Int]
    /// Sequence i's keys and values are rows `keyOffsets[i] ..< keyOffsets[i + 1]`.
    package let keyOffsets: [Int]
    package let heads: Int
    /// Fewer than `heads` where several query heads share one key-value head.
    package let keyValueHeads: Int
    package let visibility: AttentionVisibility

    package init(
        queryOffsets: [Int],
        keyOffsets: [Int],
        heads: Int,
        keyValueHeads: Int? = nil,
        visibility: AttentionVisibility = .all
    ) {
        precondition(queryOffsets.count == keyOffsets.count, "queries and keys belong to the same sequences")
        precondition(heads % (keyValueHeads ?? heads) == 0, "every key-value head serves as many query heads")
        self.queryOffsets = queryOffsets
        self.keyOffsets = keyOffsets
        self.heads = heads
        self.keyValueHeads = keyValueHeads ?? heads
        self.visibility = visibility
    }

    var longestQuery: Int { zip(queryOffsets, queryOffsets.dropFirst()).map { $1 - $0 }.max() ?? 0 }
    var longestKey: Int { zip(keyOffsets, keyOffsets.dropFirst()).map { $1 - $0 }.max() ?? 0 }

    /// Calls `body` for every sequence and head.
    func forEachHead(_ body: (Head) -> Void) {
        for sequence in 0..<(queryOffsets.count - 1) {
            let queries = queryOffsets[sequence]..<queryOffsets[sequence + 1]
            let keys = keyOffsets[sequence]..<keyOffsets[sequence + 1]
            guard !queries.isEmpty else { continue }
            for head in 0..<heads {
                body(
                    Head(
                        queries: queries,
                        keys: keys,
                        query: head,
                        keyValue: head * keyValueHeads / heads,
                        isFirstOfGroup: head % (heads / keyValueHeads) == 0
                    )
                )
            }
        }
    }

    /// Zeroes the rows of `sum` that belong to sequences without queries: no head writes them.
    func zeroKeysWithoutQueries(of sum: Tensor) {
        let width = sum.shape[1]
        for sequence in 0..<(queryOffsets.count - 1) where queryOffsets[sequence] == queryOffsets[sequence + 1] {
            let (start, end) = (keyOffsets[sequence] * width, keyOffsets[sequence + 1] * width)
            (sum.mutablePointer + start).update(repeating: 0, count: end - start)
        }
    }

    struct Head {
        let queries: Range<Int>
        let keys: Range<Int>
        let query: Int
        let keyValue: Int
        let isFirstOfGroup: Bool
    }
}

extension Tensor {
    /// Rows `range` of head `head`'s columns, a strided block of `[tokens, heads · d]`.
    fileprivate func block(_ range: Range<Int>, head: Int, heads: Int) -> MatrixView {
        let (width, d) = (shape[1], shape[1] / heads)
        return MatrixView(pointer + range.lowerBound * width + head * d, rows: range.count, columns: d, stride: width)
    }
}

extension Tape {
    /// o = dropout(softmax(scale · q kᵀ + bias)) v, per sequence and head (Vaswani et al. 2017).
    ///
    /// q and o `[queries, heads · d]`, k and v `[keys, keyValueHeads · d]`, sequences laid end to end. Saved: q, k, v, o
    /// and the log-sum of each query's scores, never a matrix of probabilities: the backward pass recomputes them one
    /// head at a time (Dao et al. 2022), so memory grows with the tokens and not with their square.
    ///
    /// - Parameter bias: an additive bias of the scores `[queries, keys]` per sequence and head, not trainable.
    package func attention(
        query: Variable,
        key: Variable,
        value: Variable,
        layout: AttentionLayout,
        scale: Float,
        bias: (@Sendable (_ sequence: Range<Int>, _ head: Int) -> Tensor)? = nil,
        dropout: Dropout? = nil
    ) -> Variable {
        let (q, k, v) = (query.value, key.value, value.value)
        let (heads, groups, rows) = (layout.heads, layout.keyValueHeads, q.shape[0])
        precondition(
            layout.queryOffsets.last == rows && layout.keyOffsets.last == k.shape[0] && k.shape == v.shape
                && q.shape[1] * groups == k.shape[1] * heads,
            "queries \(q.shape), keys \(k.shape) and values \(v.shape) are those of the layout"
        )
        let isTracked = query.isTracked || key.isTracked || value.isTracked
        let output = allocate(q.shape)
        let logSums = isTracked ? allocate([heads, rows]) : nil
        let scratch = allocate([layout.longestQuery, layout.longestKey])
        layout.forEachHead { head in
            let scores = MatrixView(scratch.pointer, rows: head.queries.count, columns: head.keys.count)
            multiply(
                q.block(head.queries, head: head.query, heads: heads),
                k.block(head.keys, head: head.keyValue, heads: groups).transposed,
                into: scores
            )
            let additive = bias?(head.queries, head.query)
            withKernelDropout(dropout, firstRow: head.queries.lowerBound, siteOffset: UInt64(head.query) + 1) { mask in
                peft_softmax(
                    scores.base,
                    logSums.map { $0.mutablePointer + head.query * rows + head.queries.lowerBound },
                    scale,
                    additive?.pointer,
                    layout.visibility.kernel(queries: head.queries.count, keys: head.keys.count),
                    mask,
                    scores.rows,
                    scores.columns
                )
            }
            multiply(
                scores,
                v.block(head.keys, head: head.keyValue, heads: groups),
                into: output.block(head.queries, head: head.query, heads: heads)
            )
            withExtendedLifetime((scratch, additive)) {}
        }
        guard let logSums else { return Variable(output) }
        let (queryTarget, keyTarget, valueTarget) = (query.target, key.target, value.target)
        return record(output, from: [query, key, value]) { gradient, tape in
            let probabilities = tape.allocate(scratchShape(layout))
            let scoreGradients = tape.allocate(scratchShape(layout))
            let rowDots = tape.allocate([layout.longestQuery])
            tape.accumulateTriple(queryTarget, keyTarget, valueTarget) { dq, dk, dv in
                for case let (sum, beta)? in [dk, dv] where beta == 0 { layout.zeroKeysWithoutQueries(of: sum) }
                layout.forEachHead { head in
                    let p = MatrixView(probabilities.pointer, rows: head.queries.count, columns: head.keys.count)
                    let ds = MatrixView(scoreGradients.pointer, rows: head.queries.count, columns: head.keys.count)
                    let qBlock = q.block(head.queries, head: head.query, heads: heads)
                    let kBlock = k.block(head.keys, head: head.keyValue, heads: groups)
                    let doBlock = gradient.block(head.queries, head: head.query, heads: heads)
                    let oBlock = output.block(head.queries, head: head.query, heads: heads)
                    multiply(qBlock, kBlock.transposed, into: p)
                    multiply(doBlock, v.block(head.keys, head: head.keyValue, heads: groups).transposed, into: ds)
                    peft_row_dots(
                        rowDots.mutablePointer,
                        doBlock.base,
                        oBlock.base,
                        oBlock.rows,
                        oBlock.columns,
                        oBlock.stride
                    )
                    let additive = bias?(head.queries, head.query)
                    withKernelDropout(
                        dropout,
                        firstRow: head.queries.lowerBound,
                        siteOffset: UInt64(head.query) + 1
                    ) { mask in
                        peft_softmax_backward(
                            p.base,
                            ds.base,
                            logSums.pointer + head.query * rows + head.queries.lowerBound,
                            rowDots.pointer,
                            scale,
                            additive?.pointer,
                            layout.visibility.kernel(queries: head.queries.count, keys: head.keys.count),
                            mask,
                            p.rows,
                            p.columns
                        )
                    }
                    // Heads of a group add into the gradient of their common key and value.
                    let groupBeta: Float = head.isFirstOfGroup ? 0 : 1
                    if let (dq, beta) = dq {
                        multiply(
                            ds,
                            kBlock,
                            into: dq.block(head.queries, head: head.query, heads: heads),
                            beta: beta
                        )
                    }
                    if let (dk, beta) = dk {
                        multiply(
                            ds.transposed,
                            qBlock,
                            into: dk.block(head.keys, head: head.keyValue, heads: groups),
                            beta: max(beta, groupBeta)
                        )
                    }
                    if let (dv, beta) = dv {
                        multiply(
                            p.transposed,
                            doBlock,
                            into: dv.block(head.keys, head: head.keyValue, heads: groups),
                            beta: max(beta, groupBeta)
                        )
                    }
                }
            }
            withExtendedLifetime((probabilities, scoreGradients, rowDots, logSums)) {}
        }
    }

    private typealias Sum = (Tensor, Float)

    private func accumulateTriple(
        _ a: GradientTarget,
        _ b: GradientTarget,
        _ c: GradientTarget,
        _ body: (Sum?, Sum?, Sum?) -> Void
    ) {
        let nodes = [a, b, c].compactMap(\.node)
        guard Set(nodes).count == nodes.count else {
            // One variable in two roles: each role gets memory of its own, and the sums meet afterwards.
            let sums = [a, b, c].map { $0.isTracked ? allocate($0.shape) : nil }
            body(sums[0].map { ($0, 0) }, sums[1].map { ($0, 0) }, sums[2].map { ($0, 0) })
            for case (let sum?, let target) in zip(sums, [a, b, c]) { accumulate(sum, into: target) }
            return
        }
        accumulateIfTracked(into: a) { a in
            accumulateIfTracked(into: b) { b in
                accumulateIfTracked(into: c) { c in body(a, b, c) }
            }
        }
    }

    private func accumulateIfTracked(into target: GradientTarget, _ body: (Sum?) -> Void) {
        guard target.isTracked else { return body(nil) }
        accumulate(into: target) { body(($0, $1)) }
    }
}

private func scratchShape(_ layout: AttentionLayout) -> Shape { [layout.longestQuery, layout.longestKey] }
