#include "CMeasurements.h"

// Each body exists once per vector width, as the kernels do; the compiler fuses a * x + y where the target can.
#pragma STDC FP_CONTRACT ON

// Enough chains to hide a latency of 4 cycles at 2 multiply-adds a cycle, few enough to stay in 16 registers.
enum { CHAINS = 12 };

/// Keeps the results alive: what nobody reads is not computed.
static volatile float sink;

#define MULTIPLY_ADDS(name, attributes, bytes)                                        \
    attributes static size_t name(size_t rounds) {                                    \
        typedef float Vector __attribute__((vector_size(bytes)));                     \
        const Vector factor = (Vector){} + 0.999f, summand = (Vector){} + 0.001f;     \
        Vector sums[CHAINS];                                                          \
        for (int chain = 0; chain < CHAINS; chain++) sums[chain] = (Vector){} + (float)chain; \
        for (size_t round = 0; round < rounds; round++) {                             \
            _Pragma("clang loop unroll(full)") for (int chain = 0; chain < CHAINS; chain++) \
                sums[chain] = sums[chain] * factor + summand;                         \
        }                                                                             \
        float total = 0;                                                              \
        for (int chain = 0; chain < CHAINS; chain++) total += sums[chain][0];         \
        sink = total;                                                                 \
        return rounds * CHAINS * 2 * (bytes / sizeof(float));                         \
    }

#define STREAM(name, attributes)                                                      \
    attributes static void name(float *y, const float *x, float a, size_t count) {    \
        for (size_t i = 0; i < count; i++) y[i] += a * x[i];                          \
    }

MULTIPLY_ADDS(multiplyAddsPortable, , 16)
STREAM(streamPortable, )

#if defined(__x86_64__)
MULTIPLY_ADDS(multiplyAddsAVX2, __attribute__((target("avx2,fma"))), 32)
MULTIPLY_ADDS(multiplyAddsAVX512, __attribute__((target("avx512f"))), 64)
STREAM(streamAVX2, __attribute__((target("avx2,fma"))))
#endif

size_t peft_limit_multiply_adds(size_t rounds) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return multiplyAddsAVX512(rounds);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return multiplyAddsAVX2(rounds);
#endif
    return multiplyAddsPortable(rounds);
}

void peft_limit_stream(float *y, const float *x, float a, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return streamAVX2(y, x, a, count);
#endif
    streamPortable(y, x, a, count);
}
