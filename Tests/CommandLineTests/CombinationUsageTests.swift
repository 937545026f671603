import Testing

@Suite("Usage of combine")
struct CombinationUsageTests {
    /// Options that are wrong or do not go together, with what the error must contain.
    static let wrong: [(arguments: String, part: String)] = [
        ("", "give at least one --adapter NAME=DIR"),
        ("--adapter a", "--adapter a needs a name"),
        ("--adapter a=x --adapter a=y", "gives two adapters the name a"),
        ("--adapter a=x:2 --weights 1", "give weights either with --weights or behind"),
        ("--adapter a=x --weights 1,2", "--weights \"1,2\" must be as many numbers as there are adapters, 1"),
        ("--adapter a=x --weights y", "--weights \"y\""),
        ("--adapter a=x --head b", "--head must be one of a, not b"),
        ("--adapter a=x --kind mean", "--kind must be cat, linear, svd"),
        ("--adapter a=x --kind ties", "--kind ties needs a --density"),
        ("--adapter a=x --kind ties --density 0", "the density must be above 0 and at most 1, not 0"),
        ("--adapter a=x --density 0.5", "--density belongs to the kinds"),
        ("--adapter a=x --rank 4", "--rank belongs to the kinds svd and those that end in _svd, not to cat"),
        ("--adapter a=x --kind svd --rank 0", "the rank of a combination must be at least 1, not 0"),
        ("--adapter a=x --kind svd --clamp-quantile 0.2", "the clamping quantile must be above 0.5"),
        ("--adapter a=x --kind svd --majority-sign total", "--majority-sign belongs to the kinds ties and dare_ties"),
        ("--adapter a=x --kind ties --density 1 --majority-sign most", "--majority-sign must be total or frequency"),
        ("--adapter a=x --seed 1", "--seed belongs to the kinds dare_linear and dare_ties, not to cat"),
    ]

    @Test("wrong options end with code 64 and name the option", arguments: wrong.map(\.arguments))
    func wrongOptions(arguments: String) async throws {
        let part = try #require(Self.wrong.first { $0.arguments == arguments }).part
        let required = ["combine", "--model", "m", "--output", "o"]
        let outcome = try await Peft.run(required + arguments.split(separator: " ").map(String.init))
        outcome.expectRefusal(code: 64, part, "See 'peft combine --help'.")
    }
}
