public import PEFTModels

/// BitFit (Ben Zaken et al. 2022): only biases are trained, in place, W x + b with a trained b `[outputs]`; norms have
/// biases, too.
///
/// Training starts from the base's own biases and so from its own output. A model without biases cannot be trained like
/// this. The bias of a key projection is among them, though it never gets a gradient: softmax does not see a shift.
///
/// ```swift
/// let method = BitFit(.queryAndIntermediate)
/// ```
public struct BitFit: AdapterMethod {
    /// `bitfit`.
    public static let name = "bitfit"

    /// Which biases are trained.
    public enum Biases: Codable, Sendable, Equatable {
        /// Every bias of the model.
        case all
        /// Those of the query projections and of the feed-forward's first linear map, the paper's smaller variant.
        case queryAndIntermediate
        /// Those of chosen linear maps and norms.
        case modules(ModuleSelection)
    }

    /// Which biases are trained.
    public var biases: Biases
    /// Modules that are trained and saved as a whole, by the ends of their names.
    public var savedModules: [String]

    /// A BitFit recipe.
    public init(_ biases: Biases = .all, savedModules: [String] = []) {
        self.biases = biases
        self.savedModules = savedModules
    }

    /// The chosen biases, as the base has them.
    ///
    /// - Throws: ``BitFitError`` for a model, or a chosen module, without biases; ``TargetError`` for a selection that
    ///   does not fit the model.
    public func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> BitFitWeights {
        try ModuleSelection(.allLinear, savedModules: savedModules).requireSavedModules(in: model)
        let trainable = BaseBiases(of: model, savedModules: savedModules).others
        guard !trainable.isEmpty else { throw BitFitError.noBiases }
        let wanted: [Parameter]
        switch biases {
        case .all:
            wanted = trainable
        case .queryAndIntermediate:
            let sites = model.sites.filter { [.query, .feedForwardUp].contains($0.site.role) }
            wanted = trainable.filter { bias in sites.contains { "\($0.module).bias" == bias.path } }
        case .modules(var selection):
            selection.savedModules += savedModules
            wanted = try selection.resolve(in: model, adapting: [.linear, .norm]).map { site in
                guard let bias = trainable.first(where: { $0.path == "\(site.module).bias" }) else {
                    throw BitFitError.noBias(module: site.module)
                }
                return bias
            }
        }
        guard !wanted.isEmpty else { throw BitFitError.noneChosen }
        return BitFitWeights(TrainedBiases(wanted))
    }
}

/// Why a model's biases cannot be trained as a recipe says.
public enum BitFitError: Error, CustomStringConvertible {
    /// A model without a bias outside its head.
    case noBiases
    /// A chosen module without a bias.
    case noBias(module: String)
    /// A model whose queries and feed-forward layers have no biases, though others have.
    case noneChosen
    /// A folder of BitFit in which something else is trained, too.
    case otherTensors(file: String, tensor: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .noBiases:
            "the model has no biases, so that BitFit has nothing to train; use another method, for instance lora"
        case .noBias(let module):
            "\(module) has no bias for BitFit to train; choose modules that have one"
        case .noneChosen:
            "neither the queries nor the feed-forward layers of the model have biases; train all biases instead"
        case .otherTensors(let file, let tensor):
            "\(file): \(tensor) was trained, too, so that this is no BitFit as peftkit.json says; "
                + "remove that file to read the folder as a LoRA"
        }
    }
}
