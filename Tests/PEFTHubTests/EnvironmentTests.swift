import Foundation
import PEFTHub
import TestSupport
import Testing

@Suite("The environment says what it says to Python")
struct EnvironmentTests {
    @Test(
        "where the cache is",
        arguments: [
            ([:], "/home/u/.cache/huggingface/hub"), (["XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
            (["XDG_CACHE_HOME": "/x", "HF_HOME": "/h"], "/h/hub"), (["HF_HOME": "~/h"], "/home/u/h/hub"),
            (["HF_HOME": "/h", "HF_HUB_CACHE": "/c"], "/c"),
            (["HUGGINGFACE_HUB_CACHE": "/old", "HF_HOME": "/h"], "/old"),
            (["HF_HUB_CACHE": "", "HF_HOME": "/h"], "/h/hub"),
        ] as [([String: String], String)]
    )
    func cache(variables: [String: String], path: String) {
        #expect(ModelHub(environment: variables.merging(["HOME": "/home/u"]) { $1 }).cache.path == path)
    }

    @Test("the address, and whether it may be asked")
    func endpoint() {
        #expect(ModelHub(environment: [:]).endpoint == "https://huggingface.co")
        #expect(ModelHub(environment: ["HF_ENDPOINT": "http://127.0.0.1:1/"]).endpoint == "http://127.0.0.1:1/")
        for (name, value, expected) in [
            ("HF_HUB_OFFLINE", "1", true), ("HF_HUB_OFFLINE", "true", true), ("HF_HUB_OFFLINE", "0", false),
            ("TRANSFORMERS_OFFLINE", "YES", true), ("OFFLINE", "1", false),
        ] {
            #expect(ModelHub(environment: [name: value]).isOffline == expected)
        }
    }

    @Test("the token: of the variable, or of the file that logging in writes")
    func token() throws {
        let folder = try TemporaryFolder()
        let home = ["HF_HOME": folder.url.path]
        #expect(ModelHub(environment: home).token == nil)
        try folder.write("hf_file\n".utf8, to: "token")
        #expect(ModelHub(environment: home).token == "hf_file")
        let other = try folder.write("hf_other".utf8, to: "elsewhere").path
        #expect(ModelHub(environment: home.merging(["HF_TOKEN_PATH": other]) { $1 }).token == "hf_other")
        #expect(ModelHub(environment: home.merging(["HF_TOKEN": " hf_variable\n"]) { $1 }).token == "hf_variable")
        #expect(ModelHub(environment: home.merging(["HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]) { $1 }).token == nil)
    }
}
