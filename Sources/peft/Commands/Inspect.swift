import ArgumentParser
import PEFTKit

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what is in a file or folder.")
    @Argument var path: String
    @OptionGroup var json: JSONOption
    func run() throws {}
}
