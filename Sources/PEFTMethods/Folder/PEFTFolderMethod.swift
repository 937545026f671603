public import PEFTFormats
public import PEFTModels

/// A method that Python's `peft` knows, so that its adapters are kept in folders of `peft`'s own format.
///
/// What all folders have in common is written and read by ``AdapterFolder``; a method declares only what is its own.
public protocol PEFTFolderMethod: AdapterMethod {
    /// What `peft` calls the method in `peft_type`, for instance `LORA`.
    static var peftType: String { get }

    /// The entries of `adapter_config.json` that the method understands; any other is reported.
    static var peftKeys: [String] { get }

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` for an ill-typed entry or one that asks for what this library does not do.
    init(peftConfiguration json: JSONReader) throws

    /// The method's own entries of `adapter_config.json`, for an adapter of `model`.
    ///
    /// Keys are sorted in the file: an entry whose meaning lies in the order of its keys needs another form, which may
    /// depend on the model's modules.
    func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject

    /// The name of a parameter in `adapter_model.safetensors`.
    static func peftKey(ofParameter path: String) -> String
}

extension PEFTFolderMethod {
    /// `base_model.model.` and the path.
    public static func peftKey(ofParameter path: String) -> String { "base_model.model." + path }
}
