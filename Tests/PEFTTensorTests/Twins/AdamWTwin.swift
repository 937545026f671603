import Foundation

/// AdamW as PyTorch's documentation writes it, in double precision.
struct AdamWTwin {
    var parameter: [Double]
    var first: [Double]
    var second: [Double]
    var steps = 0
    var learningRate = 1e-3
    var beta1 = 0.9
    var beta2 = 0.999
    var epsilon = 1e-8
    var weightDecay = 0.01

    init(parameter: [Double]) {
        self.parameter = parameter
        first = parameter.map { _ in 0 }
        second = first
    }

    mutating func step(_ gradient: [Double]) {
        steps += 1
        for i in parameter.indices {
            parameter[i] -= learningRate * weightDecay * parameter[i]
            first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
            second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
            let mean = first[i] / (1 - pow(beta1, Double(steps)))
            let square = second[i] / (1 - pow(beta2, Double(steps)))
            parameter[i] -= learningRate * mean / (square.squareRoot() + epsilon)
        }
    }
}
