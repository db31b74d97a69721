import Basics
import Foundation

/// Corrupts bytes in some of the ways in which files are damaged by accident or on purpose.
public enum Spoiler {
  private static let words = [
    "", "0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e999", "nan", "inf", "null",
    "~",
    "\u{0}", "\"", "'", ",", ";", "\r\n", "{", "[", "]", "}", ": ", "&a", "*a", "%", "\u{202e}", "\u{1F600}", "../",
    "é", "e\u{301}",
  ]
  private static let numbers: [UInt64] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, .max, 1 << 63]

  public static func spoil(_ input: Data, others: [Data], _ random: inout SeededRandom) -> Data {
    var bytes = Array(input)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let at = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &random)
      let count = min(bytes.count - at, Int.random(in: 1...32, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0: if !bytes.isEmpty { bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
      case 1: if !bytes.isEmpty { bytes[at] = .random(in: .min ... .max, using: &random) }
      case 2: bytes.removeSubrange(at..<at + count)
      case 3: bytes.insert(contentsOf: bytes[at..<at + count], at: at)
      case 4: bytes.removeSubrange(at...)
      case 5:
        let word = words[Int.random(in: 0..<words.count, using: &random)]
        bytes.replaceSubrange(at..<at + min(count, word.utf8.count), with: Array(word.utf8))
      case 6:
        // A length or an offset in a header, in either byte order.
        let number = numbers[Int.random(in: 0..<numbers.count, using: &random)]
        let width = [2, 4, 8][Int.random(in: 0..<3, using: &random)]
        var made = (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
        if Bool.random(using: &random) { made.reverse() }
        for (i, byte) in made.enumerated() where at + i < bytes.count { bytes[at + i] = byte }
      default:
        let other = Array(others[Int.random(in: 0..<others.count, using: &random)])
        let from = other.isEmpty ? 0 : Int.random(in: 0..<other.count, using: &random)
        bytes.replaceSubrange(at..., with: other[from...])
      }
    }
    return Data(bytes)
  }
}
