import PEFTFormats

/// The classes that a checkpoint's `config.json` names.
enum ClassNames {
    /// The names in `id2label` by number, or `LABEL_0` … for `num_labels`, two when neither is there, as
    /// `transformers` has it.
    static func read(_ json: JSONReader) throws -> [String] {
        guard let names = try json["id2label"].ifPresent else {
            let count = try json["num_labels"].ifPresent?.positiveInt() ?? 2
            return (0..<count).map { "LABEL_\($0)" }
        }
        var byNumber: [Int: String] = [:]
        for (key, name) in try names.members() {
            guard let number = Int(key) else {
                throw names.error(expected: "class numbers as keys, not \"\(key)\"")
            }
            byNumber[number] = try name.string()
        }
        return try (0..<byNumber.count).map { number in
            guard let name = byNumber[number] else {
                throw names.error(
                    expected: "the classes 0 to \(byNumber.count - 1) without a gap; \(number) is missing"
                )
            }
            return name
        }
    }
}
