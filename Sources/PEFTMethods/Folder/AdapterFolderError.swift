public import PEFTFormats

/// An adapter folder that cannot be read or written.
public enum AdapterFolderError: Error, CustomStringConvertible {
    /// No `adapter_config.json`, and what is there instead.
    case notAnAdapter(String, reason: String)
    /// No `adapter_model.safetensors`.
    case noWeights(String)
    /// Weights as a Python pickle.
    case pickle(String)
    /// A method nobody here knows.
    case unknownType(String, file: String, known: [String])
    /// An adapter for something else than classes, numbers or the next token.
    case otherTask(String, file: String)
    /// An adapter for a language model, and a base that is none.
    case needsLanguageModel(folder: String, base: String)
    /// An adapter for a classifier or a regression, and a base that is only a language model.
    case needsClassifier(folder: String, base: String)
    /// A base of other content.
    case otherBase(folder: String, trainedOn: String, given: String)
    /// Another number of class names than classes.
    case labelCount(folder: String, head: Int, names: [String])
    /// Parts of a stack with different heads.
    case otherHead(folder: String, first: String, second: String)
    /// A file of an AdapterHub folder that is not there.
    case noFile(folder: String, name: String)
    /// Weights that AdapterHub wrote as a Python pickle.
    case adapterHubPickle(String)
    /// A head for the pooler of a base that has none, or only a fresh one.
    case headWithoutPooler(folder: String)
    /// Several files whose tensors do not fit.
    case weights([WeightError])
    /// A model that AdapterHub's files have no name for.
    case notInAdapterHub(base: String)
    /// A method that has no format on disk.
    case noFormat(method: String)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .notAnAdapter(let path, let reason):
            "\(path) is no adapter folder: \(reason)"
        case .noWeights(let path):
            "\(path) has no adapter_model.safetensors"
        case .pickle(let path):
            "\(path) is a Python pickle, which can run code and is not read; save the adapter again in Python with "
                + "safe_serialization=True"
        case .unknownType(let type, let file, let known):
            "\(file): peft_type \"\(type)\" is not supported; supported: \(known.joined(separator: ", "))"
        case .otherTask(let task, let file):
            "\(file): task_type \"\(task)\" is not supported; a text classifier's adapter says SEQ_CLS, a language model's "
                + "CAUSAL_LM, one without a head null"
        case .needsLanguageModel(let folder, let base):
            "the adapter \(folder) is for a language model (CAUSAL_LM), and \(base) is not used as one; use it with the "
                + "language model it was trained on"
        case .needsClassifier(let folder, let base):
            "the adapter \(folder) is for a classifier or a regression, and \(base) is used as a language model; use it "
                + "with a base that gives texts a class"
        case .otherBase(let folder, let trainedOn, let given):
            "the adapter \(folder) was trained on another base (\(trainedOn)) than \(given): their weights differ; "
                + "give the base it was trained on"
        case .labelCount(let folder, let head, let names):
            "the head of \(folder) has \(head) classes, but there are \(names.count) names: "
                + names.joined(separator: ", ")
        case .otherHead(let folder, let first, let second):
            "the parts \(first) and \(second) of \(folder) have different heads or saved modules; a stack has one, "
                + "saved with each part"
        case .noFile(let folder, let name):
            "\(folder) has no \(name)"
        case .adapterHubPickle(let path):
            "\(path) is a Python pickle, which can run code and is not read; save the adapter again in Python with "
                + "use_safetensors=True"
        case .headWithoutPooler(let folder):
            "the head of \(folder) reads what the base's pooler gives, but the base has no trained pooler, and "
                + "AdapterHub does not save one; give the base it was trained on, or train it with a head of two layers"
        case .weights(let errors):
            errors.map(\.description).joined(separator: "\n")
        case .notInAdapterHub(let base):
            "adapters of \(base) cannot be written in AdapterHub's layout, which is known here for "
                + "classifiers of BERT only"
        case .noFormat(let method):
            "the method \(method) declares no format on disk; conform it to PEFTFolderMethod"
        }
    }
}
