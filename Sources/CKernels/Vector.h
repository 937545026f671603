// A vector of PEFT_WIDTH floats in the compiler's own vector types, and the functions every kernel builds on.
//
// The same source compiles for each instruction set: a variant file defines PEFT_WIDTH and PEFT_NAME, sets the target
// and includes this header and the bodies.

#include <math.h>
#include <string.h>

#include "CKernels.h"

#define INLINE static inline __attribute__((always_inline, unused))
/// Before a loop of constant length.
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float Floats __attribute__((vector_size(4 * PEFT_WIDTH), aligned(4), may_alias));
typedef int32_t Ints __attribute__((vector_size(4 * PEFT_WIDTH), aligned(4), may_alias));
typedef double Doubles __attribute__((vector_size(8 * PEFT_WIDTH)));
typedef uint32_t Words __attribute__((vector_size(4 * PEFT_WIDTH), aligned(4), may_alias));

/// Loops over `count` elements; `n` is the number of lanes in this round, PEFT_WIDTH but for the last.
#define FOR_LANES(i, n, count)                                                                  \
    for (size_t i = 0, n = (count) < PEFT_WIDTH ? (count) : PEFT_WIDTH; i < (count);            \
         i += PEFT_WIDTH, n = (count) - i < PEFT_WIDTH ? (count) - i : PEFT_WIDTH)

/// Lane by lane, which becomes one broadcast; `(Floats){} + x` would be a broadcast and an addition.
INLINE Floats splat(float x) {
    Floats v;
    for (int i = 0; i < PEFT_WIDTH; i++) v[i] = x;
    return v;
}

/// The first `n` lanes of memory, the others zero, and the reverse: a call of memcpy for each would cost as much as ten
/// whole vectors, and short texts are all remainders.
#if PEFT_WIDTH == 16
INLINE Floats load_part(const float *p, size_t n) {
    return (Floats)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}

INLINE void store_part(float *p, Floats v, size_t n) {
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
}
#elif PEFT_WIDTH == 8
INLINE __m256i first_lanes(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE Floats load_part(const float *p, size_t n) { return (Floats)_mm256_maskload_ps(p, first_lanes(n)); }

INLINE void store_part(float *p, Floats v, size_t n) { _mm256_maskstore_ps(p, first_lanes(n), (__m256)v); }
#else
INLINE Floats load_part(const float *p, size_t n) {
    Floats v = {};
    memcpy(&v, p, n * sizeof(float));
    return v;
}

INLINE void store_part(float *p, Floats v, size_t n) { memcpy(p, &v, n * sizeof(float)); }
#endif

/// Lanes past `n` are zero.
INLINE Floats load(const float *p, size_t n) {
    return __builtin_expect(n >= PEFT_WIDTH, 1) ? *(const Floats *)p : load_part(p, n);
}

INLINE void store(float *p, Floats v, size_t n) {
    if (__builtin_expect(n >= PEFT_WIDTH, 1)) {
        *(Floats *)p = v;
    } else {
        store_part(p, v, n);
    }
}

/// a where the mask is all ones, b where it is zero.
INLINE Floats vselect(Ints mask, Floats a, Floats b) { return (Floats)((mask & (Ints)a) | (~mask & (Ints)b)); }

INLINE Floats vmax(Floats a, Floats b) { return vselect(a > b, a, b); }
INLINE Floats vmin(Floats a, Floats b) { return vselect(a < b, a, b); }
INLINE Floats vabs(Floats a) { return (Floats)((Ints)a & 0x7fffffff); }

INLINE float sum(Floats v) {
    float lanes[PEFT_WIDTH];
    memcpy(lanes, &v, sizeof v);
    for (int half = PEFT_WIDTH / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    }
    return lanes[0];
}

INLINE float maximum(Floats v) {
    float lanes[PEFT_WIDTH];
    memcpy(lanes, &v, sizeof v);
    for (int i = 1; i < PEFT_WIDTH; i++) lanes[0] = lanes[i] > lanes[0] ? lanes[i] : lanes[0];
    return lanes[0];
}

/// 0, 1, 2, … + start
INLINE Words lanes_from(uint32_t start) {
    Words v;
    for (int i = 0; i < PEFT_WIDTH; i++) v[i] = start + (uint32_t)i;
    return v;
}

/// eˣ with a relative error below 8.5e-8; 0 below -87, e⁸⁸ above 88, NaN for NaN.
///
/// x = n ln 2 + r with |r| ≤ ½ ln 2; eʳ = 1 + r + r² p(r), a minimax fit (Scripts/fit-kernels.py); 2ⁿ by exponent.
INLINE Floats vexp(Floats x) {
    const float roundToInteger = 12582912.0f;  // 1.5 · 2²³: adding it leaves the nearest integer in the low bits
    Floats bounded = vselect(x > 88.0f, splat(88.0f), x);
    bounded = vselect(bounded < -87.0f, splat(-87.0f), bounded);
    Floats shifted = bounded * 1.44269504f + roundToInteger;
    Floats n = shifted - roundToInteger;
    Floats r = bounded - n * 0.693145752f;  // ln 2 in two parts, the first with trailing zeros
    r = r - n * 1.42860677e-6f;
    Floats p = splat(0.00138145988f);
    p = p * r + 0.00836871658f;
    p = p * r + 0.041668389f;
    p = p * r + 0.166665211f;
    p = p * r + 0.49999994f;
    Floats power = (Floats)(((Ints)shifted << 23) + 0x3f800000);
    Floats result = (p * (r * r) + r + 1.0f) * power;
    return (Floats)((Ints)result & ~(x < -87.0f));
}

/// tanh x, relative error below 1.5e-7: an odd polynomial near 0 (Scripts/fit-kernels.py), 1 − 2/(e²ˣ + 1) elsewhere.
INLINE Floats vtanh(Floats x) {
    Floats a = vabs(x), s = x * x;
    Floats p = splat(-0.00570498733f);
    p = p * s + 0.020639088f;
    p = p * s - 0.0537397154f;
    p = p * s + 0.133314416f;
    p = p * s - 0.333332807f;
    Floats near = x + x * s * p;
    Floats far = 1.0f - 2.0f / (vexp(a + a) + 1.0f);
    far = (Floats)((Ints)far | ((Ints)x & (int32_t)0x80000000));
    return vselect(a < 0.625f, near, far);
}

/// A 64-bit finalizer (splitmix64): every input bit moves every output bit.
INLINE uint64_t mix(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// One multiplier per column of a row: dropout.scale where the column survives, 0 where it does not.
INLINE Floats survivors(uint64_t rowKey, uint32_t column, uint32_t threshold, float scale) {
    Words h = lanes_from(column) * 0x9e3779b9u + (uint32_t)rowKey;
    h ^= h >> 16;
    h *= 0x7feb352du;
    h ^= (h >> 15) ^ (uint32_t)(rowKey >> 32);
    h *= 0x846ca68bu;
    h ^= h >> 16;
    return (Floats)((Ints)(h >= threshold) & (Ints)splat(scale));
}

INLINE uint64_t row_key(PEFTDropout dropout, size_t row) { return mix(dropout.rowKeys[row] ^ dropout.siteKey); }
