// swift-tools-version: 6.1

import PackageDescription

// A package of its own, so that nobody who depends on PEFTKit fetches what only measurements need.
let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "PEFTKit", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "peft-bench",
            dependencies: [
                .product(name: "PEFTKit", package: "PEFTKit"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
