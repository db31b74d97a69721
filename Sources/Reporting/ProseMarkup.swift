import Basics
import Pages

extension Markup {
  /// A sentence, each number in a `data` element that holds all its digits.
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
  /// A number with what it counts.
  public mutating func appendInterpolation(_ count: Int, _ one: String, _ many: String? = nil) {
    appendInterpolation(count)
    appendInterpolation(" " + OneAndMany.words(count, one, many))
  }
  public mutating func appendInterpolation(number value: Double, digits: Int) {
    html += "<data value=\"\(value)\">\(display(value, digits: digits))</data>"
  }
}
