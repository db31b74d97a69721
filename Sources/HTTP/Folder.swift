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
    return try .file(
      resolved, for: request, type: MediaType.of(resolved), etag: tag, cache: "no-cache")
  }
}

/// What a file's name says of its content.
enum MediaType {
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
