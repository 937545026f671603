import PEFTFormats

/// What a run was set to, in named groups.
struct RunSettings {
    /// Settings that belong together.
    struct Group {
        let name: String
        let settings: [(name: String, value: JSONValue)]
    }

    let groups: [Group]

    init(_ description: RunDescription) {
        let model = description.model
        groups = [
            Group(
                name: "Model",
                settings: [
                    ("model", .string(model.name)), ("fingerprint", model.fingerprint.map(JSONValue.string) ?? .null),
                    ("parameters", JSONValue(model.parameters)), ("trained parameters", JSONValue(model.trainable)),
                    ("labels", .array(description.labels.map(JSONValue.string))),
                ]
            ),
            Group(
                name: "Method",
                settings: [("method", .string(description.method))]
                    + description.methodSettings.map { (name: $0.key, value: $0.value) }
            ),
            Group(name: "Run", settings: description.options.map { (name: $0.key, value: $0.value) }),
            Group(
                name: "Data",
                settings: Self.data(description.training, "training")
                    + (description.validation.map { Self.data($0, "validation") } ?? [])
            ),
        ]
    }

    private static func data(_ data: RunDescription.Data, _ name: String) -> [(name: String, value: JSONValue)] {
        [
            ("\(name) data", .string(data.path)), ("\(name) rows", JSONValue(data.rows)),
            ("\(name) digest", data.digest.map(JSONValue.string) ?? .null),
        ]
    }
}
