/// Cuts normalized text into words, a step after the other; what no step cuts is one word.
package struct PreTokenizer: Sendable {
    /// One step; it sees each piece of the step before alone.
    package enum Step: Sendable, Equatable {
        /// Puts a space before a piece that doesn't begin with one.
        case leadingSpace
        /// Numbers stand apart, each digit for itself or those that follow each other together.
        case digits(individually: Bool)
        /// A regular expression.
        case pattern(WordPattern)
        /// SentencePiece's marks for spaces.
        case metaspace(Metaspace)
        /// Cuts before each run of marks. This is for models that never merge across such a place, whose ids it
        /// doesn't change: short words are found again.
        case marks(Metaspace)
    }

    let steps: [Step]

    package init(steps: [Step]) {
        self.steps = steps
    }

    /// Calls `body` with each word in turn until it returns false.
    ///
    /// - Parameters:
    ///   - piece: well-formed UTF-8, not empty.
    ///   - isAtStart: whether the whole text begins with it.
    /// - Returns: whether `body` had all words.
    @discardableResult
    package func words(
        of piece: UnsafeBufferPointer<UInt8>,
        isAtStart: Bool,
        _ body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        words(of: piece, isAtStart: isAtStart, from: 0, body)
    }

    private func words(
        of piece: UnsafeBufferPointer<UInt8>,
        isAtStart: Bool,
        from step: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        guard step < steps.count else { return body(piece) }
        func cut(_ piece: UnsafeBufferPointer<UInt8>, _ end: (Int) -> Int) -> Bool {
            var start = 0
            while start < piece.count {
                let end = end(start)
                let part = UnsafeBufferPointer(rebasing: piece[start..<end])
                if !words(of: part, isAtStart: isAtStart && start == 0, from: step + 1, body) { return false }
                start = end
            }
            return true
        }
        switch steps[step] {
        case .leadingSpace:
            let space = UInt8(ascii: " ")
            if piece.first == space { return words(of: piece, isAtStart: isAtStart, from: step + 1, body) }
            return ([space] + piece).withUnsafeBufferPointer {
                words(of: $0, isAtStart: isAtStart, from: step + 1, body)
            }
        case .digits(let individually):
            return cut(piece) { Self.digitsEnd(from: $0, in: piece, individually: individually) }
        case .pattern(let pattern):
            let text = CharacterKinds(of: piece)
            return cut(piece) { pattern.end(from: $0, in: text) }
        case .metaspace(let metaspace):
            return metaspace.marked(piece, isAtStart: isAtStart).withUnsafeBufferPointer { marked in
                if !metaspace.splits { return words(of: marked, isAtStart: isAtStart, from: step + 1, body) }
                return cut(marked) { metaspace.end(from: $0, in: marked, keepsRuns: false) }
            }
        case .marks(let metaspace):
            return cut(piece) { metaspace.end(from: $0, in: piece, keepsRuns: true) }
        }
    }

    /// The end of the digit, the digits or what is between digits at `start`.
    private static func digitsEnd(
        from start: Int,
        in bytes: UnsafeBufferPointer<UInt8>,
        individually: Bool
    ) -> Int {
        func digit(_ position: Int) -> (isDigit: Bool, length: Int) {
            let (scalar, length) = bytes.scalar(at: position)
            return (UnicodeTable.shared[scalar].isDigit, length)
        }
        let (isDigit, length) = digit(start)
        var end = start + length
        if isDigit, individually { return end }
        while end < bytes.count {
            let next = digit(end)
            if next.isDigit != isDigit { break }
            end += next.length
        }
        return end
    }
}
