import PEFTModels

/// A target with what the recipe gives it.
struct EVAModule {
    let target: SiteDescription
    let rank: Int
    let alpha: Double
    /// ρ · rank, and no more than there are directions.
    let largestRank: Int

    init(_ target: SiteDescription, rank: Int, alpha: Double, redistribution: Double) {
        self.target = target
        self.rank = rank
        self.alpha = alpha
        guard case .linear(let inputs, _) = target.kind else {
            largestRank = rank
            return
        }
        // Rounded as Python's `round` does.
        let wanted = (Double(rank) * redistribution).rounded(.toNearestOrEven)
        largestRank = wanted < Double(inputs) ? Int(wanted) : inputs
    }
}

/// How many directions each module gets, of as many as all ranks together: always the one that explains the largest share
/// of its module's variance next. A module without any is left out.
struct EVARanks {
    private let ranks: [Site: Int]

    /// - Parameter directions: those of each input, with the modules that are given it.
    init(_ directions: [(sites: [Site], directions: MainDirections)], modules: [EVAModule]) {
        let limits = Dictionary(modules.map { ($0.target.site, $0.largestRank) }, uniquingKeysWith: max)
        // Modules of one input compete with the same shares. The first of them goes first, as in peft, where it is the
        // one that was looked at.
        let sites = directions.map { $0.sites[0] } + directions.flatMap { $0.sites.dropFirst() }
        var candidates: [(share: Double, order: Int, site: Site)] = []
        for site in sites {
            guard let group = directions.first(where: { $0.sites.contains(site) }) else { continue }
            let limit = group.sites.compactMap { limits[$0] }.max() ?? 0
            for share in group.directions.shares.prefix(limit) { candidates.append((share, candidates.count, site)) }
        }
        candidates.sort { ($1.share, $0.order) < ($0.share, $1.order) }
        let budget = modules.reduce(0) { $0 + $1.rank }
        ranks = Dictionary(candidates.prefix(budget).map { ($0.site, 1) }, uniquingKeysWith: +)
    }

    /// The rank of a module; nil when it has none.
    subscript(site: Site) -> Int? { ranks[site] }
}
