import Basics
import Foundation
import Synchronization

/// An open file, or a range of it, that is being sent to a client. It is closed when nobody needs it any more.
final class FileSlice: Sendable {
  let offset: Int
  let count: Int
  private let descriptor: Mutex<CInt?>

  init(descriptor: CInt?, offset: Int, count: Int) {
    self.descriptor = Mutex(descriptor)
    self.offset = offset
    self.count = count
  }

  /// Hands the descriptor to somebody who will close it; nil if it was already handed over.
  func take() -> CInt? {
    descriptor.withLock { held in
      defer { held = nil }
      return held
    }
  }

  /// Hands the descriptor to a slice that is a part of this one.
  func part(_ range: Range<Int>) -> FileSlice {
    FileSlice(descriptor: take(), offset: offset + range.lowerBound, count: range.count)
  }

  deinit { if let open = take() { close(open) } }
}

extension Response {
  /// A file, with an entity tag and support for `If-None-Match` (304), `Range` with a single range (206, 416) and
  /// `If-Range`. For large files, the kernel sends the bytes from the file to the socket.
  ///
  /// - Parameters:
  ///   - etag: without quotation marks; changes whenever the bytes do.
  ///   - cache: the `Cache-Control` header.
  ///   - isLasting: whether the content at this address stays the same while the server runs.
  /// - Throws: `Refusal.notFound` if the path is not a regular file that can be read; 503 if the system has no descriptors
  ///   left.
  public static func file(
    _ path: String, for request: Request, type: String, etag: String, cache: String, isLasting: Bool = false
  ) throws -> Response {
    let tag = "\"\(etag)\""
    let conditions = Conditions(request, tag: tag)
    var headers = [Header("ETag", tag), Header("Cache-Control", cache)]
    if conditions.areMet { return Response(304, headers: headers) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Refusal.ofFile(errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Refusal.notFound
    }
    let size = Int(status.st_size)
    let slice = FileSlice(descriptor: descriptor, offset: 0, count: size)
    headers += [Header("Content-Type", type), Header("Accept-Ranges", "bytes")]
    if let range = try conditions.range(of: size) {
      headers.append(Conditions.contentRange(range, of: size))
      return Response(206, headers: headers, file: slice.part(range))
    }
    var whole = Response(200, headers: headers, file: slice)
    whole.isLasting = isLasting && size <= WireResponse.largestRead
    return whole
  }
}

extension Refusal {
  /// The refusal for a file that cannot be opened, by the system's error number.
  static func ofFile(_ code: CInt) -> Refusal {
    [EMFILE, ENFILE, ENOMEM, EINTR, EIO].contains(code) ? .busy : .notFound
  }
}

/// The `Range` header's single range of bytes. Several ranges, other units and unreadable headers give nil: such a header
/// must be ignored (RFC 9110, 14.2). A number may have any length; it may then be larger than any file.
enum ByteRange: Equatable {
  case satisfiable(Range<Int>)
  case unsatisfiable

  init?(_ header: String, of size: Int) {
    guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
    let ends = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
    let (first, last) = (ByteRange.number(ends[0]), ByteRange.number(ends[1]))
    switch (first, last) {
    case (nil, let last?): self = last == 0 || size == 0 ? .unsatisfiable : .satisfiable(size - min(size, last)..<size)
    case (let first?, let last):
      if let last, last < first { return nil }
      self = first >= size ? .unsatisfiable : .satisfiable(first..<min(size - 1, last ?? .max) + 1)
    case (nil, nil): return nil
    }
  }

  /// nil if there are no digits; the largest integer for every larger number.
  private static func number(_ digits: String) -> Int? { digits.isEmpty ? nil : Int(digits) ?? .max }
}
