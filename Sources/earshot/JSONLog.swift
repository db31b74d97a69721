import Foundation
import Logging

/// A log for programs: one JSON object per line on standard error, with `time`, `level`, `message` and its details.
struct JSONLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info
  private let write: @Sendable (Data) -> Void

  /// - Parameter write: takes a line.
  init(write: @escaping @Sendable (Data) -> Void = { try? FileHandle.standardError.write(contentsOf: $0) }) {
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line: [String: String] = [:]
    for (name, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) { line[name] = "\(value)" }
    line["time"] = Date().formatted(
      .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    line["level"] = "\(event.level)"
    line["message"] = "\(event.message)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if let text = try? encoder.encode(line) { write(text + Data("\n".utf8)) }
  }
}
