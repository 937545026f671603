extension JSONReader {
    /// The object.
    ///
    /// - Throws: ``JSONError`` if this is something else.
    public func object() throws(JSONError) -> JSONObject {
        guard case .object(let object) = value else { throw error(expected: "an object") }
        return object
    }

    /// The string.
    ///
    /// - Throws: ``JSONError`` if this is something else.
    public func string() throws(JSONError) -> String {
        guard case .string(let text) = value else { throw error(expected: "a string") }
        return text
    }

    /// The truth value.
    ///
    /// - Throws: ``JSONError`` if this is something else.
    public func bool() throws(JSONError) -> Bool {
        guard case .bool(let flag) = value else { throw error(expected: "true or false") }
        return flag
    }

    /// The number written as an integer, if it lies in `range`.
    ///
    /// - Throws: ``JSONError`` if this is something else or outside.
    public func int(in range: ClosedRange<Int> = .min ... .max) throws(JSONError) -> Int {
        guard case .number(let number) = value, let integer = number.int, range.contains(integer) else {
            throw error(expected: JSONReader.describe(range))
        }
        return integer
    }

    /// The number written as an integer above 0.
    ///
    /// - Throws: ``JSONError`` if this is something else.
    public func positiveInt() throws(JSONError) -> Int {
        try int(in: 1 ... .max)
    }

    /// The number as the nearest double.
    ///
    /// - Throws: ``JSONError`` if this is something else, or too large for a double.
    public func double() throws(JSONError) -> Double {
        guard case .number(let number) = value, let double = number.double else { throw error(expected: "a number") }
        return double
    }

    /// The number as the nearest double, if it lies in `range`.
    ///
    /// - Throws: ``JSONError`` if this is something else or outside.
    public func double(in range: ClosedRange<Double>) throws(JSONError) -> Double {
        guard case .number(let number) = value, let double = number.double, range.contains(double) else {
            throw error(expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return double
    }

    /// The array of strings.
    ///
    /// - Throws: ``JSONError`` if this is not an array, or an element is not a string.
    public func strings() throws(JSONError) -> [String] {
        var strings: [String] = []
        for element in try elements() { strings.append(try element.string()) }
        return strings
    }

    /// The array of integers.
    ///
    /// - Throws: ``JSONError`` if this is not an array, or an element is not an integer.
    public func ints() throws(JSONError) -> [Int] {
        var integers: [Int] = []
        for element in try elements() { integers.append(try element.int()) }
        return integers
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "an integer"
        case (1, .max): "a positive integer"
        case (let low, .max): "an integer of at least \(low)"
        case (.min, let high): "an integer of at most \(high)"
        case (let low, let high): "an integer from \(low) to \(high)"
        }
    }
}
