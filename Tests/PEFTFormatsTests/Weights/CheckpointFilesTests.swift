import PEFTFormats
import PEFTTensor
import Testing

@Suite("The files of a checkpoint")
struct CheckpointFilesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ name: String, _ tensors: [String: Float]) throws {
        var writer = SafetensorsWriter()
        for (key, value) in tensors { writer.add(key, Tensor([1], [value])) }
        try writer.write(to: folder.path + "/" + name)
    }

    private func writeIndex(_ weightMap: JSONValue) throws {
        let index: JSONValue = ["metadata": ["total_size": 8], "weight_map": weightMap]
        try folder.write("model.safetensors.index.json", index.bytes(.pretty))
    }

    private func fault(_ path: String = "", stem: String = "model") -> String? {
        message(in: folder) { try WeightSource(path: folder.path + path, stem: stem) }
    }

    @Test("a folder's model.safetensors is read, and its path is in the report")
    func singleFile() throws {
        try write("model.safetensors", ["a": 1])
        let source = try WeightSource(path: folder.path)
        #expect(source.tensor("a", shape: [1]).elements == [1])
        #expect(try source.finish().path == folder.path + "/model.safetensors")
        #expect(try WeightSource(path: folder.path + "/model.safetensors").keys == ["a"])
    }

    @Test("the file may have another name")
    func stem() throws {
        try write("adapter_model.safetensors", ["a": 1])
        #expect(try WeightSource(path: folder.path, stem: "adapter_model").keys == ["a"])
        #expect(fault() == ".: it holds neither model.safetensors nor model.safetensors.index.json")
    }

    @Test("tensors of other types are mis-typed, and integers to be ignored are not")
    func types() throws {
        var writer = SafetensorsWriter()
        writer.add("ids", .int64, [1], bytes: [UInt8](repeating: 0, count: 8))
        writer.add("half", .float16, [1], bytes: [0, 0x3C])
        writer.add("eight", .float8E4M3, [1], bytes: [0])
        try writer.write(to: folder.path + "/model.safetensors")
        let source = try WeightSource(path: folder.path)
        #expect(source.tensor("half", shape: [1]).elements == [1])
        #expect(source.tensor("eight", shape: [1]).elements == [0])
        #expect(
            message(in: folder) { try source.finish(ignoring: ["ids"]) } == """
                model.safetensors: 1 tensor does not fit the model:
                  wrong type: eight: expected floats (F32, F16, BF16 or F64), found F8_E4M3
                """
        )
        #expect(
            message(in: folder) { try source.finish() }?.contains("unexpected: ids I64 [1]") == true
        )
    }

    @Test("shards are read by their index")
    func shards() throws {
        try write("one.safetensors", ["a": 1])
        try write("two.safetensors", ["b": 2, "c": 3])
        try writeIndex(["a": "one.safetensors", "b": "two.safetensors", "c": "two.safetensors"])
        for path in ["", "/model.safetensors.index.json"] {
            let source = try WeightSource(path: folder.path + path)
            #expect(source.tensor("a", shape: [1]).elements == [1])
            #expect(source.tensor("b", shape: [1]).elements == [2])
            #expect(source.tensor("c", shape: [1]).elements == [3])
            #expect(try source.finish().loadedCount == 3)
        }
    }

    @Test("everything in which index and shards disagree is listed")
    func inconsistent() throws {
        try write("one.safetensors", ["a": 1, "b": 1, "extra": 1])
        try write("two.safetensors", ["b": 2])
        try writeIndex([
            "a": "one.safetensors", "lost": "one.safetensors", "b": "two.safetensors", "c": "three.safetensors",
        ])
        #expect(
            fault() == """
                model.safetensors.index.json is inconsistent in 4 places:
                  one.safetensors holds b, which the index does not list there
                  one.safetensors holds extra, which the index does not list there
                  the index lists lost in one.safetensors, which does not hold it
                  the index names the shard three.safetensors, which is not there
                """
        )
    }

    @Test(
        "a shard outside the folder is refused",
        arguments: ["../x.safetensors", "/etc/x", "a/b", "..", ".", "", "a\0b"]
    )
    func outside(_ name: String) throws {
        try writeIndex(["a.weight": .string(name)])
        #expect(
            fault()?.hasPrefix(
                "model.safetensors.index.json: weight_map[\"a.weight\"]: expected the name of a file in the same folder"
            ) == true
        )
    }

    @Test("a malformed index is refused with its place")
    func malformedIndex() throws {
        try folder.write("model.safetensors.index.json", Array("{\"weight_map\": {\"a\": 1}}".utf8))
        #expect(fault() == "model.safetensors.index.json: weight_map.a: expected a string, found 1")
        try folder.write("model.safetensors.index.json", Array("{}".utf8))
        #expect(fault() == "model.safetensors.index.json: weight_map: expected an object, found nothing")
        try folder.write("model.safetensors.index.json", Array("{\"weight_map\": {}".utf8))
        #expect(fault()?.contains("index.json:1:18: expected ',' or '}'") == true)
    }

    @Test("a pickle is refused with the remedy", arguments: ["pytorch_model.bin", "pytorch_model-00001-of-00002.bin"])
    func pickle(_ name: String) throws {
        try folder.write("config.json", Array("{}".utf8))
        try folder.write(name, [0x80, 2])
        let remedy =
            "\(name) is a Python pickle, which can run code when it is read and is not opened here; "
            + "load it in Python and save it again with save_pretrained(folder, safe_serialization=True)"
        #expect(
            fault() == ".: it holds neither model.safetensors nor model.safetensors.index.json; " + remedy
        )
        #expect(fault("/" + name) == "\(name): " + remedy)
    }

    @Test("a path that is not there is refused")
    func absent() {
        #expect(fault("/none") == "cannot open none: there is no such file or folder")
    }
}
