import Foundation
import Testing

@Suite("On a terminal")
struct TerminalTests {
    private func run(_ arguments: [String], columns: UInt16, results: Bool = false, locale: String = "C.UTF-8") throws
        -> String
    {
        let terminal = try PseudoTerminal(columns: columns)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Peft.executable)
        process.arguments = arguments
        process.environment = ["LC_ALL": locale, "TERM": "xterm"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = results ? terminal.end : FileHandle.nullDevice
        process.standardError = terminal.end
        try process.run()
        let text = try terminal.readToEnd()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        return text
    }

    @Test("training shows a bar that stays within the line", arguments: [80, 40, 20] as [UInt16])
    func bar(columns: UInt16) throws {
        let scene = try Scene()
        let text = try run(scene.arguments(output: "adapter") + ["--epochs", "3"], columns: columns)
        let draws = text.components(separatedBy: "\u{1B}[K").dropLast().map {
            $0.components(separatedBy: "\r").last ?? ""
        }
        #expect(draws.count >= 2)
        for draw in draws { #expect(draw.count < Int(columns), "\(draw)") }
        #expect(draws.allSatisfy { $0.contains("step ") })
        #expect(draws.contains { $0.contains("step 3/3") })
        if columns == 80 {
            for part in ["█", "loss ", "lr ", "tokens/s", "ETA "] { #expect(draws.last?.contains(part) == true) }
        }
        #expect(text.contains("\u{1B}[K\r\nepoch 3: loss "))
    }

    @Test("the bar is ASCII where the locale is no Unicode")
    func ascii() throws {
        let scene = try Scene()
        let text = try run(scene.arguments(output: "adapter"), columns: 80, locale: "C")
        #expect(text.contains("# step 1/1  loss "))
        #expect(!text.contains("█"))
    }

    @Test("predictions and tokens are readable lines, with --json they are JSON")
    func readable() throws {
        let scene = try Scene()
        let predict = ["predict", "--model", scene.path("model"), "--threads", "1", "--text", "good film"]
        let text = try run(predict, columns: 80, results: true)
        #expect(text.hasSuffix("  good film\r\n") && !text.contains("{"))
        #expect(try run(predict + ["--json"], columns: 80, results: true).hasPrefix("{\"label\":"))
        let tokenize = ["tokenize", "--model", scene.path("model"), "--text", "good films"]
        #expect(try run(tokenize, columns: 80, results: true) == "[CLS] good film ##s [SEP]\r\n")
        #expect(try run(tokenize + ["--json"], columns: 80, results: true).hasPrefix("{\"ids\":"))
    }
}
