import Basics
import Foundation

/// A sentence that keeps its numbers as numbers, so that each output format can write them in its own way.
public struct Prose: Sendable, Equatable, ExpressibleByStringInterpolation {
  /// A part of a sentence.
  public enum Piece: Sendable, Equatable {
    case text(String)
    case number(Double, digits: Int)
  }

  /// In order. Numbers are kept apart, so that files can hold all their digits.
  public private(set) var pieces: [Piece]

  public init(stringLiteral value: String) { pieces = [.text(value)] }
  public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

  public struct StringInterpolation: StringInterpolationProtocol {
    var pieces: [Piece] = []
    public init(literalCapacity: Int, interpolationCount: Int) {}
    public mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { pieces.append(.text(literal)) } }
    public mutating func appendInterpolation(_ text: String) { pieces.append(.text(text)) }
    public mutating func appendInterpolation(_ prose: Prose) { pieces += prose.pieces }
    public mutating func appendInterpolation(_ count: Int) { pieces.append(.number(Double(count), digits: 0)) }
    /// A number followed by what it counts, in the singular or plural.
    public mutating func appendInterpolation(_ count: Int, _ one: String, _ many: String? = nil) {
      appendInterpolation(count)
      appendLiteral(" " + OneAndMany.words(count, one, many))
    }
    public mutating func appendInterpolation(_ value: Double, digits: Int = 2) {
      pieces.append(.number(value, digits: digits))
    }
  }

  /// Two sentences, or parts of them, one after the other.
  public static func + (a: Prose, b: Prose) -> Prose {
    var sum = a
    sum.pieces += b.pieces
    return sum
  }

  /// The sentence as it is read, with each number rounded to its digits.
  public var text: String {
    pieces.map {
      switch $0 {
      case .text(let text): text
      case .number(let value, let digits): display(value, digits: digits)
      }
    }.joined()
  }
}

/// A number to read: with a true minus sign, thousands separators, and no negative zero; a dash if it is not finite.
public func display(_ value: Double, digits: Int) -> String {
  guard value.isFinite else { return "–" }
  var text = String(format: "%.\(digits)f", abs(value))
  let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
  if digits == 0, text.count > 4 {
    var grouped = ""
    for (i, digit) in text.enumerated() {
      if i > 0, (text.count - i) % 3 == 0 { grouped += "\u{202f}" }
      grouped.append(digit)
    }
    text = grouped
  }
  return value < 0 && !isZero ? "−\(text)" : text
}
