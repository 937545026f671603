// The loss of rows of logits over a vocabulary, and its gradient.

double PEFT_NAME(cross_entropy)(float *gradient, const float *logits, const int32_t *targets, const float *weights,
                                size_t rows, size_t columns) {
    double loss = 0;
    for (size_t row = 0; row < rows; row++) {
        const float *z = logits + row * columns;
        float *g = gradient ? gradient + row * columns : NULL;
        float weight = weights[row];
        if (weight == 0.0f) {
            if (g) clear(g, 0, columns);
            continue;
        }
        Floats peaks = splat(-INFINITY);
        FOR_LANES(i, n, columns) {
            Floats v = load(z + i, n);
            if (n < PEFT_WIDTH) v = vselect((Ints)(lanes_from(0) < (uint32_t)n), v, splat(-INFINITY));
            peaks = vmax(v, peaks);
        }
        float peak = maximum(peaks), own = z[targets[row]];
        // In double: thousands of terms are added to one lane.
        Doubles sums = {};
        FOR_LANES(i, n, columns) {
            Floats e = vexp(load(z + i, n) - peak);
            if (n < PEFT_WIDTH) e = vselect((Ints)(lanes_from(0) < (uint32_t)n), e, splat(0.0f));
            if (g) store(g + i, e, n);
            sums += __builtin_convertvector(e, Doubles);
        }
        double total = 0;
        for (int i = 0; i < PEFT_WIDTH; i++) total += sums[i];
        loss += weight * (log(total) + ((double)peak - (double)own));
        if (!g) continue;
        float share = (float)(weight / total);
        FOR_LANES(i, n, columns) { store(g + i, load(g + i, n) * share, n); }
        g[targets[row]] -= weight;
    }
    return loss;
}
