import Foundation

/// A type whose JSON form cannot be read from its properties.
protocol Described: Decodable {
  /// The JSON Schema of the type.
  static func schema(_ reader: inout ShapeReader) -> [String: Any]
  /// Any value. Only its shape is used.
  static var example: Self { get }
}

/// Derives the JSON Schema of a type from the type itself: it is decoded from nothing, and the keys and types that it
/// asks for are recorded. So the description of the interface cannot differ from what is actually decoded.
struct ShapeReader {
  /// The schemas of objects, by name.
  private(set) var objects: [String: [String: Any]] = [:]

  /// The schema of a type. For an object, a reference into `objects`.
  mutating func schema<T: Decodable>(_ type: T.Type) -> [String: Any] {
    if let primitive = ShapeReader.primitive(type) { return ["type": primitive] }
    if let optional = type as? any AnyOptional.Type { return optional.schema(&self) }
    if let list = type as? any AnyList.Type { return list.schema(&self) }
    if let described = type as? any Described.Type { return described.schema(&self) }
    let name = ShapeReader.name(type)
    if objects[name] == nil {
      // Entered before its properties, which may refer to it.
      objects[name] = [:]
      let (keys, reader) = ShapeReader.keys(of: type, self)
      self = reader
      var object: [String: Any] = ["type": "object", "properties": keys.mapValues(\.schema)]
      let required = keys.filter(\.value.isRequired).keys.sorted()
      if !required.isEmpty { object["required"] = required }
      objects[name] = object
    }
    return ["$ref": "#/components/schemas/\(name)"]
  }

  private static func primitive(_ type: any Decodable.Type) -> String? {
    switch type {
    case is String.Type: "string"
    case is Int.Type: "integer"
    case is Double.Type: "number"
    case is Bool.Type: "boolean"
    default: nil
    }
  }

  /// The type's name without its module, such as `SessionView.Study`.
  private static func name(_ type: any Decodable.Type) -> String {
    let whole = String(reflecting: type)
    let words = whole.split(separator: "<").map { $0.split(separator: ".").dropFirst().joined(separator: ".") }
    return words.joined(separator: ".").filter { $0 != ">" }
  }

  private static func keys<T: Decodable>(of type: T.Type, _ reader: ShapeReader) -> (
    [String: Recorder.Property], ShapeReader
  ) {
    let recorder = Recorder(reader)
    _ = try? T(from: recorder)
    return (recorder.keys, recorder.reader)
  }
}

/// Records what a type asks for, and returns arbitrary values.
private final class Recorder: Decoder {
  struct Property {
    var schema: [String: Any]
    var isRequired: Bool
  }

  var reader: ShapeReader
  var keys: [String: Property] = [:]
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]

  init(_ reader: ShapeReader) { self.reader = reader }

  func container<K: CodingKey>(keyedBy type: K.Type) throws -> KeyedDecodingContainer<K> {
    KeyedDecodingContainer(Keyed<K>(recorder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { Nothing() }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { Single(recorder: self) }

  /// An arbitrary value of a type.
  func value<T: Decodable>(_ type: T.Type) throws -> T {
    if let described = type as? any Described.Type, let example = described.example as? T { return example }
    let values: [Any] = ["", 0, 0.0, false]
    if let value = values.first(where: { Swift.type(of: $0) == type }) as? T { return value }
    return try T(from: Recorder(reader))
  }

  struct Keyed<K: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: Recorder
    let codingPath: [any CodingKey] = []
    let allKeys: [K] = []

    func contains(_ key: K) -> Bool { true }
    func decodeNil(forKey key: K) throws -> Bool { false }

    private func note<T: Decodable>(_ type: T.Type, _ key: K, isRequired: Bool) {
      // Optional properties may also be null.
      let schema = isRequired ? recorder.reader.schema(type) : recorder.reader.schema(T?.self)
      recorder.keys[JSONNames.snake(key.stringValue)] = Property(schema: schema, isRequired: isRequired)
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: K) throws -> T {
      note(type, key, isRequired: true)
      return try recorder.value(type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: K) throws -> T? {
      note(type, key, isRequired: false)
      return nil
    }

    // The protocol's default implementations of these would first ask whether the key exists.
    func decodeIfPresent(_ type: Bool.Type, forKey key: K) throws -> Bool? { optional(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: K) throws -> String? { optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: K) throws -> Double? { optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: K) throws -> Int? { optional(type, key) }

    private func optional<T: Decodable>(_ type: T.Type, _ key: K) -> T? {
      note(type, key, isRequired: false)
      return nil
    }

    func nestedContainer<N: CodingKey>(keyedBy type: N.Type, forKey key: K) throws -> KeyedDecodingContainer<N> {
      try recorder.container(keyedBy: type)
    }
    func nestedUnkeyedContainer(forKey key: K) throws -> any UnkeyedDecodingContainer { Nothing() }
    func superDecoder() throws -> any Decoder { recorder }
    func superDecoder(forKey key: K) throws -> any Decoder { recorder }
  }

  struct Single: SingleValueDecodingContainer {
    let recorder: Recorder
    let codingPath: [any CodingKey] = []

    func decodeNil() -> Bool { false }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try recorder.value(type) }
  }

  /// An empty list.
  struct Nothing: UnkeyedDecodingContainer {
    let codingPath: [any CodingKey] = []
    let count: Int? = 0
    let isAtEnd = true
    let currentIndex = 0

    private var end: DecodingError {
      .valueNotFound(Any.self, .init(codingPath: [], debugDescription: "the list is empty"))
    }

    func decodeNil() throws -> Bool { true }
    func decode<T: Decodable>(_ type: T.Type) throws -> T { throw end }
    func nestedContainer<N: CodingKey>(keyedBy type: N.Type) throws -> KeyedDecodingContainer<N> { throw end }
    func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw end }
    func superDecoder() throws -> any Decoder { throw end }
  }
}

// MARK: Types that hold others

private protocol AnyList { static func schema(_ reader: inout ShapeReader) -> [String: Any] }

extension Array: AnyList where Element: Decodable {
  fileprivate static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["type": "array", "items": reader.schema(Element.self)]
  }
}

extension Dictionary: AnyList where Key == String, Value: Decodable {
  fileprivate static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["type": "object", "additionalProperties": reader.schema(Value.self)]
  }
}

private protocol AnyOptional { static func schema(_ reader: inout ShapeReader) -> [String: Any] }

extension Optional: AnyOptional where Wrapped: Decodable {
  fileprivate static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["anyOf": [reader.schema(Wrapped.self), ["type": "null"]]]
  }
}
