import PEFTFormats
import PEFTModels
import PEFTTensor

/// A text classifier's head in AdapterHub's files, and how it maps to the modules of a model.
struct AdapterHubHead {
    /// What the head is made of.
    enum Layout {
        /// dropout, linear over what the base's pooler gives. The pooler itself stays the base's.
        case pooled
        /// dropout, linear, tanh, dropout, linear over the last hidden state of the first token: the same as a pooler of
        /// its own and a linear map, except that nothing here is dropped in front of the pooler.
        case ownPooler
        /// The head of a class of `transformers`, by the names of its modules.
        case modelsOwn
    }

    let name: String
    let layout: Layout
    let hasBias: Bool
    let labels: [String]?

    /// - Throws: `JSONError` for a `head_config.json` that is ill-typed or of a head that is not supported.
    init(_ json: JSONReader) throws {
        guard let settings = try json["config"].ifPresent else {
            name = ""
            layout = .modelsOwn
            hasBias = true
            labels = try Self.labels(json["label2id"])
            return
        }
        name = try json["name"].string()
        let type = try settings["head_type"]
        guard try type.string() == "classification" else {
            throw type.error(expected: "\"classification\": heads for other tasks are not supported")
        }
        switch (try settings["layers"].positiveInt(), try settings["use_pooler"].ifPresent?.bool() ?? false) {
        case (1, true): layout = .pooled
        case (2, false):
            layout = .ownPooler
            let activation = try settings["activation_function"]
            guard try activation.string() == "tanh" else {
                throw activation.error(expected: "\"tanh\": a head with another activation is not supported")
            }
        default:
            throw try settings["layers"].error(
                expected: "1 with use_pooler or 2 without it: other classification heads are not supported"
            )
        }
        hasBias = try settings["bias"].ifPresent?.bool() ?? true
        labels = try Self.labels(settings["label2id"])
    }

    /// The head to write for the modules of an adapter; nil when they are without a head.
    ///
    /// Only a head of two layers can hold a pooler of the adapter's own.
    init?(named name: String, of modules: [Parameter], labels: [String], model: some AdaptableModel) {
        let trained = Set(modules.map(\.path))
        func isTrained(_ module: String) -> Bool {
            trained.isSuperset(of: ["\(module).weight", "\(module).bias"])
        }
        guard let head = model.headModules.first, isTrained(head) else { return nil }
        self.name = name
        layout = model.poolerModule.map(isTrained) == true ? .ownPooler : .pooled
        hasBias = true
        self.labels = labels
    }

    /// The key in `model_head.safetensors` of a tensor of the model; nil when the head does not hold it.
    func key(of path: String, in model: some AdaptableModel) -> String? {
        func place(_ module: String?) -> String? {
            module.flatMap { path.hasPrefix($0 + ".") ? String(path.dropFirst($0.count)) : nil }
        }
        let ofHead = place(model.headModules.first)
        switch layout {
        case .modelsOwn: return ofHead.map { _ in path }
        case .pooled: return ofHead.map { "heads.\(name).1\($0)" }
        case .ownPooler:
            return ofHead.map { "heads.\(name).4\($0)" } ?? place(model.poolerModule).map { "heads.\(name).1\($0)" }
        }
    }

    /// The modules that the head's file holds, in the base's shapes; the classes are as many as the last map's rows.
    ///
    /// What is missing or does not fit is recorded by `file`.
    func modules(in file: WeightSource, for model: some AdaptableModel) -> [Parameter] {
        let heads = model.headModules
        let last = heads.first.flatMap { key(of: "\($0).weight", in: model) }
        let classes = last.flatMap(file.shape)?.dimensions.first
        return model.parameters.compactMap { parameter in
            guard let key = key(of: parameter.path, in: model) else { return nil }
            let isHead = heads.contains { parameter.path.hasPrefix($0 + ".") }
            var extents = parameter.value.shape.dimensions
            if let classes, isHead { extents[0] = classes }
            // Only the last map can be without a bias, which is one of zeros.
            let isThere = hasBias || !isHead || !key.hasSuffix(".bias")
            let shape = Shape(extents)
            return Parameter(parameter.path, isThere ? file.tensor(key, shape: shape) : .zeros(shape))
        }
    }

    /// The entry `config` of `head_config.json`.
    func configuration(classes: Int) -> JSONObject {
        let isPooled = layout != .ownPooler
        return [
            "activation_function": "tanh",
            "bias": .bool(hasBias),
            "dropout_prob": .null,
            "head_type": "classification",
            "label2id": Self.numbers(labels ?? []),
            "layers": JSONValue(isPooled ? 1 : 2),
            "num_labels": JSONValue(classes),
            "use_pooler": .bool(isPooled),
        ]
    }

    /// The names in `label2id` by number; nil when it is null.
    private static func labels(_ json: JSONReader) throws -> [String]? {
        guard let present = json.ifPresent else { return nil }
        var byNumber: [Int: String] = [:]
        for (name, number) in try present.members() { byNumber[try number.int()] = name }
        let names = (0..<(try present.members().count)).compactMap { byNumber[$0] }
        guard try names.count == present.members().count else {
            throw present.error(expected: "the numbers from 0 on, each once")
        }
        return names
    }

    /// `label2id`; null when two classes have the same name, which Python cannot tell apart.
    private static func numbers(_ labels: [String]) -> JSONValue {
        guard !labels.isEmpty, Set(labels).count == labels.count else { return .null }
        return .object(JSONObject(labels.enumerated().map { ($1, JSONValue($0)) }))
    }
}

extension AdaptableModel {
    /// The module that turns the first token's hidden state into what the head reads; nil when there is none.
    var poolerModule: String? { sites.first { $0.site.role == .pooler }?.module }
}
