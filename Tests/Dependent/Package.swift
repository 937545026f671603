// swift-tools-version: 6.1

import PackageDescription

// A package as a user of the library writes it; `Scripts/check-dependent.sh` fills in where PEFTKit is.
let package = Package(
    name: "Dependent",
    dependencies: [
        .package(url: "PEFTKIT_URL", from: "0.4.0", traits: [])
    ],
    targets: [
        .executableTarget(name: "Dependent", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
        .executableTarget(name: "Adapters", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
        .executableTarget(name: "CustomTasks", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
        .executableTarget(name: "Generation", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
        .executableTarget(name: "Hub", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
        .executableTarget(name: "LanguageModels", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
        .executableTarget(name: "Training", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
        .executableTarget(name: "Quantization", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")]),
    ]
)
