// The kernels for processors with AVX2.

#if defined(__x86_64__)
#define PEFT_WIDTH 8
#define PEFT_NAME(name) peft_##name##_avx2

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../KernelList.h"
#include "../include/CKernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "../Vector.h"
#include "../Bodies/All.h"
#pragma clang attribute pop
#endif
