import Basics
import Foundation
import Yams

/// The documentation of a key in a YAML file.
public struct DocumentedKey: Sendable, Equatable {
  /// `trials.per_participant`, or `questionnaire[].id` for a key of each item in a list.
  public var path: String
  /// The permitted values: `whole number, 0 to 20`.
  public var type: String
  /// The default, as YAML. Empty for sections.
  public var value: String
  /// Whether the key is required.
  public var isRequired: Bool
  /// What the key does, in sentences. Names and values in them stand in backticks.
  public var meaning: String
  /// A sample line for the file. Empty for sections.
  public var example: String
  /// Whether it only groups the keys below it.
  public var isSection: Bool
}

/// One key of a YAML file (`study.yaml`, `analysis.yaml`), declared once: its name, its permitted values, its meaning,
/// and the property of `Root` that it fills. Reading, defaults, canonical form, schema, help and reference all follow
/// from this.
package struct KeyReader<Root>: Sendable {
  package typealias Path<Value> = WritableKeyPath<Root, Value> & Sendable

  package var name: String
  package var type: String
  package var meaning: String
  package var example: String
  package var isRequired = false
  package var read: @Sendable (Node, _ path: String, inout YAMLReader, inout Root) -> Void
  /// The value in the definition, as YAML. Empty for a section.
  package var show: @Sendable (Root) -> String
  /// For a section: its whole content, on one line.
  package var whole: (@Sendable (Root) -> String)?
  /// Reports languages in which a text is missing.
  package var missing: @Sendable (Root, _ path: String, inout YAMLReader) -> Void = { _, _, _ in }
  /// The value that stands for the key in studies older than it. The canonical form of a list's items omits this value,
  /// so that the versions of such studies do not change.
  package var unsaid: String?
  /// What the key adds to the design beyond the default, as YAML, or nil if nothing. Without this function, it is the
  /// result of `show` if that differs from the default's.
  package var ofDesign: (@Sendable (_ root: Root, _ defaults: Root) -> String?)?
  /// The keys below, if it is a section.
  package var children: @Sendable (Root, _ path: String) -> [DocumentedKey] = { _, _ in [] }
  /// A JSON Schema for the permitted values, without the key's own meaning and default.
  /// - Parameters:
  ///   - defaults: the defaults of the keys below, if they are known.
  ///   - types: the names of the trial types.
  package var schema: @Sendable (_ defaults: Root?, _ types: [String]) -> [String: Any]

  package init(
    name: String, type: String, meaning: String, example: String, isRequired: Bool = false,
    read: @escaping @Sendable (Node, _ path: String, inout YAMLReader, inout Root) -> Void,
    show: @escaping @Sendable (Root) -> String, whole: (@Sendable (Root) -> String)? = nil,
    missing: @escaping @Sendable (Root, _ path: String, inout YAMLReader) -> Void = { _, _, _ in },
    ofDesign: (@Sendable (_ root: Root, _ defaults: Root) -> String?)? = nil,
    children: @escaping @Sendable (Root, _ path: String) -> [DocumentedKey] = { _, _ in [] },
    schema: @escaping @Sendable (_ defaults: Root?, _ types: [String]) -> [String: Any]
  ) {
    self.name = name
    self.type = type
    self.meaning = meaning
    self.example = example
    self.isRequired = isRequired
    self.read = read
    self.show = show
    self.whole = whole
    self.missing = missing
    self.ofDesign = ofDesign
    self.children = children
    self.schema = schema
  }

  /// The documentation of this key and of those below it, with the values of `root` as their defaults.
  package func documented(_ root: Root, _ prefix: String) -> [DocumentedKey] {
    let path = prefix.isEmpty ? name : "\(prefix).\(name)"
    let below = children(root, path)
    return [
      DocumentedKey(
        path: path, type: type, value: show(root), isRequired: isRequired, meaning: meaning, example: example,
        isSection: !below.isEmpty)
    ] + below
  }
}

extension KeyReader {
  /// What determines plans, sounds, scales and questions, as YAML. It leaves out wording and everything that equals
  /// `defaults`.
  package static func design(_ keys: [KeyReader<Root>], _ root: Root, _ defaults: Root) -> String? {
    let said = keys.compactMap { key -> String? in
      let value: String? =
        if let ofDesign = key.ofDesign { ofDesign(root, defaults) } else {
          key.show(root) == key.show(defaults) ? nil : key.show(root)
        }
      return value.map { "\(key.name): \($0)" }
    }
    return said.isEmpty ? nil : "{\(said.joined(separator: ", "))}"
  }

  /// Marks wording, and how listeners join and leave: a change of these does not change the design.
  package func besideDesign() -> Self {
    var key = self
    key.ofDesign = { _, _ in nil }
    return key
  }

  /// What reading a file with these values would find wrong with them.
  package static func problems(of root: Root, _ keys: [KeyReader<Root>]) -> [Problem] {
    var reader = YAMLReader(file: "", folder: URL(filePath: "."), known: [])
    var read = root
    if let node = reader.compose(line(keys, root)) { reader.section(node, path: "", keys: keys, into: &read) }
    return reader.problems
  }

  /// All keys and their values in a part, on one line of YAML.
  private static func line<Part>(_ keys: [KeyReader<Part>], _ part: Part) -> String {
    let said = keys.compactMap { key -> String? in
      let value = (key.whole ?? key.show)(part)
      return value == key.unsaid ? nil : "\(key.name): \(value)"
    }
    return "{\(said.joined(separator: ", "))}"
  }

  package static func section<Part>(
    _ name: String, _ path: Path<Part>, _ meaning: String, _ keys: [KeyReader<Part>]
  ) -> Self {
    .init(
      name: name, type: "section", meaning: meaning, example: "",
      read: { node, full, reader, root in reader.section(node, path: full, keys: keys, into: &root[keyPath: path]) },
      show: { _ in "" }, whole: { line(keys, $0[keyPath: path]) },
      missing: { root, full, reader in
        for key in keys { key.missing(root[keyPath: path], "\(full).\(key.name)", &reader) }
      }, ofDesign: { KeyReader<Part>.design(keys, $0[keyPath: path], $1[keyPath: path]) },
      children: { root, full in keys.flatMap { $0.documented(root[keyPath: path], full) } },
      schema: { KeySchema.object(keys, $0?[keyPath: path], types: $1) })
  }

  /// A section whose keys were already explained further up.
  package static func again<Part>(
    _ name: String, _ path: Path<Part>, _ meaning: String, _ keys: [KeyReader<Part>], _ example: String
  ) -> Self { section(name, path, meaning, keys).briefly(example, shown: "as above") }

  /// Documents a section by an example instead of the keys below it.
  /// - Parameter shown: for a section, what to show as its default.
  package func briefly(_ example: String, shown: String = "{}") -> Self {
    var key = self
    key.example = example
    key.children = { _, _ in [] }
    // This is not a default of any key below.
    if whole != nil {
      let schema = schema
      key.show = { _ in shown }
      key.schema = { schema(nil, $1) }
    }
    return key
  }

  /// Marks a key as required depending on other keys. `StudyRules` checks that.
  package func neededElsewhere() -> Self {
    var key = self
    key.missing = { _, _, _ in }
    return key
  }

  /// Marks a key that was added later to the items of a list.
  package func later(unsaid: String) -> Self {
    var key = self
    key.unsaid = unsaid
    return key
  }

  package static func line(
    _ name: String, _ path: Path<String>, required: Bool = false, _ meaning: String, _ example: String
  )
    -> Self
  {
    .init(
      name: name, type: "text", meaning: meaning, example: example, isRequired: required,
      read: { node, full, reader, root in
        if let text = reader.string(node, full, mend: "Write a text, as in: \(example)") { root[keyPath: path] = text }
      }, show: { YAMLText.quoted($0[keyPath: path]) },
      missing: { root, full, reader in
        if required, root[keyPath: path].trimmingCharacters(in: .whitespaces).isEmpty {
          reader.fail("'\(full)' is missing", at: reader.place(of: full), mend: "Write it, as in: \(example)")
        }
      }, schema: { _, _ in KeySchema.scalar(isEmpty: !required) })
  }

  package static func optionalLine(_ name: String, _ path: Path<String?>, _ meaning: String, _ example: String) -> Self
  {
    .init(
      name: name, type: "text, or none", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let text = reader.string(node, full, mend: "Write a text, as in: \(example)") {
          root[keyPath: path] = text == "none" ? nil : text
        }
      }, show: { $0[keyPath: path].map(YAMLText.quoted) ?? "none" }, schema: { _, _ in KeySchema.scalar() })
  }

  package static func number<Value: BinaryFloatingPoint & LosslessStringConvertible & Sendable>(
    _ name: String, _ path: Path<Value>, _ range: ClosedRange<Double>, unit: String = "", _ meaning: String,
    _ example: String
  ) -> Self {
    .init(
      name: name, type: "number, \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit)", meaning: meaning,
      example: example,
      read: { node, full, reader, root in
        if let value = reader.number(node, full, in: range, unit: unit) { root[keyPath: path] = Value(value) }
      }, show: { Double($0[keyPath: path].description)?.cellText ?? "" }, schema: { _, _ in KeySchema.number(range) })
  }

  /// From a lower to an upper number, which may be equal: `[0.1, 0.5]`.
  package static func range(
    _ name: String, _ path: Path<ClosedRange<Double>>, within range: ClosedRange<Double>, unit: String = "",
    _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name,
      type: "list of two numbers, \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit)",
      meaning: meaning,
      example: example,
      read: { node, full, reader, root in
        let items = node.sequence.map(Array.init) ?? []
        let ends = items.enumerated().compactMap { reader.number($1, "\(full)[\($0)]", in: range, unit: unit) }
        if ends.count == 2, ends[0] <= ends[1] {
          root[keyPath: path] = ends[0]...ends[1]
        } else if items.count != 2 || ends.count == 2 {
          reader.fail(
            "'\(full)' is not two numbers, the lower first", at: reader.place(node), mend: "Write it as in: \(example)")
        }
      }, show: { "[\($0[keyPath: path].lowerBound.cellText), \($0[keyPath: path].upperBound.cellText)]" },
      schema: { _, _ in ["type": "array", "items": KeySchema.number(range), "minItems": 2, "maxItems": 2] })
  }

  /// `word` says what the absence of a number means.
  package static func optionalNumber(
    _ name: String, _ path: Path<Double?>, _ range: ClosedRange<Double>, unit: String = "", or word: String,
    _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "number, \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit), or \(word)",
      meaning: meaning, example: example,
      read: { node, full, reader, root in
        if node.scalar?.string == word {
          root[keyPath: path] = nil
        } else if let value = reader.number(node, full, in: range, unit: unit, or: word) {
          root[keyPath: path] = value
        }
      }, show: { $0[keyPath: path]?.cellText ?? word },
      schema: { _, _ in ["anyOf": [KeySchema.number(range), ["enum": [word]]]] })
  }

  package static func integer(
    _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, unit: String = "", _ meaning: String,
    _ example: String
  ) -> Self {
    .init(
      name: name, type: "whole number, \(range.lowerBound) to \(range.upperBound)\(unit)", meaning: meaning,
      example: example,
      read: { node, full, reader, root in
        if let value = reader.integer(node, full, in: range, unit: unit) { root[keyPath: path] = value }
      }, show: { String($0[keyPath: path]) }, schema: { _, _ in KeySchema.integer(range) })
  }

  package static func optionalInteger(
    _ name: String, _ path: Path<Int?>, _ range: ClosedRange<Int>, or word: String, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "whole number, \(range.lowerBound) to \(range.upperBound), or \(word)", meaning: meaning,
      example: example,
      read: { node, full, reader, root in
        if node.scalar?.string == word {
          root[keyPath: path] = nil
        } else if let value = reader.integer(node, full, in: range, unit: "", or: word) {
          root[keyPath: path] = value
        }
      }, show: { $0[keyPath: path].map(String.init) ?? word },
      schema: { _, _ in ["anyOf": [KeySchema.integer(range), ["enum": [word]]]] })
  }

  package static func seed(_ name: String, _ path: Path<UInt64>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "whole number from 0", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let value = reader.integer(node, full, in: 0...Int.max, unit: "") { root[keyPath: path] = UInt64(value) }
      }, show: { String($0[keyPath: path]) }, schema: { _, _ in ["type": "integer", "minimum": 0] })
  }

  package static func flag(_ name: String, _ path: Path<Bool>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "true or false", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let value = reader.flag(node, full) { root[keyPath: path] = value }
      }, show: { String($0[keyPath: path]) }, schema: { _, _ in KeySchema.flag })
  }

  /// - Parameter all: the permitted choices, if not all cases are.
  package static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Choice>, of all: [Choice] = Array(Choice.allCases), _ meaning: String,
    _ example: String
  ) -> Self {
    let words = all.map(\.rawValue)
    return .init(
      name: name, type: words.or, meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let choice: Choice = reader.choice(node, full, of: words) { root[keyPath: path] = choice }
      }, show: { $0[keyPath: path].rawValue }, schema: { _, _ in ["enum": words] })
  }

  /// `word` says what holds if the key is missing.
  package static func optionalChoice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Choice?>, or word: String, _ meaning: String, _ example: String
  ) -> Self {
    let words = Choice.allCases.map(\.rawValue)
    return .init(
      name: name, type: words.or, meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let choice: Choice = reader.choice(node, full, of: words) { root[keyPath: path] = choice }
      }, show: { $0[keyPath: path]?.rawValue ?? word }, schema: { _, _ in ["enum": words] })
  }

  package static func numbers(
    _ name: String, _ path: Path<[Double]>, _ range: ClosedRange<Double>, unit: String, _ meaning: String,
    _ example: String
  ) -> Self {
    .init(
      name: name, type: "list of numbers, \(range.lowerBound.cellText) to \(range.upperBound.cellText)\(unit)",
      meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let sequence = node.sequence else {
          reader.fail("'\(full)' is not a list", at: reader.place(node), mend: "Write it as in: \(example)")
          return
        }
        root[keyPath: path] = sequence.enumerated().compactMap { i, item in
          reader.number(item, "\(full)[\(i)]", in: range, unit: unit)
        }
      }, show: { "[\($0[keyPath: path].map(\.cellText).joined(separator: ", "))]" },
      schema: { _, _ in ["type": "array", "items": KeySchema.number(range)] })
  }

  /// A value with its own notation. `word` says what its absence means.
  package static func form<Value: CustomStringConvertible & Sendable>(
    _ name: String, _ path: Path<Value?>, _ type: String, or word: String, pattern: String,
    _ make: @escaping @Sendable (String) -> Value?, _ meaning: String, _ example: String
  ) -> Self {
    .init(
      name: name, type: "\(type), or \(word)", meaning: meaning, example: example,
      read: { node, full, reader, root in
        let mend = "Write \(word), or as in: \(example)"
        guard let text = reader.string(node, full, mend: mend) else { return }
        root[keyPath: path] = nil
        guard text != word else { return }
        guard let value = make(text) else {
          reader.fail("'\(full)' is '\(text)'", at: reader.place(node), mend: mend)
          return
        }
        root[keyPath: path] = value
      }, show: { $0[keyPath: path]?.description ?? word },
      schema: { _, _ in ["anyOf": [["type": "string", "pattern": pattern], ["enum": [word]]]] })
  }

  package static func names(_ name: String, _ path: Path<[String]>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "list of names", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let names = reader.names(node, full) { root[keyPath: path] = names }
      }, show: { "[\($0[keyPath: path].joined(separator: ", "))]" }, schema: { _, _ in KeySchema.names })
  }

  /// A list of sections, such as the questionnaire.
  package static func list<Part: Sendable>(
    _ name: String, _ path: Path<[Part]>, new: @escaping @Sendable (Root) -> Part, _ meaning: String,
    _ keys: [KeyReader<Part>]
  ) -> Self {
    .init(
      name: name, type: "list of sections", meaning: meaning, example: "",
      read: { node, full, reader, root in
        guard let sequence = node.sequence else {
          reader.fail("'\(full)' is not a list", at: reader.place(node), mend: "Start each item with a dash.")
          return
        }
        let holder = root
        root[keyPath: path] = sequence.enumerated().map { i, item in
          var part = new(holder)
          reader.remember("\(full)[\(i)]", item)
          reader.section(item, path: "\(full)[\(i)]", keys: keys, into: &part)
          return part
        }
      },
      show: { root in
        let parts = root[keyPath: path].map { line(keys, $0) }
        return "[\(parts.joined(separator: ", "))]"
      },
      missing: { root, full, reader in
        for (i, part) in root[keyPath: path].enumerated() {
          for key in keys { key.missing(part, "\(full)[\(i)].\(key.name)", &reader) }
        }
      },
      ofDesign: { root, _ in
        let parts = root[keyPath: path].map { KeyReader<Part>.design(keys, $0, new(root)) ?? "{}" }
        return parts.isEmpty ? nil : "[\(parts.joined(separator: ", "))]"
      },
      children: { root, full in keys.flatMap { $0.documented(new(root), "\(full)[]") } },
      schema: { ["type": "array", "items": KeySchema.object(keys, $0.map(new), types: $1)] })
  }
}
