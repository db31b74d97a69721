import Basics
import Foundation
import Synchronization

/// A folder whose files are served, with those of its `compact` in place of others. It serves nothing outside the folder, no
/// hidden files and no listings.
public final class Folder: Sendable {
  private struct Stamp: Hashable {
    var path: String
    var isFile: Bool
    var device, inode, size, seconds, nanoseconds: Int
    /// When its content or its state last changed: nobody can set these back.
    var changedSeconds, changedNanoseconds: Int
  }

  private let root: String
  /// A subfolder with files that are sent in place of those with the same path beside it.
  private static let compact = "compact"
  /// In that folder: the SHA-256 and path of each file that they were made from, one per line, as `sha256sum` writes them.
  private static let sources = "made-from"
  private let tags = Recent<Stamp, String>(capacity: 20_000)
  /// Compressed texts, for clients that accept them.
  private let packed = Recent<Stamp, Data>(capacity: 32 << 20, size: \.count)
  /// In bytes. Below this range, compression costs more than it gains; above it, a file does not belong to a page.
  private static let packable = 512...4_000_000

  /// - Parameter url: links in its path are resolved once, here. A link inside that leads outside is not followed.
  public init(_ url: URL) { root = url.resolvingSymlinksInPath().path }

  /// The first part of a path that names the content of all files at one time, as in `at-0f3a…/scripts/main.js`.
  private static let editionMark = "at-"

  /// What follows from the content of all files.
  private struct Inventory: Sendable {
    /// Everything that was looked at: folders, files, and nil where there was nothing.
    var seen: [(path: String, stamp: Stamp?)] = []
    var edition = ""
    /// Whether the compact files were made from the files as they are now. If not, the files themselves are served, so a
    /// change shows at once.
    var isCompact = false
  }

  /// The last inventory, which is right as long as everything in it looks the same.
  private let inventory = Mutex<Inventory?>(nil)

  /// The inventory of this moment.
  /// - Throws: `Refusal.busy` if the folder cannot be read.
  private func present() throws -> Inventory {
    if let known = inventory.withLock({ $0 }), known.seen.allSatisfy({ look($0.path) == $0.stamp }) { return known }
    // What changed a moment ago can change again without looking different.
    let settled = Int(time(nil)) - 2
    guard let paths = FileManager.default.subpaths(atPath: root) else { throw Refusal.busy }
    var found = Inventory(seen: [(root, look(root))]), list = ""
    for path in paths.sorted() where !path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      let stamp = look(root + "/" + path)
      found.seen.append((root + "/" + path, stamp))
      guard let stamp, stamp.isFile else { continue }
      list += "\(path) \(try tag(stamp))\n"
    }
    found.edition = Self.editionMark + ContentHash.of(Data(list.utf8)).prefix(16)
    let sources = try sources()
    let listed = Set(found.seen.map(\.path))
    found.seen += sources.compactMap { listed.contains($0.stamp.path) ? nil : ($0.stamp.path, $0.stamp) }
    found.isCompact =
      !sources.isEmpty && sources.allSatisfy { source in (try? tag(source.stamp)).map(source.hash.hasPrefix) ?? false }
    inventory.withLock { $0 = found.seen.allSatisfy { $0.stamp.map { $0.seconds < settled } ?? true } ? found : nil }
    return found
  }

  /// The list of what the compact files were made from.
  private var list: Stamp? { stamp("\(root)/\(Self.compact)/\(Self.sources)") }

  /// The files that the compact ones were made from; none if one of them is gone.
  /// - Throws: `Refusal.busy` if their list cannot be read.
  private func sources() throws -> [(hash: Substring, stamp: Stamp)] {
    guard let list, list.size < Self.packable.upperBound else { return [] }
    guard let bytes = FileManager.default.contents(atPath: list.path) else { throw Refusal.busy }
    let text = String(decoding: bytes, as: UTF8.self)
    var sources: [(hash: Substring, stamp: Stamp)] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let now = stamp(root + "/" + parts[1].drop { $0 == " " }) else { return [] }
      sources.append((parts[0], now))
    }
    return sources
  }

  /// A name for the present content of all files, which changes as soon as one of them does. A browser may keep a file that
  /// it requested below this name for good.
  /// - Throws: `Refusal.busy` if they cannot be read.
  public func edition() throws -> String { try present().edition }

  /// The file at `path` below the folder. Browsers must ask for it each time, and get 304 while it is the same; below the
  /// present `edition()` they may keep it. An edition of the past leads to the file as it is now.
  /// - Throws: `Refusal.notFound`; 503 if the system has no descriptors left.
  public func file(_ path: [String], for request: Request) throws -> Response {
    guard let first = path.first, first.hasPrefix(Self.editionMark) else {
      return try file(path, for: request, cache: "no-cache")
    }
    let present = try present(), isPresent = first == present.edition
    return try file(
      Array(path.dropFirst()), for: request, cache: isPresent ? "public, max-age=31536000, immutable" : "no-cache",
      isCompact: present.isCompact)
  }

  /// The same, with a stated `Cache-Control`.
  public func file(_ path: [String], for request: Request, cache: String) throws -> Response {
    let isCompact = try list != nil && present().isCompact
    return try file(path, for: request, cache: cache, isCompact: isCompact)
  }

  private func file(_ path: [String], for request: Request, cache: String, isCompact: Bool) throws -> Response {
    guard !path.isEmpty, path.allSatisfy({ !$0.hasPrefix(".") && !$0.contains("/") }) else { throw Refusal.notFound }
    let wanted = path.joined(separator: "/")
    let found = isCompact ? realpath("\(root)/\(Self.compact)/\(wanted)", nil) : nil
    guard let real = found ?? realpath(root + "/" + wanted, nil) else { throw Refusal.ofFile(errno) }
    defer { free(real) }
    let resolved = String(cString: real)
    guard resolved.hasPrefix(root + "/"), let stamp = stamp(resolved) else { throw Refusal.notFound }
    let tag = try tag(stamp)
    let type = MediaType.of(resolved)
    guard MediaType.isText(type), Self.packable.contains(stamp.size) else {
      return try .file(resolved, for: request, type: type, etag: tag, cache: cache)
    }
    var response =
      if Gzip.isTaken(by: request), let data = packed(resolved, stamp) {
        try Response.made(size: data.count, for: request, type: type, etag: tag + "-gzip", cache: cache) {
          data[data.startIndex + $0.lowerBound..<data.startIndex + $0.upperBound]
        }
      } else { try Response.file(resolved, for: request, type: type, etag: tag, cache: cache) }
    response.headers.append(Header("Vary", "Accept-Encoding"))
    if response.headers.contains(where: { $0.value == "\"\(tag)-gzip\"" }), response.status != 304 {
      response.headers.append(Header("Content-Encoding", "gzip"))
    }
    return response
  }

  /// nil if there is nothing.
  private func look(_ path: String) -> Stamp? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Stamp(
      path: path, isFile: status.st_mode & S_IFMT == S_IFREG, device: Int(status.st_dev), inode: Int(status.st_ino),
      size: Int(status.st_size), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec,
      changedSeconds: status.st_ctim.tv_sec, changedNanoseconds: status.st_ctim.tv_nsec)
  }

  /// nil if there is no regular file.
  private func stamp(_ path: String) -> Stamp? { look(path).flatMap { $0.isFile ? $0 : nil } }

  /// A name for a file's content.
  private func tag(_ stamp: Stamp) throws -> String {
    if let known = tags[stamp] { return known }
    // It was there a moment ago: what keeps it from being read passes.
    guard let hash = try? ContentHash.ofFile(URL(fileURLWithPath: stamp.path)) else { throw Refusal.busy }
    let tag = String(hash.prefix(32))
    tags[stamp] = tag
    return tag
  }

  /// A text, compressed once; nil if that is not possible.
  private func packed(_ path: String, _ stamp: Stamp) -> Data? {
    if let known = packed[stamp] { return known }
    guard let made = (try? Data(contentsOf: URL(fileURLWithPath: path))).flatMap(Gzip.packed) else { return nil }
    packed[stamp] = made
    return made
  }
}

/// The content type by a file's name.
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
