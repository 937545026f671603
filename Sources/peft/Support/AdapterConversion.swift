import Foundation
import PEFTKit

/// The layouts that adapters are converted to.
enum AdapterLayout: String, CaseIterable {
    case peft, adapterhub, parts, stack
}

/// A folder to be written in another layout, which is known to be able to hold it.
struct AdapterConversion {
    private let layout: AdapterLayout
    private let folders: [(name: String, folder: AdapterFolder)]

    /// - Throws: ``CommandError`` when the layout cannot hold the adapter, or what opening a folder throws.
    init(of url: URL, to layout: AdapterLayout) throws {
        self.layout = layout
        if layout == .stack {
            folders = try AdapterFolder.all(in: url)
            try requireAdaptersForStack(in: url)
        } else {
            let folder = try AdapterFolder(url)
            folders = [(AdapterSet.defaultName, folder)]
            if let reason = reasonAgainst(folder.method) { throw CommandError("\(url.path): \(reason)") }
        }
    }

    /// Whether the base of the adapter, or of the first of several, is a language model.
    var isOfLanguageModel: Bool { folders[0].folder.task == .languageModel }

    /// Writes the result.
    func run(for base: FrozenModel<some AdaptableModel>, to output: URL) throws {
        let adapters = try folders.map { (name: $0.name, adapter: try $0.folder.adapterWithWarnings(for: base)) }
        switch layout {
        case .peft:
            try adapters[0].adapter.flattened().save(to: output, for: base)
        case .adapterhub:
            try adapters[0].adapter.save(to: output, for: base)
        case .parts:
            var set = AdapterSet()
            for (name, part) in adapters[0].adapter.stackedParts { set = try set.adding(part, named: name) }
            try set.save(to: output, for: base)
        case .stack:
            let first = adapters[0].adapter
            for (name, adapter) in adapters.dropFirst() where !adapter.hasSameHead(as: first) {
                Output.warn(
                    "the stack has the head of \(adapters[0].name); that of \(name) is another one and is left out"
                )
            }
            try AdapterBundle.stacking(adapters.map(\.adapter), on: base.architecture).save(to: output, for: base)
        }
    }

    /// Why the layout cannot hold an adapter of a method; nil when it can.
    private func reasonAgainst(_ method: any AdapterMethod) -> String? {
        switch (layout, method) {
        case (.peft, is Adapter):
            "Python's peft has no bottleneck adapters; --to adapterhub holds them"
        case (.peft, is Stacked), (.adapterhub, is Stacked):
            "a stack is several adapters; take it apart with --to parts, and convert those"
        case (.peft, let prompt as Prompt) where prompt.pooler == .firstToken && !isOfLanguageModel:
            "Python's peft lets the pooler read the first virtual token, this prompt the text's first one, so that peft "
                + "would give other answers; train it with --prompt-pooler peft"
        case (.adapterhub, is Adapter), (.parts, is Stacked), (.peft, _), (.stack, _):
            nil
        case (.adapterhub, let other):
            "AdapterHub's layout is known here for bottleneck adapters, not for the method \(type(of: other).name); "
                + "--to peft holds it"
        case (.parts, let other):
            "an adapter of the method \(type(of: other).name) has no parts; only a stack has"
        }
    }

    private func requireAdaptersForStack(in url: URL) throws {
        guard folders.count > 1 else {
            throw CommandError("\(url.path) holds one adapter only; a stack is made of several")
        }
        if let inner = folders.first(where: { $0.folder.method is Stacked }) {
            throw CommandError("\(url.path): \(inner.name) is a stack already; take it apart with --to parts first")
        }
    }
}

extension AdapterBundle {
    /// Whether the whole modules are the same in both, to the bit.
    fileprivate func hasSameHead(as other: AdapterBundle) -> Bool {
        labels == other.labels && modules.count == other.modules.count
            && zip(modules, other.modules).allSatisfy { $0.path == $1.path && $0.value.elements == $1.value.elements }
    }
}
