// Gated feed-forward layers: one matrix through an activation, times another.

INLINE void gated_loop(PEFTActivation kind, float *y, const float *gate, const float *up, size_t count) {
    FOR_LANES(i, n, count) {
        Floats value, derivative;
        apply(kind, load(gate + i, n), &value, &derivative);
        store(y + i, value * load(up + i, n), n);
    }
}

void PEFT_NAME(gated)(PEFTActivation kind, float *y, const float *gate, const float *up, size_t count) {
#define LOOP(k) gated_loop(k, y, gate, up, count)
    PER_KIND(LOOP)
#undef LOOP
}

INLINE void gated_backward_loop(PEFTActivation kind, float *dgate, float *dup, const float *dy, const float *gate,
                                const float *up, size_t count) {
    FOR_LANES(i, n, count) {
        // All is read before anything is written, since a result may take the place of an input.
        Floats gradient = load(dy + i, n), factor = dgate ? load(up + i, n) : splat(0.0f);
        Floats value, derivative;
        apply(kind, load(gate + i, n), &value, &derivative);
        if (dgate) store(dgate + i, gradient * factor * derivative, n);
        if (dup) store(dup + i, gradient * value, n);
    }
}

void PEFT_NAME(gated_backward)(PEFTActivation kind, float *dgate, float *dup, const float *dy, const float *gate,
                               const float *up, size_t count) {
#define LOOP(k) gated_backward_loop(k, dgate, dup, dy, gate, up, count)
    PER_KIND(LOOP)
#undef LOOP
}

#undef PER_KIND
