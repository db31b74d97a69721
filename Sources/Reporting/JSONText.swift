import Foundation

/// A JSON value with its keys in the order they were written, so that results.json reads like the report and two runs
/// give the same bytes. Numbers are written with the fewest digits that read back as the same value.
public enum JSONText: Sendable {
  case string(String), number(Double), integer(Int), unsigned(UInt64), bool(Bool), null
  case array([JSONText])
  case object([(String, JSONText)])

  /// - Parameter indent: the depth of indentation; nil for a single line.
  public func text(indent: Int? = 0) -> String {
    var out = ""
    write(to: &out, indent: indent)
    return out
  }

  private func write(to out: inout String, indent: Int?) {
    switch self {
    case .string(let text): Self.quote(text, to: &out)
    case .number(let value):
      out +=
        !value.isFinite ? "null" : value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    case .integer(let value): out += String(value)
    case .unsigned(let value): out += String(value)
    case .bool(let value): out += value ? "true" : "false"
    case .null: out += "null"
    case .array(let items):
      Self.list("[", "]", items.count, to: &out, indent: items.allSatisfy(\.isPlain) ? nil : indent) { i, out, indent in
        items[i].write(to: &out, indent: indent)
      }
    case .object(let pairs):
      let inner = pairs.count <= 30 && pairs.allSatisfy { $0.1.isPlain } && (indent ?? 0) > 2 ? nil : indent
      Self.list("{", "}", pairs.count, to: &out, indent: inner) { i, out, indent in
        Self.quote(pairs[i].0, to: &out)
        out += indent == nil ? ":" : ": "
        pairs[i].1.write(to: &out, indent: indent)
      }
    }
  }

  private var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func list(
    _ open: String, _ close: String, _ count: Int, to out: inout String, indent: Int?,
    _ item: (Int, inout String, Int?) -> Void
  ) {
    out += open
    for i in 0..<count {
      if i > 0 { out += indent == nil ? ", " : "," }
      if let indent { out += "\n" + String(repeating: "  ", count: indent + 1) }
      item(i, &out, indent.map { $0 + 1 })
    }
    if let indent, count > 0 { out += "\n" + String(repeating: "  ", count: indent) }
    out += close
  }

  /// `<`, `>` and `&` are escaped too, so that the text can be put in an HTML script element.
  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..<"\u{20}":
        out += "\\u" + String(scalar.value + 0x10000, radix: 16).dropFirst()
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

extension Cell {
  /// As results.json has it.
  public var json: JSONText {
    switch self {
    case .text(let text): .string(text)
    case .number(let value): .number(value)
    case .count(let value): .integer(value)
    case .flag(let value): .bool(value)
    case .missing: .null
    }
  }
}

extension ResultTable {
  /// An object with `title` and `rows`, where each row is an object with the columns' keys.
  public var json: JSONText {
    .object([
      ("title", .string(title)),
      ("rows", .array(rows.map { row in .object(zip(columns, row).map { ($0.key, $1.json) }) })),
    ])
  }
}
