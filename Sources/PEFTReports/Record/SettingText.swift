package import PEFTFormats

extension JSONValue {
    /// A setting for people: strings without quotes, everything else as JSON on one line.
    package var settingText: String {
        switch self {
        case .string(let text): text
        case .bool(let flag): flag ? "yes" : "no"
        case .null: "none"
        case .array(let elements) where !elements.isEmpty && elements.allSatisfy(\.isScalar):
            elements.map(\.settingText).joined(separator: ", ")
        default: text(.compact)
        }
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }
}
