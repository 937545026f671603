// C ← f(α drop(op(A) op(B)) + β C + bias), row-major, in tiles that stay in registers (Goto & van de Geijn 2008).
//
// op(B) is packed into panels, so that a tile's inner loop reads it in one run; op(A) is read where it is, which costs nothing
// as long as its rows do not fall into the same cache sets. OpenBLAS packs both. With AVX2's sixteen registers its kernels
// cannot be beaten in this way, and are used.
//
// Every element is a sum in the order of k, in blocks that depend on k alone: what a row becomes does not depend, to the
// bit, on which other rows are in the product.

#if PEFT_WIDTH == 16

/// The rows of op(A) that stay in the second-level cache while all panels go by.
#define BLOCK_ROWS 240
/// Rows whose distance is a multiple of this many floats share cache sets.
#define ALIASED_STRIDE 1024
/// From this many floats of op(B) on, the stack is no place for packed panels.
#define STACK_FLOATS 8192

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

static void product_in_blocks(const PEFTMatrixProduct *p, Scratch s, float *scratch) {
    Operand a = operand(p->a, p->aStride, p->aTransposed);
    for (size_t firstColumn = 0; firstColumn < p->n; firstColumn += BLOCK_COLUMNS) {
        size_t columns = at_most(p->n - firstColumn, BLOCK_COLUMNS);
        for (size_t first = 0; first < p->k; first += s.depth) {
            size_t depth = at_most(p->k - first, s.depth);
            const float *packed = NULL;
            if (p->bPacked) packed = p->bPacked + packed_offset(p, firstColumn, columns, first);
            if (packs(p)) {
                pack_block(scratch, p, first, depth, firstColumn, columns);
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

size_t PEFT_NAME(matrix_product_scratch)(const PEFTMatrixProduct *p) {
    (void)p;
    return 0;
}

bool PEFT_NAME(matrix_product)(const PEFTMatrixProduct *p, float *scratch) {
    (void)p, (void)scratch;
    return false;
}

#endif
