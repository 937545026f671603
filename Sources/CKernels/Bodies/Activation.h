// Activations and their derivatives.

/// Φ(x) and φ(x) of the standard normal distribution.
///
/// Φ(−a) = e^(−a²/2) p(a)/q(a), a rational minimax fit (Scripts/fit-kernels.py): no cancellation in the lower tail. The
/// relative error of x Φ(x) is below 4.2e-7 + 3e-8 x² for x < 0, where rounding x² moves the exponent, and below 3.5e-7
/// for x > 0; below −13.19 the bell is 0.
INLINE void normal(Floats x, Floats *cumulative, Floats *density) {
    Floats bell = vexp(-0.5f * x * x);
    Floats a = vmin(vabs(x), splat(14.0f));
    Floats p = splat(0.00401592674f);
    p = p * a + 0.0399552546f;
    p = p * a + 0.181220621f;
    p = p * a + 0.435569406f;
    p = p * a + 0.5f;
    Floats q = splat(0.0100662913f);
    q = q * a + 0.100160398f;
    q = q * a + 0.464153022f;
    q = q * a + 1.19412541f;
    q = q * a + 1.66902375f;
    q = q * a + 1.0f;
    Floats tail = bell * p / q;
    *cumulative = vselect(x > 0.0f, 1.0f - tail, tail);
    *density = bell * 0.3989422804f;
}

/// The logistic function σ(x) = 1/(1 + e⁻ˣ) and 1 − σ(x), neither with cancellation where it is small.
INLINE Floats logistic(Floats x, Floats *complement) {
    Floats e = vexp(-vabs(x));
    Floats large = 1.0f / (1.0f + e), small = e * large;
    *complement = vselect(x < 0.0f, large, small);
    return vselect(x < 0.0f, small, large);
}

INLINE void apply(PEFTActivation kind, Floats x, Floats *y, Floats *derivative) {
    switch (kind) {
        case PEFT_GELU: {
            Floats cumulative, density;
            normal(x, &cumulative, &density);
            *y = x * cumulative;
            *derivative = cumulative + x * density;
            return;
        }
        case PEFT_GELU_TANH: {
            // ½ (1 + tanh u) = σ(2u), which keeps its digits in the lower tail. σ has long reached 0 or 1 where the
            // square stops growing.
            Floats square = vmin(x * x, splat(1e4f)), rest;
            Floats share = logistic(1.595769122f * x * (1.0f + 0.044715f * square), &rest);
            *y = x * share;
            *derivative = share + *y * rest * (1.595769122f * (1.0f + 0.134145f * square));
            return;
        }
        case PEFT_RELU: {
            // Asks for x ≤ 0 and not for x > 0, so that NaN remains NaN.
            *y = vselect(x <= 0.0f, splat(0.0f), x);
            *derivative = vselect(x <= 0.0f, splat(0.0f), splat(1.0f));
            return;
        }
        case PEFT_SILU: {
            Floats rest, share = logistic(x, &rest);
            *y = x * share;
            *derivative = share + *y * rest;
            return;
        }
        case PEFT_TANH: {
            *y = vtanh(x);
            *derivative = 1.0f - *y * *y;
            return;
        }
    }
}

INLINE void activation_loop(PEFTActivation kind, float *y, const float *x, float *keep, size_t count) {
    FOR_LANES(i, n, count) {
        Floats value, derivative;
        apply(kind, load(x + i, n), &value, &derivative);
        store(y + i, value, n);
        if (keep) store(keep + i, derivative, n);
    }
}

/// The switch stands outside the loop, so each kind gets a loop of its own.
#define PER_KIND(CALL)                              \
    switch (kind) {                                 \
        case PEFT_GELU: CALL(PEFT_GELU); break;     \
        case PEFT_GELU_TANH: CALL(PEFT_GELU_TANH); break; \
        case PEFT_RELU: CALL(PEFT_RELU); break;     \
        case PEFT_SILU: CALL(PEFT_SILU); break;     \
        case PEFT_TANH: CALL(PEFT_TANH); break;     \
    }

/// y = f(x) and, where `keep` is not null, its derivative.
INLINE void activation_row(PEFTActivation kind, float *y, const float *x, float *keep, size_t count) {
#define LOOP(k) activation_loop(k, y, x, keep, count)
    PER_KIND(LOOP)
#undef LOOP
}

void PEFT_NAME(activation)(PEFTActivation kind, float *y, const float *x, size_t count) {
    activation_row(kind, y, x, NULL, count);
}

void PEFT_NAME(activation_keep)(PEFTActivation kind, float *y, float *x, size_t count) {
    activation_row(kind, y, x, x, count);
}
