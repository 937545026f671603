// swift-tools-version: 6.1

import PackageDescription

// Programs to start from: copy one and change it. `traits: []` leaves out the command line and what only it needs; in a
// package of your own give the URL in place of the path.
let package = Package(
    name: "Examples",
    dependencies: [
        .package(name: "PEFTKit", path: "..", traits: [])
    ],
    targets: ["Classifier", "CustomMethod", "CustomModel", "ManyAdapters", "LiveEvents"].map { name in
        .executableTarget(name: name, dependencies: [.product(name: "PEFTKit", package: "PEFTKit")])
    },
    swiftLanguageModes: [.v6]
)
