import Foundation

/// MD5 (RFC 1321), for programs that support nothing better, such as nginx's `secure_link`. It proves nothing if
/// somebody else can influence what is hashed.
public enum MD5 {
  /// The 16-byte hash of all bytes.
  public static func hash(_ data: Data) -> Data {
    var message = [UInt8](data)
    let bits = UInt64(message.count) * 8
    message.append(0x80)
    message += [UInt8](repeating: 0, count: (120 - message.count % 64) % 64)
    withUnsafeBytes(of: bits.littleEndian) { message += $0 }
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
    for block in stride(from: 0, to: message.count, by: 64) {
      let words = (0..<16).map { i in
        (0..<4).reduce(UInt32(0)) { $0 | UInt32(message[block + 4 * i + $1]) << UInt32(8 * $1) }
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      for i in 0..<64 {
        let (mixed, word) =
          switch i / 16 {
          case 0: (b & c | ~b & d, i)
          case 1: (d & b | ~d & c, (5 * i + 1) % 16)
          case 2: (b ^ c ^ d, (3 * i + 5) % 16)
          default: (c ^ (b | ~d), (7 * i) % 16)
          }
        let sum = a &+ mixed &+ sines[i] &+ words[word]
        let turn = turns[4 * (i / 16) + i % 4]
        (a, d, c, b) = (d, c, b, b &+ (sum << turn | sum >> (32 - turn)))
      }
      for (i, part) in [a, b, c, d].enumerated() { state[i] &+= part }
    }
    return state.reduce(into: Data()) { hash, part in
      withUnsafeBytes(of: part.littleEndian) { hash.append(contentsOf: $0) }
    }
  }

  private static let sines = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) }
  private static let turns: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
}
