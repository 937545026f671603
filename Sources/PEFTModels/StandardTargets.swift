/// The modules of an architecture that methods adapt when nobody names any, by the ends of their names: those that Python's
/// `peft` adapts.
public struct StandardTargets: Sendable, Equatable {
    /// What low-rank methods adapt.
    public let lowRank: [String]
    /// What (IA)³ scales.
    public let scaled: [String]
    /// Those of ``scaled`` whose input is scaled instead of their output.
    public let scaledInputs: [String]

    /// The targets of an architecture.
    public init(lowRank: [String], scaled: [String], scaledInputs: [String]) {
        self.lowRank = lowRank
        self.scaled = scaled
        self.scaledInputs = scaledInputs
    }

    /// What `peft` takes for most architectures: queries and values; keys, values and what the feed-forward's last map reads.
    init(by sites: [SiteDescription]) {
        func names(_ roles: Set<Site.Role>) -> [String] {
            let chosen = sites.filter { roles.contains($0.site.role) }
            let others = sites.filter { !roles.contains($0.site.role) }
            var seen: Set<String> = []
            return chosen.map { site in
                let last = site.module.split(separator: ".").last.map(String.init) ?? site.module
                // A whole name where its last part means others, too.
                return others.contains { $0.module == last || $0.module.hasSuffix("." + last) } ? site.module : last
            }
            .filter { seen.insert($0).inserted }
        }
        self.init(
            lowRank: names([.query, .value, .fusedQueryKeyValue]),
            scaled: names([.key, .value, .fusedQueryKeyValue, .feedForwardDown]),
            scaledInputs: names([.feedForwardDown])
        )
    }
}
