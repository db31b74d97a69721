import Basics
import Pages

extension Markup {
  /// A sentence with each number in a `data` element that has all its digits.
  public init(_ prose: Prose) {
    self.init(
      prose.pieces.map { piece in
        switch piece {
        case .text(let text): "\(text)"
        case .number(let value, let digits): "\(number: value, digits: digits)"
        }
      }, separator: "")
  }
}

extension Markup.StringInterpolation {
  /// A number followed by what it counts, in the singular or plural.
  public mutating func appendInterpolation(_ count: Int, _ one: String, _ many: String? = nil) {
    appendInterpolation(count)
    appendInterpolation(" " + OneAndMany.words(count, one, many))
  }
  public mutating func appendInterpolation(number value: Double, digits: Int) {
    html += "<data value=\"\(value)\">\(display(value, digits: digits))</data>"
  }
}
