/// A text with the operations of Python's `str`, which are by code points and not by what a reader calls characters.
struct PythonText: Equatable {
    var scalars: [Unicode.Scalar]

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    init(_ scalars: some Sequence<Unicode.Scalar>) {
        self.scalars = Array(scalars)
    }

    var string: String { String(scalars: scalars) }

    /// Where a part is found first, from `start` on.
    func firstPlace(of part: PythonText, from start: Int = 0) -> Int? {
        let last = scalars.count - part.scalars.count
        guard start <= last else { return nil }
        return (start...last).first { scalars[$0..<$0 + part.scalars.count].elementsEqual(part.scalars) }
    }

    /// Without the characters of a set at either end; without white space if there is no set.
    func stripped(_ set: PythonText?, left: Bool = true, right: Bool = true) -> PythonText {
        func goes(_ scalar: Unicode.Scalar) -> Bool { set?.scalars.contains(scalar) ?? scalar.isPythonWhitespace }
        var part = scalars[...]
        if left { part = part.drop(while: goes) }
        if right { while let last = part.last, goes(last) { part.removeLast() } }
        return PythonText(part)
    }

    /// The parts between separators, at most so many cuts.
    func split(by separator: PythonText, limit: Int) -> [PythonText] {
        var parts: [PythonText] = []
        var start = 0
        while limit < 0 || parts.count < limit, let place = firstPlace(of: separator, from: start) {
            parts.append(PythonText(scalars[start..<place]))
            start = place + separator.scalars.count
        }
        return parts + [PythonText(scalars[start...])]
    }

    /// The words between white space, at most so many cuts; what is left keeps its white space.
    func words(limit: Int) -> [PythonText] {
        var parts: [PythonText] = []
        var rest = stripped(nil, right: false)
        while !rest.scalars.isEmpty {
            if limit >= 0, parts.count == limit { return parts + [rest.stripped(nil, left: false)] }
            let word = rest.scalars.prefix { !$0.isPythonWhitespace }
            parts.append(PythonText(word))
            rest = PythonText(rest.scalars[word.count...]).stripped(nil, right: false)
        }
        return parts
    }

    /// The lines, without their ends.
    var lines: [PythonText] {
        var lines: [PythonText] = []
        var line: [Unicode.Scalar] = []
        var isOpen = false
        for (index, scalar) in scalars.enumerated() {
            if scalar == "\n", index > 0, scalars[index - 1] == "\r" { continue }
            isOpen = !["\n", "\r", "\u{B}", "\u{C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}"]
                .contains(scalar)
            if isOpen {
                line.append(scalar)
            } else {
                lines.append(PythonText(line))
                line = []
            }
        }
        return isOpen ? lines + [PythonText(line)] : lines
    }

    /// With a part replaced, at most so many times.
    func replacing(_ part: PythonText, by replacement: PythonText, limit: Int) -> PythonText {
        if part.scalars.isEmpty { return interspersed(with: replacement, limit: limit) }
        let parts = split(by: part, limit: limit).map(\.scalars)
        return PythonText(parts.joined(separator: replacement.scalars))
    }

    /// What replacing nothing does: the text goes around every character.
    private func interspersed(with text: PythonText, limit: Int) -> PythonText {
        var output: [Unicode.Scalar] = []
        for (index, scalar) in scalars.enumerated() {
            if limit < 0 || index < limit { output += text.scalars }
            output.append(scalar)
        }
        if limit < 0 || scalars.count < limit { output += text.scalars }
        return PythonText(output)
    }

    var uppercased: PythonText { PythonText(scalars.flatMap { $0.properties.uppercaseMapping.unicodeScalars }) }

    var lowercased: PythonText { PythonText(scalars.indices.flatMap { lowercase(at: $0).unicodeScalars }) }

    /// The lowercase of a character where it stands: of Σ another one at the end of a word.
    private func lowercase(at index: Int) -> String {
        guard scalars[index] == "\u{3A3}" else { return scalars[index].properties.lowercaseMapping }
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let behind = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        let isFinal = before?.properties.isCased == true && behind?.properties.isCased != true
        return isFinal ? "\u{3C2}" : "\u{3C3}"
    }

    /// The first character in title case, the others in lower case.
    var capitalized: PythonText {
        guard let first = scalars.first else { return self }
        return PythonText(first.properties.titlecaseMapping + PythonText(scalars.dropFirst()).lowercased.string)
    }

    /// Each run of letters with case capitalized, as the method `title` does.
    var titlecased: PythonText {
        var output = ""
        var follows = false
        for (index, scalar) in scalars.enumerated() {
            output += follows ? lowercase(at: index) : scalar.properties.titlecaseMapping
            follows = scalar.properties.isCased
        }
        return PythonText(output)
    }

    /// Each word capitalized, as Jinja's filter `title` does: words begin behind white space and opening brackets.
    var titled: PythonText {
        var output: [Unicode.Scalar] = []
        var isFirst = true
        for scalar in scalars {
            let mapping = isFirst ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            output += mapping.unicodeScalars
            isFirst = scalar.isPythonWhitespace || ["-", "(", "{", "[", "<"].contains(scalar)
        }
        return PythonText(output)
    }
}
