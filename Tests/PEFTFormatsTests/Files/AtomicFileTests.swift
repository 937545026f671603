import Foundation
import PEFTFormats
import PEFTTensor
import Testing

@Suite("Writing a file atomically")
struct AtomicFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/x" }

    private struct Refusal: Error {}

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("a file is created and replaced, and nothing else is left")
    func replaces() throws {
        try AtomicFile.write(Array("one".utf8), to: path)
        #expect(try folder.bytes("x") == Array("one".utf8))
        try AtomicFile.write(to: path) { file in
            try file.write(Array("tw".utf8))
            #expect(try folder.bytes("x") == Array("one".utf8))
            try file.write(Array("o".utf8))
        }
        #expect(try folder.bytes("x") == Array("two".utf8))
        #expect(try folder.names() == ["x"])
    }

    @Test("an error on the way leaves the old content and no temporary file")
    func keepsOld() throws {
        try AtomicFile.write([1], to: path)
        #expect(throws: Refusal.self) {
            try AtomicFile.write(to: path) { file in
                try file.write([2, 3])
                throw Refusal()
            }
        }
        #expect(try folder.bytes("x") == [1])
        #expect(try folder.names() == ["x"])
    }

    @Test("a file cannot take the place of a folder, nor lie in one that is missing")
    func impossible() throws {
        try folder.write("x/y", [1])
        #expect(
            message(in: folder) { try AtomicFile.write([2], to: path) }
                == "cannot write x: it is a folder; name a file in it"
        )
        #expect(try folder.names() == ["x"])
        #expect(
            message(in: folder) { try AtomicFile.write([2], to: folder.path + "/none/x") }
                == "cannot write none/x: No such file or directory"
        )
    }

    /// What the child of the two tests below reports when everything was as it should be.
    static let asExpected: Int32 = 37

    @Test("a disk that fills up while writing is an error; the old content stays and no temporary file")
    func fullDisk() async throws {
        try AtomicFile.write([1], to: path)
        await #expect(processExitsWith: .exitCode(AtomicFileTests.asExpected)) { [path = path as String] in
            limitFileSizes(to: 50_000)
            var writer = SafetensorsWriter()
            writer.add("w", Tensor.zeros([100_000]))
            do {
                try writer.write(to: path)
            } catch let error as FileError where error.code == EFBIG && error.path == path {
                exit(AtomicFileTests.asExpected)
            }
            exit(1)
        }
        #expect(try folder.bytes("x") == [1])
        #expect(try folder.names() == ["x"])
    }

    @Test("a process that is killed while writing leaves the old content")
    func killed() async throws {
        try AtomicFile.write([1], to: path)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            try AtomicFile.write(to: path) { file in
                try file.write([UInt8](repeating: 2, count: 10_000))
                kill(getpid(), SIGKILL)
            }
        }
        #expect(try folder.bytes("x") == [1])
        let leftover = try folder.names().filter { $0 != "x" }
        #expect(leftover.count == 1)
        #expect(leftover.allSatisfy { $0.hasPrefix(".x.") && $0.hasSuffix(".tmp") })
    }
}

/// Makes the system refuse to let a file of this process grow beyond `count` bytes, like a full disk in mid-write.
func limitFileSizes(to count: UInt) {
    var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: rlim_t(count))
    // Without a handler the system would kill the process instead of failing the call.
    signal(SIGXFSZ, SIG_IGN)
    guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(2) }
}
