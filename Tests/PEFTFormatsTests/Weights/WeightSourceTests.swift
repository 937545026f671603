import PEFTFormats
import PEFTTensor
import Testing

@Suite("Loading weights by name")
struct WeightSourceTests {
    private func source(_ shapes: [String: Shape]) -> WeightSource {
        WeightSource(shapes.mapValues { Tensor(repeating: 1, $0) }, name: "memory")
    }

    @Test("tensors come by name within scopes, and the report counts them")
    func scopes() throws {
        let source = WeightSource(
            ["layer.0.query.weight": Tensor([2, 1], [1, 2]), "layer.0.query.bias": Tensor([2], [3, 4])],
            name: "memory"
        )
        let query = source.scoped("layer.0").scoped("query")
        #expect(query.prefix == "layer.0.query.")
        #expect(query.keys.sorted() == ["bias", "weight"])
        #expect(query.shape(of: "weight") == [2, 1])
        #expect(query.shape(of: "gamma") == nil)
        #expect(query.tensor("weight", shape: [2, 1]).elements == [1, 2])
        #expect(query.tensor("bias", shape: [2]).elements == [3, 4])
        let report = try source.finish()
        #expect(report.loadedCount == 2)
        #expect(report.loadedBytes == 16)
        #expect(report.ignoredKeys.isEmpty)
        #expect(report.newlyInitialisedKeys.isEmpty)
        #expect(report.description == "2 tensors, 0.0 MB, from memory")
    }

    @Test("one error lists everything that is missing, unexpected and mis-shaped, sorted")
    func allFaults() {
        let source = source(["z": [1], "extra": [3], "b.weight": [2, 3], "a.weight": [3, 2], "used": [1]])
        #expect(source.tensor("used", shape: [1]).elements == [1])
        #expect(source.tensor("z", shape: []).elements == [0])
        #expect(source.tensor("b.weight", shape: [3, 2]).elements == [0, 0, 0, 0, 0, 0])
        #expect(source.tensor("y", shape: [2, 2]).shape == [2, 2])
        #expect(source.tensor("c", shape: [0]).elements.isEmpty)
        #expect(source.tensor("y", shape: [2, 2]).elements == [0, 0, 0, 0])
        #expect(
            message { try source.finish() } == """
                memory: 6 tensors do not fit the model:
                  missing: c [0]
                  missing: y [2, 2]
                  unexpected: a.weight F32 [3, 2]
                  unexpected: extra F32 [3]
                  wrong shape: b.weight: expected [3, 2], found [2, 3]
                  wrong shape: z: expected [], found [1]
                """
        )
    }

    @Test("a square matrix under the wrong name is not taken for another")
    func namesDecide() {
        let source = source(["key.weight": [2, 2]])
        #expect(source.tensor("query.weight", shape: [2, 2]).elements == [0, 0, 0, 0])
        #expect(
            message { try source.finish() } == """
                memory: 2 tensors do not fit the model:
                  missing: query.weight [2, 2]
                  unexpected: key.weight F32 [2, 2]
                """
        )
    }

    @Test("a tensor may have another name; with both, the first counts and the other is unexpected")
    func otherNames() throws {
        let old = WeightSource(["norm.gamma": Tensor([1], [5])], name: "memory")
        #expect(old.scoped("norm").tensor("weight", or: "gamma", shape: [1]).elements == [5])
        #expect(try old.finish().loadedCount == 1)

        let both = WeightSource(["gamma": Tensor([1], [5]), "weight": Tensor([1], [6])], name: "memory")
        #expect(both.tensor("weight", or: "gamma", shape: [1]).elements == [6])
        #expect(
            message { try both.finish() } == "memory: 1 tensor does not fit the model:\n  unexpected: gamma F32 [1]"
        )

        let misshaped = source(["gamma": [2]])
        _ = misshaped.tensor("weight", or: "gamma", shape: [1])
        #expect(
            message { try misshaped.finish() }
                == "memory: 1 tensor does not fit the model:\n  wrong shape: gamma: expected [1], found [2]"
        )
    }

    @Test("an outer prefix counts if any key has it, whatever the shapes")
    func outerPrefix() throws {
        let with = source(["bert.a": [1], "classifier.weight": [1]])
        #expect(with.scoped(ifPresent: "bert").prefix == "bert.")
        let without = source(["a": [1], "bertram.a": [1]])
        #expect(without.scoped(ifPresent: "bert").prefix == "")
        let mixed = source(["bert.a": [1], "b": [1]])
        _ = mixed.scoped(ifPresent: "bert").tensor("a", shape: [1])
        _ = mixed.scoped(ifPresent: "bert").tensor("b", shape: [1])
        #expect(
            message { try mixed.finish() } == """
                memory: 2 tensors do not fit the model:
                  missing: bert.b [1]
                  unexpected: b F32 [1]
                """
        )
    }

    @Test("keys that may be ignored are listed in the report; a pattern never covers more than it says")
    func ignored() throws {
        let source = source(["cls.b": [1], "cls.a.c": [1], "embeddings.position_ids": [1], "w": [1]])
        _ = source.tensor("w", shape: [1])
        let patterns = ["cls.*", "*position_ids"]
        #expect(try source.finish(ignoring: patterns).ignoredKeys == ["cls.a.c", "cls.b", "embeddings.position_ids"])
        #expect(
            try source.finish(ignoring: patterns).description
                == "1 tensor, 0.0 MB, from memory\nignored: cls.a.c, cls.b, embeddings.position_ids"
        )
        for patterns in [["cls", "*position_ids"], ["ls.*", "*position_ids"], ["cls.*", "position_ids"], ["cls.?"]] {
            #expect(throws: WeightError.self) { try source.finish(ignoring: patterns) }
        }
        #expect(try source.finish(ignoring: ["c*s.*", "**.position*"]).ignoredKeys.count == 3)
        #expect(try source.finish(ignoring: ["*"]).ignoredKeys.count == 3)
    }

    @Test("a part that may be fresh is nil if it is wholly absent, and then listed")
    func parts() throws {
        let absent = source(["w": [1]])
        _ = absent.tensor("w", shape: [1])
        #expect(absent.part("pooler", newlyInitialised: ["dense.weight", "dense.bias"]) == nil)
        #expect(absent.optionalTensor("classifier.bias", shape: [2]) == nil)
        let report = try absent.finish()
        #expect(report.newlyInitialisedKeys == ["classifier.bias", "pooler.dense.bias", "pooler.dense.weight"])
        #expect(
            report.description == """
                1 tensor, 0.0 MB, from memory
                newly initialised: classifier.bias, pooler.dense.bias, pooler.dense.weight
                """
        )
    }

    @Test("a part that is there by half is an error, and so is one of another shape")
    func halfPart() throws {
        let source = source(["pooler.dense.weight": [2, 2], "classifier.weight": [3, 2]])
        let pooler = try #require(source.part("pooler", newlyInitialised: ["dense.weight", "dense.bias"]))
        _ = pooler.tensor("dense.weight", shape: [2, 2])
        _ = pooler.tensor("dense.bias", shape: [2])
        #expect(source.optionalTensor("classifier.weight", shape: [2, 2])?.elements == [0, 0, 0, 0])
        #expect(
            message { try source.finish() } == """
                memory: 2 tensors do not fit the model:
                  missing: pooler.dense.bias [2]
                  wrong shape: classifier.weight: expected [2, 2], found [3, 2]
                """
        )
    }

    @Test("stand-ins for a large model take no memory")
    func standIns() {
        let source = source([:])
        let tensor = source.tensor("w", shape: [1 << 20, 1 << 20])
        #expect(tensor.count == 1 << 40)
        #expect(tensor.withUnsafeFloats { $0[1 << 39] } == 0)
    }
}
