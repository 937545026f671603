// The kernels for any processor: vectors of four, which the compiler maps to SSE2 or NEON.

#define PEFT_WIDTH 4
#define PEFT_NAME(name) peft_##name##_portable

#include <math.h>
#include <string.h>

#include "../KernelList.h"
#include "../include/CKernels.h"

#include "../Vector.h"
#include "../Bodies/All.h"
