// SHA-256 (FIPS 180-4, 6.2.2): as written there, and with the SHA extensions of x86.

#include <stdbool.h>

#include "CDigests.h"
#include "Words.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void peft_sha256_blocks_portable(uint32_t *state, const uint8_t *data, size_t blocks) {
    for (; blocks > 0; blocks--, data += 64) {
        uint32_t words[64];
        for (int t = 0; t < 16; t++) words[t] = bigEndianWord(data + 4 * t);
        for (int t = 16; t < 64; t++) {
            uint32_t before15 = words[t - 15], before2 = words[t - 2];
            uint32_t small0 = rotatedRight(before15, 7) ^ rotatedRight(before15, 18) ^ before15 >> 3;
            uint32_t small1 = rotatedRight(before2, 17) ^ rotatedRight(before2, 19) ^ before2 >> 10;
            words[t] = words[t - 16] + small0 + words[t - 7] + small1;
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        for (int t = 0; t < 64; t++) {
            uint32_t big1 = rotatedRight(e, 6) ^ rotatedRight(e, 11) ^ rotatedRight(e, 25);
            uint32_t first = h + big1 + ((e & f) ^ (~e & g)) + constants[t] + words[t];
            uint32_t big0 = rotatedRight(a, 2) ^ rotatedRight(a, 13) ^ rotatedRight(a, 22);
            uint32_t second = big0 + ((a & b) ^ (a & c) ^ (b & c));
            h = g;
            g = f;
            f = e;
            e = d + first;
            d = c;
            c = b;
            b = a;
            a = first + second;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}

#if defined(__x86_64__)

// The instructions want the state as the words a, b, e, f and c, d, g, h, the first in the highest place.
__attribute__((target("sha,sse4.1"))) static void sha256BlocksOfExtension(
    uint32_t *state, const uint8_t *data, size_t blocks
) {
    const __m128i byteOrder = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
    __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
    for (; blocks > 0; blocks--, data += 64) {
        const __m128i startABEF = abef, startCDGH = cdgh;
        // Four words each: the last sixteen of the schedule, in a ring.
        __m128i words[4];
#pragma clang loop unroll(full)
        for (int quad = 0; quad < 16; quad++) {
            __m128i *now = &words[quad & 3];
            if (quad < 4) {
                *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * quad)), byteOrder);
            } else {
                const __m128i last = words[(quad + 3) & 3];
                const __m128i sevenBefore = _mm_alignr_epi8(last, words[(quad + 2) & 3], 4);
                const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(*now, words[(quad + 1) & 3]), sevenBefore);
                *now = _mm_sha256msg2_epu32(sum, last);
            }
            __m128i rounds = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)(constants + 4 * quad)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, rounds);
            rounds = _mm_shuffle_epi32(rounds, 0x0e);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, rounds);
        }
        abef = _mm_add_epi32(abef, startABEF);
        cdgh = _mm_add_epi32(cdgh, startCDGH);
    }
    const __m128i feba = _mm_shuffle_epi32(abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static bool hasExtension(void) {
    unsigned a, b, c, d;
    return __builtin_cpu_supports("sse4.1") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}

void peft_sha256_blocks(uint32_t *state, const uint8_t *data, size_t blocks) {
    if (hasExtension()) {
        sha256BlocksOfExtension(state, data, blocks);
    } else {
        peft_sha256_blocks_portable(state, data, blocks);
    }
}

#else

void peft_sha256_blocks(uint32_t *state, const uint8_t *data, size_t blocks) {
    peft_sha256_blocks_portable(state, data, blocks);
}

#endif
