import ArgumentParser
import Foundation
import PEFTFormats
import PEFTKit
import PEFTMethods
import Yams

/// A file of options, which those on the command line override: YAML, or JSON, which is a part of it.
///
/// ```yaml
/// model: bert
/// train: reviews.jsonl
/// learning_rate: 1e-3
/// targets: [query, value]
/// ```
enum ConfigurationFile {
    /// The arguments of a command with those of its `--config` file in front of its own.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - options: the names of the options the command has, without dashes.
    /// - Throws: ``CommandError`` with the file and line of what is wrong.
    static func expanded(_ arguments: [String], options: Set<String>) throws -> [String] {
        guard let index = arguments.firstIndex(where: { $0 == "--config" || $0.hasPrefix("--config=") }) else {
            return arguments
        }
        let isSeparate = arguments[index] == "--config"
        guard !isSeparate || index + 1 < arguments.count else { return arguments }
        let path = isSeparate ? arguments[index + 1] : String(arguments[index].dropFirst("--config=".count))
        var rest = arguments
        rest.removeSubrange(index...(isSeparate ? index + 1 : index))
        return try rest.prefix(1) + read(path, options: options) + rest.dropFirst()
    }

    private static func read(_ path: String, options: Set<String>) throws -> [String] {
        let text: String
        do {
            text = String(decoding: try MappedFile(path: path).withUnsafeBytes { Array($0) }, as: UTF8.self)
        }
        let document: Node?
        do {
            document = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            let lines = "\(error)".split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            throw CommandError("\(path): \(lines.joined(separator: " "))")
        }
        guard let document else { return [] }
        guard var mapping = document.mapping else {
            throw CommandError("\(path): expected options with their values, as in learning-rate: 1e-3")
        }
        // What a run was made with is stored with it, and is a configuration itself.
        if mapping["version"] != nil, let stored = mapping["options"]?.mapping { mapping = stored }
        return try mapping.flatMap { key, value in
            let place = "\(path):\(key.mark?.line ?? value.mark?.line ?? 1)"
            guard let name = key.string.map({ $0.replacing("_", with: "-") }), options.contains(name) else {
                let known = options.sorted()
                let near = NearestNames.of(key.string ?? "", among: known).prefix(1)
                throw CommandError(
                    "\(place): unknown option '\(key.string ?? "?")'" + near.map { "; did you mean '\($0)'?" }.joined()
                )
            }
            return try words(name, value, place)
        }
    }

    private static func words(_ name: String, _ value: Node, _ place: String) throws -> [String] {
        switch value {
        case .scalar where value.null != nil: return []
        case .scalar(let scalar):
            // `no` is a value of options such as save-strategy, and false only where a flag is meant.
            if scalar.string == "true" { return ["--\(name)"] }
            if scalar.string == "false" { return [] }
            return ["--\(name)=\(scalar.string)"]
        case .sequence(let items):
            let texts = try items.map { item in
                guard let text = item.scalar?.string else { throw nested(name, place) }
                return text
            }
            return EffectiveOptions.repeatable(Train.self).contains(name)
                ? texts.map { "--\(name)=\($0)" } : ["--\(name)=\(texts.joined(separator: ","))"]
        default: throw nested(name, place)
        }
    }

    private static func nested(_ name: String, _ place: String) -> CommandError {
        CommandError("\(place): '\(name)' takes a value or a list of values, nothing nested")
    }
}

extension Train {
    /// The names of the command's options, without dashes, as its help lists them.
    static var optionNames: Set<String> {
        Set(helpMessage().matches(of: /--([a-z][a-z0-9-]*)/).map { String($0.output.1) })
    }
}
