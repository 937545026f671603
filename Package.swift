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

/// The command line's own dependencies; a library user who disables the default traits does not fetch them.
let commandLine: [Target.Dependency] = [
    .product(name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["CommandLine"])),
    .product(name: "Yams", package: "Yams", condition: .when(traits: ["CommandLine"])),
]

let package = Package(
    name: "PEFTKit",
    products: [
        .library(name: "PEFTKit", targets: ["PEFTKit"]),
        .library(name: "PEFTLogging", targets: ["PEFTLogging"]),
        // For the benchmark suite in Benchmarks, which sees nothing that is `package`; an application has no use for it.
        .library(name: "PEFTMeasurements", targets: ["PEFTMeasurements"]),
        .executable(name: "peft", targets: ["peft"]),
    ],
    traits: [
        .default(enabledTraits: ["CommandLine", "Logging"]),
        .trait(name: "CommandLine", description: "The `peft` command and what only it depends on."),
        .trait(name: "Logging", description: "`PEFTLogging`, which sends what a run does to swift-log."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
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
        .target(name: "CDigests"),
        layer("Digests", ["CDigests"]),
        .target(name: "CTransfer"),
        layer("PEFTHub", ["PEFTFormats", "Digests", "CTransfer"]),
        layer("PEFTTokenizers", ["PEFTFormats"]),
        layer("PEFTModels", ["PEFTAutograd", "PEFTFormats"]),
        layer("PEFTMethods", ["PEFTModels"]),
        .target(name: "CMeasurements"),
        layer("PEFTMeasurements", ["PEFTTensor", "CKernels", "CMeasurements"]),
        layer("TextFiles", []),
        layer("PEFTTraining", ["PEFTMethods", "PEFTTokenizers", "PEFTFormats", "TextFiles"]),
        layer("PEFTInference", ["PEFTMethods", "PEFTTokenizers"]),
        layer("PEFTReports", ["PEFTFormats", "PEFTTraining"]),
        layer("PEFTKit", ["PEFTTraining", "PEFTInference", "PEFTReports", "PEFTHub"]),
        layer(
            "PEFTLogging",
            ["PEFTTraining", .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Logging"]))]
        ),
        .executableTarget(name: "peft", dependencies: ["PEFTKit"] + commandLine, swiftSettings: settings),
        layer("ReviewCorpus", ["TextFiles", "Digests"]),
        .executableTarget(name: "prepare-reviews", dependencies: ["ReviewCorpus"], swiftSettings: settings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .target(
            name: "TestModels",
            dependencies: ["PEFTTraining", "PEFTMethods", "PEFTFormats"],
            path: "Tests/TestModels",
            swiftSettings: settings
        ),
        .target(name: "DocumentationExamples", path: "Tests/DocumentationExamples", swiftSettings: settings),
        .executableTarget(
            name: "extract-examples",
            dependencies: ["DocumentationExamples"],
            path: "Tests/extract-examples",
            swiftSettings: settings
        ),
        .plugin(name: "ExtractExamples", capability: .buildTool(), dependencies: ["extract-examples"]),
        // The examples of the documentation, which the plugin takes out of it.
        .executableTarget(
            name: "documentation-programs",
            dependencies: [
                "PEFTKit", "PEFTLogging", "TestModels",
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Logging"])),
            ],
            path: "Tests/documentation-programs",
            swiftSettings: settings,
            plugins: ["ExtractExamples"]
        ),
        .target(
            name: "HubServer",
            dependencies: ["Digests", "PEFTFormats"],
            path: "Tests/HubServer",
            swiftSettings: settings
        ),
        tests("PEFTTensorTests", ["PEFTTensor", "CKernels"]),
        tests("PEFTMeasurementsTests", ["PEFTMeasurements", "PEFTTraining", "TestModels"]),
        tests("PEFTAutogradTests", ["PEFTAutograd", "PEFTTensor", "CKernels"]),
        tests("PEFTFormatsTests", ["PEFTFormats", "PEFTTensor"]),
        tests("DigestsTests", ["Digests"]),
        tests("PEFTHubTests", ["PEFTHub", "PEFTFormats", "Digests", "HubServer"]),
        tests("PEFTTokenizersTests", ["PEFTTokenizers", "PEFTFormats"]),
        tests("PEFTModelsTests", ["PEFTModels", "TestModels"]),
        tests("PEFTMethodsTests", ["PEFTMethods", "TestModels"]),
        tests("PEFTTrainingTests", ["PEFTKit", "PEFTTraining", "TestModels"]),
        tests("PEFTLoggingTests", ["PEFTLogging", "TestModels"]),
        tests("PEFTInferenceTests", ["PEFTInference", "TestModels"]),
        tests("PEFTReportsTests", ["PEFTReports", "PEFTTraining", "PEFTFormats"]),
        tests("GoldenTests", ["PEFTTraining", "PEFTInference", "PEFTTokenizers", "PEFTFormats", "TestModels"]),
        tests("TextFilesTests", ["TextFiles"]),
        tests("CommandLineTests", ["peft", "PEFTFormats", "HubServer"]),
        tests("ReviewCorpusTests", ["ReviewCorpus", "TextFiles"]),
        tests("DocumentationTests", ["DocumentationExamples", "documentation-programs", "peft"]),
    ],
    swiftLanguageModes: [.v6]
)
