// Chooses the variant of the kernels once, by what the processor offers or the environment variable PEFTKIT_KERNELS says; a
// test may choose another for its thread.

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"
#include "KernelList.h"

typedef struct {
    const char *name;
#define FIELD(result, name, parameters, arguments) result(*name) parameters;
    PEFT_KERNELS(FIELD)
#undef FIELD
} Kernels;

#define PROTOTYPES(SUFFIX)               \
    PEFT_KERNELS(PROTOTYPE_##SUFFIX)

#define PROTOTYPE_portable(result, name, parameters, arguments) result peft_##name##_portable parameters;
PROTOTYPES(portable)
#define ENTRY_portable(result, name, parameters, arguments) .name = peft_##name##_portable,

#if defined(__x86_64__)
#define PROTOTYPE_avx2(result, name, parameters, arguments) result peft_##name##_avx2 parameters;
PROTOTYPES(avx2)
#define ENTRY_avx2(result, name, parameters, arguments) .name = peft_##name##_avx2,

#define PROTOTYPE_avx512(result, name, parameters, arguments) result peft_##name##_avx512 parameters;
PROTOTYPES(avx512)
#define ENTRY_avx512(result, name, parameters, arguments) .name = peft_##name##_avx512,
#endif

static const Kernels variants[] = {
    {.name = "portable", PEFT_KERNELS(ENTRY_portable)},
#if defined(__x86_64__)
    {.name = "avx2", PEFT_KERNELS(ENTRY_avx2)},
    {.name = "avx512", PEFT_KERNELS(ENTRY_avx512)},
#endif
};

static _Atomic(const Kernels *) best = NULL;
static _Thread_local const Kernels *ofThisThread = NULL;

int peft_variant_count(void) { return (int)(sizeof variants / sizeof variants[0]); }

const char *peft_variant_name(int variant) { return variants[variant].name; }

bool peft_variant_supported(int variant) {
#if defined(__x86_64__)
    if (variant == 1) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (variant == 2) {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    }
#endif
    return variant == 0;
}

// The variant that the environment asks for; -1 when it does not. Ends the program when there is none of that name or the
// processor lacks it: who asks for a variant would be misled by results of another.
static int requested(void) {
    const char *name = getenv("PEFTKIT_KERNELS");
    if (!name || !*name) return -1;
    for (int variant = 0; variant < peft_variant_count(); variant++) {
        if (strcmp(name, variants[variant].name) == 0 && peft_variant_supported(variant)) return variant;
    }
    fprintf(stderr, "Error: PEFTKIT_KERNELS is '%s', which is no variant of the kernels that this processor can run; use", name);
    for (int variant = 0, listed = 0; variant < peft_variant_count(); variant++) {
        if (peft_variant_supported(variant)) fprintf(stderr, "%s %s", listed++ ? " or" : "", variants[variant].name);
    }
    fprintf(stderr, ", or unset it\n");
    // Not exit(): other threads may be computing.
    _Exit(EXIT_FAILURE);
}

static const Kernels *choose(void) {
    int variant = requested();
    if (variant < 0) {
        variant = peft_variant_count() - 1;
        while (!peft_variant_supported(variant)) variant--;
    }
    atomic_store_explicit(&best, &variants[variant], memory_order_relaxed);
    return &variants[variant];
}

static inline const Kernels *active(void) {
    if (ofThisThread) return ofThisThread;
    const Kernels *kernels = atomic_load_explicit(&best, memory_order_relaxed);
    return kernels ? kernels : choose();
}

int peft_variant(void) { return (int)(active() - variants); }

bool peft_use_variant(int variant) {
    if (variant < 0 || variant >= peft_variant_count() || !peft_variant_supported(variant)) return false;
    ofThisThread = &variants[variant];
    return true;
}

#define DISPATCH(result, name, parameters, arguments) \
    result peft_##name parameters { return active()->name arguments; }
PEFT_KERNELS(DISPATCH)

void peft_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
