// Expanding encoded weights, block by block.

typedef uint8_t Bytes __attribute__((vector_size(PEFT_WIDTH), aligned(1), may_alias));
typedef int8_t SignedBytes __attribute__((vector_size(PEFT_WIDTH), aligned(1), may_alias));
typedef uint16_t Halves __attribute__((vector_size(2 * PEFT_WIDTH), aligned(1), may_alias));

INLINE Bytes bytes_at(const uint8_t *p) { return *(const Bytes *)p; }
INLINE Floats floats_of(Bytes b) { return __builtin_convertvector(b, Floats); }

INLINE void put(float *y, Floats v) { *(Floats *)y = v; }

INLINE uint32_t word_at(const uint8_t *p) {
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/// A half-precision float, exactly; see ElementConversion.swift.
INLINE float half_at(const uint8_t *p) {
    uint16_t half;
    memcpy(&half, p, sizeof half);
    uint32_t bits = (uint32_t)(half & 0x7fff) << 13;
    float scaled;
    memcpy(&scaled, &bits, sizeof scaled);
    scaled *= 0x1p112f;
    uint32_t special = bits >= 0x0f800000 ? 0x7f800000 : 0;
    memcpy(&bits, &scaled, sizeof bits);
    bits |= special | (uint32_t)(half & 0x8000) << 16;
    memcpy(&scaled, &bits, sizeof scaled);
    return scaled;
}

/// `value` where bits `first`, `first` + 1, … of `bits` are set, 0 elsewhere.
INLINE Floats where_set(uint32_t bits, uint32_t first, float value) {
    Words one = (((Words){} + bits) >> lanes_from(first)) & 1;
    return __builtin_convertvector((Ints)one, Floats) * value;
}

INLINE void expand_q4_0(float *y, const uint8_t *block) {
    float d = half_at(block);
    for (int i = 0; i < 16; i += PEFT_WIDTH) {
        Bytes q = bytes_at(block + 2 + i);
        put(y + i, (floats_of(q & 15) - 8.0f) * d);
        put(y + 16 + i, (floats_of(q >> 4) - 8.0f) * d);
    }
}

INLINE void expand_q4_1(float *y, const uint8_t *block) {
    float d = half_at(block), m = half_at(block + 2);
    for (int i = 0; i < 16; i += PEFT_WIDTH) {
        Bytes q = bytes_at(block + 4 + i);
        put(y + i, floats_of(q & 15) * d + m);
        put(y + 16 + i, floats_of(q >> 4) * d + m);
    }
}

INLINE void expand_q5_0(float *y, const uint8_t *block) {
    float d = half_at(block);
    uint32_t fifth = word_at(block + 2);
    for (int i = 0; i < 16; i += PEFT_WIDTH) {
        Bytes q = bytes_at(block + 6 + i);
        put(y + i, (floats_of(q & 15) + where_set(fifth, (uint32_t)i, 16.0f) - 16.0f) * d);
        put(y + 16 + i, (floats_of(q >> 4) + where_set(fifth, (uint32_t)i + 16, 16.0f) - 16.0f) * d);
    }
}

INLINE void expand_q5_1(float *y, const uint8_t *block) {
    float d = half_at(block), m = half_at(block + 2);
    uint32_t fifth = word_at(block + 4);
    for (int i = 0; i < 16; i += PEFT_WIDTH) {
        Bytes q = bytes_at(block + 8 + i);
        put(y + i, (floats_of(q & 15) + where_set(fifth, (uint32_t)i, 16.0f)) * d + m);
        put(y + 16 + i, (floats_of(q >> 4) + where_set(fifth, (uint32_t)i + 16, 16.0f)) * d + m);
    }
}

INLINE void expand_q8_0(float *y, const uint8_t *block) {
    float d = half_at(block);
    for (int i = 0; i < 32; i += PEFT_WIDTH) {
        SignedBytes q = *(const SignedBytes *)(block + 2 + i);
        put(y + i, __builtin_convertvector(q, Floats) * d);
    }
}

/// Of the eight 6-bit scales and minima in 12 bytes, those of the group `j`: of the last four, the upper bits lie above the
/// first four.
INLINE void group_scales(const uint8_t *packed, int j, float *scale, float *minimum) {
    if (j < 4) {
        *scale = (float)(packed[j] & 63);
        *minimum = (float)(packed[j + 4] & 63);
    } else {
        *scale = (float)((packed[j + 4] & 15) | (packed[j - 4] >> 6) << 4);
        *minimum = (float)(packed[j + 4] >> 4 | (packed[j] >> 6) << 4);
    }
}

INLINE void expand_q4_k(float *y, const uint8_t *block) {
    float d = half_at(block), m = half_at(block + 2);
    for (int pair = 0; pair < 4; pair++, y += 64) {
        float scale[2], minimum[2];
        for (int j = 0; j < 2; j++) group_scales(block + 4, 2 * pair + j, &scale[j], &minimum[j]);
        for (int i = 0; i < 32; i += PEFT_WIDTH) {
            Bytes q = bytes_at(block + 16 + 32 * pair + i);
            put(y + i, floats_of(q & 15) * (d * scale[0]) - m * minimum[0]);
            put(y + 32 + i, floats_of(q >> 4) * (d * scale[1]) - m * minimum[1]);
        }
    }
}

INLINE void expand_q5_k(float *y, const uint8_t *block) {
    float d = half_at(block), m = half_at(block + 2);
    for (int pair = 0; pair < 4; pair++, y += 64) {
        float scale[2], minimum[2];
        for (int j = 0; j < 2; j++) group_scales(block + 4, 2 * pair + j, &scale[j], &minimum[j]);
        for (int i = 0; i < 32; i += PEFT_WIDTH) {
            Bytes q = bytes_at(block + 48 + 32 * pair + i), fifth = bytes_at(block + 16 + i) >> (uint8_t)(2 * pair);
            put(y + i, floats_of((q & 15) | (fifth & 1) << 4) * (d * scale[0]) - m * minimum[0]);
            put(y + 32 + i, floats_of(q >> 4 | (fifth >> 1 & 1) << 4) * (d * scale[1]) - m * minimum[1]);
        }
    }
}

INLINE void expand_q6_k(float *y, const uint8_t *block) {
    float d = half_at(block + 208);
    for (int half = 0; half < 2; half++, y += 128) {
        const int8_t *scales = (const int8_t *)(block + 192 + 8 * half);
        for (int i = 0; i < 32; i += PEFT_WIDTH) {
            Bytes first = bytes_at(block + 64 * half + i), second = bytes_at(block + 64 * half + 32 + i);
            Bytes upper = bytes_at(block + 128 + 32 * half + i);
            // Sixteen elements share a scale.
            const int8_t *s = scales + i / 16;
            put(y + i, (floats_of((first & 15) | (upper & 3) << 4) - 32.0f) * (d * s[0]));
            put(y + 32 + i, (floats_of((second & 15) | (upper >> 2 & 3) << 4) - 32.0f) * (d * s[2]));
            put(y + 64 + i, (floats_of(first >> 4 | (upper >> 4 & 3) << 4) - 32.0f) * (d * s[4]));
            put(y + 96 + i, (floats_of(second >> 4 | upper >> 6 << 4) - 32.0f) * (d * s[6]));
        }
    }
}

INLINE float single_at(const uint8_t *p) {
    float single;
    memcpy(&single, p, sizeof single);
    return single;
}

/// The quantiles of the normal distribution that NF4 codes stand for (Dettmers et al. 2023), in single precision.
static const float normalFloats[16] = {
    -1.0f,         -0.6961928f,   -0.52507305f, -0.3949175f,  -0.28444138f, -0.18477343f, -0.091050036f, 0.0f,
    0.0795803f,    0.1609302f,    0.2461123f,   0.33791524f,  0.44070983f,  0.562617f,    0.72295684f,   1.0f,
};

/// A vector of the numbers that the codes in PEFT_WIDTH / 2 bytes stand for; the upper half of a byte comes first.
#if PEFT_WIDTH == 4
INLINE Floats normal_floats_at(const uint8_t *p) {
    return (Floats){normalFloats[p[0] >> 4], normalFloats[p[0] & 15], normalFloats[p[1] >> 4], normalFloats[p[1] & 15]};
}
#else
/// A code in each of 16 bytes, from 8 bytes of two.
INLINE __m128i spread_codes(__m128i bytes) {
    __m128i pairs = _mm_cvtepu8_epi16(bytes);
    __m128i second = _mm_slli_epi16(_mm_and_si128(pairs, _mm_set1_epi16(15)), 8);
    return _mm_or_si128(_mm_srli_epi16(pairs, 4), second);
}

#if PEFT_WIDTH == 16
INLINE Floats normal_floats_at(const uint8_t *p) {
    __m128i codes = spread_codes(_mm_loadl_epi64((const __m128i *)p));
    return (Floats)_mm512_permutexvar_ps(_mm512_cvtepu8_epi32(codes), _mm512_loadu_ps(normalFloats));
}
#else
INLINE Floats normal_floats_at(const uint8_t *p) {
    __m256i codes = _mm256_cvtepu8_epi32(spread_codes(_mm_cvtsi32_si128((int)word_at(p))));
    // A permutation looks at three bits; the fourth, moved to the sign, chooses between two.
    __m256 lower = _mm256_permutevar8x32_ps(_mm256_loadu_ps(normalFloats), codes);
    __m256 upper = _mm256_permutevar8x32_ps(_mm256_loadu_ps(normalFloats + 8), codes);
    return (Floats)_mm256_blendv_ps(lower, upper, _mm256_castsi256_ps(_mm256_slli_epi32(codes, 28)));
}
#endif
#endif

INLINE void expand_nf4(float *y, const uint8_t *block) {
    float largest = single_at(block);
    for (int i = 0; i < 64; i += PEFT_WIDTH) put(y + i, normal_floats_at(block + 4 + i / 2) * largest);
}

INLINE void expand_int8(float *y, const uint8_t *block) {
    float largest = single_at(block);
    for (int i = 0; i < 64; i += PEFT_WIDTH) {
        SignedBytes q = *(const SignedBytes *)(block + 4 + i);
        // In this order, and with this 1/127, bitsandbytes' bits.
        put(y + i, __builtin_convertvector(q, Floats) * largest * 7.874015718698502e-3f);
    }
}

INLINE Words halves_at(const uint8_t *p, size_t n) {
    Halves halves = {};
    if (n == PEFT_WIDTH) {
        halves = *(const Halves *)p;
    } else {
        memcpy(&halves, p, 2 * n);
    }
    return __builtin_convertvector(halves, Words);
}

INLINE void expand_f16(float *y, const uint8_t *halves, size_t count) {
    FOR_LANES(i, n, count) {
        Words half = halves_at(halves + 2 * i, n);
        Words magnitude = (half & 0x7fff) << 13;
        Words scaled = (Words)((Floats)magnitude * 0x1p112f);
        Words special = (Words)(magnitude >= 0x0f800000) & 0x7f800000;
        store(y + i, (Floats)(scaled | special | (half & 0x8000) << 16), n);
    }
}

INLINE void expand_bf16(float *y, const uint8_t *halves, size_t count) {
    FOR_LANES(i, n, count) { store(y + i, (Floats)(halves_at(halves + 2 * i, n) << 16), n); }
}

/// Calls `expand` for every block of `length` elements in `size` bytes.
#define EXPAND_ALL(length, size, expand)                                                          \
    for (size_t block = 0; block < count / (length); block++) {                                   \
        expand(y + block * (length), p + block * (size));                                         \
    }                                                                                             \
    break

void PEFT_NAME(dequantize)(PEFTBlockType type, float *y, const void *blocks, size_t count) {
    const uint8_t *p = blocks;
    switch (type) {
        case PEFT_F16: expand_f16(y, p, count); break;
        case PEFT_BF16: expand_bf16(y, p, count); break;
        case PEFT_Q4_0: EXPAND_ALL(32, 18, expand_q4_0);
        case PEFT_Q4_1: EXPAND_ALL(32, 20, expand_q4_1);
        case PEFT_Q5_0: EXPAND_ALL(32, 22, expand_q5_0);
        case PEFT_Q5_1: EXPAND_ALL(32, 24, expand_q5_1);
        case PEFT_Q8_0: EXPAND_ALL(32, 34, expand_q8_0);
        case PEFT_Q4_K: EXPAND_ALL(256, 144, expand_q4_k);
        case PEFT_Q5_K: EXPAND_ALL(256, 176, expand_q5_k);
        case PEFT_Q6_K: EXPAND_ALL(256, 210, expand_q6_k);
        case PEFT_NF4: EXPAND_ALL(64, 36, expand_nf4);
        case PEFT_INT8: EXPAND_ALL(64, 68, expand_int8);
    }
}
