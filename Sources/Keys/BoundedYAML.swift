import Basics
import CYaml
import Yams

/// Checks YAML before it is composed, because a short text can stand for a tree that fills all memory: each alias
/// repeats everything in its anchor, which may contain aliases in turn.
package enum BoundedYAML {
  /// The most values that aliases may stand for, in total.
  private static let mostRepeated = 100_000
  /// How deeply sections and lists may be nested.
  private static let deepest = 100

  /// The root of the only document. Nil if there is none.
  /// - Parameter file: what problems call the file.
  /// - Throws: a `Problem` if it is nested too deeply, or its aliases repeat too much; Yams' `YamlError` if it is not
  ///   YAML.
  package static func compose(_ yaml: String, file: String) throws -> Node? {
    var shape = Shape(file: file)
    try shape.check(yaml)
    return try Yams.compose(yaml: yaml)
  }

  private struct Shape {
    let file: String
    /// How many values each open section or list contains, counting itself. The first entry is the document.
    private var open: [(values: Int, anchor: String?)] = [(0, nil)]
    private var values: [String: Int] = [:]
    private var repeated = 0

    init(file: String) { self.file = file }

    /// Stops silently where libyaml cannot go on; Yams then reports the syntax error.
    mutating func check(_ yaml: String) throws {
      var parser = yaml_parser_t()
      guard yaml_parser_initialize(&parser) == 1 else { return }
      defer { yaml_parser_delete(&parser) }
      let bytes = Array(yaml.utf8)
      try bytes.withUnsafeBufferPointer { bytes in
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
        var goesOn = true
        while goesOn {
          var event = yaml_event_t()
          guard yaml_parser_parse(&parser, &event) == 1 else { return }
          defer { yaml_event_delete(&event) }
          goesOn = event.type != YAML_STREAM_END_EVENT
          try take(event)
        }
      }
    }

    private mutating func take(_ event: yaml_event_t) throws {
      func name(_ anchor: UnsafeMutablePointer<UInt8>?) -> String? { anchor.map { String(cString: $0) } }
      switch event.type {
      case YAML_SCALAR_EVENT: add(1, name(event.data.scalar.anchor))
      case YAML_SEQUENCE_START_EVENT: open.append((1, name(event.data.sequence_start.anchor)))
      case YAML_MAPPING_START_EVENT: open.append((1, name(event.data.mapping_start.anchor)))
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        let closed = open.removeLast()
        add(closed.values, closed.anchor)
      case YAML_ALIAS_EVENT:
        let size = name(event.data.alias.anchor).flatMap { values[$0] } ?? 1
        repeated += size
        add(size, nil)
      default: break
      }
      let place = Place(file: file, line: event.start_mark.line + 1, column: event.start_mark.column + 1)
      guard repeated <= mostRepeated else {
        throw Problem(
          "the aliases up to here repeat more than \(mostRepeated) values", at: place,
          mend: "Write out the values, without *aliases of sections that contain *aliases.")
      }
      guard open.count <= deepest else {
        throw Problem(
          "sections and lists are nested more than \(deepest) deep", at: place,
          mend: "No key of Earshot needs more than five.")
      }
    }

    private mutating func add(_ size: Int, _ anchor: String?) {
      open[open.count - 1].values += size
      if let anchor { values[anchor] = size }
    }
  }
}
