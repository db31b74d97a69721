import Foundation

/// The target of a request line, decoded: `/t/a%20b?lang=en`.
struct Target {
  var path: [String]
  var query: [String: String]
  /// The path ends in a slash: `/lab/`.
  var endsInSlash = false

  var wayToRoot: String { String(repeating: "../", count: max(0, path.count - (endsInSlash ? 0 : 1))) }

  /// Decodes the path strictly, so that nothing that a browser would never send reaches a handler. It decodes the query as
  /// far as it can be read: people who pass a link on may add to it and damage it, and nobody is turned away because of
  /// that. In the query, a percent sign without two digits stands for itself.
  /// - Throws: `Refusal` with status 400.
  init(_ raw: String) throws {
    let halves = raw.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves[0].utf8.first == UInt8(ascii: "/") else { throw Refusal.badTarget }
    path = []
    let pieces = halves[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for (i, piece) in pieces.enumerated() {
      // A slash at the end is allowed: `/lab/` is `/lab`.
      if piece.isEmpty, i == pieces.count - 1 {
        endsInSlash = true
        break
      }
      let part = try Target.decode(piece)
      guard !part.isEmpty, part != ".", part != "..", !part.utf8.contains(where: { $0 == 0x2f || $0 == 0x5c }) else {
        throw Refusal.badTarget
      }
      path.append(part)
    }
    query = [:]
    guard halves.count == 2 else { return }
    for pair in halves[1].split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = Target.read(sides[0])
      if query[name] == nil { query[name] = sides.count == 2 ? Target.read(sides[1]) : "" }
    }
  }

  private static func decode(_ text: Substring) throws -> String {
    let (bytes, isWhole) = unescaped(text)
    guard isWhole, !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }),
      let text = String(validating: bytes, as: UTF8.self)
    else {
      throw Refusal.badTarget
    }
    return text
  }

  /// A name or a value of a query: `+` is a blank, and invalid UTF-8 is replaced.
  private static func read(_ text: Substring) -> String {
    String(decoding: unescaped(text.replacing("+", with: "%20")).bytes, as: UTF8.self)
  }

  /// - Returns: the decoded bytes, and whether each percent sign had two digits.
  private static func unescaped(_ text: Substring) -> (bytes: [UInt8], isWhole: Bool) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var isWhole = true
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2).compactMap(hex)
      if digits.count == 2 {
        bytes.append(digits[0] << 4 | digits[1])
        rest = rest.dropFirst(2)
      } else {
        isWhole = false
        bytes.append(byte)
      }
    }
    return (bytes, isWhole)
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
    400, "bad_address", "The address is not well-formed.", mend: "Use the link exactly as you received it.")
}
