import Foundation

/// The tokens that may come next, and how likely each is.
package struct TokenChoice: Sendable {
    /// A token with its probability among the candidates.
    package struct Candidate: Sendable, Equatable {
        package let id: Int32
        package let probability: Double

        package init(id: Int32, probability: Double) {
            self.id = id
            self.probability = probability
        }
    }

    /// In the order of their ids.
    package let candidates: [Candidate]

    /// What `sampling` leaves of the logits after a text.
    ///
    /// - Parameter seen: the tokens of the text so far.
    package init(_ logits: UnsafeBufferPointer<Float>, seen: Set<Int32>, _ sampling: Sampling) {
        var scores = Array(logits)
        if sampling.repetitionPenalty != 1 {
            let penalty = Float(sampling.repetitionPenalty)
            for id in seen where scores.indices.contains(Int(id)) {
                let score = scores[Int(id)]
                scores[Int(id)] = score < 0 ? score * penalty : score / penalty
            }
        }
        guard sampling.temperature > 0, let best = Self.likeliest(scores) else {
            candidates = Self.likeliest(scores).map { [Candidate(id: Int32($0), probability: 1)] } ?? []
            return
        }
        let temperature = Float(sampling.temperature)
        let peak = Double(scores[best] / temperature)
        var kept: [(id: Int32, weight: Double)] = scores.enumerated().map { index, score in
            (Int32(index), exp(Double(score / temperature) - peak))
        }
        if let topK = sampling.topK { Self.keep(top: topK, of: &kept) }
        if let topP = sampling.topP { Self.keep(mass: topP, of: &kept) }
        if let minP = sampling.minP {
            // The likeliest candidate's weight is 1.
            kept.removeAll { $0.weight < minP }
        }
        let total = kept.reduce(0) { $0 + $1.weight }
        candidates = kept.filter { $0.weight > 0 }.sorted { $0.id < $1.id }
            .map { Candidate(id: $0.id, probability: $0.weight / total) }
    }

    /// The candidate at a place in [0, 1) of the candidates' cumulated probabilities.
    ///
    /// - Precondition: there are candidates, so the vocabulary is not empty.
    package func token(at place: Double) -> Int32 {
        var sum = 0.0
        for candidate in candidates {
            sum += candidate.probability
            if place < sum { return candidate.id }
        }
        return candidates[candidates.count - 1].id
    }

    /// The index of the largest score, the first of equals.
    private static func likeliest(_ scores: [Float]) -> Int? {
        scores.indices.max { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) }
    }

    /// Those at least as likely as the `count`-th.
    private static func keep(top count: Int, of candidates: inout [(id: Int32, weight: Double)]) {
        guard count < candidates.count else { return }
        let threshold = candidates.map(\.weight).sorted(by: >)[count - 1]
        candidates.removeAll { $0.weight < threshold }
    }

    /// The likeliest whose probabilities reach `mass`: what is left out sums to at most 1 − mass.
    private static func keep(mass: Double, of candidates: inout [(id: Int32, weight: Double)]) {
        let total = candidates.reduce(0) { $0 + $1.weight }
        let spare = (1 - mass) * total
        // All candidates below this together weigh less than may be left out, and need no sorting.
        let negligible = spare / Double(candidates.count)
        var left = candidates.reduce(0) { $1.weight < negligible ? $0 + $1.weight : $0 }
        var rest = candidates.filter { $0.weight >= negligible }
        rest.sort { ($0.weight, $0.id) < ($1.weight, $1.id) }
        var first = 0
        while first < rest.count - 1, left + rest[first].weight <= spare {
            left += rest[first].weight
            first += 1
        }
        candidates = Array(rest[first...])
    }
}
