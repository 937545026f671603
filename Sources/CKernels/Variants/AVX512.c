// The kernels for processors with AVX512.

#if defined(__x86_64__)
#define PEFT_WIDTH 16
#define PEFT_NAME(name) peft_##name##_avx512

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "../KernelList.h"
#include "../include/CKernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma,avx2"))), apply_to = function)
#include "../Vector.h"
#include "../Bodies/All.h"
#pragma clang attribute pop
#endif
