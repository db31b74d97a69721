import Foundation

/// What a request line asks for, decoded: `/t/a%20b?lang=en`.
struct Target {
  var path: [String]
  var query: [String: String]

  /// Decodes strictly, so that nothing which a browser would never send reaches a handler.
  /// - Throws: `Refusal` with status 400.
  init(_ raw: String) throws {
    let halves = raw.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves[0].utf8.first == UInt8(ascii: "/") else { throw Refusal.badTarget }
    path = []
    let pieces = halves[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (i, piece) in pieces.enumerated() {
      // A slash at the end is allowed: `/lab/` is `/lab`.
      if piece.isEmpty, i == pieces.count - 1 { break }
      let part = try Target.decode(piece, plusIsBlank: false)
      guard !part.isEmpty, part != ".", part != "..", !part.utf8.contains(where: { $0 == 0x2f || $0 == 0x5c }) else {
        throw Refusal.badTarget
      }
      path.append(part)
    }
    query = [:]
    guard halves.count == 2 else { return }
    for pair in halves[1].split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try Target.decode(sides[0], plusIsBlank: true)
      if query[name] == nil { query[name] = sides.count == 2 ? try Target.decode(sides[1], plusIsBlank: true) : "" }
    }
  }

  private static func decode(_ text: Substring, plusIsBlank: Bool) throws -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(hex), let low = rest.popFirst().flatMap(hex) else {
          throw Refusal.badTarget
        }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsBlank: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }), let text = String(validating: bytes, as: UTF8.self)
    else {
      throw Refusal.badTarget
    }
    return text
  }

  private static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}

extension Refusal {
  static let badTarget = Refusal(
    400, "bad_address", "The address is not well-formed.", mend: "Use the link exactly as it was given.")
}
