/// A text that is generated while it is read, piece by piece.
///
/// Generation begins with the first piece that is asked for, and ends when the iterator is given up or its task cancelled.
public struct GeneratedText: AsyncSequence, Sendable {
    /// A piece of the text: whole characters, often one token's.
    public typealias Element = String

    private let generate: @Sendable (@escaping @Sendable (String) -> Void) async throws -> Void

    init(_ generate: @escaping @Sendable (@escaping @Sendable (String) -> Void) async throws -> Void) {
        self.generate = generate
    }

    /// Generates the pieces.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var pieces: AsyncThrowingStream<String, any Error>.AsyncIterator

        fileprivate init(_ stream: AsyncThrowingStream<String, any Error>) {
            pieces = stream.makeAsyncIterator()
        }

        /// The next piece; nil at the end.
        public mutating func next() async throws -> String? { try await pieces.next() }
    }

    /// Begins to generate.
    public func makeAsyncIterator() -> AsyncIterator {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: String.self)
        let task = Task { [generate] in
            do {
                try await generate { continuation.yield($0) }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        return AsyncIterator(stream)
    }
}
