/// Memory that a product needs for a moment, for packed matrices: as many buffers as products run at once.
enum ProductScratch {
    private static let pool = BufferPool()
    /// One size for all but unusually large requests, so that they share buffers; pages that nobody touches cost nothing.
    private static let usual = 448 << 10

    static func take(_ floats: Int) -> Storage {
        Storage(count: max(floats, usual), pool: pool)
    }
}
