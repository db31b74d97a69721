import Basics
import Foundation
import HTTP
import Testing
import TestSupport

@Suite("Files")
struct FileTests {
  let folder: TemporaryFolder
  let content = Data((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "pages/deep"), withIntermediateDirectories: true)
    try content.write(to: folder.url.appending(path: "pages/sound.flac"))
    try Data("p{}".utf8).write(to: folder.url.appending(path: "pages/deep/style.css"))
    try Data("hidden".utf8).write(to: folder.url.appending(path: "pages/.hidden"))
    try Data("outside".utf8).write(to: folder.url.appending(path: "outside.txt"))
    try FileManager.default.createSymbolicLink(
      at: folder.url.appending(path: "pages/link.txt"), withDestinationURL: folder.url.appending(path: "outside.txt"))
  }

  func start() throws -> Server {
    let pages = Folder(folder.url.appending(path: "pages"))
    let sound = folder.url.appending(path: "pages/sound.flac").path
    let router = Router([
      .get(
        "/assets/*path", { .now(try pages.file($0.parameter("path").split(separator: "/").map(String.init), for: $0)) }),
      .get(
        "/sound",
        { .now(try .file(sound, for: $0, type: "audio/flac", etag: "abc", cache: "private, max-age=1, immutable")) }),
      .get(
        "/made",
        { [content] in
          .now(
            try .made(
              size: content.count, for: $0, type: "audio/flac", etag: "abc", cache: "private, max-age=1, immutable",
              isLasting: true
            ) { content[$0] })
        }),
    ])
    return try Server(port: 0, handler: router.handle)
  }

  @Test("files below the current edition are cached for good, files below another must be revalidated")
  func editions() throws {
    let server = try start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let pages = Folder(folder.url.appending(path: "pages"))
    let edition = try pages.edition()
    #expect(try edition.wholeMatch(of: /at-[0-9a-f]{16}/) != nil && pages.edition() == edition)
    let kept = try client.get("/assets/\(edition)/deep/style.css")
    #expect(kept.text == "p{}" && kept["Cache-Control"] == "public, max-age=31536000, immutable")
    #expect(try client.get("/assets/deep/style.css")["Cache-Control"] == "no-cache")
    try Data("changed{}".utf8).write(to: folder.url.appending(path: "pages/deep/style.css"))
    #expect(try pages.edition() != edition)
    let late = try client.get("/assets/\(edition)/deep/style.css")
    #expect(late.text == "changed{}" && late["Cache-Control"] == "no-cache")
    for path in [
      "\(edition)", "\(edition)/", "\(edition)/../outside.txt", "\(edition)/\(edition)/deep/style.css", "at-/.hidden",
    ] {
      let reply = try client.get("/assets/" + path)
      #expect([400, 404].contains(reply.status), "\(path): \(reply.status)")
    }
  }

  @Test("texts are compressed for clients that accept it, and nothing else is")
  func packed() throws {
    let text = String(repeating: "const answer = 42; // of all questions\n", count: 200)
    let file = folder.url.appending(path: "pages/script.js")
    try Data(text.utf8).write(to: file)
    let server = try start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let plain = try client.get("/assets/script.js")
    #expect(plain.text == text && plain["Content-Encoding"] == nil && plain["Vary"] == "Accept-Encoding")
    for refusing in ["gzip;q=0", "br", "identity, gzip; q=0.0"] {
      #expect(try client.get("/assets/script.js", ["Accept-Encoding": refusing])["Content-Encoding"] == nil)
    }
    for taking in ["gzip", "br;q=1, GZIP;q=0.5", "x-gzip"] {
      let reply = try client.get("/assets/script.js", ["Accept-Encoding": taking])
      #expect(reply["Content-Encoding"] == "gzip" && reply["Vary"] == "Accept-Encoding")
      #expect(reply.body.count < text.utf8.count / 10 && reply["Content-Type"] == plain["Content-Type"])
      #expect(try unpacked(reply.body) == Data(text.utf8))
      let tag = try #require(reply["ETag"])
      #expect(tag != plain["ETag"])
      let again = try client.get("/assets/script.js", ["Accept-Encoding": taking, "If-None-Match": tag])
      #expect(again.status == 304 && again.body.isEmpty)
      #expect(try client.get("/assets/script.js", ["If-None-Match": tag]).text == text)
    }
    // Sounds are already compressed, and small files gain nothing.
    for path in ["/assets/sound.flac", "/assets/deep/style.css"] {
      #expect(try client.get(path, ["Accept-Encoding": "gzip"])["Content-Encoding"] == nil, "\(path)")
    }
    try Data(text.replacing("42", with: "43").utf8).write(to: file)
    let changed = try client.get("/assets/script.js", ["Accept-Encoding": "gzip"]).body
    #expect(try String(decoding: unpacked(changed), as: UTF8.self).contains("43"))
  }

  @Test("a compact copy is sent only as long as its source is unchanged")
  func compact() throws {
    let pages = folder.url.appending(path: "pages")
    let source = pages.appending(path: "deep/style.css")
    let compact = pages.appending(path: "compact")
    try FileManager.default.createDirectory(at: compact.appending(path: "deep"), withIntermediateDirectories: true)
    try Data("small".utf8).write(to: compact.appending(path: "deep/style.css"))
    try FileManager.default.createSymbolicLink(
      at: compact.appending(path: "out.css"), withDestinationURL: folder.url.appending(path: "outside.txt"))
    let server = try start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    func sent() throws -> String { try client.get("/assets/deep/style.css").text }
    #expect(try sent() == "p{}", "nothing says what it is of")
    let made = compact.appending(path: "made-from")
    let line = "\(ContentHash.of(Data("p{}".utf8)))  deep/style.css\n"
    for spoilt in ["no hash", "\(line)0000  gone.js\n", line.uppercased(), "\n\u{0}"] {
      try Data(spoilt.utf8).write(to: made)
      #expect(try sent() == "p{}", "\(spoilt)")
    }
    try Data(line.utf8).write(to: made)
    #expect(try sent() == "small")
    #expect(try client.get("/assets/sound.flac").body == content, "what is not made compact is sent as it is")
    #expect(try client.get("/assets/out.css").status == 404)
    let edition = try Folder(pages).edition()
    for path in try FileManager.default.subpathsOfDirectory(atPath: pages.path) where !path.hasSuffix("out.css") {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: pages.appending(path: path).path)
    }
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 0)], ofItemAtPath: pages.path)
    #expect(try sent() == "small" && sent() == "small")
    try Data("q{}".utf8).write(to: source)
    #expect(try sent() == "q{}" && Folder(pages).edition() != edition)
    try Data("p{}".utf8).write(to: source)
    #expect(try sent() == "small")
  }

  @Test("a change shows at once, also where everything has been the same for long")
  func settled() throws {
    let root = folder.url.appending(path: "pages"), pages = Folder(root), files = FileManager.default
    var seconds = 1_000_000_000.0
    func settle() throws {
      seconds += 1
      for path in try [""] + files.subpathsOfDirectory(atPath: root.path) {
        try files.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: root.path + "/" + path)
      }
    }
    try settle()
    var editions = [try pages.edition()]
    #expect(try pages.edition() == editions[0])
    let style = root.appending(path: "deep/style.css"), more = root.appending(path: "deep/more.css")
    for change in [
      { try Data("r{}".utf8).write(to: style) }, { try Data("s{}".utf8).write(to: more) },
      { try files.moveItem(at: more, to: root.appending(path: "deep/most.css")) },
      { try files.removeItem(at: root.appending(path: "deep/most.css")) },
    ] {
      try change()
      editions.append(try pages.edition())
      #expect(try pages.edition() == editions.last)
      try settle()
      #expect(try pages.edition() == editions.last)
    }
    #expect(Set(editions).count == 4, "\(editions)")
    #expect(editions[4] == editions[1])
  }

  /// Unpacks with the system's own gzip.
  private func unpacked(_ data: Data) throws -> Data {
    let file = folder.url.appending(path: "packed.gz")
    try data.write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let plain = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return plain
  }

  @Test("a whole file has its type, tag and caching rule", arguments: ["/sound", "/made"])
  func whole(path: String) throws {
    let server = try start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let reply = try client.get(path)
    #expect(reply.status == 200)
    #expect(reply.body == content)
    #expect(reply["ETag"] == "\"abc\"")
    #expect(reply["Cache-Control"] == "private, max-age=1, immutable")
    #expect(reply["Content-Type"] == "audio/flac")
    #expect(reply["Accept-Ranges"] == "bytes")
    #expect(reply["Last-Modified"] == nil)
    let head = try client.get(path, method: "HEAD")
    #expect(head["Content-Length"] == "40000")
    #expect(try client.get("/assets/deep/style.css")["Content-Type"] == "text/css; charset=utf-8")
  }

  @Test("what the browser already has is not sent again", arguments: ["/sound", "/made"])
  func notModified(path: String) throws {
    let server = try start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    for tag in ["\"abc\"", "\"x\", \"abc\"", "W/\"abc\"", "*"] {
      let reply = try client.get(path, ["If-None-Match": tag])
      #expect(reply.status == 304, "\(tag)")
      #expect(reply["ETag"] == "\"abc\"")
      #expect(reply.body.isEmpty)
    }
    #expect(try client.get(path, ["If-None-Match": "\"abcd\""]).status == 200)
    let tag = try #require(try client.get("/assets/deep/style.css")["ETag"])
    #expect(try client.get("/assets/deep/style.css", ["If-None-Match": tag]).status == 304)
    try Data("q{}".utf8).write(to: folder.url.appending(path: "pages/deep/style.css"))
    #expect(try client.get("/assets/deep/style.css", ["If-None-Match": tag]).text == "q{}")
  }

  @Test(
    "a single range",
    arguments: [
      ("bytes=0-99", 0..<100), ("bytes=39990-", 39990..<40000), ("bytes=-10", 39990..<40000),
      ("bytes=39999-50000", 39999..<40000), ("bytes=-50000", 0..<40000),
      ("bytes=0-9223372036854775807", 0..<40000), ("bytes=0-9223372036854775806", 0..<40000),
      ("bytes=39990-99999999999999999999999999", 39990..<40000), ("bytes=-9223372036854775807", 0..<40000),
      ("bytes=-99999999999999999999999999", 0..<40000),
    ])
  func range(header: String, expected: Range<Int>) throws {
    let server = try start()
    defer { server.stop() }
    for path in ["/sound", "/made"] {
      let reply = try WireClient(port: server.port).get(path, ["Range": header])
      #expect(reply.status == 206)
      #expect(reply["Content-Range"] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/40000")
      #expect(reply.body == content[expected])
    }
  }

  @Test("ranges beyond the end get a 416, malformed ranges are ignored", arguments: ["/sound", "/made"])
  func oddRanges(path: String) throws {
    let server = try start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    for header in [
      "bytes=40000-", "bytes=99999-100000", "bytes=-0", "bytes=9223372036854775807-",
      "bytes=9223372036854775807-9223372036854775807", "bytes=99999999999999999999-99999999999999999999",
    ] {
      let reply = try client.get(path, ["Range": header])
      #expect(reply.status == 416, "\(header)")
      #expect(reply["Content-Range"] == "bytes */40000")
    }
    for header in [
      "bytes=5-1", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=+1-2", "bytes=1-2-3", "bytes",
    ] {
      #expect(try client.get(path, ["Range": header]).status == 200, "\(header)")
    }
    #expect(try client.get(path, ["Range": "bytes=0-1", "If-Range": "\"other\""]).status == 200)
    #expect(try client.get(path, ["Range": "bytes=0-1", "If-Range": "\"abc\""]).status == 206)
  }

  @Test("nothing outside the folder, nothing hidden, no listing")
  func escapes() throws {
    let server = try start()
    defer { server.stop() }
    let client = WireClient(port: server.port)
    for path in [
      "/assets/../outside.txt", "/assets/%2e%2e/outside.txt", "/assets/..%2foutside.txt",
      "/assets/deep/../../outside.txt",
      "/assets/link.txt", "/assets/.hidden", "/assets/", "/assets/deep", "/assets/deep/", "/assets//etc/passwd",
      "/assets/%2fetc%2fpasswd", "/assets/deep%00.css", "/assets/..\\outside.txt",
    ] {
      let reply = try client.get(path)
      #expect(reply.status == 404 || reply.status == 400, "\(path)")
      #expect(!reply.text.contains("outside") && !reply.text.contains("hidden"), "\(path)")
    }
  }
}
