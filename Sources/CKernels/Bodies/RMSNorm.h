// Root-mean-square norm and its backward pass, row by row.

void PEFT_NAME(rms_norm)(float *y, float *inverse, const float *x, const float *gamma, float epsilon, size_t rows,
                         size_t width) {
    for (size_t row = 0; row < rows; row++) {
        const float *in = x + row * width;
        Floats squares = {};
        FOR_LANES(i, n, width) {
            Floats v = load(in + i, n);
            squares += v * v;
        }
        float factor = 1.0f / sqrtf(sum(squares) / (float)width + epsilon);
        if (inverse) inverse[row] = factor;
        FOR_LANES(i, n, width) { store(y + row * width + i, load(in + i, n) * factor * load(gamma + i, n), n); }
    }
}

void PEFT_NAME(rms_norm_backward)(float *dx, float beta, float *sums, const float *dy, const float *x,
                                  const float *inverse, const float *gamma, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        size_t at = row * width;
        float factor = inverse[row];
        if (sums) {
            FOR_LANES(i, n, width) {
                store(sums + i, load(sums + i, n) + load(dy + at + i, n) * (load(x + at + i, n) * factor), n);
            }
        }
        if (!dx) continue;
        Floats dots = {};
        FOR_LANES(i, n, width) { dots += load(dy + at + i, n) * load(gamma + i, n) * load(x + at + i, n); }
        // What the mean square takes back, as a multiple of x.
        float pull = sum(dots) / (float)width * factor * factor;
        FOR_LANES(i, n, width) {
            Floats d = (load(dy + at + i, n) * load(gamma + i, n) - load(x + at + i, n) * pull) * factor;
            if (beta != 0.0f) d += load(dx + at + i, n) * beta;
            store(dx + at + i, d, n);
        }
    }
}
