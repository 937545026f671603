extension ParameterTable {
    /// The line that `peft` prints: "trainable params: 296,450 || all params: 109,780,228 || trainable%: 0.2700".
    public var summary: String {
        "trainable params: \(trainable.grouped) || all params: \(all.grouped) || trainable%: \(percentageText)"
    }

    /// The share with four decimals.
    private var percentageText: String {
        let tenThousandths = Int((percentage * 10_000).rounded(.toNearestOrEven))
        let decimals = String(tenThousandths % 10_000)
        return "\(tenThousandths / 10_000)." + String(repeating: "0", count: 4 - decimals.count) + decimals
    }
}
