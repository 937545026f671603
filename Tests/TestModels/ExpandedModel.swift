package import PEFTModels
import PEFTTensor

extension AdaptableModel {
    /// This model with floats in place of encoded tensors.
    package var expanded: Self {
        let encoded = parameters.filter(\.value.isEncoded)
        return replacing(Dictionary(uniqueKeysWithValues: encoded.map { ($0.path, $0.value.expanded()) }))
    }
}
