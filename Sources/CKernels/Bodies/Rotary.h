// Rotary position embeddings: pairs of columns of each head are turned by an angle that grows with the position.

void PEFT_NAME(rotary)(float *y, const float *x, const float *table, const int32_t *positions, float direction,
                       size_t rows, size_t heads, size_t half) {
    for (size_t row = 0; row < rows; row++) {
        const float *cosines = table + (size_t)positions[row] * 2 * half, *sines = cosines + half;
        for (size_t head = 0; head < heads; head++) {
            const float *in = x + (row * heads + head) * 2 * half;
            float *out = y + (row * heads + head) * 2 * half;
            FOR_LANES(i, n, half) {
                Floats first = load(in + i, n), second = load(in + half + i, n);
                Floats c = load(cosines + i, n), s = load(sines + i, n) * direction;
                store(out + i, first * c - second * s, n);
                store(out + half + i, second * c + first * s, n);
            }
        }
    }
}
