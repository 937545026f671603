// Every dispatched kernel: X(result, name, (parameters), (arguments)). The public prototypes are in CKernels.h.

#define PEFT_KERNELS(X)                                                                                               \
    X(size_t, matrix_packed_size, (size_t k, size_t n), (k, n))                                                       \
    X(void, matrix_pack, (const PEFTMatrixProduct *p, float *packed), (p, packed))                                    \
    X(size_t, matrix_product_scratch, (const PEFTMatrixProduct *p), (p))                                              \
    X(bool, matrix_product, (const PEFTMatrixProduct *p, float *scratch), (p, scratch))                               \
    X(void, dequantize, (PEFTBlockType type, float *y, const void *blocks, size_t count),                          \
      (type, y, blocks, count))                                                                                       \
    X(void, block_dots,                                                                                               \
      (PEFTBlockType type, float *y, size_t yStride, const float *x, size_t xStride, size_t count,                    \
       const void *weights, size_t rows, size_t depth),                                                               \
      (type, y, yStride, x, xStride, count, weights, rows, depth))                                                    \
    X(void, row_dots,                                                                                                 \
      (float *y, size_t yStride, const float *x, size_t xStride, size_t count, const float *matrix, size_t stride,     \
       size_t rows, size_t depth),                                                                                    \
      (y, yStride, x, xStride, count, matrix, stride, rows, depth))                                                   \
    X(void, dropout, (float *y, const float *x, PEFTDropout d, size_t rows, size_t width), (y, x, d, rows, width))    \
    X(void, dropout_add, (float *y, const float *x, PEFTDropout d, size_t rows, size_t width),                        \
      (y, x, d, rows, width))                                                                                         \
    X(void, activation, (PEFTActivation kind, float *y, const float *x, size_t count), (kind, y, x, count))           \
    X(void, activation_keep, (PEFTActivation kind, float *y, float *x, size_t count), (kind, y, x, count))            \
    X(void, gated, (PEFTActivation kind, float *y, const float *gate, const float *up, size_t count),                 \
      (kind, y, gate, up, count))                                                                                     \
    X(void, gated_backward,                                                                                           \
      (PEFTActivation kind, float *dgate, float *dup, const float *dy, const float *gate, const float *up,            \
       size_t count),                                                                                                 \
      (kind, dgate, dup, dy, gate, up, count))                                                                        \
    X(void, residual_norm,                                                                                            \
      (float *y, float *normalized, float *inverse, const float *x, const float *residual, PEFTDropout d,             \
       const float *gamma, const float *beta, float epsilon, size_t rows, size_t width),                              \
      (y, normalized, inverse, x, residual, d, gamma, beta, epsilon, rows, width))                                    \
    X(void, residual_norm_backward,                                                                                   \
      (float *dh, float *dx, const float *dy, const float *normalized, const float *inverse, const float *gamma,      \
       PEFTDropout d, size_t rows, size_t width),                                                                     \
      (dh, dx, dy, normalized, inverse, gamma, d, rows, width))                                                       \
    X(void, rms_norm,                                                                                                 \
      (float *y, float *inverse, const float *x, const float *gamma, float epsilon, size_t rows, size_t width),       \
      (y, inverse, x, gamma, epsilon, rows, width))                                                                   \
    X(void, rms_norm_backward,                                                                                        \
      (float *dx, float beta, float *sums, const float *dy, const float *x, const float *inverse,                     \
       const float *gamma, size_t rows, size_t width),                                                                \
      (dx, beta, sums, dy, x, inverse, gamma, rows, width))                                                           \
    X(void, rotary,                                                                                                   \
      (float *y, const float *x, const float *table, const int32_t *positions, float direction, size_t rows,          \
       size_t heads, size_t half),                                                                                    \
      (y, x, table, positions, direction, rows, heads, half))                                                         \
    X(void, softmax,                                                                                                  \
      (float *scores, float *logSum, float scale, const float *bias, PEFTVisibility v, PEFTDropout d, size_t rows,    \
       size_t columns),                                                                                               \
      (scores, logSum, scale, bias, v, d, rows, columns))                                                             \
    X(void, softmax_backward,                                                                                         \
      (float *scores, float *gradient, const float *logSum, float scale, const float *bias,                           \
       PEFTVisibility v, PEFTDropout d, size_t rows, size_t columns),                                                 \
      (scores, gradient, logSum, scale, bias, v, d, rows, columns))                                                   \
    X(double, cross_entropy,                                                                                          \
      (float *gradient, const float *logits, const int32_t *targets, const float *weights, size_t rows,               \
       size_t columns),                                                                                               \
      (gradient, logits, targets, weights, rows, columns))                                                            \
    X(void, fill_rows, (float *y, const float *row, size_t rows, size_t width), (y, row, rows, width))                \
    X(void, scale_columns, (float *y, const float *x, const float *scale, size_t rows, size_t width),                 \
      (y, x, scale, rows, width))                                                                                     \
    X(void, scale_columns_backward,                                                                                   \
      (float *dy, float *sums, const float *x, const float *scale, size_t rows, size_t width),                        \
      (dy, sums, x, scale, rows, width))                                                                              \
    X(void, column_sums, (float *sums, const float *x, size_t rows, size_t width), (sums, x, rows, width))            \
    X(void, column_dots, (float *sums, const float *a, const float *b, size_t rows, size_t width),                    \
      (sums, a, b, rows, width))                                                                                      \
    X(void, gather_rows, (float *y, const float *table, const int32_t *index, size_t rows, size_t width),             \
      (y, table, index, rows, width))                                                                                 \
    X(void, gather_rows_add, (float *y, const float *table, const int32_t *index, size_t rows, size_t width),         \
      (y, table, index, rows, width))                                                                                 \
    X(void, scatter_rows_add, (float *table, const float *x, const int32_t *index, size_t rows, size_t width),        \
      (table, x, index, rows, width))                                                                                 \
    X(void, multiply, (float *y, const float *a, const float *b, size_t count), (y, a, b, count))                     \
    X(void, add_scaled, (float *y, const float *x, float a, size_t count), (y, x, a, count))                          \
    X(void, scale, (float *y, const float *x, float a, size_t count), (y, x, a, count))                               \
    X(double, sum_of_squares, (const float *x, size_t count), (x, count))                                             \
    X(void, adamw, (float *p, float *m, float *v, const float *g, PEFTAdamW o, size_t count), (p, m, v, g, o, count))
