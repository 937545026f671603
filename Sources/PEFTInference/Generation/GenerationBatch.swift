import PEFTAutograd
import PEFTMethods
import PEFTModels
import PEFTTensor
import Synchronization

/// Texts that are continued side by side in one pass, with their keys and values so far.
final class GenerationBatch<Model: CausalLanguageModel>: Sendable {
    private struct State {
        let cache: KeyValueCache
        /// The adapter of each text; those of one are neighbours.
        var adapters: [(name: String?, adapter: AdapterBundle?)]
    }

    private let model: Model
    private let state: Mutex<State>

    /// - Parameter adapters: the adapter of each text with its name; those of one name are neighbours.
    init(_ model: Model, adapters: [(name: String?, adapter: AdapterBundle?)]) {
        self.model = model
        state = Mutex(State(cache: KeyValueCache(for: model, sequences: adapters.count), adapters: adapters))
    }

    /// The logits behind every text `[texts, vocabulary]`, after it grew by some tokens.
    ///
    /// - Parameter team: who shares the products; nil when other passes have the other workers.
    func logits(after tokens: [[Int32]], on worker: WorkerPool.Worker, team: ThreadTeam?) -> Tensor {
        state.withLock { state in
            let batch = TokenBatch(tokens)
            let context = ForwardContext(
                tape: Tape(pool: worker.pool, isRecording: false, team: team),
                adapter: Self.adapter(state.adapters),
                cache: state.cache
            )
            let hidden = model.hiddenStates(batch, context)
            let last = TokenRows(batch).selecting(tokens.map { $0.count - 1 })
            return model.logits(context.tape.rows(last.indices, of: hidden), rows: last.rows, context).value
        }
    }

    /// Goes on with some of the texts only.
    func keep(_ texts: [Int]) {
        state.withLock { state in
            state.cache.keep(texts)
            state.adapters = texts.map { state.adapters[$0] }
        }
    }

    private static func adapter(_ adapters: [(name: String?, adapter: AdapterBundle?)]) -> (any AdapterWeights)? {
        var routes: [(name: String?, adapter: AdapterBundle?, count: Int)] = []
        for (name, adapter) in adapters {
            if let last = routes.last, last.name == name {
                routes[routes.count - 1].count += 1
            } else {
                routes.append((name, adapter, 1))
            }
        }
        guard routes.count > 1 else { return routes.first?.adapter }
        return RoutedAdapters(routes.map { AdapterRoute(sequences: $0.count, adapter: $0.adapter) })
    }
}
