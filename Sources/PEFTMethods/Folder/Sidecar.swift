import PEFTFormats
import PEFTModels

/// What `peft`'s files cannot hold, in a file of its own beside them (`peftkit.json`): extra entries in
/// `adapter_config.json` would make `peft` warn.
struct Sidecar: Sendable, Equatable {
    let labels: [String]
    /// What the outputs are. Classification is not said in the file.
    let task: PredictionTask
    let maximumLength: Int?
    let baseName: String
    let baseFingerprint: String
    /// The name of the method, where several share a type of `peft`'s.
    let method: String?
    /// What the configuration cannot say of the recipe.
    let settings: JSONValue?
    /// The names of the folders of a stack's parts, in their order; nil when the folder is no stack.
    let stack: [String]?

    private static let version = 1

    init(
        labels: [String],
        task: PredictionTask,
        maximumLength: Int?,
        baseName: String,
        baseFingerprint: String,
        method: String,
        settings: JSONObject = [:],
        stack: [String]? = nil
    ) {
        self.labels = labels
        self.task = task
        self.maximumLength = maximumLength
        self.baseName = baseName
        self.baseFingerprint = baseFingerprint
        self.method = method
        self.settings = settings.isEmpty ? nil : .object(settings)
        self.stack = stack
    }

    init(_ json: JSONReader) throws {
        let version = try json["version"].positiveInt()
        guard version == Self.version else {
            throw try json["version"].error(expected: "\(Self.version), the only version known here")
        }
        labels = try json["labels"].strings()
        task = try Self.task(json["task"], outputs: labels.count)
        maximumLength = try json["maximum_length"].ifPresent?.positiveInt()
        baseName = try json["base_model"].string()
        baseFingerprint = try json["base_fingerprint"].string()
        method = try json["method"].ifPresent?.string()
        settings = try json["settings"].ifPresent?.value
        stack = try json["stack"].ifPresent?.strings()
    }

    private static func task(_ json: JSONReader, outputs: Int) throws -> PredictionTask {
        guard let json = json.ifPresent else { return .classification }
        guard let task = PredictionTask(rawValue: try json.string()) else {
            throw json.error(expected: PredictionTask.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))
        }
        switch task {
        case .regression where outputs != 1:
            throw json.error(expected: "\"classification\" beside \(outputs) labels: a regression has one")
        case .languageModel where outputs != 0:
            throw json.error(expected: "\"classification\" beside \(outputs) labels: a language model has none")
        default: return task
        }
    }

    var json: JSONValue {
        var entries: [(String, JSONValue)] = [
            ("version", JSONValue(Self.version)),
            ("labels", .array(labels.map { .string($0) })),
            ("maximum_length", maximumLength.map { JSONValue($0) } ?? .null),
            ("base_model", .string(baseName)),
            ("base_fingerprint", .string(baseFingerprint)),
        ]
        if task != .classification { entries.append(("task", .string(task.rawValue))) }
        if let method { entries.append(("method", .string(method))) }
        if let settings { entries.append(("settings", settings)) }
        if let stack { entries.append(("stack", .array(stack.map { .string($0) }))) }
        return .object(JSONObject(entries))
    }
}
