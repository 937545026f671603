import Foundation
import PEFTFormats
import PEFTMethods
import PEFTModels
import PEFTTensor

/// What makes a run the one it is: two runs of the same identity take the same steps.
struct TrainingIdentity: Sendable {
    let entries: JSONObject

    /// - Parameter adapter: where the run started from.
    init<Task: TrainingTask>(of trainer: Trainer<Task>, _ adapter: AdapterBundle, _ examples: [Task.Example]) {
        var data = ContentDigest()
        for example in examples { trainer.task.addContent(of: example, to: &data) }
        var start = ContentDigest()
        for parameter in adapter.parameters {
            start.add(parameter.path)
            for dimension in parameter.value.shape.dimensions { start.add(dimension) }
            parameter.value.withUnsafeFloats { start.add(UnsafeRawBufferPointer($0)) }
        }
        entries = [
            "model": .string(trainer.model.fingerprint),
            "task": .string(String(describing: trainer.task)),
            "method": .string(type(of: adapter.method).name),
            "settings": Settings.json(adapter.method),
            "labels": .array(adapter.labels.map { .string($0) }),
            "start of the adapter": .string(start.text),
            "examples": JSONValue(examples.count),
            "data": .string(data.text),
            "arguments": .object(trainer.arguments.settings),
        ]
    }

    init(_ entries: JSONObject) {
        self.entries = entries
    }

    /// What differs from the run of a checkpoint, one sentence for each.
    func differences(from saved: TrainingIdentity) -> [String] {
        let (mine, theirs) = (Self.flat(entries, prefix: ""), Self.flat(saved.entries, prefix: ""))
        let names = mine.map(\.name) + theirs.map(\.name).filter { name in !mine.contains { $0.name == name } }
        return names.compactMap { name in
            let now = mine.first { $0.name == name }?.value
            let then = theirs.first { $0.name == name }?.value
            return now == then ? nil : "\(name) is \(now ?? "not set"), was \(then ?? "not set")"
        }
    }

    /// Every value by the names on the way to it.
    private static func flat(_ object: JSONObject, prefix: String) -> [(name: String, value: String)] {
        object.flatMap { member in
            let name = prefix.isEmpty ? member.key : "\(prefix), \(member.key)"
            if case .object(let inner) = member.value, !inner.isEmpty { return flat(inner, prefix: name) }
            return [(name, member.value.text(.compact))]
        }
    }
}

/// The settings of recipes as JSON: what their `Codable` conformance says.
enum Settings {
    static func json(_ recipe: some Encodable) -> JSONValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let bytes = try? encoder.encode(recipe),
            let value = try? JSONValue(parsing: Array(bytes), source: "\(type(of: recipe))")
        else { return .string(String(describing: recipe)) }
        return value
    }

    /// A recipe of the same type as `recipe`, from what ``json(_:)`` made of one.
    static func restored<Recipe: Decodable>(_ recipe: Recipe, from json: JSONValue) throws -> Recipe {
        try JSONDecoder().decode(Recipe.self, from: Data(json.bytes(.compact)))
    }
}
