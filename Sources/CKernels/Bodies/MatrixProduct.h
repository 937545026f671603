// C ← f(α drop(op(A) op(B)) + β C + bias), row-major, in tiles that stay in registers (Goto & van de Geijn 2008).
//
// A tile is eight rows by up to three vectors of columns: 24 of 32 registers hold sums. op(B) is packed into panels of that
// width, so that the inner loop reads it in one run; op(A) is read where it is, one element for every three multiply–adds,
// which costs nothing as long as its rows do not fall into the same cache sets. OpenBLAS packs both. With AVX2's sixteen
// registers its kernels cannot be beaten in this way, and are used.
//
// Every element is a sum in the order of k, in blocks that depend on k alone: what a row becomes does not depend, to the
// bit, on which other rows are in the product.

#if PEFT_WIDTH == 16

#define TILE_ROWS 8
#define TILE_VECTORS 3
#define PANEL (TILE_VECTORS * PEFT_WIDTH)
/// The depth of a block: a panel of it stays in the second-level cache while all rows go by.
#define BLOCK_DEPTH 384
/// The rows of op(A) that stay in the second-level cache while all panels go by.
#define BLOCK_ROWS 240
/// The columns of op(B) that are packed at a time; bounds the scratch memory.
#define BLOCK_COLUMNS 768
/// How many rows ahead of its use a panel is fetched from the second-level cache.
#define AHEAD 4
/// Rows whose distance is a multiple of this many floats share cache sets.
#define ALIASED_STRIDE 1024
/// From this many floats of op(B) on, the stack is no place for packed panels.
#define STACK_FLOATS 8192

#define UNROLL _Pragma("clang loop unroll(full)")

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

/// C = drop(product) + β C + bias for some rows of one panel, whose product lies dense in `product`.
static void add_dropped(const PEFTMatrixProduct *p, const float *product, size_t row, size_t rows, size_t column,
                        size_t n) {
    for (size_t r = 0; r < rows; r++) {
        uint64_t key = row_key(p->cDropout, row + r);
        float *at = p->c + (row + r) * p->cStride + column;
        FOR_LANES(j, lanes, n) {
            Floats sum = dropped(load(product + r * PANEL + j, lanes), p->cDropout, key, column + j);
            if (p->bias) sum += load(p->bias + column + j, lanes);
            if (p->beta != 0) sum += load(at + j, lanes) * p->beta;
            store(at + j, sum, lanes);
        }
    }
}

/// C ← f(C) and f′(C) for some rows of one panel, which have just been written and are still in the cache.
static void activate(const PEFTMatrixProduct *p, size_t row, size_t rows, size_t column, size_t n) {
    for (size_t r = 0; r < rows; r++) {
        size_t at = (row + r) * p->cStride + column;
        float *keep = p->derivative ? p->derivative + at : NULL;
        activation_row(p->activation, p->c + at, p->c + at, keep, n);
    }
}

INLINE size_t at_most(size_t value, size_t limit) { return value < limit ? value : limit; }

INLINE size_t panels(size_t columns) { return (columns + PANEL - 1) / PANEL; }

/// The depth of equal blocks, none deeper than BLOCK_DEPTH.
INLINE size_t block_depth(size_t depth) {
    size_t blocks = (depth + BLOCK_DEPTH - 1) / BLOCK_DEPTH;
    return blocks == 0 ? 0 : ((depth + blocks - 1) / blocks + PEFT_WIDTH - 1) / PEFT_WIDTH * PEFT_WIDTH;
}

/// Few rows do not repay a copy of op(B), and a few of its rows stay in the first-level cache without one.
INLINE bool packs(const PEFTMatrixProduct *p) {
    if (p->bPacked) return false;
    return p->bTransposed || p->bDropout.rowKeys || (p->m > 16 * TILE_ROWS && p->k > 128);
}

/// Whether rows of A are copied: to be dropped, or because they share cache sets.
INLINE bool copies(const PEFTMatrixProduct *p) {
    return p->aDropout.rowKeys || (!p->aTransposed && p->aStride % ALIASED_STRIDE == 0 && p->m >= TILE_ROWS);
}

/// Where the parts of the scratch memory are, in floats.
typedef struct {
    size_t depth, rowOfCopy, copy, product, end;
} Scratch;

INLINE Scratch scratch_of(const PEFTMatrixProduct *p) {
    Scratch s = {.depth = block_depth(p->k)};
    size_t rows = at_most(p->m, BLOCK_ROWS);
    s.rowOfCopy = s.depth + PEFT_WIDTH;
    s.copy = s.depth * PANEL * (packs(p) ? panels(at_most(p->n, BLOCK_COLUMNS)) : 1);
    s.product = s.copy + (copies(p) ? rows * s.rowOfCopy : 0);
    s.end = s.product + (p->cDropout.rowKeys ? rows * PANEL : 0);
    return s;
}

/// One block of rows against one panel, and what follows once the last block of the depth is in.
INLINE void panel_by_rows(const PEFTMatrixProduct *p, Scratch s, float *scratch, Operand a, const float *panel,
                          size_t panelRow, size_t first, size_t depth, size_t row, size_t rows, size_t column,
                          size_t n) {
    float *c = p->c + row * p->cStride + column;
    if (p->cDropout.rowKeys) {
        float *product = scratch + s.product;
        by_panel(rows, depth, a, panel, panelRow, product, PANEL, n, (Finish){p->alpha, 0, NULL});
        add_dropped(p, product, row, rows, column, n);
    } else if (first == 0) {
        Finish finish = {p->alpha, p->beta, p->bias ? p->bias + column : NULL};
        by_panel(rows, depth, a, panel, panelRow, c, p->cStride, n, finish);
    } else {
        by_panel(rows, depth, a, panel, panelRow, c, p->cStride, n, (Finish){p->alpha, 1, NULL});
    }
    if (p->activates && first + depth == p->k) activate(p, row, rows, column, n);
}

/// Where a block of op(B) begins in a packed copy of all of it: blocks of columns, in each of them blocks of the depth, in
/// each of them panels.
INLINE size_t packed_offset(const PEFTMatrixProduct *p, size_t firstColumn, size_t columns, size_t first) {
    return firstColumn * p->k + panels(columns) * PANEL * first;
}

static void product_in_blocks(const PEFTMatrixProduct *p, Scratch s, float *scratch) {
    Operand a = operand(p->a, p->aStride, p->aTransposed);
    for (size_t firstColumn = 0; firstColumn < p->n; firstColumn += BLOCK_COLUMNS) {
        size_t columns = at_most(p->n - firstColumn, BLOCK_COLUMNS);
        for (size_t first = 0; first < p->k; first += s.depth) {
            size_t depth = at_most(p->k - first, s.depth);
            const float *packed = NULL;
            if (p->bPacked) packed = p->bPacked + packed_offset(p, firstColumn, columns, first);
            if (packs(p)) {
                for (size_t j = 0; j < columns; j += PANEL) {
                    pack_panel(scratch + j * depth, p, first, depth, firstColumn + j, at_most(columns - j, PANEL));
                }
                packed = scratch;
            }
            for (size_t row = 0; row < p->m; row += BLOCK_ROWS) {
                size_t rows = at_most(p->m - row, BLOCK_ROWS);
                Operand left = {element(a, row, first), a.row, a.column};
                if (copies(p)) {
                    copy_rows(scratch + s.copy, s.rowOfCopy, p, row, rows, first, depth);
                    left = (Operand){scratch + s.copy, s.rowOfCopy, 1};
                }
                for (size_t j = 0; j < columns; j += PANEL) {
                    size_t column = firstColumn + j, n = at_most(columns - j, PANEL), panelRow = PANEL;
                    const float *panel = scratch;
                    if (packed) {
                        panel = packed + j * depth;
                    } else if (n % PEFT_WIDTH == 0) {
                        panel = p->b + first * p->bStride + column;
                        panelRow = p->bStride;
                    } else {
                        pack_panel(scratch, p, first, depth, column, n);
                    }
                    panel_by_rows(p, s, scratch, left, panel, panelRow, first, depth, row, rows, column, n);
                }
            }
        }
    }
}

/// Whether C has so few columns that its transpose, with few rows, is cheaper: then no part of a tile is wasted, and the
/// large operand, which is read along its rows, needs no copy.
INLINE bool is_narrow(const PEFTMatrixProduct *p) {
    bool isPlain = !p->bias && !p->activates && !p->aDropout.rowKeys && !p->bDropout.rowKeys && !p->cDropout.rowKeys;
    return isPlain && p->aTransposed && !p->bTransposed && p->n <= PEFT_WIDTH && p->m >= 4 * p->n;
}

/// The same product as Cᵀ = α op(B)ᵀ op(A)ᵀ.
INLINE PEFTMatrixProduct transposed_product(const PEFTMatrixProduct *p, float *c) {
    return (PEFTMatrixProduct){
        .c = c, .cStride = p->m, .a = p->b, .aStride = p->bStride, .aTransposed = true,
        .b = p->a, .bStride = p->aStride, .bTransposed = false, .m = p->n, .n = p->m, .k = p->k, .alpha = p->alpha,
    };
}

static void narrow_product(const PEFTMatrixProduct *p, float *scratch) {
    PEFTMatrixProduct transposed = transposed_product(p, scratch);
    product_in_blocks(&transposed, scratch_of(&transposed), scratch + p->m * p->n);
    for (size_t i = 0; i < p->m; i++) {
        for (size_t j = 0; j < p->n; j++) {
            float *at = p->c + i * p->cStride + j, sum = scratch[j * p->m + i];
            *at = p->beta != 0 ? p->beta * *at + sum : sum;
        }
    }
}

__attribute__((noinline)) static void product_on_stack(const PEFTMatrixProduct *p, Scratch s) {
    float scratch[STACK_FLOATS];
    product_in_blocks(p, s, scratch);
}

size_t PEFT_NAME(matrix_packed_size)(size_t k, size_t n) { return panels(n) * PANEL * k; }

void PEFT_NAME(matrix_pack)(const PEFTMatrixProduct *p, float *packed) {
    size_t deepest = block_depth(p->k);
    for (size_t firstColumn = 0; firstColumn < p->n; firstColumn += BLOCK_COLUMNS) {
        size_t columns = at_most(p->n - firstColumn, BLOCK_COLUMNS);
        for (size_t first = 0; first < p->k; first += deepest) {
            size_t depth = at_most(p->k - first, deepest);
            float *block = packed + packed_offset(p, firstColumn, columns, first);
            for (size_t j = 0; j < columns; j += PANEL) {
                pack_panel(block + j * depth, p, first, depth, firstColumn + j, at_most(columns - j, PANEL));
            }
        }
    }
}

size_t PEFT_NAME(matrix_product_scratch)(const PEFTMatrixProduct *p) {
    if (is_narrow(p)) {
        PEFTMatrixProduct transposed = transposed_product(p, NULL);
        return p->m * p->n + scratch_of(&transposed).end;
    }
    Scratch s = scratch_of(p);
    return s.end <= STACK_FLOATS ? 0 : s.end;
}

bool PEFT_NAME(matrix_product)(const PEFTMatrixProduct *p, float *scratch) {
    if (p->k == 0) return false;
    if (p->cDropout.rowKeys && p->k > BLOCK_DEPTH) return false;
    if (is_narrow(p)) {
        narrow_product(p, scratch);
    } else if (scratch) {
        product_in_blocks(p, scratch_of(p), scratch);
    } else {
        product_on_stack(p, scratch_of(p));
    }
    return true;
}

#else

size_t PEFT_NAME(matrix_packed_size)(size_t k, size_t n) {
    (void)k, (void)n;
    return 0;
}

void PEFT_NAME(matrix_pack)(const PEFTMatrixProduct *p, float *packed) { (void)p, (void)packed; }

size_t PEFT_NAME(matrix_product_scratch)(const PEFTMatrixProduct *p) {
    (void)p;
    return 0;
}

bool PEFT_NAME(matrix_product)(const PEFTMatrixProduct *p, float *scratch) {
    (void)p, (void)scratch;
    return false;
}

#endif
