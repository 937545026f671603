// swift-tools-version: 6.1

import PackageDescription

// A package as a user of the library writes it; `Scripts/check-dependent.sh` fills in where PEFTKit is.
let package = Package(
    name: "Dependent",
    dependencies: [
        .package(url: "PEFTKIT_URL", from: "0.6.0", traits: [])
    ],
    targets: [
        .executableTarget(name: "Dependent", dependencies: [.product(name: "PEFTKit", package: "PEFTKit")])
    ]
)
