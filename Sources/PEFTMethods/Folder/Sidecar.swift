import PEFTFormats

/// What `peft`'s files cannot hold, in a file of its own beside them (`peftkit.json`): extra entries in
/// `adapter_config.json` would make `peft` warn.
struct Sidecar: Sendable, Equatable {
    let labels: [String]
    let maximumLength: Int?
    let baseName: String
    let baseFingerprint: String

    private static let version = 1

    init(labels: [String], maximumLength: Int?, baseName: String, baseFingerprint: String) {
        self.labels = labels
        self.maximumLength = maximumLength
        self.baseName = baseName
        self.baseFingerprint = baseFingerprint
    }

    init(_ json: JSONReader) throws {
        let version = try json["version"].positiveInt()
        guard version == Self.version else {
            throw try json["version"].error(expected: "\(Self.version), the only version known here")
        }
        labels = try json["labels"].strings()
        maximumLength = try json["maximum_length"].ifPresent?.positiveInt()
        baseName = try json["base_model"].string()
        baseFingerprint = try json["base_fingerprint"].string()
    }

    var json: JSONValue {
        .object([
            "version": JSONValue(Self.version),
            "labels": .array(labels.map { .string($0) }),
            "maximum_length": maximumLength.map { JSONValue($0) } ?? .null,
            "base_model": .string(baseName),
            "base_fingerprint": .string(baseFingerprint),
        ])
    }
}
