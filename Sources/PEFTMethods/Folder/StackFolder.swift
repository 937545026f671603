import Foundation
import PEFTFormats
import PEFTModels
import PEFTTensor

/// A stack on disk: a folder for each part in the layout of its method, with the head in each, and a sidecar that lists
/// them in their order.
struct StackFolder: AdapterFolderContents {
    let url: URL
    private let stack: Stacked
    private let given: Sidecar
    private let parts: [AdapterFolder]

    var method: any AdapterMethod { stack }
    var sidecar: Sidecar? { given }
    var baseName: String? { given.baseName }
    var unknownKeys: [String] { parts.flatMap(\.unknownKeys) }
    var source: String { url.path }

    init(_ url: URL, sidecar: Sidecar, parts names: [String], registry: AdapterRegistry) throws {
        self.url = url
        given = sidecar
        parts = try names.map { name in
            guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/") else {
                let reason = "its stack names \"\(name)\", which is no folder of it"
                throw AdapterFolderError.notAnAdapter(url.path, reason: reason)
            }
            return try AdapterFolder(url.appending(path: name, directoryHint: .isDirectory), registry: registry)
        }
        stack = Stacked(parts.map(\.method))
        try stack.validate()
    }

    func adapter(for base: FrozenModel<some AdaptableModel>, labels: [String]?) throws -> AdapterBundle {
        let adapters = try parts.map { try $0.adapter(for: base, labels: given.labels) }
        let names = stack.names
        for (index, adapter) in adapters.enumerated().dropFirst()
        where !adapter.modules.hasSameValues(as: adapters[0].modules) {
            throw AdapterFolderError.otherHead(folder: url.path, first: names[0], second: names[index])
        }
        return AdapterBundle(
            method: stack,
            weights: try StackedWeights(
                zip(names, adapters).map { StackedWeights.Part(name: $0, weights: $1.weights) },
                on: base.architecture
            ),
            modules: adapters[0].modules,
            labels: given.labels,
            task: given.task,
            maximumLength: given.maximumLength
        )
    }

    static func write(
        _ adapter: AdapterBundle,
        into files: borrowing FolderWriter,
        for base: FrozenModel<some AdaptableModel>
    ) throws {
        let parts = adapter.stackedParts
        for (name, part) in parts { try files.folder(name) { try part.write(into: $0, for: base) } }
        let sidecar = Sidecar(
            labels: adapter.labels,
            task: adapter.task,
            maximumLength: adapter.maximumLength,
            baseName: base.name,
            baseFingerprint: base.fingerprint,
            method: Stacked.name,
            stack: parts.map(\.name)
        )
        try files.write(AdapterFolder.sidecarFile, sidecar.json.bytes(.pretty))
    }
}

extension [Parameter] {
    fileprivate func hasSameValues(as other: [Parameter]) -> Bool {
        count == other.count
            && zip(self, other).allSatisfy { $0.path == $1.path && $0.value.elements == $1.value.elements }
    }
}
