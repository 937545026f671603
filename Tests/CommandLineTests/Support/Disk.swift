import Foundation

/// A file system of its own, mounted on a folder of a scene for as long as this object lives; privileged users only.
final class Disk {
    private let folder: URL
    /// Kept, since a folder with a disk on it cannot be removed.
    private let scene: Scene

    /// Nil where mounting is not allowed.
    init?(in scene: Scene, on name: String, options: String) throws {
        self.scene = scene
        folder = scene.url(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard try Self.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.path) else { return nil }
    }

    deinit {
        // At once, whoever still looks at it.
        _ = try? Self.run("umount", "-l", folder.path)
    }

    private static func run(_ arguments: String...) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
