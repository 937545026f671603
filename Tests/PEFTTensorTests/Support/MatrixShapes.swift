/// Tall, wide, square and single rows and columns.
let factorizedShapes = [
    (1, 1), (1, 7), (7, 1), (2, 2), (5, 3), (3, 5), (64, 16), (16, 64), (40, 40), (129, 96),
]

/// The largest error of a factorisation, relative to the matrix's norm.
let factorizationBound = 1e-5
