public import PEFTFormats
public import PEFTModels
import PEFTTensor

/// `peft` has no BitFit, and no adapter without targets: a LoRA of rank 1 on one module whose A and B are zero carries
/// the biases.
extension BitFit: PEFTFolderMethod {
    /// `LORA`.
    public static let peftTypes = LoRA.peftTypes

    /// None is, unless the sidecar says so: without it, it is a LoRA with all biases.
    public static func reads(peftConfiguration json: JSONReader) throws -> Bool { false }

    /// The entries of a LoRA's `adapter_config.json`.
    public static let peftKeys = LoRA.peftKeys

    /// The recipe in an `adapter_config.json` and its sidecar.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    public init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        let carrier = try LoRA(peftConfiguration: json, settings: nil)
        guard carrier.bias == .all else { throw try json["bias"].error(expected: "\"all\", as BitFit has it") }
        self.init(try settings.map { try Biases($0["biases"]) } ?? .all, savedModules: carrier.savedModules)
    }

    /// Which biases are trained: the file has all of them.
    public var settings: JSONObject { ["biases": biases.json] }

    /// Those of the LoRA that carries the biases.
    public func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        try carrier(for: model).peftConfiguration(for: model)
    }

    /// All biases, those that are not trained as the base has them, and zeros for A and B: exactly the keys that `peft`
    /// expects.
    public func peftTensors(
        of weights: BitFitWeights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        let carrier = try carrier(for: model)
        var carried = try carrier.makeWeights(for: model, seed: 0)
        let carriedBiases = Set(carried.biases.map(\.path))
        carried.visitParameters { parameter in
            if let bias = weights.parameter(parameter.path) {
                parameter.value = bias.value
            } else if !carriedBiases.contains(parameter.path) {
                parameter.value = .zeros(parameter.value.shape)
            }
        }
        let layout = try LoRALayout(carrier, for: model)
        return layout.tensors(of: carried.parameters, modules: modules, repeatsTrained: false)
    }

    /// The biases that are trained.
    ///
    /// - Throws: ``BitFitError/otherTensors(file:tensor:)`` when B is not zero, or another bias is not the base's.
    public func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> BitFitWeights {
        let carrier = try carrier(for: model)
        let carried = try carrier.weights(in: file, sidecar: sidecar, for: model)
        var weights = try makeWeights(for: model, seed: 0)
        let values = Dictionary(carried.parameters.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
        let layout = try LoRALayout(carrier, for: model)
        var untouched = BaseBiases(of: model, savedModules: savedModules).others
        untouched.removeAll { weights.parameter($0.path) != nil }
        untouched += carried.modules.map { Parameter($0.up.path, .zeros($0.up.value.shape)) }
        for expected in untouched {
            // What the file lacks is listed later, with all else that does not fit.
            guard let value = values[expected.path], layout.has(expected, in: file) else { continue }
            guard value.elements == expected.value.elements else {
                throw BitFitError.otherTensors(file: file.path, tensor: expected.path)
            }
        }
        weights.visitParameters { parameter in
            if let value = values[parameter.path] { parameter.value = value }
        }
        return weights
    }

    /// The LoRA that carries the biases, on the first linear map that has one.
    private func carrier(for model: some AdaptableModel) throws -> LoRA {
        let biases = Set(BaseBiases(of: model, savedModules: savedModules).others.map(\.path))
        let target = model.sites.first { $0.isLinear && biases.contains("\($0.module).bias") }
        guard let target else { throw BitFitError.noBiases }
        return LoRA(rank: 1, alpha: 1, targets: .names([target.module]), bias: .all, savedModules: savedModules)
    }
}

extension BitFit.Biases {
    fileprivate init(_ json: JSONReader) throws {
        switch json.value {
        case .string("all"): self = .all
        case .string("query_and_intermediate"): self = .queryAndIntermediate
        case .object: self = .modules(try ModuleSelection(peftConfiguration: json))
        default:
            throw json.error(expected: "\"all\", \"query_and_intermediate\" or a selection of modules")
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .all: "all"
        case .queryAndIntermediate: "query_and_intermediate"
        case .modules(let selection): .object(selection.peftConfiguration)
        }
    }
}
