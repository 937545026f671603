/// What becomes of a text before it is cut into words, a step after the other.
struct BPENormalizer: Sendable {
    /// One step.
    enum Step: Sendable, Equatable {
        /// Canonical composition.
        case composition
        /// Puts a text before one that is not empty.
        case prefix([UInt8])
        /// Replaces a text wherever it is found.
        case replacement(of: [UInt8], by: [UInt8])
    }

    let steps: [Step]

    /// The normalized text, nil when it is the text as given.
    ///
    /// - Parameter source: well-formed UTF-8.
    func normalize(_ source: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var current: [UInt8]?
        for step in steps {
            if let text = current {
                current = text.withUnsafeBufferPointer { Self.apply(step, to: $0) } ?? text
            } else {
                current = Self.apply(step, to: source)
            }
        }
        return current
    }

    private static func apply(_ step: Step, to source: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        switch step {
        case .composition: CanonicalComposition.compose(source)
        case .prefix(let prefix): source.isEmpty ? nil : prefix + source
        case .replacement(let pattern, let replacement): source.replacing(pattern, by: replacement)
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes with each occurrence of a pattern replaced, from the left.
    ///
    /// - Precondition: the pattern is not empty.
    func replacing(_ pattern: [UInt8], by replacement: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(count + count / 4)
        var position = 0
        while position < count {
            if self[position] == pattern[0], self[position...].starts(with: pattern) {
                output += replacement
                position += pattern.count
            } else {
                output.append(self[position])
                position += 1
            }
        }
        return output
    }
}
