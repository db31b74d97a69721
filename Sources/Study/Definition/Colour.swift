import Foundation

/// A colour of sRGB, as `#2f49c4` or, in short, `#24c`.
public struct Colour: Sendable, Hashable, CustomStringConvertible {
  /// From 0 to 255.
  public let red, green, blue: UInt8

  /// nil where it is written otherwise.
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

  /// From 0, black, to 1, white: relative luminance of WCAG 2.2.
  public var luminance: Double {
    let linear = parts.map { part in
      let share = part / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  /// From 1, the same lightness, to 21, black on white: contrast ratio of WCAG 2.2.
  public func contrast(with other: Colour) -> Double {
    let (darker, lighter) = (min(luminance, other.luminance), max(luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)
  }

  /// This colour with a share (0 to 1) of another, mixed in sRGB.
  public func mixed(with other: Colour, share: Double) -> Colour {
    Colour(zip(parts, other.parts).map { (1 - share) * $0 + share * $1 })
  }

  /// The colour nearest to this one on the way to black or to white that contrasts so with another.
  public func reaching(_ contrast: Double, with other: Colour) -> Colour {
    let end = other.luminance > 0.18 ? Colour.black : .white
    let steps = (0...50).lazy.map { mixed(with: end, share: Double($0) / 50) }
    return steps.first { $0.contrast(with: other) >= contrast } ?? end
  }

  static let black = Colour([0, 0, 0])
  static let white = Colour([255, 255, 255])
}
