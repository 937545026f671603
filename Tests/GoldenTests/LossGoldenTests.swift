import PEFTAutograd
import PEFTFormats
import PEFTModels
import PEFTTensor
import PEFTTraining
import TestModels
import Testing

@Suite("Losses are those of torch, class weights those of scikit-learn")
struct LossGoldenTests {
    static let losses = (try? Golden.json("losses.json")["losses"].elements()) ?? []
    static let balanced = (try? Golden.json("losses.json")["balanced"].elements()) ?? []

    @Test("cross-entropy with label smoothing and class weights, and its gradient", arguments: losses.indices)
    func crossEntropy(_ index: Int) throws {
        let expected = Self.losses[index]
        let rows = try expected["logits"].matrix()
        let labels = try expected["labels"].ints()
        let weights = try expected["class_weights"].ifPresent?.doubles()
        let task = ClassificationTask<BERT>(
            labelSmoothing: try expected["label_smoothing"].double(),
            classWeights: weights
        )
        let divisor = labels.reduce(0.0) { $0 + task.weight(of: ClassificationExample(ids: [1], label: $1)) }
        let loss = CrossEntropy(
            logits: Tensor([rows.count, rows[0].count], rows.joined().map(Float.init)),
            labels: labels,
            divisor: divisor,
            smoothing: task.labelSmoothing,
            classWeights: task.classWeights
        )
        #expect(abs(loss.sum / divisor - (try expected["loss"].double())) < 1e-6)
        let gradient = try expected["gradient"].matrix().joined()
        #expect(loss.gradient.count == gradient.count)
        for (a, b) in zip(loss.gradient.elements, gradient) { #expect(abs(Double(a) - b) < 1e-6) }
    }

    @Test("balanced class weights", arguments: balanced.indices)
    func balancedWeights(_ index: Int) throws {
        let expected = try Self.balanced[index]["weights"].doubles()
        let names = expected.indices.map { "class \($0)" }
        let weights = try ClassWeights.balanced(Self.balanced[index]["labels"].ints(), labels: names)
        #expect(Agreement.relative([weights], [expected]) < 1e-12)
    }

    @Test("all cases are there")
    func cases() {
        #expect(Self.losses.count == 7 && Self.balanced.count == 3)
    }
}
