import PEFTAutograd
import PEFTModels
import PEFTTensor

/// What an adapter takes for itself: slots that only one adapter can fill.
enum SlotClaims {
    /// The claimed places, in words for an error.
    static func of(_ weights: some AdapterWeights, on model: some AdaptableModel) -> Set<String> {
        var claims: Set<String> = []
        model.forEachParameter { path, _ in
            if weights.parameter(path) != nil { claims.insert("the tensor \(path)") }
        }
        let context = ForwardContext(tape: Tape(pool: BufferPool(), isRecording: false), adapter: weights)
        if weights.virtualTokens(context) != nil { claims.insert("the tokens in front of every text") }
        for site in model.sites.map(\.site) + sublayers(of: model) {
            if weights.virtualKeysAndValues(at: site, context) != nil {
                claims.insert("the virtual keys and values of block \(site.block ?? 0)")
            }
            if weights.sublayerOutput(at: site) != nil { claims.insert("the output of \(site.inWords)") }
        }
        return claims
    }

    /// Sub-layers are no modules, so that no description lists them.
    static func sublayers(of model: some AdaptableModel) -> [Site] {
        let blocks = Set(model.sites.compactMap { site in site.site.block.map { BlockPlace(site.site.stack, $0) } })
        let roles: [Site.Role] = [.attentionSublayer, .feedForwardSublayer, .crossAttentionSublayer]
        return blocks.flatMap { place in roles.map { Site(place.stack, block: place.block, $0) } }
    }

    private struct BlockPlace: Hashable {
        let stack: Site.Stack
        let block: Int

        init(_ stack: Site.Stack, _ block: Int) {
            self.stack = stack
            self.block = block
        }
    }
}

extension Site {
    fileprivate var inWords: String {
        switch role {
        case .attentionSublayer: "the attention of block \(block ?? 0)"
        case .feedForwardSublayer: "the feed-forward of block \(block ?? 0)"
        case .crossAttentionSublayer: "the cross-attention of block \(block ?? 0)"
        default: "\(role) of block \(block ?? 0)"
        }
    }
}
