import Basics
import Foundation

/// A file of named arrays of 32-bit floats in the safetensors format, as Python's `safetensors` package reads and
/// writes it: the length of the header (64 bits, little-endian), the header (a JSON object with dtype, shape and
/// data_offsets for each array, and texts under `__metadata__`), and the numbers, little-endian.
///
/// Reading trusts nothing: every offset and size is checked, the arrays must cover the data exactly once, as the format
/// requires, and only `F32` is accepted.
public struct SafeTensors: Sendable, Equatable {
  /// An array of 32-bit floats.
  public struct Tensor: Sendable, Equatable {
    /// The length of each dimension, outermost first.
    public var shape: [Int]
    /// Row-major.
    public var values: [Float]

    public init(shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count)
      self.shape = shape
      self.values = values
    }
  }

  /// The arrays, by name.
  public var tensors: [String: Tensor]
  /// The texts under `__metadata__`.
  public var metadata: [String: String]

  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The size limit for headers, in bytes.
  static let longestHeader = 1 << 20

  /// - Parameter file: what errors call the data.
  /// - Throws: a `Problem` that says what is wrong.
  public init(_ data: Data, file: String) throws {
    let reading = SafeTensorsReading(data: data, file: file)
    let header = try reading.header()
    metadata = [:]
    tensors = [:]
    var spans: [SafeTensorsReading.Span] = []
    let room = data.count - header.end
    for (name, entry) in header.entries.sorted(by: { $0.key < $1.key }) {
      switch entry {
      case .metadata(let texts):
        guard name == "__metadata__" else {
          throw reading.wrong("the tensor '\(name)' has no dtype, shape and data_offsets")
        }
        metadata = texts
      case .tensor(let dtype, let shape, let offsets):
        spans.append(try reading.span(name, dtype, shape, offsets, room: room))
      }
    }
    try reading.checkThatNothingIsBetween(&spans, room: room)
    for span in spans {
      tensors[span.name] = Tensor(shape: span.shape, values: reading.values(span.range, from: header.end))
    }
  }

  /// The bytes of the file. Equal contents give equal bytes: tensors are ordered by name, and the header is padded with
  /// spaces so that the numbers start at a multiple of 8.
  public func encoded() throws -> Data {
    var header: [String: Entry] = metadata.isEmpty ? [:] : ["__metadata__": .metadata(metadata)]
    var end = 0
    let inOrder = tensors.sorted { $0.key < $1.key }
    for (name, tensor) in inOrder {
      header[name] = .tensor(dtype: "F32", shape: tensor.shape, offsets: [end, end + 4 * tensor.values.count])
      end += 4 * tensor.values.count
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = try encoder.encode(header)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    var data = Data(capacity: 8 + text.count + end)
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(text)
    for (_, tensor) in inOrder {
      for value in tensor.values { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
    }
    return data
  }

  fileprivate enum Entry: Codable {
    case tensor(dtype: String, shape: [Int], offsets: [Int])
    case metadata([String: String])

    private enum Key: String, CodingKey { case dtype, shape, offsets = "data_offsets" }

    init(from decoder: any Decoder) throws {
      if decoder.codingPath.last?.stringValue == "__metadata__" {
        self = .metadata(try decoder.singleValueContainer().decode([String: String].self))
        return
      }
      let values = try decoder.container(keyedBy: Key.self)
      self = .tensor(
        dtype: try values.decode(String.self, forKey: .dtype), shape: try values.decode([Int].self, forKey: .shape),
        offsets: try values.decode([Int].self, forKey: .offsets))
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .metadata(let texts):
        var container = encoder.singleValueContainer()
        try container.encode(texts)
      case .tensor(let dtype, let shape, let offsets):
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(dtype, forKey: .dtype)
        try values.encode(shape, forKey: .shape)
        try values.encode(offsets, forKey: .offsets)
      }
    }
  }
}

/// What is wrong with a JSON text, in words for the person who can fix it.
enum JSONFlaw {
  static func describe(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      (context.codingPath + (key.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context): return "'\(path(context, key))' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "'\(path(context))' has the wrong type: \(context.debugDescription)"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty ? "it is not a JSON object" : "'\(path(context))': \(context.debugDescription)"
    default: return "it is not a JSON object"
    }
  }
}

/// The untrusted bytes of a file while it is being read.
private struct SafeTensorsReading {
  let data: Data
  let file: String

  /// Where the numbers of a tensor are, in bytes after the header.
  struct Span {
    var range: Range<Int>
    var name: String
    var shape: [Int]
  }

  func wrong(_ what: String, _ mend: String = "Copy or write it again.") -> Problem {
    Problem(what, at: Place(file: file), mend: mend)
  }

  /// The header, and where it ends.
  func header() throws -> (entries: [String: SafeTensors.Entry], end: Int) {
    guard data.count >= 8 else { throw wrong("this is not a safetensors file: it has \(data.count) bytes") }
    let length = data.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length >= 2, length <= SafeTensors.longestHeader else {
      throw wrong("this is not a safetensors file: its header would have \(length) bytes", "Check the path.")
    }
    guard data.count - 8 >= Int(length) else {
      throw wrong("the file is truncated: its header ends after \(8 + length) bytes, but it has \(data.count)")
    }
    let end = 8 + Int(length), bytes = data[(data.startIndex + 8)..<(data.startIndex + end)]
    do { return (try JSONDecoder().decode([String: SafeTensors.Entry].self, from: bytes), end) } catch {
      throw wrong("the header is not that of a safetensors file: \(JSONFlaw.describe(error))")
    }
  }

  /// - Parameter room: the number of bytes after the header.
  func span(_ name: String, _ dtype: String, _ shape: [Int], _ offsets: [Int], room: Int) throws -> Span {
    guard dtype == "F32" else {
      throw wrong("the tensor '\(name)' has the type \(dtype)", "Write 32-bit floats (F32).")
    }
    var bytes = 4
    for size in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { throw wrong("the tensor '\(name)' has the shape \(shape)") }
      bytes = product
    }
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw wrong("the tensor '\(name)' has the data_offsets \(offsets)")
    }
    guard offsets[1] <= room else {
      throw wrong("the file is truncated: the tensor '\(name)' ends at byte \(offsets[1]) of \(room)")
    }
    guard offsets[1] - offsets[0] == bytes else {
      throw wrong("the tensor '\(name)' has \(offsets[1] - offsets[0]) bytes; its shape \(shape) takes \(bytes)")
    }
    return Span(range: offsets[0]..<offsets[1], name: name, shape: shape)
  }

  /// Sorts the spans. They must cover all of `room`, without gaps and without overlaps.
  func checkThatNothingIsBetween(_ spans: inout [Span], room: Int) throws {
    spans.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = 0
    for (i, span) in spans.enumerated() {
      guard span.range.lowerBound == end else {
        throw wrong(
          span.range.lowerBound < end
            ? "the tensors '\(spans[i - 1].name)' and '\(span.name)' overlap"
            : "\(span.range.lowerBound - end) bytes before the tensor '\(span.name)' belong to no tensor")
      }
      end = span.range.upperBound
    }
    guard end == room else { throw wrong("\(room - end) bytes at its end belong to no tensor") }
  }

  func values(_ range: Range<Int>, from start: Int) -> [Float] {
    data.withUnsafeBytes { raw in
      (0..<range.count / 4).map { i in
        let offset = start + range.lowerBound + 4 * i
        return Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      }
    }
  }
}
