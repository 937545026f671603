import PEFTFormats
import PEFTKit

extension Inspection {
    /// A folder of AdapterHub's: a bottleneck adapter, and the files of its head.
    static func adapterHub(at path: String, _ configuration: JSONReader) throws -> Inspection {
        let adapter = try WeightSource(path: path, stem: "adapter")
        let hasHead = try FileSystem.names(in: path).contains { $0.hasPrefix("model_head.") }
        let tensors =
            hasHead ? TensorList(adapter, try WeightSource(path: path, stem: "model_head")) : TensorList(adapter)
        let trainable = Fact("trainable", "trainable_parameters", JSONValue(tensors.elementCount))
        return Inspection(
            kind: "adapter",
            path: path,
            facts: try recipe(configuration) + [trainable] + use(path),
            tensors: tensors,
            configuration: configuration.value
        )
    }

    private static func recipe(_ configuration: JSONReader) throws -> [Fact] {
        try [Fact("method", "method", "adapter")]
            + facts(configuration, [("name", "name", "name")])
            + facts(
                configuration["config"],
                [
                    ("kind", "architecture", "architecture"), ("behind attention", "attention", "mh_adapter"),
                    ("behind feed-forward", "feed_forward", "output_adapter"), ("parallel", "parallel", "is_parallel"),
                    ("reduction factor", "reduction_factor", "reduction_factor"),
                    ("activation", "activation", "non_linearity"), ("scale", "scale", "scaling"),
                    ("dropout", "dropout", "dropout"), ("blocks left out", "left_out", "leave_out"),
                ]
            )
            + facts(configuration, [("base", "base", "model_name")])
    }
}
