internal import CKernels
import PEFTTensor

/// The kernels that know nothing of layers: rows, columns, vectors and the optimizer's step.
extension KernelMatrices {
    var columnKernels: [Workload] {
        [
            workload("fill_rows", passes: 1, matrices: 1) {
                let (y, row) = (noise(), Tensor.ones([width]))
                return { peft_fill_rows(y.mutablePointer, row.pointer, rows, width) }
            },
            workload("scale_columns", passes: 2, matrices: 2) {
                let (x, y, scale) = (noise(), noise(), Tensor.ones([width]))
                return { peft_scale_columns(y.mutablePointer, x.pointer, scale.pointer, rows, width) }
            },
            workload("scale_columns_backward", passes: 3, matrices: 2) {
                let (x, dy) = (noise(), noise())
                let (scale, sums) = (Tensor.ones([width]), Tensor.zeros([width]))
                return {
                    peft_scale_columns_backward(
                        dy.mutablePointer,
                        sums.mutablePointer,
                        x.pointer,
                        scale.pointer,
                        rows,
                        width
                    )
                }
            },
            workload("column_sums", passes: 1, matrices: 1) {
                let (x, sums) = (noise(), Tensor.zeros([width]))
                return { peft_column_sums(sums.mutablePointer, x.pointer, rows, width) }
            },
            workload("column_dots", passes: 2, matrices: 2) {
                let (a, b, sums) = (noise(), noise(), Tensor.zeros([width]))
                return { peft_column_dots(sums.mutablePointer, a.pointer, b.pointer, rows, width) }
            },
        ]
    }

    /// Rows of a table as large as a vocabulary, in no order.
    func rowKernels(tableRows: Int) -> [Workload] {
        let random = CounterRandom(seed: 0, purpose: "rows")
        let index = (0..<rows).map { Int32(random.integer(below: tableRows, $0)) }
        @Sendable func table() -> Tensor { .noise([tableRows, width]) }
        return [
            workload("gather_rows", passes: 2, matrices: 2) {
                let (y, table) = (noise(), table())
                return { peft_gather_rows(y.mutablePointer, table.pointer, index, rows, width) }
            },
            workload("gather_rows_add", passes: 3, matrices: 2) {
                let (y, table) = (noise(), table())
                return { peft_gather_rows_add(y.mutablePointer, table.pointer, index, rows, width) }
            },
            workload("scatter_rows_add", passes: 3, matrices: 2) {
                let (x, table) = (noise(), table())
                return { peft_scatter_rows_add(table.mutablePointer, x.pointer, index, rows, width) }
            },
        ]
    }

    var vectorKernels: [Workload] {
        [
            workload("multiply", passes: 3, matrices: 3) {
                let (a, b, y) = (noise(), noise(), noise())
                return { peft_multiply(y.mutablePointer, a.pointer, b.pointer, count) }
            },
            workload("add_scaled", passes: 3, matrices: 2) {
                let (x, y) = (noise(), noise())
                return { peft_add_scaled(y.mutablePointer, x.pointer, 1e-6, count) }
            },
            workload("scale", passes: 2, matrices: 2) {
                let (x, y) = (noise(), noise())
                return { peft_scale(y.mutablePointer, x.pointer, 0.5, count) }
            },
            workload("sum_of_squares", passes: 1, matrices: 1) {
                let (x, sum) = (noise(), Tensor.zeros([1]))
                // Written somewhere, so that it is computed.
                return { sum.mutablePointer.pointee = Float(peft_sum_of_squares(x.pointer, count)) }
            },
        ]
    }

    var optimizerKernels: [Workload] {
        let options = PEFTAdamW(
            learningRate: 1e-4,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weightDecay: 0.01,
            correction1: 0.5,
            correction2: 0.5
        )
        return [
            workload("adamw", passes: 7, matrices: 4) {
                let (parameter, gradient) = (noise(), noise())
                let (first, second) = (Tensor.zeros([rows, width]), Tensor.zeros([rows, width]))
                return {
                    peft_adamw(
                        parameter.mutablePointer,
                        first.mutablePointer,
                        second.mutablePointer,
                        gradient.pointer,
                        options,
                        count
                    )
                }
            }
        ]
    }
}
