// Dropout, residual and layer norm in one pass over each row.

void PEFT_NAME(residual_norm)(float *y, float *normalized, float *inverseDeviation, const float *x,
                              const float *residual, PEFTDropout dropout, const float *gamma, const float *beta,
                              float epsilon, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        float *out = y + row * width;
        const float *in = x + row * width;
        uint64_t key = dropout.rowKeys ? row_key(dropout, row) : 0;
        Floats total = {};
        FOR_LANES(i, n, width) {
            Floats h = load(in + i, n);
            if (dropout.rowKeys) h *= survivors(key, (uint32_t)i, dropout.threshold, dropout.scale);
            if (residual) h += load(residual + row * width + i, n);
            store(out + i, h, n);
            total += h;
        }
        float mean = sum(total) / (float)width;
        // `rest` is what rounding left of the mean; rows that are constant or far from 0 need it.
        Floats squares = {}, rests = {};
        FOR_LANES(i, n, width) {
            Floats centred = load(out + i, n) - mean;
            if (n < PEFT_WIDTH) centred = vselect((Ints)(lanes_from(0) < (uint32_t)n), centred, splat(0.0f));
            squares += centred * centred;
            rests += centred;
        }
        float rest = sum(rests) / (float)width, variance = sum(squares) / (float)width - rest * rest;
        float inverse = 1.0f / sqrtf((variance > 0 ? variance : 0) + epsilon);
        if (inverseDeviation) inverseDeviation[row] = inverse;
        FOR_LANES(i, n, width) {
            Floats hat = (load(out + i, n) - mean - rest) * inverse;
            if (normalized) store(normalized + row * width + i, hat, n);
            store(out + i, hat * load(gamma + i, n) + load(beta + i, n), n);
        }
    }
}

void PEFT_NAME(residual_norm_backward)(float *dh, float *dx, const float *dy, const float *normalized,
                                       const float *inverseDeviation, const float *gamma, PEFTDropout dropout,
                                       size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        size_t at = row * width;
        Floats sums = {}, dots = {};
        FOR_LANES(i, n, width) {
            Floats g = load(dy + at + i, n) * load(gamma + i, n);
            sums += g;
            dots += g * load(normalized + at + i, n);
        }
        float mean = sum(sums) / (float)width, meanDot = sum(dots) / (float)width;
        float inverse = inverseDeviation[row];
        uint64_t key = dropout.rowKeys ? row_key(dropout, row) : 0;
        FOR_LANES(i, n, width) {
            Floats g = load(dy + at + i, n) * load(gamma + i, n);
            Floats d = (g - mean - load(normalized + at + i, n) * meanDot) * inverse;
            store(dh + at + i, d, n);
            if (dx) {
                if (dropout.rowKeys) d *= survivors(key, (uint32_t)i, dropout.threshold, dropout.scale);
                store(dx + at + i, d, n);
            }
        }
    }
}
