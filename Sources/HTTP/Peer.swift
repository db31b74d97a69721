import Foundation

/// An internet address, as 128 bits; an IPv4 address is mapped to IPv6 (`::ffff:192.0.2.1`).
public struct Address: Hashable, Sendable {
  var high: UInt64
  var low: UInt64

  init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// An address as people and headers write it, without brackets and port; nil for anything else.
  init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(four)
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      self.init(six)
    } else {
      return nil
    }
  }

  /// The system's address of the other end of a connection.
  init?(_ address: sockaddr_storage) {
    var address = address
    let family = CInt(address.ss_family)
    let made: Address? = withUnsafeBytes(of: &address) { bytes in
      switch family {
      case AF_INET: Address(bytes.loadUnaligned(as: sockaddr_in.self).sin_addr)
      case AF_INET6: Address(bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr)
      default: nil
      }
    }
    guard let made else { return nil }
    self = made
  }

  private init(_ four: in_addr) {
    self.init(high: 0, low: 0xffff_0000_0000 | UInt64(UInt32(bigEndian: four.s_addr)))
  }

  private init(_ six: in6_addr) {
    (high, low) = withUnsafeBytes(of: six) { bytes in
      (
        UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

  /// The address by which connections are counted. A household can choose among 64 bits of IPv6 addresses.
  var household: Address { isIPv4 ? self : Address(high: high, low: 0) }

  /// The first `count` bits; the others are 0.
  func prefix(_ count: Int) -> Address {
    func mask(_ bits: Int) -> UInt64 { bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits)) }
    return Address(high: high & mask(count), low: low & mask(count - 64))
  }
}

/// An address or a range of addresses: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.
public struct Network: Sendable, Equatable {
  private let base: Address
  private let bits: Int

  /// - Returns: nil if the text is neither.
  public init?(_ text: String) {
    let sides = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let address = Address(sides[0]) else { return nil }
    let longest = address.isIPv4 ? 32 : 128
    var length = longest
    if sides.count == 2 {
      guard sides[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(sides[1]), given <= longest
      else { return nil }
      length = given
    }
    bits = length + 128 - longest
    base = address.prefix(bits)
  }

  func contains(_ address: Address) -> Bool { address.prefix(bits) == base }

  /// This machine's own `127.0.0.1` and `::1`, where a web server in front usually runs.
  public static let thisMachine = ["127.0.0.1", "::1"].compactMap(Network.init)
}

/// The client behind a proxy, by the headers that proxies write.
struct Forwarded {
  private var xForwardedFor: String?
  private var forwarded: String?

  /// Takes note of a header if it says for whom a request was forwarded. Several lines of a name are one list (RFC 9110, 5.3):
  /// a proxy may write its own line behind that of the client.
  mutating func add(_ name: String, _ value: String) {
    switch name.utf8.count == 15 || name.utf8.count == 9 ? name.lowercased() : "" {
    case "x-forwarded-for": xForwardedFor = xForwardedFor.map { "\($0),\(value)" } ?? value
    case "forwarded": forwarded = forwarded.map { "\($0),\(value)" } ?? value
    default: break
    }
  }

  /// The last address in the headers that is not a trusted proxy's; anybody may have invented those before it.
  /// `X-Forwarded-For` counts if it is present, otherwise `Forwarded` (RFC 7239).
  /// - Returns: nil if there is none, or if it is not an address.
  func client(trusting proxies: [Network]) -> Address? {
    guard let list = xForwardedFor ?? forwarded else { return nil }
    // By bytes: whatever a client wrote before a proxy's comma, the two must not become one character.
    var hops = list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Substring($0) }
    if xForwardedFor == nil {
      hops = hops.map { element in
        let pairs = element.utf8.split(separator: UInt8(ascii: ";")).map {
          Substring($0).drop { $0 == " " || $0 == "\t" }
        }
        return pairs.first { $0.lowercased().hasPrefix("for=") }?.dropFirst(4) ?? ""
      }
    }
    for hop in hops.reversed() {
      guard let address = Self.address(hop) else { return nil }
      if !proxies.contains(where: { $0.contains(address) }) { return address }
    }
    return nil
  }

  /// Whether the browser used HTTPS to the first proxy. `X-Forwarded-Proto` counts if it is present, otherwise `Forwarded`.
  static func isSecure(xForwardedProto: String?, forwarded: String?) -> Bool {
    let word =
      if let list = xForwardedProto {
        list.split(separator: ",").first.map(String.init)
      } else {
        (forwarded ?? "").split(separator: ",").first?.split(separator: ";").map {
          $0.trimmingCharacters(in: .whitespaces)
        }.first { $0.lowercased().hasPrefix("proto=") }.map { String($0.dropFirst(6)) }
      }
    return word?.trimmingCharacters(in: CharacterSet(charactersIn: " \t\"")).lowercased() == "https"
  }

  /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`, also in quotation marks.
  private static func address(_ text: Substring) -> Address? {
    let text = text.trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      return Address(String(text[text.index(after: text.startIndex)..<end]))
    }
    let isWithPort = text.utf8.count { $0 == UInt8(ascii: ":") } == 1
    return Address(isWithPort ? String(text.prefix { $0 != ":" }) : text)
  }
}
