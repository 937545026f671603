import Foundation
import PEFTFormats
import PEFTTensor
import Testing

@Suite("A checkpoint of bitsandbytes that cannot be read is refused with every reason")
struct BitsAndBytesFaultTests {
    private struct Stored {
        var type: ElementType
        var shape: Shape
        var bytes: [UInt8]
    }

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What the error says of the golden weights after `change`; nil if they are read.
    private func fault(_ change: (inout [String: Stored]) throws -> Void) throws -> String? {
        let file = try SafetensorsFile(path: golden("../quantized/loose.safetensors"))
        var tensors: [String: Stored] = [:]
        for entry in file.entries {
            let bytes = file.withUnsafeBytes(of: entry) { Array($0) }
            tensors[entry.name] = Stored(type: entry.elementType, shape: entry.shape, bytes: bytes)
        }
        try change(&tensors)
        var writer = SafetensorsWriter()
        for (name, tensor) in tensors { writer.add(name, tensor.type, tensor.shape, bytes: tensor.bytes) }
        try writer.write(to: folder.path + "/model.safetensors")
        return message(in: folder) { try WeightSource(path: folder.path) }
    }

    private static let state = "plain.weight.quant_state.bitsandbytes__nf4"

    /// The fault after a change of an entry of the state.
    private func stateFault(_ key: String, _ value: JSONValue?) throws -> String? {
        try fault { tensors in
            let text = try #require(tensors[Self.state]).bytes
            var state = try JSONReader(JSONValue(parsing: text, source: "state"), source: "state").object()
            state[key] = value
            let bytes = JSONValue.object(state).bytes(.compact)
            tensors[Self.state] = Stored(type: .uint8, shape: [bytes.count], bytes: bytes)
        }
    }

    @Test("weights as they are stored are read")
    func intact() throws {
        #expect(try fault { _ in } == nil)
        #expect(try WeightSource(path: folder.path).keys.sorted() == ["nested.weight", "plain.weight", "rows.weight"])
    }

    @Test(
        "a part that is missing or of another size",
        arguments: [
            "plain.weight", "plain.weight.absmax", "plain.weight.quant_map", "nested.weight.nested_absmax",
            "nested.weight.nested_quant_map", "rows.weight",
        ]
    )
    func parts(_ name: String) throws {
        let missing = try fault { $0[name] = nil }
        #expect(missing == "model.safetensors: \(name) is missing, a part of a quantised weight")
        let other = try fault { $0[name] = Stored(type: .float64, shape: [5], bytes: Array(repeating: 0, count: 40)) }
        #expect(other?.hasPrefix("model.safetensors: \(name): expected ") == true, "\(other ?? "accepted")")
    }

    @Test("other types, block sizes and shapes, by the entry of the state")
    func states() throws {
        let place = "model.safetensors: \(Self.state): "
        #expect(
            try stateFault("quant_type", "fp4")
                == place
                + "quant_type: expected \"nf4\", the only 4-bit type of bitsandbytes that is read here, found \"fp4\""
        )
        #expect(
            try stateFault("blocksize", 128)
                == place + "blocksize: expected 64, the only block size of NF4 that is read here, found 128"
        )
        #expect(try stateFault("shape", nil)?.hasPrefix(place + "shape: ") == true)
        #expect(try stateFault("shape", [3, 51])?.contains("plain.weight: expected 77 elements of type U8") == true)
        #expect(try stateFault("shape", [1_073_741_825, 3])?.hasPrefix(place + "shape[0]: ") == true)
        #expect(try stateFault("shape", [1, 3, 50])?.contains("expected at most two extents") == true)
    }

    @Test("a table of other values, and integers in another order")
    func tables() throws {
        let map = "plain.weight.quant_map"
        #expect(
            try fault { $0[map]?.bytes[0] ^= 1 } == "model.safetensors: \(map) does not hold the values of NF4"
        )
        #expect(
            try fault { $0["rows.weight_format"]?.bytes = [2] }
                == "model.safetensors: rows.weight_format: expected 0, rows one after the other; save it with a newer bitsandbytes"
        )
    }

    @Test("several faults are listed together")
    func several() throws {
        let text = try fault { tensors in
            tensors["rows.SCB"]?.shape = [3, 1]
            tensors["rows.weight"] = nil
            tensors["nested.weight.absmax"] = nil
        }
        #expect(text?.contains("is inconsistent in 2 places") == true)
    }

    @Test("config.json may name no other method of quantisation")
    func configuration() throws {
        func fault(_ entry: JSONValue) -> String? {
            let reader = JSONReader(["quantization_config": entry], source: "config.json")
            return message { try BitsAndBytesConfiguration.requireReadable(reader) }
        }
        #expect(
            fault(.null) == nil && fault(["quant_method": "bitsandbytes"]) == nil
                && fault(["load_in_8bit": true]) == nil
        )
        #expect(
            fault(["quant_method": "gptq"])
                == "config.json: quantization_config.quant_method: expected \"bitsandbytes\", the only quantised checkpoints "
                + "beside GGUF files that are read here, found \"gptq\""
        )
        #expect(fault(["bnb_4bit_quant_storage": "bfloat16"])?.contains("quantise the model again") == true)
    }
}
