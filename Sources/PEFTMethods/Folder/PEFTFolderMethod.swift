public import PEFTFormats
public import PEFTModels
import PEFTTensor

/// A method that Python's `peft` knows, so that its adapters are kept in folders of `peft`'s own format.
///
/// What all folders have in common is written and read by ``AdapterFolder``; a method declares only what is its own.
public protocol PEFTFolderMethod: AdapterMethod {
    /// What `peft` calls the method in `peft_type`, for instance `LORA`; the first is the usual one.
    static var peftTypes: [String] { get }

    /// Whether an `adapter_config.json` of one of these types is of this method, where several methods share a type and
    /// no sidecar tells.
    static func reads(peftConfiguration json: JSONReader) throws -> Bool

    /// The entries of `adapter_config.json` that the method understands; any other is reported.
    static var peftKeys: [String] { get }

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Parameter settings: what ``settings`` said when the folder was written here; nil in a folder of `peft`'s.
    /// - Throws: `JSONError` for an ill-typed entry or one that asks for what this library does not do.
    init(peftConfiguration json: JSONReader, settings: JSONReader?) throws

    /// What this recipe is called in `peft_type`.
    var peftType: String { get }

    /// What this recipe is called in `peft_type` of an adapter for a model; ``peftType`` by default.
    func peftType(for model: some AdaptableModel) -> String

    /// The method's own entries of `adapter_config.json`, for an adapter of `model`.
    ///
    /// Keys are sorted in the file: an entry whose meaning lies in the order of its keys needs another form, which may
    /// depend on the model's modules.
    func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject

    /// What `adapter_config.json` cannot say of the recipe, for the sidecar.
    var settings: JSONObject { get }

    /// The name in `adapter_model.safetensors` of a tensor of a module that is trained as a whole, such as the head.
    func peftKey(ofModule path: String) -> String

    /// The tensors of `adapter_model.safetensors` by their names there, without those of whole modules.
    ///
    /// - Parameter modules: the whole modules, whose own tensors are written besides.
    func peftTensors(of weights: Weights, modules: [Parameter], for model: some AdaptableModel) throws -> [Parameter]

    /// Tensors that `peft`'s file cannot hold, for the sidecar `peftkit.safetensors`.
    func sidecarTensors(of weights: Weights) -> [Parameter]

    /// The weights in a folder.
    ///
    /// What is missing or does not fit is recorded by `file`, whose errors are thrown later, all at once.
    ///
    /// - Parameters:
    ///   - file: `adapter_model.safetensors`.
    ///   - sidecar: `peftkit.safetensors`, when there is one.
    func weights(in file: WeightSource, sidecar: WeightSource?, for model: some AdaptableModel) throws -> Weights
}

extension PEFTFolderMethod {
    /// All of them are.
    public static func reads(peftConfiguration json: JSONReader) throws -> Bool { true }

    /// The usual type.
    public var peftType: String { Self.peftTypes[0] }

    /// The same for all models.
    public func peftType(for model: some AdaptableModel) -> String { peftType }

    /// Nothing.
    public var settings: JSONObject { [:] }

    /// `base_model.model.` and the path.
    public func peftKey(ofModule path: String) -> String { "base_model.model." + path }

    /// Every parameter under `base_model.model.` and its path.
    public func peftTensors(
        of weights: Weights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        weights.parameters.map { Parameter("base_model.model." + $0.path, $0.value) }
    }

    /// None.
    public func sidecarTensors(of weights: Weights) -> [Parameter] { [] }

    /// Every parameter under `base_model.model.` and its path.
    public func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> Weights {
        var weights = try makeWeights(for: model, seed: 0)
        weights.visitParameters { parameter in
            parameter.value = file.tensor("base_model.model." + parameter.path, shape: parameter.value.shape)
        }
        return weights
    }
}
