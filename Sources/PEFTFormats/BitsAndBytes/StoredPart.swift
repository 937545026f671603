import PEFTTensor

/// One of the tensors that a quantised weight is made of, where it lies.
struct StoredPart {
    let file: SafetensorsFile
    let entry: SafetensorsEntry

    /// The elements as floats.
    ///
    /// - Precondition: they are floats.
    var floats: [Float] { file.floats(of: entry).elements }

    /// The bytes, copied.
    var bytes: [UInt8] { file.withUnsafeBytes(of: entry) { Array($0) } }

    /// Why this is not `count` elements of a type, floats where that is nil; nil if it is.
    func fault(_ type: ElementType?, count: Int) -> String? {
        let expected = type.map(\.rawValue) ?? "floats"
        let found =
            "\(entry.name): expected \(count) elements of type \(expected), found \(entry.elementType) \(entry.shape)"
        let fits = type.map { entry.elementType == $0 } ?? entry.elementType.isFloatingPoint
        return fits && entry.shape.count == count ? nil : found
    }
}
