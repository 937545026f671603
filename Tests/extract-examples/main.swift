import DocumentationExamples
import Foundation

// extract-examples REPOSITORY COMMENTS [PAGE OUTPUT]...
//
// Writes the Swift examples of pages, and of the doc comments in Sources, as files of `documentation-programs`: one for each
// page, and COMMENTS for the doc comments and the list of all programs.

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2, arguments.count.isMultiple(of: 2) else {
    FileHandle.standardError.write(Data("usage: extract-examples REPOSITORY COMMENTS [PAGE OUTPUT]...\n".utf8))
    exit(64)
}
do {
    let repository = URL(filePath: arguments[0])
    var programs: [Program] = []
    for index in stride(from: 2, to: arguments.count, by: 2) {
        let page = try MarkdownPage(arguments[index], in: repository)
        programs += page.programs
        try PageSource(page, root: repository.path).text.write(
            toFile: arguments[index + 1],
            atomically: true,
            encoding: .utf8
        )
    }
    let comments = try DocComments.all(in: repository).map { try DocComments($0, in: repository) }
    let source = CommentSource(comments, programs, root: repository.path)
    try source.text.write(toFile: arguments[1], atomically: true, encoding: .utf8)
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
