import PEFTFormats
import Testing

@Suite("Questions to the file system")
struct FileSystemTests {
    @Test("the parent and the name of a path")
    func components() {
        #expect(FileSystem.parent(of: "x") == ".")
        #expect(FileSystem.parent(of: "/x") == "/")
        #expect(FileSystem.parent(of: "/") == "/")
        #expect(FileSystem.parent(of: "a/b//") == "a")
        #expect(FileSystem.parent(of: "a//b") == "a")
        #expect(FileSystem.name(of: "x") == "x")
        #expect(FileSystem.name(of: "a/b//") == "b")
    }

    @Test("what is at a path, and what a folder holds, hidden names included")
    func kinds() throws {
        let folder = try TemporaryFolder()
        for name in ["b", ".a", "c/d"] { try folder.write(name, []) }
        #expect(try FileSystem.kind(of: folder.path) == .folder)
        #expect(try FileSystem.kind(of: folder.path + "/b") == .file)
        #expect(try FileSystem.kind(of: folder.path + "/none") == nil)
        #expect(try FileSystem.kind(of: folder.path + "/b/none") == nil)
        #expect(try FileSystem.kind(of: "/dev/null") == .other)
        #expect(try FileSystem.names(in: folder.path) == [".a", "b", "c"])
        #expect(
            message(in: folder) { try FileSystem.names(in: folder.path + "/none") }
                == "cannot list none: No such file or directory"
        )
    }

    @Test("a JSON file is read with its path in the errors")
    func json() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a.json", Array("[1,".utf8))
        #expect(
            message(in: folder) { try JSONValue(contentsOf: path) }
                == "a.json:1:4: expected a value, found the end of the text"
        )
        #expect(
            message(in: folder) { try JSONValue(contentsOf: folder.path + "/none") }
                == "cannot open none: No such file or directory"
        )
        #expect(try JSONValue(contentsOf: folder.write("b.json", Array("[1]".utf8))) == [1])
    }
}
