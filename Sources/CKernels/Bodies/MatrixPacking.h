// Copies of operands in the order in which tiles read them: op(B) in panels, rows of A apart from each other in the caches.

#if PEFT_WIDTH == 16

/// The depth of a block: a panel of it stays in the second-level cache while all rows go by.
#define BLOCK_DEPTH 384
/// The columns of op(B) that are packed at a time; bounds the scratch memory.
#define BLOCK_COLUMNS 768

INLINE size_t at_most(size_t value, size_t limit) { return value < limit ? value : limit; }

INLINE size_t panels(size_t columns) { return (columns + PANEL - 1) / PANEL; }

/// The depth of equal blocks, none deeper than BLOCK_DEPTH.
INLINE size_t block_depth(size_t depth) {
    size_t blocks = (depth + BLOCK_DEPTH - 1) / BLOCK_DEPTH;
    return blocks == 0 ? 0 : ((depth + blocks - 1) / blocks + PEFT_WIDTH - 1) / PEFT_WIDTH * PEFT_WIDTH;
}

/// The transpose of the first rows and columns of a square of PEFT_WIDTH, zeros in the place of missing rows: at each step,
/// blocks off the diagonal change places.
INLINE void transpose_square(float *to, size_t toRow, const float *from, size_t fromRow, size_t rows, size_t columns) {
    Floats r[PEFT_WIDTH];
    UNROLL for (int i = 0; i < PEFT_WIDTH; i++) {
        r[i] = (size_t)i < rows ? load(from + (size_t)i * fromRow, columns) : (Floats){};
    }
#define STEP(size, low, high)                     \
    UNROLL for (int i = 0; i < PEFT_WIDTH; i++) { \
        if (i & size) continue;                   \
        Floats a = r[i], b = r[i + size];         \
        r[i] = low;                               \
        r[i + size] = high;                       \
    }
#define MIX(...) __builtin_shufflevector(a, b, __VA_ARGS__)
    STEP(1, MIX(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
         MIX(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
    STEP(2, MIX(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
         MIX(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
    STEP(4, MIX(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
         MIX(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
    STEP(8, MIX(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
         MIX(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#undef MIX
#undef STEP
    UNROLL for (int i = 0; i < PEFT_WIDTH; i++) {
        if ((size_t)i < columns) *(Floats *)(to + (size_t)i * toRow) = r[i];
    }
}

INLINE Floats dropped(Floats x, PEFTDropout dropout, uint64_t key, size_t column) {
    return dropout.rowKeys ? x * survivors(key, (uint32_t)column, dropout.threshold, dropout.scale) : x;
}

INLINE uint64_t key_of(PEFTDropout dropout, size_t row) { return dropout.rowKeys ? row_key(dropout, row) : 0; }

/// How many of a vector's lanes lie before `end`.
INLINE size_t lanes_before(size_t end, size_t first) {
    return first >= end ? 0 : end - first < PEFT_WIDTH ? end - first : PEFT_WIDTH;
}

/// Copies rows `row` … of columns `column` … of op(B) into a panel `[depth, PANEL]`, zeros behind the last column.
static void pack_panel(float *panel, const PEFTMatrixProduct *p, size_t row, size_t depth, size_t column, size_t n) {
    if (p->bTransposed) {
        const float *from = p->b + column * p->bStride + row;
        for (size_t first = 0; first < PANEL; first += PEFT_WIDTH) {
            size_t lanes = lanes_before(n, first), r = 0;
            for (; lanes == PEFT_WIDTH && r + PEFT_WIDTH <= depth; r += PEFT_WIDTH) {
                transpose_square(panel + r * PANEL + first, PANEL, from + first * p->bStride + r, p->bStride, PEFT_WIDTH,
                                 PEFT_WIDTH);
            }
            for (; r < depth; r += PEFT_WIDTH) {
                transpose_square(panel + r * PANEL + first, PANEL, from + first * p->bStride + r, p->bStride, lanes,
                                 lanes_before(depth, r));
            }
        }
        return;
    }
    for (size_t r = 0; r < depth; r++) {
        const float *from = p->b + (row + r) * p->bStride + column;
        float *to = panel + r * PANEL;
        if (n == PANEL && !p->bDropout.rowKeys) {
            UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
                *(Floats *)(to + v * PEFT_WIDTH) = *(const Floats *)(from + v * PEFT_WIDTH);
            }
            continue;
        }
        uint64_t key = key_of(p->bDropout, row + r);
        UNROLL for (int v = 0; v < TILE_VECTORS; v++) {
            size_t first = (size_t)v * PEFT_WIDTH;
            Floats line = dropped(load(from + first, lanes_before(n, first)), p->bDropout, key, column + first);
            *(Floats *)(to + first) = line;
        }
    }
}

/// Copies columns `column` … of some rows of A to where rows do not share cache sets, `stride` apart.
static void copy_rows(float *copy, size_t stride, const PEFTMatrixProduct *p, size_t row, size_t rows, size_t column,
                      size_t depth) {
    for (size_t r = 0; r < rows; r++) {
        const float *from = p->a + (row + r) * p->aStride + column;
        uint64_t key = key_of(p->aDropout, row + r);
        FOR_LANES(i, n, depth) {
            store(copy + r * stride + i, dropped(load(from + i, n), p->aDropout, key, column + i), n);
        }
    }
}

/// Where a block of op(B) begins in a packed copy of all of it: blocks of columns, in each of them blocks of the depth, in
/// each of them panels.
INLINE size_t packed_offset(const PEFTMatrixProduct *p, size_t firstColumn, size_t columns, size_t first) {
    return firstColumn * p->k + panels(columns) * PANEL * first;
}

/// Packs a block of op(B), panel after panel.
static void pack_block(float *block, const PEFTMatrixProduct *p, size_t first, size_t depth, size_t firstColumn,
                       size_t columns) {
    for (size_t j = 0; j < columns; j += PANEL) {
        pack_panel(block + j * depth, p, first, depth, firstColumn + j, at_most(columns - j, PANEL));
    }
}

size_t PEFT_NAME(matrix_packed_size)(size_t k, size_t n) { return panels(n) * PANEL * k; }

void PEFT_NAME(matrix_pack)(const PEFTMatrixProduct *p, float *packed) {
    size_t deepest = block_depth(p->k);
    for (size_t firstColumn = 0; firstColumn < p->n; firstColumn += BLOCK_COLUMNS) {
        size_t columns = at_most(p->n - firstColumn, BLOCK_COLUMNS);
        for (size_t first = 0; first < p->k; first += deepest) {
            float *block = packed + packed_offset(p, firstColumn, columns, first);
            pack_block(block, p, first, at_most(p->k - first, deepest), firstColumn, columns);
        }
    }
}

#else

size_t PEFT_NAME(matrix_packed_size)(size_t k, size_t n) {
    (void)k, (void)n;
    return 0;
}

void PEFT_NAME(matrix_pack)(const PEFTMatrixProduct *p, float *packed) { (void)p, (void)packed; }

#endif
