// swift-tools-version: 6.1

import PackageDescription

// A package of its own, so that nobody who depends on PEFTKit fetches what only measurements need.
let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "PEFTKit", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // Without its traits: what they count reads 0 here, and allocations of ours are counted by our own pools.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "peft-bench",
            dependencies: [
                .product(name: "PEFTKit", package: "PEFTKit"),
                .product(name: "PEFTMeasurements", package: "PEFTKit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        // The plugin takes what lies in a folder called Benchmarks for benchmarks.
        .executableTarget(
            name: "Suite",
            dependencies: [
                .product(name: "PEFTKit", package: "PEFTKit"),
                .product(name: "PEFTMeasurements", package: "PEFTKit"),
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "BenchmarkPlugin", package: "benchmark"),
            ],
            path: "Benchmarks/Suite"
        ),
    ],
    swiftLanguageModes: [.v6]
)
