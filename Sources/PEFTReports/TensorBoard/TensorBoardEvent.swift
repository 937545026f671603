/// One event of an event file: `tensorboard.Event` of TensorBoard's `event.proto`.
struct TensorBoardEvent {
    enum Content {
        /// The first event of every file, which says how the others are to be read.
        case fileVersion(writer: String)
        /// The beginning of a session. From the second one of a run on, TensorBoard drops every event it has of this
        /// step or a later one.
        case sessionStart
        /// A number for each tag.
        case scalars([(tag: String, value: Double)])
        /// A text in Markdown.
        case text(tag: String, markdown: String)
    }

    /// Seconds since 1970.
    let time: Double
    let step: Int
    let content: Content

    /// The event as a message.
    var message: ProtobufMessage {
        var event = ProtobufMessage()
        event.add(time, at: 1)
        // Protocol Buffers leave out what is zero.
        if step != 0 { event.add(step, at: 2) }
        switch content {
        case .fileVersion(let writer):
            var source = ProtobufMessage()
            source.add(writer, at: 1)
            event.add("brain.Event:2", at: 3)
            event.add(source, at: 10)
        case .sessionStart:
            var log = ProtobufMessage()
            log.add(1, at: 1)
            event.add(log, at: 7)
        case .scalars(let scalars):
            var summary = ProtobufMessage()
            for (tag, value) in scalars { summary.add(Self.scalar(tag, value), at: 1) }
            event.add(summary, at: 5)
        case .text(let tag, let markdown):
            var summary = ProtobufMessage()
            summary.add(Self.text(tag, markdown), at: 1)
            event.add(summary, at: 5)
        }
        return event
    }

    /// The event as a record of a TFRecord file: length, masked checksum of the length, message, masked checksum of the
    /// message.
    var record: [UInt8] {
        let body = message.bytes
        let length = littleEndian(UInt64(body.count))
        return length + littleEndian(CRC32C.masked(length)) + body + littleEndian(CRC32C.masked(body))
    }

    private static func scalar(_ tag: String, _ value: Double) -> ProtobufMessage {
        var entry = ProtobufMessage()
        entry.add(tag, at: 1)
        entry.add(Float(value), at: 2)
        return entry
    }

    private static func text(_ tag: String, _ markdown: String) -> ProtobufMessage {
        var plugin = ProtobufMessage()
        plugin.add("text", at: 1)
        var metadata = ProtobufMessage()
        metadata.add(plugin, at: 1)
        var tensor = ProtobufMessage()
        // DT_STRING, a tensor without dimensions, and its one value.
        tensor.add(7, at: 1)
        tensor.add(ProtobufMessage(), at: 2)
        tensor.add(markdown, at: 8)
        var entry = ProtobufMessage()
        entry.add(tag, at: 1)
        entry.add(tensor, at: 8)
        entry.add(metadata, at: 9)
        return entry
    }
}
