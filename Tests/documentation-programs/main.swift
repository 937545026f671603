import Foundation

// documentation-programs NAME
//
// Runs a program of the documentation, or an example of a doc comment, in the current folder. The tests of the documentation do
// so with each. `extract-examples` takes them from where they are written.

let name = CommandLine.arguments.dropFirst().first ?? ""
guard let program = programs.first(where: { $0.name == name }) else {
    FileHandle.standardError.write(Data("documentation-programs: there is no '\(name)'\n".utf8))
    exit(64)
}
do {
    try await program.run()
} catch {
    FileHandle.standardError.write(Data("\(name): \(error)\n".utf8))
    exit(1)
}
