// Products of a few rows with the transpose of a matrix, which is read where it lies: for so few rows a packed copy of it costs
// more than the product.

/// So many rows of the matrix at once: each has sums of its own, so that multiply-adds need not wait for each other.
#define ROW_DOTS 4

void PEFT_NAME(row_dots)(float *y, size_t yStride, const float *x, size_t xStride, size_t count, const float *matrix,
                         size_t stride, size_t rows, size_t depth) {
    for (size_t row = 0; row < rows; row += ROW_DOTS) {
        size_t present = rows - row < ROW_DOTS ? rows - row : ROW_DOTS;
        const float *p[ROW_DOTS];
        UNROLL for (size_t r = 0; r < ROW_DOTS; r++) p[r] = matrix + (row + (r < present ? r : 0)) * stride;
        for (size_t i = 0; i < count; i++) {
            Floats sums[ROW_DOTS] = {};
            FOR_LANES(j, n, depth) {
                Floats in = load(x + i * xStride + j, n);
                UNROLL for (int r = 0; r < ROW_DOTS; r++) sums[r] += in * load(p[r] + j, n);
            }
            for (size_t r = 0; r < present; r++) y[i * yStride + row + r] = sum(sums[r]);
        }
    }
}
