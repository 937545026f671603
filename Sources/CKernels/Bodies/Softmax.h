// Softmax over attention scores and its backward pass, which recomputes the probabilities from the saved log-sums.

/// The visible columns of a row, [*from, *to) ⊆ [0, columns); *from == *to when there are none.
INLINE void visible_range(PEFTVisibility visible, size_t row, size_t columns, size_t *from, size_t *to) {
    ptrdiff_t first = visible.first + (ptrdiff_t)row * visible.firstSlope;
    ptrdiff_t last = visible.last + (ptrdiff_t)row * visible.lastSlope;
    if (first < 0) first = 0;
    if (first > (ptrdiff_t)columns) first = (ptrdiff_t)columns;
    if (last > (ptrdiff_t)columns) last = (ptrdiff_t)columns;
    if (last < first) last = first;
    *from = (size_t)first;
    *to = (size_t)last;
}

INLINE void clear(float *row, size_t from, size_t to) {
    if (to > from) memset(row + from, 0, (to - from) * sizeof(float));
}

void PEFT_NAME(softmax)(float *scores, float *logSum, float scale, const float *bias, PEFTVisibility visible,
                        PEFTDropout dropout, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        size_t from, to;
        visible_range(visible, row, columns, &from, &to);
        float *line = scores + row * columns;
        clear(line, 0, from);
        clear(line, to, columns);
        if (from == to) {
            if (logSum) logSum[row] = 0;
            continue;
        }
        float *s = line + from;
        const float *b = bias ? bias + row * columns + from : NULL;
        size_t count = to - from;

        Floats peaks = splat(-INFINITY);
        FOR_LANES(i, n, count) {
            Floats v = load(s + i, n) * scale;
            if (b) v += load(b + i, n);
            store(s + i, v, n);
            if (n < PEFT_WIDTH) v = vselect((Ints)(lanes_from(0) < (uint32_t)n), v, splat(-INFINITY));
            peaks = vmax(v, peaks);
        }
        float peak = maximum(peaks);
        Floats sums = {};
        FOR_LANES(i, n, count) {
            Floats e = vexp(load(s + i, n) - peak);
            if (n < PEFT_WIDTH) e = vselect((Ints)(lanes_from(0) < (uint32_t)n), e, splat(0.0f));
            store(s + i, e, n);
            sums += e;
        }
        float total = sum(sums), inverse = 1.0f / total;
        if (logSum) logSum[row] = peak + logf(total);
        uint64_t key = dropout.rowKeys ? row_key(dropout, row) : 0;
        FOR_LANES(i, n, count) {
            Floats p = load(s + i, n) * inverse;
            if (dropout.rowKeys) p *= survivors(key, (uint32_t)(from + i), dropout.threshold, dropout.scale);
            store(s + i, p, n);
        }
    }
}

void PEFT_NAME(softmax_backward)(float *scores, float *gradient, const float *logSum, float scale, const float *bias,
                                 PEFTVisibility visible, PEFTDropout dropout, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++) {
        size_t from, to;
        visible_range(visible, row, columns, &from, &to);
        float *s = scores + row * columns, *g = gradient + row * columns;
        clear(s, 0, from);
        clear(s, to, columns);
        clear(g, 0, from);
        clear(g, to, columns);
        float shift = logSum[row];
        uint64_t key = dropout.rowKeys ? row_key(dropout, row) : 0;
        float kept = dropout.rowKeys ? dropout.scale : 1.0f;
        // First p, with its sign to say that it is dropped, dropout(dp′) and their sum; then what needs the sum.
        Floats dots = {};
        FOR_LANES(i, n, to - from) {
            size_t at = from + i;
            Floats v = load(s + at, n) * scale - shift;
            if (bias) v += load(bias + row * columns + at, n);
            Floats p = vexp(v), dp = load(g + at, n);
            if (n < PEFT_WIDTH) p = vselect((Ints)(lanes_from(0) < (uint32_t)n), p, splat(0.0f));
            if (dropout.rowKeys) {
                Floats m = survivors(key, (uint32_t)at, dropout.threshold, dropout.scale);
                dp *= m;
                dots += p * dp;
                p = vselect(m == 0.0f, -p, p);
                store(g + at, dp, n);
            } else {
                dots += p * dp;
            }
            store(s + at, p, n);
        }
        float dot = sum(dots);
        FOR_LANES(i, n, to - from) {
            size_t at = from + i;
            Floats p = load(s + at, n), dp = load(g + at, n);
            store(s + at, vselect(p < 0.0f, splat(0.0f), p) * kept, n);
            store(g + at, vabs(p) * (dp - dot) * scale, n);
        }
    }
}
