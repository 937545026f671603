public import PEFTFormats
public import PEFTModels
import PEFTTensor

extension Prompt: PEFTFolderMethod {
    /// `PROMPT_TUNING` in `peft`'s layout; a type of our own, which `peft` refuses, where the pooler reads the text's
    /// first token, since `peft` would compute other logits.
    public static let peftTypes = ["PROMPT_TUNING", "PEFTKIT_PROMPT"]

    /// What this recipe is called in `peft_type`.
    public var peftType: String {
        switch pooler {
        case .virtualToken: Self.peftTypes[0]
        case .firstToken: Self.peftTypes[1]
        }
    }

    /// As ``peftType``, and always `PROMPT_TUNING` for a model without a pooler: a decoder reads the last token.
    public func peftType(for model: some AdaptableModel) -> String {
        model.sites.contains { $0.site.role == .pooler } ? peftType : Self.peftTypes[0]
    }

    /// The entries of a prompt's `adapter_config.json`.
    public static let peftKeys =
        PromptLearning.keys + [
            "prompt_tuning_init", "prompt_tuning_init_text", "tokenizer_kwargs", "tokenizer_name_or_path",
        ]

    /// The recipe in an `adapter_config.json`.
    ///
    /// - Throws: `JSONError` for an entry that is ill-typed or asks for what is not supported.
    public init(peftConfiguration json: JSONReader, settings: JSONReader?) throws {
        let isOfPEFT = try json["peft_type"].string() == Self.peftTypes[0]
        self.init(
            virtualTokens: try PromptLearning.virtualTokens(json),
            initialization: try Self.initialization(json),
            pooler: isOfPEFT ? .virtualToken : .firstToken,
            savedModules: try PromptLearning.savedModules(json)
        )
    }

    private static func initialization(_ json: JSONReader) throws -> Initialization {
        guard let name = try json["prompt_tuning_init"].ifPresent else { return .random }
        switch try name.string() {
        case "RANDOM": return .random
        case "SAMPLE_VOCAB": return .vocabulary
        case "TEXT":
            // The adapter is past its start, so that the ids are not needed, nor how the tokenizer was called.
            return .text(
                try json["prompt_tuning_init_text"].string(),
                ids: [],
                tokenizer: try json["tokenizer_name_or_path"].string()
            )
        default: throw name.error(expected: "\"RANDOM\", \"SAMPLE_VOCAB\" or \"TEXT\"")
        }
    }

    /// The entries that are a prompt's own.
    public func peftConfiguration(for model: some AdaptableModel) throws -> JSONObject {
        let width = try WordEmbedding(model).width
        let common = PromptLearning.entries(
            virtualTokens: virtualTokens,
            width: width,
            heads: model.attentionHeads,
            model: model
        )
        var start: (name: JSONValue, text: JSONValue, tokenizer: JSONValue) = ("RANDOM", .null, .null)
        switch initialization {
        case .random: break
        case .vocabulary: start.name = "SAMPLE_VOCAB"
        case .text(let text, _, let tokenizer): start = ("TEXT", .string(text), .string(tokenizer))
        }
        return JSONObject(
            common + [
                ("prompt_tuning_init", start.name),
                ("prompt_tuning_init_text", start.text),
                ("tokenizer_kwargs", .null),
                ("tokenizer_name_or_path", start.tokenizer),
            ]
        )
    }

    /// `base_model.` and the path.
    public func peftKey(ofModule path: String) -> String { PromptLearning.key(ofModule: path) }

    /// P, `prompt_embeddings`.
    public func peftTensors(
        of weights: PromptWeights,
        modules: [Parameter],
        for model: some AdaptableModel
    ) throws -> [Parameter] {
        weights.parameters
    }

    /// P, as it is in the file.
    public func weights(
        in file: WeightSource,
        sidecar: WeightSource?,
        for model: some AdaptableModel
    ) throws -> PromptWeights {
        let table = file.tensor(PromptLearning.table, shape: [virtualTokens, try width(in: model)])
        return PromptWeights(table: table, pooler: pooler)
    }
}
