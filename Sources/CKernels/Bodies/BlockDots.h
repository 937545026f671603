// Products of a few rows with encoded weights, without a copy of what is expanded.

/// So many elements are expanded at a time: whole blocks of every type, and little enough to stay in the first-level cache.
#define DOTS_CHUNK 256

#if PEFT_WIDTH == 16
/// So many rows of weights at once: each has sums of its own, so that multiply-adds need not wait for each other.
#define DOTS_ROWS 4

INLINE __m512 half_everywhere(const uint8_t *p) {
    uint16_t half;
    memcpy(&half, p, sizeof half);
    return _mm512_cvtph_ps(_mm256_set1_epi16((short)half));
}

/// Of the sixteen values that an element of a block can have, those of sixteen elements: the lower four bits of `index` count.
INLINE __m512 values(__m512 table, __m512i index) { return _mm512_permutexvar_ps(index, table); }

INLINE __m512i bytes_as_words(const uint8_t *p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
}

INLINE void dots_q4(__m512 *sums, const float *x, const uint8_t *block, int has_minimum) {
    const __m512 numbers = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512 d = half_everywhere(block);
    __m512 table = has_minimum ? _mm512_fmadd_ps(numbers, d, half_everywhere(block + 2))
                               : _mm512_mul_ps(_mm512_sub_ps(numbers, _mm512_set1_ps(8)), d);
    __m512i q = bytes_as_words(block + (has_minimum ? 4 : 2));
    sums[0] = _mm512_fmadd_ps(values(table, q), _mm512_loadu_ps(x), sums[0]);
    sums[1] = _mm512_fmadd_ps(values(table, _mm512_srli_epi32(q, 4)), _mm512_loadu_ps(x + 16), sums[1]);
}

INLINE void dots_q8_0(__m512 *sums, const float *x, const uint8_t *block) {
    __m512 d = half_everywhere(block);
    for (int half = 0; half < 2; half++) {
        __m512i q = _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(block + 2 + 16 * half)));
        __m512 x16 = _mm512_mul_ps(d, _mm512_loadu_ps(x + 16 * half));
        sums[half] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(q), x16, sums[half]);
    }
}

/// y[row] = Σ x · w[row] for rows of blocks of 32 in `size` bytes.
#define DOTS_OF_ROWS(size, block_dots)                                                             \
    for (size_t row = 0; row < rows; row += DOTS_ROWS) {                                           \
        __m512 sums[DOTS_ROWS][2] = {};                                                            \
        size_t present = rows - row < DOTS_ROWS ? rows - row : DOTS_ROWS;                          \
        const uint8_t *p[DOTS_ROWS];                                                               \
        for (size_t i = 0; i < DOTS_ROWS; i++) {                                                   \
            p[i] = weights + (row + (i < present ? i : 0)) * (depth / 32) * (size);                \
        }                                                                                          \
        for (size_t b = 0; b < depth / 32; b++) {                                                  \
            for (int i = 0; i < DOTS_ROWS; i++) block_dots(sums[i], x + 32 * b, p[i] + b * (size)); \
        }                                                                                          \
        for (size_t i = 0; i < present; i++) {                                                     \
            y[row + i] = _mm512_reduce_add_ps(_mm512_add_ps(sums[i][0], sums[i][1]));              \
        }                                                                                          \
    }                                                                                              \
    return true

#define DOTS_Q4_0(sums, x, block) dots_q4(sums, x, block, 0)
#define DOTS_Q4_1(sums, x, block) dots_q4(sums, x, block, 1)

/// What blocks of 32 with few values allow: to look elements up in a register.
INLINE bool dots_by_table(PEFTBlockType type, float *y, const float *x, const uint8_t *weights, size_t rows, size_t depth) {
    switch (type) {
        case PEFT_Q4_0: DOTS_OF_ROWS(18, DOTS_Q4_0);
        case PEFT_Q4_1: DOTS_OF_ROWS(20, DOTS_Q4_1);
        case PEFT_Q8_0: DOTS_OF_ROWS(34, dots_q8_0);
        default: return false;
    }
}
#else
INLINE bool dots_by_table(PEFTBlockType type, float *y, const float *x, const uint8_t *weights, size_t rows, size_t depth) {
    return false;
}
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

void PEFT_NAME(block_dots)(PEFTBlockType type, float *y, size_t yStride, const float *x, size_t xStride, size_t count,
                           const void *weights, size_t rows, size_t depth) {
    if (count == 1 && dots_by_table(type, y, x, weights, rows, depth)) return;
    size_t size = encoded_bytes(type, depth);
    float chunk[DOTS_CHUNK];
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *p = (const uint8_t *)weights + row * size;
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
