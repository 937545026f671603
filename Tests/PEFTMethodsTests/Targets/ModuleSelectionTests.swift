import PEFTMethods
import PEFTModels
import TestModels
import Testing

@Suite("Targets that do not fit the model are named in one sentence")
struct ModuleSelectionTests {
    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func refusal(_ selection: ModuleSelection) -> String {
        let error = #expect(throws: TargetError.self) { try selection.resolve(in: model) }
        return error?.description ?? ""
    }

    @Test("modules come in the order of the forward pass, whatever the order of the names")
    func order() throws {
        let names = try ModuleSelection(.names(["value", "query"])).resolve(in: model).map(\.module)
        #expect(
            names.prefix(3) == [
                "bert.encoder.layer.0.attention.self.query", "bert.encoder.layer.0.attention.self.value",
                "bert.encoder.layer.1.attention.self.query",
            ]
        )
    }

    @Test("every mistyped name is listed, with the nearest real ones, even beside names that match")
    func mistyped() {
        let text = refusal(ModuleSelection(.names(["query", "valeu", "self.kye", "outputdense"])))
        #expect(!text.contains("\"query\" matches no module"))
        #expect(text.contains("\"valeu\" matches no module; the nearest are \"value\""))
        #expect(text.contains("\"self.kye\" matches no module; the nearest are \"self.key\""))
        #expect(text.contains("\"outputdense\" matches no module; the nearest are"))
    }

    @Test(
        "names are told apart by case, and match no part of a word",
        arguments: ["Query", "uery", "", ".query", "query."]
    )
    func exactness(_ name: String) {
        #expect(refusal(ModuleSelection(.names([name]))).contains("\"\(name)\" matches no module"))
    }

    @Test("an empty list of names")
    func noNames() {
        #expect(refusal(ModuleSelection(.names([]))).contains("the list of targets is empty"))
    }

    @Test("a pattern that matches only a part of names, with an example of a whole one")
    func partialPattern() {
        let text = refusal(ModuleSelection(.pattern("attention\\.self\\.query")))
        #expect(text.contains("matches no module; it must match a whole name such as \"bert."))
    }

    @Test("a pattern that is no regular expression", arguments: ["(", "query[", "*query", "a{2,1}"])
    func invalidPattern(_ pattern: String) {
        #expect(refusal(ModuleSelection(.pattern(pattern))).hasPrefix("\"\(pattern)\" is not a regular expression: "))
        let excluded = ModuleSelection(.names(["query"]), excluded: .pattern(pattern))
        #expect(refusal(excluded).hasPrefix("\"\(pattern)\" is not a regular expression: "))
        let ranks = LoRA(rankPatterns: [.init(pattern, 2)])
        #expect(throws: TargetError.self) { try ranks.makeWeights(for: model, seed: 0) }
        let listed = ModuleSelection(.names(["query"]), layers: [0], layersPatterns: [pattern])
        #expect(refusal(listed).hasPrefix("\"\(pattern)\" is not a regular expression: "))
    }

    @Test("a target that is not a linear map", arguments: ["LayerNorm", "word_embeddings"])
    func notLinear(_ name: String) {
        let text = refusal(ModuleSelection(.names(["query", name])))
        #expect(text.contains(name) && text.contains("is not a linear map"))
    }

    @Test("a target of a kind that a method of several kinds does not take")
    func otherKind() throws {
        let selection = ModuleSelection(.names(["query", "embeddings.LayerNorm"]))
        let error = #expect(throws: TargetError.self) {
            try selection.resolve(in: model, adapting: [.linear, .embedding])
        }
        #expect(
            error?.description == "target \"bert.embeddings.LayerNorm\" is not a linear map or an embedding table, and "
                + "the method adapts nothing else; name such modules only, or use all-linear"
        )
        #expect(try selection.resolve(in: model, adapting: [.linear, .norm]).count == 4)
    }

    @Test("a pattern may match norms if they are excluded")
    func excludedNorms() throws {
        let selection = ModuleSelection(.pattern(".*attention.*"), excluded: .names(["LayerNorm"]))
        #expect(try selection.resolve(in: model).count == 12)
    }

    @Test("an exclusion that matches nothing is a mistake too")
    func mistypedExclusion() {
        let selection = ModuleSelection(.names(["query"]), excluded: .names(["layer.7.attention.self.query"]))
        #expect(refusal(selection).contains("\"layer.7.attention.self.query\" matches no module"))
    }

    @Test("exclusions, saved modules or the head that leave nothing")
    func nothingLeft() {
        let excluded = ModuleSelection(.names(["query"]), excluded: .names(["query"]))
        let saved = ModuleSelection(.names(["query"]), savedModules: ["attention"])
        let head = ModuleSelection(.names(["classifier"]))
        for selection in [excluded, saved, head] { #expect(refusal(selection).contains("no target is left")) }
    }

    @Test("a block that no target has, with the blocks there are")
    func noSuchLayer() {
        let text = refusal(ModuleSelection(.names(["query"]), layers: [1, 3]))
        #expect(text.contains("no target has a block 3; the blocks are 0, 1, 2"))
    }

    @Test("layers go with names only")
    func layersNeedNames() {
        #expect(refusal(ModuleSelection(.allLinear, layers: [0])).contains("layers can only be chosen together with"))
        #expect(refusal(ModuleSelection(.pattern(".*query"), layers: [0])).contains("layers can only be chosen"))
    }

    @Test("a saved module that the model does not have, with the nearest real ones")
    func mistypedSavedModule() {
        let text = refusal(ModuleSelection(.names(["query"]), savedModules: ["poler.dense"]))
        #expect(
            text.contains("saved module \"poler.dense\" is no module of the model; the nearest are \"pooler.dense\"")
        )
    }

    @Test("the heads that peft lists are no mistake, whichever the model has")
    func listedHeads() throws {
        let selection = ModuleSelection(.names(["query"]), savedModules: ["classifier", "score"])
        #expect(try selection.resolve(in: model).count == 3)
    }

    @Test("all-linear takes the pooler along, and leaves the head and fresh modules out")
    func allLinear() throws {
        let names = try ModuleSelection(.allLinear).resolve(in: model).map(\.module)
        #expect(names.count == 19 && names.contains("bert.pooler.dense") && !names.contains("classifier"))
        let headless = try ModuleSelection(.allLinear).resolve(in: Golden.model("masked-lm").architecture)
        #expect(headless.count == 12 && headless.allSatisfy { $0.module.contains("layer") })
    }
}
