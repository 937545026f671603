/// The metadata: nil for a key that is not there, an error for a value of another type.
extension GGUFFile {
    /// The string of a key.
    ///
    /// - Throws: ``GGUFError`` if it is something else, or no UTF-8.
    public func string(_ key: String) throws(GGUFError) -> String? {
        try value(key, isArray: false, types: [.string], "a string").map { value throws(GGUFError) in
            try strings(value, key)[0]
        }
    }

    /// The integer of a key, of any type.
    ///
    /// - Throws: ``GGUFError`` if it is something else, or too large.
    public func integer(_ key: String) throws(GGUFError) -> Int? {
        try value(key, isArray: false, types: Self.integerTypes, "an integer").map { value throws(GGUFError) in
            try integers(value, key)[0]
        }
    }

    /// The float of a key, of either precision.
    ///
    /// - Throws: ``GGUFError`` if it is something else.
    public func double(_ key: String) throws(GGUFError) -> Double? {
        try value(key, isArray: false, types: [.float32, .float64], "a float").map { doubles($0)[0] }
    }

    /// The truth value of a key.
    ///
    /// - Throws: ``GGUFError`` if it is something else.
    public func bool(_ key: String) throws(GGUFError) -> Bool? {
        try value(key, isArray: false, types: [.bool], "a truth value").map {
            file.bytes[$0.byteRange.lowerBound] == 1
        }
    }

    /// The array of strings of a key.
    ///
    /// - Throws: ``GGUFError`` if it is something else, or one is no UTF-8.
    public func strings(_ key: String) throws(GGUFError) -> [String]? {
        try value(key, isArray: true, types: [.string], "an array of strings").map { value throws(GGUFError) in
            try strings(value, key)
        }
    }

    /// The array of integers of a key.
    ///
    /// - Throws: ``GGUFError`` if it is something else, or one is too large.
    public func integers(_ key: String) throws(GGUFError) -> [Int]? {
        try value(key, isArray: true, types: Self.integerTypes, "an array of integers").map { value throws(GGUFError) in
            try integers(value, key)
        }
    }

    /// The array of floats of a key.
    ///
    /// - Throws: ``GGUFError`` if it is something else.
    public func doubles(_ key: String) throws(GGUFError) -> [Double]? {
        try value(key, isArray: true, types: [.float32, .float64], "an array of floats").map { doubles($0) }
    }

    /// The type of a key's value, of the elements for an array; nil for a key that is not there.
    public func type(of key: String) -> (type: GGUFValueType, isArray: Bool)? {
        header.value(of: key).map { ($0.type, $0.isArray) }
    }

    private static let integerTypes: [GGUFValueType] = [
        .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64,
    ]

    private func value(
        _ key: String,
        isArray: Bool,
        types: [GGUFValueType],
        _ expected: String
    ) throws(GGUFError) -> GGUFValue? {
        guard let value = header.value(of: key) else { return nil }
        guard value.isArray == isArray, types.contains(value.type) else {
            throw GGUFError(
                path: path,
                place: .key(key),
                offset: value.byteRange.lowerBound,
                reason: "expected \(expected), found \(value.description)"
            )
        }
        return value
    }

    private func strings(_ value: GGUFValue, _ key: String) throws(GGUFError) -> [String] {
        var cursor = GGUFCursor(file.bytes, path: path)
        cursor.place = .key(key)
        try cursor.skip(UInt64(value.byteRange.lowerBound), of: 1, "what comes before")
        var strings: [String] = []
        strings.reserveCapacity(value.count)
        for index in 0..<value.count { strings.append(try cursor.string("string \(index)")) }
        withExtendedLifetime(file) {}
        return strings
    }

    private func integers(_ value: GGUFValue, _ key: String) throws(GGUFError) -> [Int] {
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[value.byteRange])
        let type: ElementType =
            switch value.type {
            case .uint8: .uint8
            case .int8: .int8
            case .uint16: .uint16
            case .int16: .int16
            case .uint32: .uint32
            case .int32: .int32
            case .uint64: .uint64
            default: .int64
            }
        guard let integers = ElementConversion.integers(bytes, type: type) else {
            throw GGUFError(
                path: path,
                place: .key(key),
                offset: value.byteRange.lowerBound,
                reason: "a value is too large for a signed integer"
            )
        }
        withExtendedLifetime(file) {}
        return integers
    }

    private func doubles(_ value: GGUFValue) -> [Double] {
        defer { withExtendedLifetime(file) {} }
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[value.byteRange])
        return (0..<value.count).map { index in
            value.type == .float32
                ? Double(bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self))
                : bytes.loadUnaligned(fromByteOffset: 8 * index, as: Double.self)
        }
    }
}
