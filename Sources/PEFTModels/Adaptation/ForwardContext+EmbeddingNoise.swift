package import PEFTAutograd
import PEFTTensor

extension ForwardContext {
    /// x + u with u uniform in ± α / √(L d), in training with NEFTune; x itself otherwise (Jain et al. 2023).
    ///
    /// x `[tokens, d]` are word embeddings. L is the number of the sequence's own tokens, virtual ones not counted;
    /// `transformers` takes the padded length of the batch for L, so that there a short text's noise depends on its
    /// neighbours. Like dropout masks, u is a function of (seed, step, example, position, feature) and of nothing else.
    ///
    /// - Parameters:
    ///   - purpose: tells this noise from all others, for instance the table's module.
    ///   - rows: which tokens the rows of x are.
    package func addingNoise(to x: Variable, purpose: String, rows: TokenRows) -> Variable {
        guard let noise, let alpha = noise.neftuneAlpha, alpha > 0 else { return x }
        met(noise: "NEFTune's noise")
        let width = x.shape[1]
        let site = CounterRandom(seed: noise.seed, purpose: "NEFTune of " + purpose).key
        let keys = rowKeys(rows, noise)
        let u = tape.allocate(x.shape)
        for (start, end) in zip(rows.offsets, rows.offsets.dropFirst()) where start < end {
            let bound = alpha / Float((end - start) * width).squareRoot()
            for row in start..<end {
                let random = CounterRandom(key: CounterRandom.mix(keys[row] ^ site))
                let line = u.mutablePointer + row * width
                for feature in 0..<width { line[feature] = Float(2 * random.uniform(feature) - 1) * bound }
            }
        }
        return tape.add(x, Variable(u))
    }
}
