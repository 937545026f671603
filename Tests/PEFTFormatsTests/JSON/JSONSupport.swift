import PEFTFormats

func parse(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8), source: "test.json")
}

/// The error that parsing `bytes` throws, or nil if it parses.
func fault(_ bytes: [UInt8]) -> String? {
    do {
        _ = try JSONValue(parsing: bytes, source: "test.json")
        return nil
    } catch {
        return error.description
    }
}

func fault(_ text: String) -> String? {
    fault(Array(text.utf8))
}
