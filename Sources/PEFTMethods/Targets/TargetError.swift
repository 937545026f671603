/// Why a selection of modules does not fit a model.
public enum TargetError: Error, CustomStringConvertible {
    /// Entries that match no module, each with the nearest real names.
    case namesMatchNothing([(name: String, nearest: [String])])
    /// Saved modules that the model does not have, each with the nearest real names.
    case savedMatchNothing([(name: String, nearest: [String])])
    /// A regular expression that matches no whole module name.
    case patternMatchesNothing(String, example: String?)
    /// Not a regular expression.
    case invalidPattern(String, reason: String)
    /// A module of a kind that the method does not adapt.
    case otherKind(String, expected: ModuleKinds)
    /// A block number that no target has.
    case noSuchLayer(Int, known: [Int])
    /// Block numbers together with a regular expression or all-linear.
    case layersNeedNames
    /// An empty list of names.
    case noTargets
    /// A module whose input is to be scaled, though it is no target at all.
    case feedForwardNoTarget(String)
    /// Only modules that are excluded, or trained and saved as a whole.
    case nothingLeft

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .namesMatchNothing(let names):
            names.map { "target \"\($0.name)\" matches no module; the nearest are \($0.nearest.quotedList)" }
                .joined(separator: "; ")
        case .savedMatchNothing(let names):
            names.map {
                "saved module \"\($0.name)\" is no module of the model; the nearest are \($0.nearest.quotedList)"
            }
            .joined(separator: "; ")
        case .patternMatchesNothing(let pattern, let example):
            "target pattern \"\(pattern)\" matches no module; it must match a whole name"
                + (example.map { " such as \"\($0)\"" } ?? "")
        case .invalidPattern(let pattern, let reason):
            "\"\(pattern)\" is not a regular expression: \(reason)"
        case .otherKind(let module, let kinds):
            "target \"\(module)\" is not \(kinds.inWords), and the method adapts nothing else"
                + (kinds.contains(.linear) ? "; name such modules only, or use all-linear" : "; name such modules only")
        case .noSuchLayer(let layer, let known):
            "no target has a block \(layer); the blocks are \(known.map(String.init).joined(separator: ", "))"
        case .layersNeedNames:
            "layers can only be chosen together with target names, not with a pattern or all-linear"
        case .noTargets:
            "the list of targets is empty; name at least one module, for instance \"query\""
        case .feedForwardNoTarget(let module):
            "feed-forward target \"\(module)\" is not among the targets; name it there, too"
        case .nothingLeft:
            "no target is left: the task's head, saved modules and excluded modules are not adapted"
        }
    }
}

extension [String] {
    /// `"a", "b" or "c"`
    var quotedList: String {
        let quoted = map { "\"\($0)\"" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "none" }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }
}
