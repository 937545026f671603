// swift-tools-version: 6.1

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library layer; its dependencies are the arrows of `Documentation/Architecture.md`.
func layer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies + ["TestSupport"],
        resources: resources,
        swiftSettings: settings
    )
}

/// The command line's own dependency; a library user who disables the default traits does not fetch it.
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser",
    condition: .when(traits: ["CommandLine"])
)

let package = Package(
    name: "PEFTKit",
    products: [
        .library(name: "PEFTKit", targets: ["PEFTKit"]),
        .executable(name: "peft", targets: ["peft"]),
    ],
    traits: [
        .default(enabledTraits: ["CommandLine"]),
        .trait(name: "CommandLine", description: "The `peft` command and what only it depends on."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
    ],
    targets: [
        .systemLibrary(
            name: "CBLAS",
            providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]
        ),
        .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
        layer("PEFTTensor", ["CBLAS", "CKernels"]),
        layer("PEFTAutograd", ["PEFTTensor", "CKernels"]),
        layer("PEFTFormats", ["PEFTTensor"]),
        layer("PEFTTokenizers", ["PEFTFormats"]),
        layer("PEFTModels", ["PEFTAutograd", "PEFTFormats"]),
        layer("PEFTMethods", ["PEFTModels"]),
        layer("TextFiles", []),
        layer("PEFTTraining", ["PEFTMethods", "PEFTTokenizers", "PEFTFormats", "TextFiles"]),
        layer("PEFTInference", ["PEFTMethods", "PEFTTokenizers"]),
        layer("PEFTKit", ["PEFTTraining", "PEFTInference"]),
        .executableTarget(name: "peft", dependencies: ["PEFTKit", argumentParser], swiftSettings: settings),
        layer("ReviewCorpus", ["TextFiles"]),
        .executableTarget(name: "prepare-reviews", dependencies: ["ReviewCorpus"], swiftSettings: settings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .target(
            name: "TestModels",
            dependencies: ["PEFTTraining", "PEFTMethods", "PEFTFormats"],
            path: "Tests/TestModels",
            swiftSettings: settings
        ),
        tests("PEFTTensorTests", ["PEFTTensor", "CKernels"]),
        tests("PEFTAutogradTests", ["PEFTAutograd", "PEFTTensor", "CKernels"]),
        tests("PEFTFormatsTests", ["PEFTFormats", "PEFTTensor"]),
        tests("PEFTTokenizersTests", ["PEFTTokenizers", "PEFTFormats"]),
        tests("PEFTModelsTests", ["PEFTModels", "TestModels"]),
        tests("PEFTMethodsTests", ["PEFTMethods", "TestModels"]),
        tests("PEFTTrainingTests", ["PEFTKit", "PEFTTraining", "TestModels"]),
        tests("PEFTInferenceTests", ["PEFTInference", "TestModels"]),
        tests("GoldenTests", ["PEFTTraining", "PEFTFormats", "TestModels"]),
        tests("TextFilesTests", ["TextFiles"]),
        tests("CommandLineTests", ["peft", "PEFTFormats"]),
        tests("ReviewCorpusTests", ["ReviewCorpus", "TextFiles"]),
    ],
    swiftLanguageModes: [.v6]
)
