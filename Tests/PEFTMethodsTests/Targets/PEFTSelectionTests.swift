import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor
import TestModels
import Testing

@Suite("A recipe adapts the modules that peft adapts, with its ranks and scales")
struct PEFTSelectionTests {
    /// One of the recipes of `Tests/Golden/targets`, with what `peft` makes of it.
    struct Recipe: Sendable, CustomTestStringConvertible {
        let name: String
        let settings: JSONReader
        let modules: [String: Adapted]

        var testDescription: String { name }
    }

    struct Adapted: Sendable, Equatable {
        let rank: Int
        let scale: Float
    }

    static let recipes: [Recipe] =
        (try? Golden.json("targets/selections.json").elements().map { row in
            Recipe(
                name: try row["name"].string(),
                settings: try row["settings"],
                modules: try row["modules"].members().reduce(into: [:]) { all, member in
                    all[member.key] = Adapted(
                        rank: try member.value["rank"].int(),
                        scale: Float(try member.value["scale"].double())
                    )
                }
            )
        }) ?? []

    let model: BERT

    init() throws {
        model = try Golden.model("classifier").architecture
    }

    private func adapted(_ method: LoRA) throws -> [String: Adapted] {
        let names = Dictionary(uniqueKeysWithValues: model.sites.map { ($0.site, $0.module) })
        // Read as from a file, where a pattern that matches nothing is no mistake: only shapes matter here.
        let weights = try method.weights(in: WeightSource([:], name: "no tensors"), sidecar: nil, for: model)
        return try weights.modules.reduce(into: [:]) { all, module in
            let name = try #require(names[module.site])
            #expect(module.down.path == name + ".lora_A.weight")
            #expect(module.up.path == name + ".lora_B.weight")
            #expect(module.up.value.shape[1] == module.down.value.shape[0])
            all[name] = Adapted(rank: module.down.value.shape[0], scale: module.scale)
        }
    }

    @Test("there are recipes")
    func allRecipes() {
        #expect(Self.recipes.count == 28)
    }

    @Test("as peft reads it", arguments: recipes)
    func selection(_ recipe: Recipe) throws {
        #expect(try adapted(LoRA(peftConfiguration: recipe.settings, settings: nil)) == recipe.modules)
    }

    @Test("and the same after it was written and read again", arguments: recipes)
    func roundTrip(_ recipe: Recipe) throws {
        let method = try LoRA(peftConfiguration: recipe.settings, settings: nil)
        var written = try method.peftConfiguration(for: model)
        // Written beside the method's own entries.
        written["modules_to_save"] = .array(method.savedModules.map { .string($0) })
        let text = JSONValue.object(written).text(.pretty)
        let read = JSONReader(try JSONValue(parsing: Array(text.utf8), source: "written"), source: "written")
        #expect(try adapted(LoRA(peftConfiguration: read, settings: nil)) == recipe.modules)
    }

    @Test(
        "the tensors of an adapter that peft saved, by its configuration alone",
        arguments: [
            "all-linear", "defaults", "excluded", "excluded-regex", "five-labels", "layers", "masked-lm", "no-task",
            "one-label", "patterns", "pretraining", "query-value", "regex", "rslora", "rslora-patterns",
            "saved-pooler", "unprefixed",
        ]
    )
    func keys(_ name: String) throws {
        let base = try Golden.model(try Golden.json("bert/adapters/\(name)/expected.json")["checkpoint"].string())
        let folder = try AdapterFolder(Golden.folder.appending(path: "bert/adapters/\(name)/adapter"))
        let method = try #require(folder.method as? LoRA)
        let parameters = try method.makeWeights(for: base.architecture, seed: 0).parameters
        let made = parameters.map { "base_model.model." + $0.path + " \($0.value.shape)" }
        let file = try Golden.tensors("bert/adapters/\(name)/adapter/adapter_model.safetensors")
        #expect(Set(made) == Set(file.filter { $0.key.contains("lora_") }.map { "\($0.key) \($0.value.shape)" }))
        #expect(Set(made).count == made.count && !made.isEmpty)
    }
}
