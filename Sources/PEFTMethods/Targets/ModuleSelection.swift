public import PEFTModels

/// Which modules of a model a method adapts, in the terms that users of Python's `peft` know.
public struct ModuleSelection: Codable, Sendable, Equatable {
    /// How the wanted modules are named.
    public enum Targets: Codable, Sendable, Equatable {
        /// Module names, whole or their last parts: `query` means every module whose name ends in `.query`.
        case names([String])
        /// A regular expression that matches the whole module name.
        case pattern(String)
        /// Every linear map but the task's head and a language model's output layer.
        case allLinear
        /// What Python's `peft` adapts in the model's architecture.
        case standard
    }

    /// How unwanted modules are named.
    public enum Exclusions: Codable, Sendable, Equatable {
        /// Module names, whole or their last parts.
        case names([String])
        /// A regular expression that matches the whole module name.
        case pattern(String)
    }

    /// What is adapted.
    public var targets: Targets
    /// What is left out, even if it is a target.
    public var excluded: Exclusions?
    /// Only blocks of these numbers, where targets are names.
    public var layers: [Int]?
    /// The name of the list of blocks that ``layers`` counts in; any list when empty.
    public var layersPatterns: [String]
    /// Modules that are trained and saved as a whole, by the ends of their names; they are never targets.
    public var savedModules: [String]

    /// A selection of modules.
    public init(
        _ targets: Targets,
        excluded: Exclusions? = nil,
        layers: [Int]? = nil,
        layersPatterns: [String] = [],
        savedModules: [String] = []
    ) {
        self.targets = targets
        self.excluded = excluded
        self.layers = layers
        self.layersPatterns = layersPatterns
        self.savedModules = savedModules
    }

    /// The selected modules, in the order of the forward pass.
    ///
    /// The task's head and the saved modules are trained as a whole: an entry that means one of them is no mistake, but
    /// does not make it a target.
    ///
    /// - Parameters:
    ///   - model: the model whose modules are selected.
    ///   - kinds: the kinds of module that the method can adapt.
    /// - Throws: ``TargetError`` when an entry matches nothing, a pattern is no regular expression, nothing is left, or
    ///   a match is of another kind.
    public func resolve(
        in model: some AdaptableModel,
        adapting kinds: ModuleKinds = .linear
    ) throws -> [SiteDescription] {
        let sites = model.sites
        try requireSavedModules(in: model)
        let whole = model.headModules + model.freshModules + savedModules
        let targets = targets.naming(model.standardTargets.lowRank)
        var selected = try match(targets, in: sites).filter { site in !whole.contains { site.module.isWithin($0) } }
        if let layers {
            guard case .names = targets else { throw TargetError.layersNeedNames }
            selected = try restrict(selected, to: layers)
        }
        if let excluded {
            let removed = try match(excluded, in: sites)
            selected.removeAll { removed.contains($0.module) }
        }
        guard !selected.isEmpty else { throw TargetError.nothingLeft }
        if let other = selected.first(where: { !kinds.contains($0.kind) }) {
            throw TargetError.otherKind(other.module, expected: kinds)
        }
        return selected
    }

    private func match(_ targets: Targets, in sites: [SiteDescription]) throws -> [SiteDescription] {
        switch targets {
        case .allLinear:
            return sites.filter { $0.isLinear && $0.site.role != .languageModelHead }
        case .standard:
            preconditionFailure("the model has given its standard targets names")
        case .pattern(let pattern):
            let regex = try ModulePattern(pattern)
            let matches = sites.filter { regex.matchesWhole($0.module) }
            guard !matches.isEmpty else {
                throw TargetError.patternMatchesNothing(pattern, example: sites.first?.module)
            }
            return matches
        case .names(let names):
            try requireMatches(names, in: sites)
            return sites.filter { site in names.contains { site.module.isOrEnds(in: $0) } }
        }
    }

    private func match(_ exclusions: Exclusions, in sites: [SiteDescription]) throws -> Set<String> {
        switch exclusions {
        case .pattern(let pattern):
            let regex = try ModulePattern(pattern)
            return Set(sites.map(\.module).filter(regex.matchesWhole))
        case .names(let names):
            try requireMatches(names, in: sites)
            return Set(sites.map(\.module).filter { module in names.contains { module.isOrEnds(in: $0) } })
        }
    }

    private func requireMatches(_ names: [String], in sites: [SiteDescription]) throws {
        guard !names.isEmpty else { throw TargetError.noTargets }
        let modules = sites.map(\.module)
        let unmatched = names.filter { name in !modules.contains { $0.isOrEnds(in: name) } }
        guard unmatched.isEmpty else {
            throw TargetError.namesMatchNothing(unmatched.map { ($0, NearestNames.of($0, among: modules)) })
        }
    }

    /// This selection with names for standard targets.
    func naming(_ standard: [String]) -> ModuleSelection {
        var named = self
        named.targets = targets.naming(standard)
        return named
    }

    func requireSavedModules(in model: some AdaptableModel) throws {
        try Self.require(savedModules, in: model)
    }

    /// Makes sure that the model has modules which are to be saved. `peft` lists its two heads whichever the model has.
    ///
    /// - Throws: ``TargetError/savedMatchNothing(_:)``.
    static func require(_ savedModules: [String], in model: some AdaptableModel) throws {
        let paths = model.parameters.map(\.path)
        let unmatched = savedModules.filter { name in
            !["classifier", "score"].contains(name) && !paths.contains { $0.isWithin(name) }
        }
        guard unmatched.isEmpty else {
            let modules = model.sites.map(\.module)
            throw TargetError.savedMatchNothing(unmatched.map { ($0, NearestNames.of($0, among: modules)) })
        }
    }

    /// The sites in blocks of the given numbers.
    private func restrict(_ sites: [SiteDescription], to layers: [Int]) throws -> [SiteDescription] {
        let lists = try BlockNumbers(lists: layersPatterns)
        let numbered = sites.map { ($0, lists.number(in: $0.module)) }
        let known = Set(numbered.compactMap(\.1))
        if let missing = layers.first(where: { !known.contains($0) }) {
            throw TargetError.noSuchLayer(missing, known: known.sorted())
        }
        return numbered.filter { _, number in number.map(layers.contains) ?? false }.map(\.0)
    }
}

extension SiteDescription {
    var isLinear: Bool {
        if case .linear = kind { true } else { false }
    }
}

extension String {
    /// Whether this module name is `name` or ends in `"." + name`.
    func isOrEnds(in name: String) -> Bool {
        self == name || hasSuffix("." + name)
    }

    /// Whether this module or parameter is part of a module whose name is `name` or ends in `"." + name`.
    func isWithin(_ name: String) -> Bool {
        // By bytes: somebody waits while an adapter is loaded, and searching in a String is many times slower.
        let (path, name) = (Array(utf8), Array(name.utf8))
        let dot = UInt8(ascii: ".")
        var start = 0
        while start + name.count <= path.count {
            let end = start + name.count
            if path[start..<end].elementsEqual(name), end == path.count || path[end] == dot { return true }
            guard let next = path[start...].firstIndex(of: dot) else { return false }
            start = next + 1
        }
        return false
    }
}

extension ModuleSelection.Targets {
    /// These targets, with names for standard ones.
    func naming(_ standard: [String]) -> ModuleSelection.Targets {
        if case .standard = self { .names(standard) } else { self }
    }
}

extension ModuleSelection.Targets: ExpressibleByArrayLiteral {
    /// Module names, as in `["query", "value"]`.
    public init(arrayLiteral names: String...) { self = .names(names) }
}

extension ModuleSelection.Exclusions: ExpressibleByArrayLiteral {
    /// Module names, as in `["pooler.dense"]`.
    public init(arrayLiteral names: String...) { self = .names(names) }
}
