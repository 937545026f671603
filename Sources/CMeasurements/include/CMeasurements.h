#ifndef PEFTKIT_CMEASUREMENTS_H
#define PEFTKIT_CMEASUREMENTS_H

#include <stddef.h>

// What a core can do at best: arithmetic that touches no memory, and memory with hardly any arithmetic. Both use the
// widest vectors that the processor has.

/// Runs independent fused multiply-adds in registers and returns how many floating-point operations they were.
size_t peft_limit_multiply_adds(size_t rounds);

/// y += a x
void peft_limit_stream(float *y, const float *x, float a, size_t count);

#endif
