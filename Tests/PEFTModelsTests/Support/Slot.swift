import PEFTModels

/// Every slot that a model offers to adapters, each as a small adapter that fills it all over BERT.
enum Slot: String, CaseIterable, Sendable {
    case parameters, biases
    case inputScale, outputScale, lowRank, twoLowRanks, customDelta, exclusiveProduct
    case embeddingDelta
    case virtualTokens, pooledVirtualTokens
    case virtualKeysAndValues, virtualKeysAndValuesWithPositions
    case sublayerWithOwnNorm, sublayerInSeries, sublayerInParallel
    case everythingAtOnce

    /// The slots for which some values mean "no change".
    static let neutralizable = allCases.filter { !insertsTokens.contains($0) && $0 != .everythingAtOnce }
    static let insertsTokens: [Slot] = [
        .virtualTokens, .pooledVirtualTokens, .virtualKeysAndValues, .virtualKeysAndValuesWithPositions,
    ]

    /// An adapter in this slot.
    ///
    /// - Parameter strength: how far its parameters are from the values that change nothing: 0 for those themselves.
    func adapter(on model: BERT, strength: Float = 1) -> TestAdapter {
        let builder = SlotBuilder(model: model, strength: strength)
        return switch self {
        case .parameters: builder.substituting(builder.model.parameters.filter { !$0.path.hasSuffix(".bias") })
        case .biases: builder.substituting(builder.model.parameters.filter { $0.path.hasSuffix(".bias") })
        case .inputScale: builder.inputScales()
        case .outputScale: builder.outputScales()
        case .lowRank: builder.lowRanks(1)
        case .twoLowRanks: builder.lowRanks(2)
        case .customDelta: builder.lowRanks(1) { Unfused(fused: $0) }
        case .exclusiveProduct: builder.exclusiveProducts()
        case .embeddingDelta: builder.embeddingDeltas()
        case .virtualTokens: builder.virtualTokens(pooled: false)
        case .pooledVirtualTokens: builder.virtualTokens(pooled: true)
        case .virtualKeysAndValues: builder.virtualKeysAndValues(shiftingPositions: false)
        case .virtualKeysAndValuesWithPositions: builder.virtualKeysAndValues(shiftingPositions: true)
        case .sublayerWithOwnNorm: builder.bottlenecks(.withOwnNorm)
        case .sublayerInSeries: builder.bottlenecks(.inSeries)
        case .sublayerInParallel: builder.bottlenecks(.inParallel)
        case .everythingAtOnce: SlotBuilder(model: model, strength: strength / 3).everything()
        }
    }
}
