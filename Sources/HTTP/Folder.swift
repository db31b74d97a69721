import Basics
import Foundation
import Synchronization

/// A folder whose files are served. Nothing outside it, nothing hidden and no listing can be had through it.
public final class Folder: Sendable {
  private struct Stamp: Hashable {
    var path: String
    var device, inode, size, seconds, nanoseconds: Int
  }

  private let root: String
  private let tags = Mutex<[Stamp: String]>([:])
  /// Texts as they are sent to who takes them packed.
  private let packed = Mutex<[Stamp: Data]>([:])
  /// Below, packing gains less than it costs; above, a file is no page's. In bytes.
  private static let packable = 512...4_000_000

  public init(_ url: URL) { root = url.resolvingSymlinksInPath().path }

  /// The file at `path` below the folder, to be asked for again each time and answered 304 while it is the same.
  /// - Throws: `Refusal.notFound`; 503 where the system has no descriptors left.
  public func file(_ path: [String], for request: Request) throws -> Response {
    guard !path.isEmpty, path.allSatisfy({ !$0.hasPrefix(".") && !$0.contains("/") }) else { throw Refusal.notFound }
    let wanted = root + "/" + path.joined(separator: "/")
    guard let real = realpath(wanted, nil) else { throw Refusal.ofFile(errno) }
    defer { free(real) }
    let resolved = String(cString: real)
    guard resolved.hasPrefix(root + "/") else { throw Refusal.notFound }
    var status = stat()
    guard stat(resolved, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Refusal.notFound }
    let stamp = Stamp(
      path: resolved, device: Int(status.st_dev), inode: Int(status.st_ino), size: Int(status.st_size),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    let known = tags.withLock { $0[stamp] }
    let tag: String
    if let known {
      tag = known
    } else {
      // It was there a moment ago: what keeps it from being read passes.
      guard let hash = try? ContentHash.ofFile(URL(fileURLWithPath: resolved)) else { throw Refusal.busy }
      tag = String(hash.prefix(32))
    }
    if known == nil {
      tags.withLock {
        if $0.count > 1000 { $0.removeAll() }
        $0[stamp] = tag
      }
    }
    let type = MediaType.of(resolved)
    guard MediaType.isText(type), Self.packable.contains(stamp.size) else {
      return try .file(resolved, for: request, type: type, etag: tag, cache: "no-cache")
    }
    var response =
      if Gzip.isTaken(by: request), let data = packed(resolved, stamp) {
        try Response.made(size: data.count, for: request, type: type, etag: tag + "-gzip", cache: "no-cache") {
          data[data.startIndex + $0.lowerBound..<data.startIndex + $0.upperBound]
        }
      } else { try Response.file(resolved, for: request, type: type, etag: tag, cache: "no-cache") }
    response.headers.append(Header("Vary", "Accept-Encoding"))
    if response.headers.contains(where: { $0.value == "\"\(tag)-gzip\"" }), response.status != 304 {
      response.headers.append(Header("Content-Encoding", "gzip"))
    }
    return response
  }

  /// A text, packed once; nil where it cannot be had so.
  private func packed(_ path: String, _ stamp: Stamp) -> Data? {
    if let known = packed.withLock({ $0[stamp] }) { return known }
    guard let made = (try? Data(contentsOf: URL(fileURLWithPath: path))).flatMap(Gzip.packed) else { return nil }
    packed.withLock {
      if $0.count > 1000 { $0.removeAll() }
      $0[stamp] = made
    }
    return made
  }
}

/// What a file's name says of its content.
enum MediaType {
  static func isText(_ type: String) -> Bool {
    type.hasPrefix("text/") || type.hasPrefix("application/json") || type.hasPrefix("image/svg")
  }

  static func of(_ path: String) -> String {
    switch path.split(separator: ".").last?.lowercased() {
    case "html": "text/html; charset=utf-8"
    case "js", "mjs": "text/javascript; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "json": "application/json"
    case "csv": "text/csv; charset=utf-8"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "ico": "image/x-icon"
    case "webmanifest": "application/manifest+json"
    case "flac": "audio/flac"
    case "wav": "audio/wav"
    default: "application/octet-stream"
    }
  }
}
