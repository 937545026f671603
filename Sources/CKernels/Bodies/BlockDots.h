// Products of a few rows with encoded weights, without a copy of what is expanded.

/// So many elements are expanded at a time: whole blocks of every type, and little enough to stay in the first-level cache.
#define DOTS_CHUNK 256
/// So many rows of weights are multiplied by one row of x after the other.
#define DOTS_GROUP 32

/// y[row] = Σ x · w[row] for one x.
typedef void rows_of_blocks(float *y, const float *x, const uint8_t *weights, size_t rows, size_t depth);

#if PEFT_WIDTH == 16
/// So many rows of weights at once: each has sums of its own, so that multiply-adds need not wait for each other, and what is
/// done to x is done once for all.
#define DOTS_ROWS 4
/// Weights are fetched from memory so many bytes before they are used: a row is too short for the processor to foresee the next.
#define DOTS_AHEAD 8192

/// What a row of weights adds up: Σ scale · products lane by lane, and Σ minimum · x in the second lane of `minima`.
typedef struct {
    __m512 products;
    __m128 minima;
} RowSums;

/// Two half-precision floats, in the lower lanes.
INLINE __m128 two_halves(const uint8_t *p) { return _mm_cvtph_ps(_mm_cvtsi32_si128((int)word_at(p))); }

INLINE __m512 signed_bytes_as_floats(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}

/// What the elements of `table` that the halves of 16 bytes name contribute, times the x of lower halves and of upper ones.
INLINE __m512 products_by_halves(__m512 table, const uint8_t *bytes, __m512 xOfLower, __m512 xOfUpper) {
    __m512i q = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)bytes));
    // A look-up sees four bits of its index.
    __m512 upper = _mm512_mul_ps(_mm512_permutexvar_ps(_mm512_srli_epi32(q, 4), table), xOfUpper);
    return _mm512_fmadd_ps(_mm512_permutexvar_ps(q, table), xOfLower, upper);
}

INLINE RowSums dots_q4_0(RowSums sums, const float *x, float sum, const uint8_t *block) {
    const __m512 values = _mm512_setr_ps(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
    __m512 s = products_by_halves(values, block + 2, _mm512_loadu_ps(x), _mm512_loadu_ps(x + 16));
    sums.products = _mm512_fmadd_ps(_mm512_broadcastss_ps(two_halves(block)), s, sums.products);
    return sums;
}

INLINE RowSums dots_q4_1(RowSums sums, const float *x, float sum, const uint8_t *block) {
    const __m512 values = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512 s = products_by_halves(values, block + 4, _mm512_loadu_ps(x), _mm512_loadu_ps(x + 16));
    __m128 scaleAndMinimum = two_halves(block);
    sums.products = _mm512_fmadd_ps(_mm512_broadcastss_ps(scaleAndMinimum), s, sums.products);
    sums.minima = _mm_fmadd_ps(scaleAndMinimum, _mm_set1_ps(sum), sums.minima);
    return sums;
}

INLINE RowSums dots_q8_0(RowSums sums, const float *x, float sum, const uint8_t *block) {
    __m512 s = _mm512_mul_ps(signed_bytes_as_floats(block + 2), _mm512_loadu_ps(x));
    s = _mm512_fmadd_ps(signed_bytes_as_floats(block + 18), _mm512_loadu_ps(x + 16), s);
    sums.products = _mm512_fmadd_ps(_mm512_broadcastss_ps(two_halves(block)), s, sums.products);
    return sums;
}

/// Every second of 32 floats, from the first or the second on.
INLINE __m512 every_second(const float *x, int first) {
    const __m512i indices = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    __m512i chosen = _mm512_add_epi32(indices, _mm512_set1_epi32(first));
    return _mm512_permutex2var_ps(_mm512_loadu_ps(x), chosen, _mm512_loadu_ps(x + 16));
}

INLINE RowSums dots_nf4(RowSums sums, const float *x, float sum, const uint8_t *block) {
    const __m512 values = _mm512_loadu_ps(normalFloats);
    __m512 s = products_by_halves(values, block + 4, every_second(x, 1), every_second(x, 0));
    s = _mm512_add_ps(s, products_by_halves(values, block + 20, every_second(x + 32, 1), every_second(x + 32, 0)));
    sums.products = _mm512_fmadd_ps(_mm512_set1_ps(single_at(block)), s, sums.products);
    return sums;
}

INLINE RowSums dots_int8(RowSums sums, const float *x, float sum, const uint8_t *block) {
    __m512 s[2] = {};
    UNROLL for (int i = 0; i < 4; i++) {
        s[i % 2] = _mm512_fmadd_ps(signed_bytes_as_floats(block + 4 + 16 * i), _mm512_loadu_ps(x + 16 * i), s[i % 2]);
    }
    __m512 scale = _mm512_set1_ps(single_at(block) * 7.874015718698502e-3f);
    sums.products = _mm512_fmadd_ps(scale, _mm512_add_ps(s[0], s[1]), sums.products);
    return sums;
}

INLINE float sum_of_block(const float *x, size_t length) {
    Floats all = {};
    for (size_t i = 0; i < length; i += PEFT_WIDTH) all += *(const Floats *)(x + i);
    return _mm512_reduce_add_ps((__m512)all);
}

/// y[row] = Σ x · w[row] for rows of blocks of `length` elements in `size` bytes.
#define DOTS_OF_ROWS(name, length, size)                                                                              \
    __attribute__((noinline)) static void rows_of_##name(float *y, const float *x, const uint8_t *weights, size_t rows, \
                                                         size_t depth) {                                              \
        size_t blocks = depth / (length), rowBytes = blocks * (size);                                                 \
        float blockSums[blocks];                                                                                      \
        for (size_t b = 0; b < blocks; b++) blockSums[b] = sum_of_block(x + b * (length), length);                    \
        for (size_t row = 0; row < rows; row += DOTS_ROWS) {                                                          \
            RowSums sums[DOTS_ROWS] = {};                                                                             \
            size_t present = rows - row < DOTS_ROWS ? rows - row : DOTS_ROWS;                                         \
            const uint8_t *group = weights + row * rowBytes, *p[DOTS_ROWS];                                           \
            UNROLL for (size_t i = 0; i < DOTS_ROWS; i++) p[i] = group + (i < present ? i : 0) * rowBytes;            \
            for (size_t b = 0; b < blocks; b++) {                                                                     \
                UNROLL for (size_t byte = 0; byte < DOTS_ROWS * (size); byte += 64) {                                 \
                    __builtin_prefetch(group + DOTS_AHEAD + b * DOTS_ROWS * (size) + byte);                           \
                }                                                                                                     \
                UNROLL for (int i = 0; i < DOTS_ROWS; i++) {                                                          \
                    sums[i] = dots_##name(sums[i], x + b * (length), blockSums[b], p[i] + b * (size));                           \
                }                                                                                                     \
            }                                                                                                         \
            for (size_t i = 0; i < present; i++) {                                                                    \
                y[row + i] = _mm512_reduce_add_ps(sums[i].products) + sums[i].minima[1];                           \
            }                                                                                                         \
        }                                                                                                             \
    }

DOTS_OF_ROWS(q4_0, 32, 18)
DOTS_OF_ROWS(q4_1, 32, 20)
DOTS_OF_ROWS(q8_0, 32, 34)
DOTS_OF_ROWS(nf4, 64, 36)
DOTS_OF_ROWS(int8, 64, 68)
#undef DOTS_OF_ROWS

/// What small integers and tables of 16 values allow: to multiply without expanding anything in memory. NULL for other types.
INLINE rows_of_blocks *dots_in_registers(PEFTBlockType type) {
    switch (type) {
        case PEFT_Q4_0: return rows_of_q4_0;
        case PEFT_Q4_1: return rows_of_q4_1;
        case PEFT_Q8_0: return rows_of_q8_0;
        case PEFT_NF4: return rows_of_nf4;
        case PEFT_INT8: return rows_of_int8;
        default: return NULL;
    }
}
#else
INLINE rows_of_blocks *dots_in_registers(PEFTBlockType type) { return NULL; }
#endif

INLINE size_t encoded_bytes(PEFTBlockType type, size_t count) {
    switch (type) {
        case PEFT_F16:
        case PEFT_BF16: return 2 * count;
        case PEFT_Q4_0: return count / 32 * 18;
        case PEFT_Q4_1: return count / 32 * 20;
        case PEFT_Q5_0: return count / 32 * 22;
        case PEFT_Q5_1: return count / 32 * 24;
        case PEFT_Q8_0: return count / 32 * 34;
        case PEFT_Q4_K: return count / 256 * 144;
        case PEFT_Q5_K: return count / 256 * 176;
        case PEFT_Q6_K: return count / 256 * 210;
        case PEFT_NF4: return count / 64 * 36;
        case PEFT_INT8: return count / 64 * 68;
    }
    return 0;
}

static void dots_by_expanding(PEFTBlockType type, float *y, size_t yStride, const float *x, size_t xStride, size_t count,
                              const uint8_t *weights, size_t rows, size_t depth) {
    size_t size = encoded_bytes(type, depth);
    float chunk[DOTS_CHUNK];
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *p = weights + row * size;
        for (size_t i = 0; i < count; i++) y[i * yStride + row] = 0;
        for (size_t start = 0; start < depth; start += DOTS_CHUNK) {
            size_t width = depth - start < DOTS_CHUNK ? depth - start : DOTS_CHUNK;
            PEFT_NAME(dequantize)(type, chunk, p + encoded_bytes(type, start), width);
            for (size_t i = 0; i < count; i++) {
                const float *in = x + i * xStride + start;
                // Two sums, taken in turn, so that additions need not wait for each other.
                Floats first = {}, second = {};
                FOR_LANES(j, n, width) {
                    Floats next = second + load(chunk + j, n) * load(in + j, n);
                    second = first;
                    first = next;
                }
                y[i * yStride + row] += sum(first + second);
            }
        }
    }
}

void PEFT_NAME(block_dots)(PEFTBlockType type, float *y, size_t yStride, const float *x, size_t xStride, size_t count,
                           const void *weights, size_t rows, size_t depth) {
    rows_of_blocks *in_registers = dots_in_registers(type);
    if (!in_registers) return dots_by_expanding(type, y, yStride, x, xStride, count, weights, rows, depth);
    // Several rows of x share weights that are still in the first-level cache.
    size_t group = count > 1 ? DOTS_GROUP : rows;
    for (size_t row = 0; row < rows; row += group) {
        const uint8_t *p = (const uint8_t *)weights + row * encoded_bytes(type, depth);
        size_t part = rows - row < group ? rows - row : group;
        for (size_t i = 0; i < count; i++) in_registers(y + i * yStride + row, x + i * xStride, p, part, depth);
    }
}
