import ArgumentParser
import PEFTKit

/// Adapters onto a base that is open already.
struct HotLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hot-load",
        abstract: "Time reading an adapter folder for an open base, again and again."
    )

    @OptionGroup var options: BenchOptions
    @Option(help: "The adapter folder.") var adapter: String
    @Option(help: "How often it is read.") var times = 50

    func validate() throws {
        guard times > 0 else { throw ValidationError("--times must be at least 1, not \(times)") }
    }

    private struct Result: Encodable {
        let medianSeconds: Double
        let firstSeconds: Double
        let parameters: Int
    }

    func run() async throws {
        let base = try options.open()
        var parameters = 0
        let times = try await seconds(warmup: 0, count: times) {
            parameters = try BenchOptions.adapter(adapter, for: base).parameterCount
        }
        try printJSON(Result(medianSeconds: times.median, firstSeconds: times[0], parameters: parameters))
    }
}
