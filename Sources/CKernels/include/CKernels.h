#ifndef PEFTKIT_CKERNELS_H
#define PEFTKIT_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Matrix products, element-wise and row-wise kernels of PEFTKit. Matrices are dense and row-major, [rows, width]. Each
// kernel exists once per instruction set (see Variants/) and the best one for the processor is chosen at the first call, or
// the one that the environment variable PEFTKIT_KERNELS names.

// ---- Dropout ----------------------------------------------------------------------------------------------------

/// Which elements of a matrix are dropped, as a pure function of keys and never of the order of calls.
///
/// Element (row, column) survives when hash(rowKeys[row], siteKey, column) >= threshold; survivors are multiplied by
/// `scale`. A null `rowKeys` means that nothing is dropped.
typedef struct {
    const uint64_t *rowKeys;
    uint64_t siteKey;
    uint32_t threshold;
    float scale;
} PEFTDropout;

/// y = dropout(x)
void peft_dropout(float *y, const float *x, PEFTDropout dropout, size_t rows, size_t width);

/// y += dropout(x)
void peft_dropout_add(float *y, const float *x, PEFTDropout dropout, size_t rows, size_t width);

// ---- Blocks -----------------------------------------------------------------------------------------------------

/// How weights are encoded in blocks of equal length. Those of ggml have its numbers: scales and minima are half-precision
/// floats d and m, quants q small integers, and an element is d q or d q + m. In the K types, d and m of 16 or 32 elements are
/// products of the block's own and a small integer. Those of bitsandbytes begin with a single-precision float a, the largest
/// magnitude of the block or of its row.
typedef enum {
    PEFT_F16 = 1,    // an element: half precision
    PEFT_Q4_0 = 2,   // 32 in 18 bytes: d, 4-bit q from -8
    PEFT_Q4_1 = 3,   // 32 in 20 bytes: d, m, 4-bit q
    PEFT_Q5_0 = 6,   // 32 in 22 bytes: d, fifth bits, 4-bit q from -16
    PEFT_Q5_1 = 7,   // 32 in 24 bytes: d, m, fifth bits, 4-bit q
    PEFT_Q8_0 = 8,   // 32 in 34 bytes: d, 8-bit q
    PEFT_Q4_K = 12,  // 256 in 144 bytes: d, m, eight 6-bit scales and minima, 4-bit q
    PEFT_Q5_K = 13,  // 256 in 176 bytes: d, m, eight 6-bit scales and minima, fifth bits, 4-bit q
    PEFT_Q6_K = 14,  // 256 in 210 bytes: 4-bit q from -32, upper bits, sixteen 8-bit scales, d
    PEFT_BF16 = 30,  // an element: the upper half of a single-precision float
    PEFT_NF4 = 256,  // 64 in 36 bytes: a, 4-bit q, the first of two in the upper half; a times the q-th of sixteen numbers
    PEFT_INT8 = 257, // 64 in 68 bytes: a, 8-bit q; q a / 127
} PEFTBlockType;

/// y = the elements of `blocks`, which may begin at any byte; `count` elements fill whole blocks.
///
/// ggml's scales have so few bits that products are exact, and only a minimum's addition rounds; of the others, every product
/// rounds, with no sum behind it. So every processor gives the same bits.
void peft_dequantize(PEFTBlockType type, float *y, const void *blocks, size_t count);

/// y[i, row] = Σ x[i] · w[row] for `count` rows of x, few of them, and `rows` rows of encoded weights of `depth` elements each,
/// which lie one after the other and are whole blocks. Weights are not copied to memory on the way.
void peft_block_dots(PEFTBlockType type, float *y, size_t yStride, const float *x, size_t xStride, size_t count,
                     const void *weights, size_t rows, size_t depth);

/// y[i, row] = Σ x[i] · matrix[row] for `count` rows of x, few of them, and `rows` rows of floats, `stride` apart.
void peft_row_dots(float *y, size_t yStride, const float *x, size_t xStride, size_t count, const float *matrix,
                   size_t stride, size_t rows, size_t depth);

// ---- Activations ------------------------------------------------------------------------------------------------

typedef enum {
    PEFT_GELU = 0,       // x Φ(x)
    PEFT_GELU_TANH = 1,  // ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))
    PEFT_RELU = 2,       // max(x, 0)
    PEFT_SILU = 3,       // x / (1 + e⁻ˣ)
    PEFT_TANH = 4,       // tanh x
} PEFTActivation;

/// y = f(x); y may be x
void peft_activation(PEFTActivation kind, float *y, const float *x, size_t count);

/// y = f(x), x ← f′(x): the derivative takes the place of the input, so that backward is one multiplication.
void peft_activation_keep(PEFTActivation kind, float *y, float *x, size_t count);

// ---- Gated activations ------------------------------------------------------------------------------------------

/// y = f(gate) · up; y may be either
void peft_gated(PEFTActivation kind, float *y, const float *gate, const float *up, size_t count);

/// dgate = dy · up · f′(gate) and dup = dy · f(gate), which is computed once more. Either may be null, and each may take
/// the place of any input; `up` is read for dgate alone.
void peft_gated_backward(PEFTActivation kind, float *dgate, float *dup, const float *dy, const float *gate,
                         const float *up, size_t count);

// ---- Matrix products --------------------------------------------------------------------------------------------

/// C ← f(α drop(op(A) op(B)) + β C + bias) with op(A) [m, k], op(B) [k, n] and C [m, n].
///
/// op transposes or leaves a matrix as it is; strides are those of the rows in memory. Where β is 0, C is only written.
/// What else a product does on the way costs no pass over memory of its own: it adds `bias` [n] unless null, drops elements
/// of A, of B (where they are not transposed) or of the product, and applies f where `activates`; f′ goes to `derivative`,
/// a matrix laid out as C, unless null.
typedef struct {
    float *c;
    size_t cStride;
    const float *a;
    size_t aStride;
    bool aTransposed;
    const float *b;
    size_t bStride;
    bool bTransposed;
    size_t m, n, k;
    float alpha, beta;
    const float *bias;
    PEFTDropout aDropout, bDropout, cDropout;
    bool activates;
    PEFTActivation activation;
    float *derivative;
    /// What `peft_matrix_pack` made of op(B); null where there is no such copy.
    const float *bPacked;
} PEFTMatrixProduct;

/// The number of floats of a packed copy of op(B) [k, n]; 0 where this processor's products know no such copies.
size_t peft_matrix_packed_size(size_t k, size_t n);

/// Copies op(B), of which only the fields of B and n and k are read, into the order in which products read it.
void peft_matrix_pack(const PEFTMatrixProduct *product, float *packed);

/// The number of floats of scratch memory that the product wants; 0 when the stack will do.
size_t peft_matrix_product_scratch(const PEFTMatrixProduct *product);

/// Computes a product; false, with nothing done, when BLAS does it better or this processor has no kernel for it. `scratch`
/// is aligned to a vector, and null where none is wanted.
bool peft_matrix_product(const PEFTMatrixProduct *product, float *scratch);

// ---- Layer norm -------------------------------------------------------------------------------------------------

/// h = dropout(x) + residual, x̂ = (h − mean h) / √(var h + ε), y = γ x̂ + β.
///
/// `residual` may be null; `normalized` (x̂) and `inverseDeviation` [rows] are saved for backward unless null.
void peft_residual_norm(float *y, float *normalized, float *inverseDeviation, const float *x, const float *residual,
                        PEFTDropout dropout, const float *gamma, const float *beta, float epsilon, size_t rows,
                        size_t width);

/// dh = (g − mean g − x̂ mean(g x̂)) / √(var + ε) with g = γ dy, the gradient of `residual`, and dx = dropout(dh).
///
/// `dx` may be null when it would equal dh or is not wanted.
void peft_residual_norm_backward(float *dh, float *dx, const float *dy, const float *normalized,
                                 const float *inverseDeviation, const float *gamma, PEFTDropout dropout, size_t rows,
                                 size_t width);

// ---- Root-mean-square norm --------------------------------------------------------------------------------------

/// y = γ x / √(mean x² + ε); y may be x. `inverse` [rows], 1/√(mean x² + ε), is saved for backward unless null.
void peft_rms_norm(float *y, float *inverse, const float *x, const float *gamma, float epsilon, size_t rows,
                   size_t width);

/// With x̂ = x · inverse and g = γ dy: dx ← (g − x̂ mean(g x̂)) · inverse + β dx and sums += Σ_rows dy · x̂.
///
/// `dx` and `sums` may be null; where β is 0, dx is only written.
void peft_rms_norm_backward(float *dx, float beta, float *sums, const float *dy, const float *x, const float *inverse,
                            const float *gamma, size_t rows, size_t width);

// ---- Rotary positions -------------------------------------------------------------------------------------------

/// Turns each head (a, b) of row i, a and b its halves: y = (a c − b s, b c + a s); y may be x.
///
/// x [rows, heads · 2 half]; c are the cosines of positions[i], s its sines times `direction`, which is 1, or −1 to turn
/// back. A row of `table` [positions, 2 half] has the cosines first.
void peft_rotary(float *y, const float *x, const float *table, const int32_t *positions, float direction, size_t rows,
                 size_t heads, size_t half);

// ---- Softmax of attention scores --------------------------------------------------------------------------------

/// Keys that query row i may see: [first + i·slope, last + i·slope) clipped to [0, columns).
typedef struct {
    ptrdiff_t first, firstSlope, last, lastSlope;
} PEFTVisibility;

/// p = softmax(scale · s + bias) in place over `scores` [rows, columns], dropped out afterwards; `logSum` [rows]
/// keeps log Σ exp for the backward pass unless null. `bias` [rows, columns] may be null.
void peft_softmax(float *scores, float *logSum, float scale, const float *bias, PEFTVisibility visible,
                  PEFTDropout dropout, size_t rows, size_t columns);

/// Recomputes p = exp(scale · s + bias − logSum) and its dropped-out p′, then with dp′ in `gradient`:
/// gradient ← p (dropout(dp′) − Σ dp′ p′) · scale = ds, scores ← p′.
void peft_softmax_backward(float *scores, float *gradient, const float *logSum, float scale, const float *bias,
                           PEFTVisibility visible, PEFTDropout dropout, size_t rows, size_t columns);

// ---- Cross-entropy over a vocabulary ----------------------------------------------------------------------------

/// With p = softmax(logits) of each row: Σ_rows weight · −log p[target], in double precision, and
/// gradient = weight (p − onehot(target)).
///
/// `gradient` may be logits, or null. A row of weight 0 is not looked at, nor its target; its gradient is 0.
double peft_cross_entropy(float *gradient, const float *logits, const int32_t *targets, const float *weights,
                          size_t rows, size_t columns);

// ---- Rows and columns -------------------------------------------------------------------------------------------

/// Every row of y becomes `row`, or zeros when it is null.
void peft_fill_rows(float *y, const float *row, size_t rows, size_t width);

/// y = x · scale, column by column; y may be x
void peft_scale_columns(float *y, const float *x, const float *scale, size_t rows, size_t width);

/// The backward pass of y = x · scale: sums += Σ_rows dy · x, then dy ← dy · scale in place.
void peft_scale_columns_backward(float *dy, float *sums, const float *x, const float *scale, size_t rows, size_t width);

/// sums += Σ_rows x
void peft_column_sums(float *sums, const float *x, size_t rows, size_t width);

/// sums += Σ_rows a · b
void peft_column_dots(float *sums, const float *a, const float *b, size_t rows, size_t width);

/// y[row] = table[index[row]]
void peft_gather_rows(float *y, const float *table, const int32_t *index, size_t rows, size_t width);

/// y[row] += table[index[row]]
void peft_gather_rows_add(float *y, const float *table, const int32_t *index, size_t rows, size_t width);

/// table[index[row]] += x[row]
void peft_scatter_rows_add(float *table, const float *x, const int32_t *index, size_t rows, size_t width);

// ---- Vectors ----------------------------------------------------------------------------------------------------

/// y = a · b; y may be either
void peft_multiply(float *y, const float *a, const float *b, size_t count);

/// y += a x
void peft_add_scaled(float *y, const float *x, float a, size_t count);

/// y = a x; y may be x
void peft_scale(float *y, const float *x, float a, size_t count);

/// Σ x², in double precision
double peft_sum_of_squares(const float *x, size_t count);

// ---- Optimizers -------------------------------------------------------------------------------------------------

/// One step of AdamW (Loshchilov & Hutter 2019) as PyTorch writes it; corrections are 1 − βᵗ.
///
/// In double precision because 1 − β₂ in single precision would be off by 1e-5 for β₂ = 0.999.
typedef struct {
    double learningRate, beta1, beta2, epsilon, weightDecay, correction1, correction2;
} PEFTAdamW;

void peft_adamw(float *parameter, float *firstMoment, float *secondMoment, const float *gradient, PEFTAdamW options,
                size_t count);

// ---- Waiting ----------------------------------------------------------------------------------------------------

/// Tells the processor that this thread waits actively for another one.
void peft_pause(void);

// ---- Variants ---------------------------------------------------------------------------------------------------

/// How many variants this build has: 0 is the portable one, later ones need more of the processor.
int peft_variant_count(void);
const char *peft_variant_name(int variant);
bool peft_variant_supported(int variant);

/// The variant that this thread uses.
int peft_variant(void);

/// Uses another variant from now on, in this thread only; for tests, which run beside others that must not notice.
/// False where the processor cannot.
bool peft_use_variant(int variant);

#endif
