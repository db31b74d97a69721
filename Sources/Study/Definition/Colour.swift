import Foundation

/// An sRGB colour, written `#2f49c4` or, in short, `#24c`.
public struct Colour: Sendable, Hashable, CustomStringConvertible {
  /// From 0 to 255.
  public let red, green, blue: UInt8

  /// Nil if the text has another form.
  public init?(_ text: String) {
    guard text.wholeMatch(of: /#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})/) != nil else { return nil }
    let figures = text.dropFirst().flatMap { text.count == 4 ? [$0, $0] : [$0] }
    let parts = stride(from: 0, to: 6, by: 2).compactMap { UInt8(String(figures[$0...$0 + 1]), radix: 16) }
    (red, green, blue) = (parts[0], parts[1], parts[2])
  }

  private init(_ parts: [Double]) {
    let whole = parts.map { UInt8(max(0, min(255, $0.rounded()))) }
    (red, green, blue) = (whole[0], whole[1], whole[2])
  }

  public var description: String {
    "#" + parts.map { ($0 < 16 ? "0" : "") + String(Int($0), radix: 16) }.joined()
  }

  private var parts: [Double] { [red, green, blue].map(Double.init) }

  /// Relative luminance (WCAG 2.2), from 0 (black) to 1 (white).
  public var luminance: Double {
    let linear = parts.map { part in
      let share = part / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  /// Contrast ratio (WCAG 2.2), from 1 (equal luminance) to 21 (black on white).
  public func contrast(with other: Colour) -> Double {
    let (darker, lighter) = (min(luminance, other.luminance), max(luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)
  }

  /// This colour mixed in sRGB with a share (0 to 1) of another.
  public func mixed(with other: Colour, share: Double) -> Colour {
    Colour(zip(parts, other.parts).map { (1 - share) * $0 + share * $1 })
  }

  /// The nearest colour, on the way from this one to black or to white, that has at least this contrast ratio with
  /// `other`. Black or white if none has.
  public func reaching(_ contrast: Double, with other: Colour) -> Colour {
    let end = other.luminance > 0.18 ? Colour.black : .white
    let steps = (0...50).lazy.map { mixed(with: end, share: Double($0) / 50) }
    return steps.first { $0.contrast(with: other) >= contrast } ?? end
  }

  static let black = Colour([0, 0, 0])
  static let white = Colour([255, 255, 255])
}
