import PEFTFormats

/// How explained-variance adaptation (Paischer et al. 2024) chooses the rows of A; the defaults are those of `peft`.
public struct EVAOptions: Codable, Sendable, Equatable {
    /// ρ, at least 1: a module may get a rank of up to ρ times its own, at the expense of others. With 1 every module
    /// keeps its rank, unless modules of the same input have different ones.
    public var redistribution: Double
    /// τ in [0, 1], the cosine at which `peft` takes a direction for final. Here the directions are computed exactly, in
    /// one pass over the data, and τ is only kept for `peft`'s files.
    public var convergenceThreshold: Double
    /// Whether a row is divided by the root of its singular value.
    public var whitens: Bool
    /// Whether α grows and shrinks with a module's rank, so that its scale stays as it was.
    public var adjustsScales: Bool

    /// Options; the defaults are those of `peft`.
    public init(
        redistribution: Double = 2,
        convergenceThreshold: Double = 0.99,
        whitens: Bool = false,
        adjustsScales: Bool = true
    ) {
        self.redistribution = redistribution
        self.convergenceThreshold = convergenceThreshold
        self.whitens = whitens
        self.adjustsScales = adjustsScales
    }

    /// - Throws: ``EVAError`` for the first number that makes no sense whatever the model.
    func validate() throws {
        guard redistribution >= 1, redistribution.isFinite else { throw EVAError.redistribution(redistribution) }
        guard (0...1).contains(convergenceThreshold) else { throw EVAError.threshold(convergenceThreshold) }
    }
}

extension EVAOptions {
    /// The options in an `eva_config`. What it says of labels concerns language models, whose every token has one.
    ///
    /// - Throws: `JSONError` for an ill-typed entry.
    init(peftConfiguration json: JSONReader) throws {
        guard let json = json.ifPresent else {
            self.init()
            return
        }
        let usual = EVAOptions()
        self.init(
            redistribution: try json["rho"].ifPresent?.double() ?? usual.redistribution,
            convergenceThreshold: try json["tau"].ifPresent?.double() ?? usual.convergenceThreshold,
            whitens: try json["whiten"].ifPresent?.bool() ?? usual.whitens,
            adjustsScales: try json["adjust_scaling_factors"].ifPresent?.bool() ?? usual.adjustsScales
        )
    }

    /// An `eva_config`.
    var peftConfiguration: JSONObject {
        [
            "adjust_scaling_factors": .bool(adjustsScales),
            "label_mask_value": -100,
            "rho": JSONValue(redistribution),
            "tau": JSONValue(convergenceThreshold),
            "use_label_mask": true,
            "whiten": .bool(whitens),
        ]
    }
}
