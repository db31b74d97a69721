import CMicrohttpd
import Foundation

/// A response as libmicrohttpd sends it. It may be sent many times, by several threads at once.
/// `@unchecked`: libmicrohttpd counts the users of a response under its own lock, and nothing is changed after `init`.
final class WireResponse: @unchecked Sendable {
  let status: UInt32
  /// Bytes of memory that the body takes.
  let size: Int
  private let pointer: OpaquePointer

  /// - Parameter isLast: the connection is closed after it.
  /// - Returns: nil if the file cannot be read or memory is short.
  init?(_ response: Response, isLast: Bool) {
    var status = response.status
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let data): (size, made) = (data.count, WireResponse.copy(data))
    case .made(let make):
      let body = make()
      if body == nil { status = 500 }
      let data = body ?? Response.unsayable
      (size, made) = (data.count, WireResponse.copy(data))
    case .file(let slice) where slice.count <= WireResponse.largestRead:
      size = slice.count
      made = WireResponse.read(slice)
    case .file(let slice):
      size = 0
      made = WireResponse.point(to: slice)
    }
    guard let made else { return nil }
    for header in response.headers { MHD_add_response_header(made, header.name, header.value) }
    if isLast { MHD_add_response_header(made, "Connection", "close") }
    (self.status, pointer) = (UInt32(status), made)
  }

  deinit { MHD_destroy_response(pointer) }

  func send(on connection: OpaquePointer) -> MHD_Result { MHD_queue_response(connection, status, pointer) }

  /// Up to this size, a file is read and sent together with its headers in one system call, which takes half the time of
  /// two. Larger files go from the file to the socket and never through this process's memory.
  static let largestRead = 128 * 1024

  private static func copy(_ data: Data) -> OpaquePointer? {
    data.withUnsafeBytes { bytes in
      MHD_create_response_from_buffer(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
  }

  private static func read(_ slice: FileSlice) -> OpaquePointer? {
    guard let descriptor = slice.take() else { return nil }
    defer { close(descriptor) }
    guard let bytes = malloc(max(1, slice.count)) else { return nil }
    guard pread(descriptor, bytes, slice.count, slice.offset) == slice.count,
      let made = MHD_create_response_from_buffer(slice.count, bytes, .RESPMEM_MUST_FREE)
    else {
      free(bytes)
      return nil
    }
    return made
  }

  private static func point(to slice: FileSlice) -> OpaquePointer? {
    guard let descriptor = slice.take() else { return nil }
    let made = MHD_create_response_from_fd_at_offset64(UInt64(slice.count), descriptor, UInt64(slice.offset))
    if made == nil { close(descriptor) }
    return made
  }
}
