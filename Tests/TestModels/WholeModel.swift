import PEFTMethods
package import PEFTModels

/// Full fine-tuning as a method: everything but the head, which every adapter has.
package struct WholeModel: AdapterMethod {
    package static let name = "whole"

    package init() {}

    package func makeWeights(for model: some AdaptableModel, seed: UInt64) throws -> EveryParameter {
        EveryParameter(model) { path in !model.headModules.contains { path.hasPrefix($0 + ".") } }
    }
}
