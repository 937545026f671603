// The tile of a matrix product: eight rows by up to three vectors of columns, so that 24 of 32 registers hold sums. The left
// operand is read where it is, one element for every three multiply–adds, and the right one in panels as wide as the tile.

#if PEFT_WIDTH == 16

#define TILE_ROWS 8
#define TILE_VECTORS 3
#define PANEL (TILE_VECTORS * PEFT_WIDTH)
/// How many rows ahead of its use a panel is fetched from the second-level cache.
#define AHEAD 4

/// op(M): element (i, j) is base[i · row + j · column].
typedef struct {
    const float *base;
    size_t row, column;
} Operand;

INLINE Operand operand(const float *base, size_t stride, bool transposed) {
    return transposed ? (Operand){base, 1, stride} : (Operand){base, stride, 1};
}

INLINE const float *element(Operand m, size_t i, size_t j) { return m.base + i * m.row + j * m.column; }

/// What becomes of a tile's sums: C = α sums + β C + bias.
typedef struct {
    float alpha, beta;
    const float *bias;
} Finish;

/// `rows` × `vectors` sums over `depth`, both constants where it is inlined; `n` columns of them are stored.
INLINE void tile(const int rows, const int vectors, size_t depth, Operand a, const float *b, size_t bRow, float *c,
                 size_t cRow, size_t n, Finish finish) {
    Floats sums[TILE_ROWS][TILE_VECTORS];
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            sums[i][v] = (Floats){};
            __builtin_prefetch(c + i * cRow + v * PEFT_WIDTH, 1);
        }
    }
    for (size_t p = 0; p < depth; p++) {
        Floats line[TILE_VECTORS];
        UNROLL for (int v = 0; v < vectors; v++) {
            line[v] = *(const Floats *)(b + p * bRow + v * PEFT_WIDTH);
            __builtin_prefetch(b + (p + AHEAD) * bRow + v * PEFT_WIDTH);
        }
        UNROLL for (int i = 0; i < rows; i++) {
            Floats x = splat(*element(a, i, p));
            UNROLL for (int v = 0; v < vectors; v++) sums[i][v] += x * line[v];
        }
    }
    UNROLL for (int v = 0; v < vectors; v++) {
        size_t first = (size_t)v * PEFT_WIDTH;
        if (first >= n) return;
        size_t lanes = n - first < PEFT_WIDTH ? n - first : PEFT_WIDTH;
        Floats bias = finish.bias ? load(finish.bias + first, lanes) : (Floats){};
        UNROLL for (int i = 0; i < rows; i++) {
            float *at = c + i * cRow + first;
            Floats result = sums[i][v] * finish.alpha + bias;
            if (finish.beta != 0) result += load(at, lanes) * finish.beta;
            store(at, result, lanes);
        }
    }
}

/// All rows of op(A) against one panel: full tiles, then ever smaller ones.
INLINE void rows_by_panel(const int vectors, size_t rows, size_t depth, Operand a, const float *b, size_t bRow, float *c,
                          size_t cRow, size_t n, Finish finish) {
    size_t i = 0;
    for (; i + TILE_ROWS <= rows; i += TILE_ROWS) {
        Operand part = {element(a, i, 0), a.row, a.column};
        tile(TILE_ROWS, vectors, depth, part, b, bRow, c + i * cRow, cRow, n, finish);
    }
#define REST(count)                                                                        \
    for (; i + (count) <= rows; i += (count)) {                                            \
        Operand part = {element(a, i, 0), a.row, a.column};                                \
        tile(count, vectors, depth, part, b, bRow, c + i * cRow, cRow, n, finish);         \
    }
    REST(4)
    REST(2)
    REST(1)
#undef REST
}

#define BY_PANEL(vectors)                                                                                             \
    __attribute__((noinline)) static void by_panel_##vectors(size_t rows, size_t depth, Operand a, const float *b,     \
                                                             size_t bRow, float *c, size_t cRow, size_t n, Finish f) { \
        if (a.column == 1) {                                                                                          \
            rows_by_panel(vectors, rows, depth, (Operand){a.base, a.row, 1}, b, bRow, c, cRow, n, f);                 \
        } else {                                                                                                      \
            rows_by_panel(vectors, rows, depth, (Operand){a.base, 1, a.column}, b, bRow, c, cRow, n, f);              \
        }                                                                                                             \
    }
BY_PANEL(1)
BY_PANEL(2)
BY_PANEL(3)
#undef BY_PANEL

INLINE void by_panel(size_t rows, size_t depth, Operand a, const float *b, size_t bRow, float *c, size_t cRow, size_t n,
                     Finish finish) {
    if (n > 2 * PEFT_WIDTH) {
        by_panel_3(rows, depth, a, b, bRow, c, cRow, n, finish);
    } else if (n > PEFT_WIDTH) {
        by_panel_2(rows, depth, a, b, bRow, c, cRow, n, finish);
    } else {
        by_panel_1(rows, depth, a, b, bRow, c, cRow, n, finish);
    }
}

#endif
