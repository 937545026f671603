internal import CKernels
import PEFTTensor

/// The arithmetic of one attention, one sequence and head at a time.
struct AttentionKernel {
    let query: Tensor
    let key: Tensor
    let value: Tensor
    /// log Σ exp of each query's scores, `[heads, queries]`; nil when no backward pass follows.
    let logSums: Tensor?
    let layout: AttentionLayout
    let scale: Float
    let bias: (@Sendable (_ sequence: Range<Int>, _ head: Int) -> Tensor)?
    let dropout: Dropout?

    /// Memory for one head's matrices, large enough for all.
    struct BackwardScratch {
        let probabilities: Tensor
        let scoreGradients: Tensor

        init(_ layout: AttentionLayout, _ tape: Tape) {
            probabilities = tape.allocate([layout.longestQuery, layout.longestKey])
            scoreGradients = tape.allocate([layout.longestQuery, layout.longestKey])
        }
    }

    /// All heads of all sequences; those of a text that is continued are shared by the tape's team.
    func forward(into output: Tensor, _ tape: Tape) {
        let heads = layout.everyHead
        // Each share has a matrix of scores: for a long prompt no more of them than threads, for a row a few that level out.
        let perThread = layout.longestQuery > FewRows.most ? 1 : 2
        let shares = tape.team.map { min(perThread * $0.count, heads.count) } ?? 1
        let scratch = (0..<shares).map { _ in tape.allocate([layout.longestQuery, layout.longestKey]) }
        func compute(_ share: Int) {
            for head in heads[(heads.count * share / shares)..<(heads.count * (share + 1) / shares)] {
                forward(head, into: output, scratch: scratch[share], isContinuing: tape.team != nil)
            }
        }
        if let team = tape.team { team.run(pieces: shares, compute) } else if shares > 0 { compute(0) }
    }

    /// o = dropout(softmax(scale · q kᵀ + bias)) v
    private func forward(
        _ head: AttentionLayout.Head,
        into output: Tensor,
        scratch: Tensor,
        isContinuing: Bool
    ) {
        let scores = MatrixView(scratch.pointer, rows: head.queries.count, columns: head.keys.count)
        multiplyAlongRows(
            queries(of: query, head),
            keys(of: key, head),
            into: scores,
            isContinuing: isContinuing
        )
        let additive = bias?(head.queries, head.query)
        withMask(head) { mask in
            peft_softmax(
                scores.base,
                logSums.map { $0.mutablePointer + logSumOffset(head) },
                scale,
                additive?.pointer,
                visibility(head),
                mask,
                scores.rows,
                scores.columns
            )
        }
        multiply(scores, keys(of: value, head), into: queries(of: output, head))
        withExtendedLifetime(additive) {}
    }

    /// With p recomputed from the log-sums and p′ = dropout(p): dv = p′ᵀ do, dp′ = do vᵀ,
    /// ds = p (dropout(dp′) − Σ dp′ p′) scale, dq = ds k, dk = dsᵀ q; all are overwritten.
    func backward(
        _ head: AttentionLayout.Head,
        _ outputGradient: Tensor,
        _ scratch: BackwardScratch,
        dq: Tensor?,
        dk: Tensor?,
        dv: Tensor?
    ) {
        guard let logSums else { return }
        let (rows, columns) = (head.queries.count, head.keys.count)
        let p = MatrixView(scratch.probabilities.pointer, rows: rows, columns: columns)
        let ds = MatrixView(scratch.scoreGradients.pointer, rows: rows, columns: columns)
        let dOutput = queries(of: outputGradient, head)
        multiply(queries(of: query, head), keys(of: key, head).transposed, into: p)
        multiply(dOutput, keys(of: value, head).transposed, into: ds)
        let additive = bias?(head.queries, head.query)
        withMask(head) { mask in
            peft_softmax_backward(
                p.base,
                ds.base,
                logSums.pointer + logSumOffset(head),
                scale,
                additive?.pointer,
                visibility(head),
                mask,
                rows,
                columns
            )
        }
        // Heads of a group add into the gradient of their common key and value. A sequence without queries gets zeros,
        // as a product over nothing.
        let beta: Float = head.isFirstOfGroup ? 0 : 1
        if let dq { multiply(ds, keys(of: key, head), into: queries(of: dq, head)) }
        if let dk { multiply(ds.transposed, queries(of: query, head), into: keys(of: dk, head), beta: beta) }
        if let dv { multiply(p.transposed, dOutput, into: keys(of: dv, head), beta: beta) }
        withExtendedLifetime((scratch, additive)) {}
    }

    /// scores = q kᵀ. For a text that is continued, keys are read where they lie. Everywhere else scores are the same to the bit
    /// whether a backward pass follows or not, and those that it computes again.
    private func multiplyAlongRows(_ q: MatrixView, _ k: MatrixView, into scores: MatrixView, isContinuing: Bool) {
        guard isContinuing, q.rows <= FewRows.most else { return multiply(q, k.transposed, into: scores) }
        multiplyFewRows(q, alongRowsOf: k, into: scores)
    }

    /// One head's rows and columns of a matrix of queries, `[queries, heads · d]`.
    private func queries(of matrix: Tensor, _ head: AttentionLayout.Head) -> MatrixView {
        matrix.block(head.queries, column: head.query, of: layout.heads)
    }

    /// One head's rows and columns of a matrix of keys or values, `[keys, keyValueHeads · d]`.
    private func keys(of matrix: Tensor, _ head: AttentionLayout.Head) -> MatrixView {
        matrix.block(head.keys, column: head.keyValue, of: layout.keyValueHeads)
    }

    private func logSumOffset(_ head: AttentionLayout.Head) -> Int {
        head.query * query.shape[0] + head.queries.lowerBound
    }

    private func visibility(_ head: AttentionLayout.Head) -> PEFTVisibility {
        layout.visibility.kernel(queries: head.queries.count, keys: head.keys.count)
    }

    private func withMask(_ head: AttentionLayout.Head, _ body: (PEFTDropout) -> Void) {
        withKernelDropout(dropout, firstRow: head.queries.lowerBound, siteOffset: UInt64(head.query) + 1, body)
    }
}

extension Tensor {
    /// Rows `range` of the `column`-th of `count` equally wide blocks of columns.
    fileprivate func block(_ range: Range<Int>, column: Int, of count: Int) -> MatrixView {
        let (width, d) = (shape[1], shape[1] / count)
        return MatrixView(pointer + range.lowerBound * width + column * d, rows: range.count, columns: d, stride: width)
    }
}
