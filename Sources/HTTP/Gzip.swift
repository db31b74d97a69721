import CZlib
import Foundation

/// Texts compressed for the network (RFC 1952): scripts and styles shrink to a quarter.
enum Gzip {
  /// - Returns: nil if there is not enough memory.
  static func packed(_ data: Data) -> Data? {
    var stream = z_stream()
    // 15 bits of window, and 16 for gzip's head.
    let begun = deflateInit2_(
      &stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size))
    guard begun == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var packed = Data(count: Int(deflateBound(&stream, uLong(data.count))))
    var input = data
    let code = input.withUnsafeMutableBytes { input in
      packed.withUnsafeMutableBytes { output in
        stream.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.avail_in = uInt(input.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.avail_out = uInt(output.count)
        return deflate(&stream, Z_FINISH)
      }
    }
    guard code == Z_STREAM_END else { return nil }
    return packed.prefix(Int(stream.total_out))
  }

  /// Whether a client accepts it (RFC 9110, section 12.5.3).
  static func isTaken(by request: Request) -> Bool {
    (request.header("accept-encoding") ?? "").split(separator: ",").contains { item in
      let parts = item.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
      guard let name = parts.first, name == "gzip" || name == "x-gzip" else { return false }
      return !parts.dropFirst().contains { $0.wholeMatch(of: /q=0(\.0{0,3})?/) != nil }
    }
  }
}
