// Activations and their derivatives.

/// Φ(x) and φ(x) of the standard normal distribution.
///
/// Φ(−a) = e^(−a²/2) t q(t), t = 1/(1 + 0.3 a), with q fitted for relative accuracy 2e-7 (Scripts/fit-kernels.py):
/// no cancellation in the lower tail.
INLINE void normal(Floats x, Floats *cumulative, Floats *density) {
    Floats bell = vexp(-0.5f * x * x);
    Floats t = 1.0f / (1.0f + 0.3f * vabs(x));
    Floats q = splat(0.03567486264f);
    q = q * t - 0.1572034328f;
    q = q * t + 0.2063540734f;
    q = q * t - 0.05368412973f;
    q = q * t + 0.1285618631f;
    q = q * t + 0.09991342676f;
    q = q * t + 0.1207539655f;
    q = q * t + 0.1196292983f;
    Floats tail = bell * t * q;
    *cumulative = select(x > 0.0f, 1.0f - tail, tail);
    *density = bell * 0.3989422804f;
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
            Floats u = 0.7978845608f * (x + 0.044715f * x * x * x);
            Floats t = vtanh(u);
            *y = 0.5f * x * (1.0f + t);
            *derivative = 0.5f * (1.0f + t)
                + 0.5f * x * (1.0f - t * t) * 0.7978845608f * (1.0f + 0.134145f * x * x);
            return;
        }
        case PEFT_RELU: {
            *y = select(x > 0.0f, x, splat(0.0f));
            *derivative = select(x > 0.0f, splat(1.0f), splat(0.0f));
            return;
        }
        case PEFT_SILU: {
            Floats sigmoid = 1.0f / (1.0f + vexp(-x));
            *y = x * sigmoid;
            *derivative = sigmoid * (1.0f + x * (1.0f - sigmoid));
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

void PEFT_NAME(activation)(PEFTActivation kind, float *y, const float *x, size_t count) {
#define FORGET(k) activation_loop(k, y, x, NULL, count)
    PER_KIND(FORGET)
#undef FORGET
}

void PEFT_NAME(activation_keep)(PEFTActivation kind, float *y, float *x, size_t count) {
#define KEEP(k) activation_loop(k, y, x, x, count)
    PER_KIND(KEEP)
#undef KEEP
}

#undef PER_KIND
