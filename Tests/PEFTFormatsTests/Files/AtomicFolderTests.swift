import Foundation
import PEFTFormats
import PEFTTensor
import Testing

@Suite("Writing a folder atomically")
struct AtomicFolderTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/adapter" }

    private struct Refusal: Error {}

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(
        _ files: [String: [UInt8]],
        to path: String? = nil,
        exchanging exchange: AtomicFolder.Exchange = .inOneStep
    ) throws {
        try AtomicFolder.write(
            to: path ?? self.path,
            isReplaceable: ["config", "weights", "extra"].contains,
            exchanging: exchange
        ) { writer in
            for (name, bytes) in files { try writer.write(name, bytes) }
        }
    }

    @Test(
        "a folder is created and replaced as a whole, and nothing else is left",
        arguments: [AtomicFolder.Exchange.inOneStep, .inTwoSteps]
    )
    func replaces(_ exchange: AtomicFolder.Exchange) throws {
        try write(["config": [1], "extra": [2]], exchanging: exchange)
        #expect(try folder.names(in: "adapter") == ["config", "extra"])
        try write(["config": [3], "weights": [4]], exchanging: exchange)
        #expect(try folder.names(in: "adapter") == ["config", "weights"])
        #expect(try folder.bytes("adapter/config") == [3])
        #expect(try folder.bytes("adapter/weights") == [4])
        #expect(try folder.names() == ["adapter"])
    }

    @Test("missing parents are created, and removed again if writing fails")
    func parents() throws {
        try write(["config": [1]], to: folder.path + "/a/b/adapter/")
        #expect(try folder.bytes("a/b/adapter/config") == [1])
        #expect(throws: Refusal.self) {
            try AtomicFolder.write(to: folder.path + "/a/c/d/adapter", isReplaceable: { _ in true }) { _ in
                throw Refusal()
            }
        }
        #expect(try folder.names(in: "a") == ["b"])
    }

    @Test("an error on the way leaves the old folder and no temporary one")
    func keepsOld() throws {
        try write(["config": [1]])
        #expect(throws: Refusal.self) {
            try AtomicFolder.write(to: path, isReplaceable: { _ in true }) { writer in
                try writer.write("config", [2])
                throw Refusal()
            }
        }
        #expect(try folder.names() == ["adapter"])
        #expect(try folder.bytes("adapter/config") == [1])
    }

    @Test("a folder with somebody's files is not replaced, and neither is a file")
    func foreign() throws {
        for name in ["config", "notes.txt", "a", "b", "c"] { try folder.write("adapter/" + name, [1]) }
        #expect(
            message(in: folder) { try write(["config": [2]]) }
                == "cannot replace adapter: it holds files that are never replaced here (a, b, c, …); "
                + "choose a new folder, or move or remove them"
        )
        #expect(try folder.bytes("adapter/config") == [1])
        try folder.write("file", [1])
        #expect(
            message(in: folder) { try write(["config": [2]], to: folder.path + "/file") }
                == "cannot write file: it is a file; choose a new folder"
        )
        #expect(try folder.names() == ["adapter", "file"])
    }

    @Test("an empty folder is replaced, and through a link the folder that it means")
    func links() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "real")
        try write(["config": [1]])
        try write(["config": [2]])
        #expect(try folder.bytes("real/config") == [2])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "real")
        #expect(try folder.names() == ["adapter", "real"])
    }

    @Test("whoever looks while a folder is replaced sees a whole one")
    func concurrentReader() throws {
        let size = 2_000
        try write(["config": [UInt8](repeating: 0, count: size)])
        let observer = FolderObserver(path: path, size: size)
        // A thread of its own: a task might start only when all the writing is over.
        Thread.detachNewThread { observer.run() }
        var rounds = 0
        while rounds < 100 || (rounds < 20_000 && (observer.state.looks < 1_000 || observer.state.contents <= 10)) {
            rounds += 1
            try write(["config": [UInt8](repeating: UInt8(truncatingIfNeeded: rounds), count: size)])
        }
        observer.stop()
        #expect(observer.state.faults == [])
        #expect(observer.state.contents > 10)
    }

    @Test("a disk that fills up while writing leaves the old folder and no temporary one")
    func fullDisk() async throws {
        try write(["config": [1]])
        await #expect(processExitsWith: .exitCode(AtomicFileTests.asExpected)) { [path = path as String] in
            limitFileSizes(to: 50_000)
            var weights = SafetensorsWriter()
            weights.add("w", Tensor.zeros([100_000]))
            do {
                try AtomicFolder.write(to: path, isReplaceable: { $0 == "config" }) { [weights] writer in
                    try writer.write("config", [2])
                    try writer.write("weights") { try weights.write(into: &$0) }
                }
            } catch let error as FileError where error.code == EFBIG && error.path == path + "/weights" {
                exit(AtomicFileTests.asExpected)
            }
            exit(1)
        }
        #expect(try folder.names() == ["adapter"])
        #expect(try folder.names(in: "adapter") == ["config"])
        #expect(try folder.bytes("adapter/config") == [1])
    }
}
