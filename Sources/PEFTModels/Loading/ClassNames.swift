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

    /// A checkpoint's entries with these classes, for what the head is said to be for.
    static func adding(_ labels: [String], task stated: PredictionTask?, to original: JSONObject) -> JSONObject {
        var entries = original
        entries["num_labels"] = nil
        entries["id2label"] = .object(
            JSONObject(labels.enumerated().map { (String($0.offset), .string($0.element)) })
        )
        // Two classes of one name are no map; transformers then numbers them itself.
        var seen: Set<String> = []
        let distinct = labels.enumerated().filter { seen.insert($0.element).inserted }
        entries["label2id"] = .object(JSONObject(distinct.map { ($0.element, JSONValue($0.offset)) }))
        entries["problem_type"] = .string(PredictionTask(outputs: labels.count, stated: stated).problemType)
        return entries
    }
}

extension JSONObject {
    /// A checkpoint's entries for weights in 32-bit floats, opened by a class of `transformers`.
    func forFloats(class name: String) -> JSONObject {
        var entries = self
        entries["architectures"] = [.string(name)]
        entries["dtype"] = "float32"
        entries["torch_dtype"] = nil
        return entries
    }
}
