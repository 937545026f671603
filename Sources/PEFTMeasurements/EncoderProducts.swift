extension EncoderShape {
    /// Every different product of a block's training step with LoRA of a rank on query and value, and the weight
    /// gradients that full fine-tuning has besides.
    public func products(rank: Int = 8) -> [Product] { linearProducts + lowRankProducts(rank) + attentionProducts }

    /// Forward x Wᵀ, backward dy W, and the gradients dyᵀ x of W.
    private var linearProducts: [Product] {
        let (n, w, f) = (tokens, width, feedForwardWidth)
        return [
            // Query, key, value and attention output.
            Product("forward", n, w, w, .transposedRight, times: 4, beta: 1),
            Product("forward", n, f, w, .transposedRight, times: 1, beta: 1),
            Product("forward", n, w, f, .transposedRight, times: 1, beta: 1),
            Product("backward", n, w, w, .plain, times: 4),
            Product("backward", n, w, f, .plain, times: 1),
            Product("backward", n, f, w, .plain, times: 1),
            Product("weight gradient", w, w, n, .transposedLeft, times: 0),
            Product("weight gradient", f, w, n, .transposedLeft, times: 0),
            Product("weight gradient", w, f, n, .transposedLeft, times: 0),
        ]
    }

    /// h = x Aᵀ, y += h Bᵀ; g = dy B, dx += g A, dB = dyᵀ h, dA = gᵀ x.
    private func lowRankProducts(_ rank: Int) -> [Product] {
        let (n, w) = (tokens, width)
        return [
            Product("low rank x Aᵀ", n, rank, w, .transposedRight, times: 2),
            Product("low rank h Bᵀ", n, w, rank, .transposedRight, times: 2, beta: 1),
            Product("low rank dy B", n, rank, w, .plain, times: 2),
            Product("low rank g A", n, w, rank, .plain, times: 2, beta: 1),
            Product("low rank dyᵀ h", w, rank, n, .transposedLeft, times: 2),
            Product("low rank gᵀ x", rank, w, n, .transposedLeft, times: 2),
        ]
    }

    /// The products of all heads of all sequences, one head at a time.
    ///
    /// The scores are computed again for backward, so that a step has q kᵀ twice and do vᵀ once, p v and ds k, and
    /// pᵀ do and dsᵀ q.
    public var attentionProducts: [Product] {
        let (n, d) = (length, headWidth)
        return [
            Product("attention q kᵀ", n, n, d, .transposedRight, times: 3, heads: self),
            Product("attention p v", n, d, n, .plain, times: 2, heads: self),
            Product("attention pᵀ do", n, d, n, .transposedLeft, times: 2, heads: self),
        ]
    }

    /// All products of a block in a LoRA step, one after the other: the rate of products over exactly these shapes.
    public func loraBlock(rank: Int = 8) -> Workload {
        let parts = products(rank: rank).filter { $0.timesInLoRAStep > 0 }
        let workloads = parts.map { (times: $0.timesInLoRAStep, workload: $0.workload) }
        return Workload(
            name: "all of a LoRA block",
            flops: workloads.reduce(0) { $0 + $1.times * $1.workload.flops },
            bytes: workloads.reduce(0) { $0 + $1.times * $1.workload.bytes },
            workingSet: workloads.reduce(0) { $0 + $1.workload.workingSet }
        ) {
            let runs = workloads.map { (times: $0.times, run: $0.workload.prepared()) }
            return {
                for part in runs {
                    for _ in 0..<part.times { part.run() }
                }
            }
        }
    }
}
