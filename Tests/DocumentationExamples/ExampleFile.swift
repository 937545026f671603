package import Foundation

/// A file of the repository with examples in fenced blocks.
package protocol ExampleFile: Sendable {
    /// The file, from the repository's root.
    var file: String { get }
    /// Its fenced blocks in order.
    var fences: [Fence] { get }

    /// A file with some content.
    ///
    /// - Throws: ``ExampleError``.
    init(_ file: String, text: String) throws
}

extension ExampleFile {
    /// The file as it is in a repository.
    ///
    /// - Throws: ``ExampleError``, or what reading throws.
    package init(_ file: String, in repository: URL) throws {
        try self.init(file, text: String(contentsOf: repository.appending(path: file), encoding: .utf8))
    }
}
