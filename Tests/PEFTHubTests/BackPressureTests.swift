import Foundation
import HubServer
import PEFTHub
import Synchronization
import Testing

@Suite("What takes the bytes more slowly than the network brings them")
struct BackPressureTests {
    @Test("holds the network back: what has arrived and is not taken is little")
    func heldBack() async throws {
        let body = [UInt8](repeating: 7, count: 64 << 20)
        let server = try HubServer { _, _ in HubServer.Reply(200, [:], body) }
        let client = try HTTPClient()
        let url = try #require(URL(string: server.endpoint))
        let taken = Mutex(0)
        let sentMeanwhile = Mutex<Int?>(nil)
        let receiver = HTTPReceiver { _ in
            true
        } take: { bytes in
            let isFirst = taken.withLock { taken in
                defer { taken += bytes.count }
                return taken == 0
            }
            guard isFirst else { return }
            // As a disk that is busy; the server sends meanwhile as much as it can.
            Thread.sleep(forTimeInterval: 1.5)
            sentMeanwhile.withLock { $0 = server.sentBytes }
        }
        let response = try await client.send(HTTPRequest(method: "GET", url: url, headers: [:], timeout: 30), receiver)
        #expect(response.status == 200)
        #expect(taken.withLock { $0 } == body.count)
        let sent = try #require(sentMeanwhile.withLock { $0 })
        #expect(sent > 0 && sent < body.count / 2, "\(sent)")
    }
}
