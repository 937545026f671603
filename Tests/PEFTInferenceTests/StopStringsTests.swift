import PEFTInference
import Testing

@Suite("A stop string ends a text wherever it begins")
struct StopStringsTests {
    /// What comes out piece by piece, and what ended the text.
    private func run(_ pieces: [String], stops: [String]) -> (pieces: [String], found: String?) {
        var watch = StopStrings(stops)
        var output = pieces.map { watch.append($0) }
        if watch.found == nil { output.append(watch.finish()) }
        return (output, watch.found)
    }

    @Test("inside a token, at its beginning and at its end")
    func insideToken() {
        #expect(run(["one. two"], stops: ["."]).pieces == ["one"])
        #expect(run(["one", ". two"], stops: ["."]).pieces == ["one", ""])
        #expect(run(["one. "], stops: [". "]).pieces == ["one"])
    }

    @Test("across several tokens, none of which comes out too early")
    func acrossTokens() {
        let (pieces, found) = run(["Hello", " <", "|e", "nd|", "> more"], stops: ["<|end|>"])
        #expect(pieces == ["Hello", " ", "", "", ""])
        #expect(found == "<|end|>")
    }

    @Test("what only began like one comes out once that is known")
    func falseAlarm() {
        let (pieces, found) = run(["a<", "|en", "try", "<"], stops: ["<|end|>"])
        #expect(pieces == ["a", "", "<|entry", "", "<"])
        #expect(found == nil)
    }

    @Test("a beginning inside a beginning is not missed")
    func overlapping() {
        let (pieces, found) = run(["a", "a", "a", "b"], stops: ["aab"])
        #expect(pieces.joined() == "a")
        #expect(found == "aab")
    }

    @Test("of several strings the one that begins first counts, then the first of the list")
    func several() {
        #expect(run(["xyz"], stops: ["z", "y"]).found == "y")
        #expect(run(["abc"], stops: ["ab", "abc"]).found == "ab")
    }

    @Test("characters of several bytes come out whole")
    func unicode() {
        let (pieces, found) = run(["é", "→", "é!"], stops: ["→é"])
        #expect(pieces == ["é", "", ""])
        #expect(found == "→é")
        #expect(run(["→", "e"], stops: ["→é"]).pieces == ["", "→e", ""])
    }

    @Test("without stop strings everything comes out at once")
    func none() {
        #expect(run(["a", "b"], stops: []).pieces == ["a", "b", ""])
    }
}
