// Vectors, rows and columns, dropout and optimizer steps.

void PEFT_NAME(dropout)(float *y, const float *x, PEFTDropout dropout, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        uint64_t key = row_key(dropout, row);
        FOR_LANES(i, n, width) {
            Floats m = survivors(key, (uint32_t)i, dropout.threshold, dropout.scale);
            store(y + row * width + i, load(x + row * width + i, n) * m, n);
        }
    }
}

void PEFT_NAME(dropout_add)(float *y, const float *x, PEFTDropout dropout, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        uint64_t key = row_key(dropout, row);
        FOR_LANES(i, n, width) {
            Floats m = survivors(key, (uint32_t)i, dropout.threshold, dropout.scale);
            store(y + row * width + i, load(y + row * width + i, n) + load(x + row * width + i, n) * m, n);
        }
    }
}

void PEFT_NAME(fill_rows)(float *y, const float *row, size_t rows, size_t width) {
    if (!row) {
        memset(y, 0, rows * width * sizeof(float));
        return;
    }
    for (size_t i = 0; i < rows; i++) memcpy(y + i * width, row, width * sizeof(float));
}

void PEFT_NAME(scale_columns)(float *y, const float *x, const float *scale, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        FOR_LANES(i, n, width) {
            store(y + row * width + i, load(x + row * width + i, n) * load(scale + i, n), n);
        }
    }
}

void PEFT_NAME(scale_columns_backward)(float *dy, float *sums, const float *x, const float *scale, size_t rows,
                                       size_t width) {
    for (size_t row = 0; row < rows; row++) {
        FOR_LANES(i, n, width) {
            size_t at = row * width + i;
            Floats gradient = load(dy + at, n);
            store(sums + i, load(sums + i, n) + gradient * load(x + at, n), n);
            store(dy + at, gradient * load(scale + i, n), n);
        }
    }
}

void PEFT_NAME(column_sums)(float *sums, const float *x, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        FOR_LANES(i, n, width) { store(sums + i, load(sums + i, n) + load(x + row * width + i, n), n); }
    }
}

void PEFT_NAME(column_dots)(float *sums, const float *a, const float *b, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        const float *p = a + row * width, *q = b + row * width;
        FOR_LANES(i, n, width) { store(sums + i, load(sums + i, n) + load(p + i, n) * load(q + i, n), n); }
    }
}

void PEFT_NAME(gather_rows)(float *y, const float *table, const int32_t *index, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        memcpy(y + row * width, table + (size_t)index[row] * width, width * sizeof(float));
    }
}

void PEFT_NAME(add_scaled)(float *y, const float *x, float a, size_t count) {
    FOR_LANES(i, n, count) { store(y + i, load(y + i, n) + load(x + i, n) * a, n); }
}

void PEFT_NAME(gather_rows_add)(float *y, const float *table, const int32_t *index, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        PEFT_NAME(add_scaled)(y + row * width, table + (size_t)index[row] * width, 1.0f, width);
    }
}

void PEFT_NAME(scatter_rows_add)(float *table, const float *x, const int32_t *index, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++) {
        PEFT_NAME(add_scaled)(table + (size_t)index[row] * width, x + row * width, 1.0f, width);
    }
}

void PEFT_NAME(multiply)(float *y, const float *a, const float *b, size_t count) {
    FOR_LANES(i, n, count) { store(y + i, load(a + i, n) * load(b + i, n), n); }
}

void PEFT_NAME(scale)(float *y, const float *x, float a, size_t count) {
    FOR_LANES(i, n, count) { store(y + i, load(x + i, n) * a, n); }
}

double PEFT_NAME(sum_of_squares)(const float *x, size_t count) {
    // In double throughout: squares of single precision overflow from 2e19 on and vanish below 1e-23.
    Doubles squares = {};
    FOR_LANES(i, n, count) {
        Doubles v = __builtin_convertvector(load(x + i, n), Doubles);
        squares += v * v;
    }
    double total = 0;
    for (int i = 0; i < PEFT_WIDTH; i++) total += squares[i];
    return total;
}

void PEFT_NAME(adamw)(float *parameter, float *firstMoment, float *secondMoment, const float *gradient,
                      PEFTAdamW o, size_t count) {
    float keep = (float)(1 - o.learningRate * o.weightDecay), step = (float)(o.learningRate / o.correction1);
    float root = (float)(1 / sqrt(o.correction2)), epsilon = (float)o.epsilon;
    float take1 = (float)(1 - o.beta1), keep2 = (float)o.beta2, take2 = (float)(1 - o.beta2);
    FOR_LANES(i, n, count) {
        Floats g = load(gradient + i, n), m = load(firstMoment + i, n);
        m += (g - m) * take1;
        Floats v = load(secondMoment + i, n) * keep2 + g * g * take2;
        store(firstMoment + i, m, n);
        store(secondMoment + i, v, n);
        Floats divisor = __builtin_elementwise_sqrt(v) * root + epsilon;
        // Lanes past the end are zero, and with ε = 0 would be 0/0.
        store(parameter + i, load(parameter + i, n) * keep - step * m / divisor, n);
    }
}
