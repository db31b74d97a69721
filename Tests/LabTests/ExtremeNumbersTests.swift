import Basics
import Foundation
import TestSupport
import Testing

/// The largest and smallest values of integers and floats, in every place of a request that can hold a number.
@Suite("Extreme numbers: the server survives and answers")
struct ExtremeNumbersTests {
  static let numbers = [
    "0", "-0", "1", "-1", "127", "128", "255", "256", "32767", "32768", "65535", "65536", "2147483647", "2147483648",
    "-2147483648", "-2147483649", "4294967295", "4294967296", "9007199254740992", "9007199254740993",
    "9223372036854775806", "9223372036854775807", "9223372036854775808", "-9223372036854775807",
    "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
    "99999999999999999999999999999999999999", "-99999999999999999999999999999999999999", "1e18", "1e19", "1e300",
    "1e308",
    "1e309", "-1e309", "1e-400", "4.9e-324", "0.1", "NaN", "nan", "inf", "Infinity", "-Infinity", "0x7fffffffffffffff",
    "007", "+1", " 1", "1 ", "1_000", "1,5", "", "%D9%A3",
  ]

  /// Whether a length promises a body that the server would wait for.
  static func isWaitedFor(_ number: String) -> Bool {
    [10, 16].contains { radix in
      Int(number.trimmingCharacters(in: .whitespaces), radix: radix).map { (1...262_144).contains($0) } ?? false
    }
  }

  /// Expects an answer that is not a server error or, where `mayClose`, a closed connection.
  static func check(_ reply: WireClient.Reply?, _ what: String, mayClose: Bool = false) {
    guard let reply else {
      #expect(mayClose, "\(what): no answer")
      return
    }
    #expect(reply.status < 500 || reply.status == 501 || reply.status == 505, "\(what): \(reply.status) \(reply.text)")
  }

  static func paths(_ token: String) -> [String] {
    [
      "/", "/t/\(token)", "/assets/index.html", "/api/study", "/api/sessions/\(token)", "/service-worker.js",
      "/t/\(token)/audio/headphones/1", "/t/\(token)/audio/1", "/lab", "/lab/api/status",
      "/lab/export/ratings.csv",
    ]
  }

  private func cookie(_ study: SmallStudy) throws -> String {
    let reply = try study.client.get("/lab?secret=\(SmallStudy.secret)")
    return String(try #require(reply["Set-Cookie"]).prefix { $0 != ";" })
  }

  @Test("in headers")
  func headers() throws {
    let study = try SmallStudy()
    let token = try study.takePart()
    let cookie = try cookie(study)
    let forms = [
      ("Range", "bytes=0-#"), ("Range", "bytes=#-"), ("Range", "bytes=-#"), ("Range", "bytes=#-#"),
      ("Range", "bytes=1-#"),
      ("Range", "bytes=#-1"), ("Range", "#"), ("Range", "bytes=0-1,#-#"), ("If-None-Match", "#"), ("If-Range", "#"),
      ("If-Modified-Since", "#"), ("X-Forwarded-For", "#"), ("X-Forwarded-For", "1.2.3.4:#"),
      ("X-Forwarded-For", "[::1]:#"), ("Forwarded", "for=#"), ("Forwarded", "for=\"1.2.3.4:#\""),
      ("Keep-Alive", "timeout=#"),
      ("Max-Forwards", "#"), ("User-Agent", "Firefox/#"), ("Accept-Language", "en;q=#"), ("Host", "x:#"),
      ("Expect", "#"),
      ("Upgrade-Insecure-Requests", "#"), ("Cookie", "earshot_lab=#"), ("Content-Length", "#"), ("Age", "#"),
      ("DNT", "#"),
    ]
    for path in Self.paths(token) {
      for (name, form) in forms {
        // All numbers in the places where they are parsed; three random ones elsewhere.
        var random = SeededRandom(seed: 11, "header", path, name, form)
        let isRead = ["Range", "Content-Length", "X-Forwarded-For"].contains(name) && path.hasSuffix("/audio/1")
        for number in isRead ? Self.numbers : (0..<3).map({ _ in random.pick(Self.numbers) }) {
          if name == "Content-Length", Self.isWaitedFor(number) { continue }
          let value = form.replacing("#", with: number)
          let head =
            "GET \(path) HTTP/1.1\r\nHost: x\r\nCookie: \(cookie)\r\n\(name): \(value)\r\nConnection: close\r\n\r\n"
          let connection = try WireClient.Connection(port: study.server.port)
          connection.write(Data(head.utf8))
          // A length promises a body that never arrives.
          if name == "Content-Length" { connection.finishWriting() }
          Self.check(
            try connection.read(), "\(path) \(name): \(value)", mayClose: ["Content-Length", "Host"].contains(name))
        }
      }
    }
    #expect(try study.client.get("/api/study").status == 200)
  }

  @Test("in body lengths and chunk sizes")
  func lengths() throws {
    let study = try SmallStudy()
    let token = try study.join()
    for path in [
      "/api/sessions", "/api/sessions/\(token)/responses", "/api/sessions/\(token)/events", "/lab/api/pause",
    ] {
      for number in Self.numbers where !Self.isWaitedFor(number) {
        let connection = try WireClient.Connection(port: study.server.port)
        connection.write(Data("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(number)\r\n\r\n{}".utf8))
        connection.finishWriting()
        Self.check(try connection.read(), "\(path) \(number)", mayClose: true)
      }
    }
    // Chunk sizes are hexadecimal. The server waits for a large chunk, so the test does not wait for the server.
    for number in ["0", "-1", "7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "10000000000000000"] {
      let connection = try WireClient.Connection(port: study.server.port, patience: 1)
      let head = "POST /api/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      connection.write(Data("\(head)\(number)\r\n{}\r\n0\r\n\r\n".utf8))
      Self.check(try connection.read(), "a piece of \(number)", mayClose: true)
    }
    #expect(try study.client.get("/api/study").status == 200)
  }

  @Test("in addresses and queries")
  func addresses() throws {
    let study = try SmallStudy()
    let token = try study.takePart()
    let cookie = try cookie(study)
    let forms = [
      "/t/#", "/api/sessions/#", "/t/\(token)/audio/#", "/t/\(token)/audio/#/A", "/t/\(token)/audio/1/#",
      "/t/\(token)/audio/#/#", "/t/\(token)/audio/headphones/#", "/t/#/audio/1", "/assets/#", "/lab/export/#",
      "/?id=#", "/?lang=#&from=#", "/?PROLIFIC_PID=#&STUDY_ID=#&SESSION_ID=#", "/api/study?lang=#", "/lab?secret=#",
      "/lab/api/status?since=#", "/#?#=#",
    ]
    for form in forms {
      for number in Self.numbers {
        let path = form.replacing("#", with: number.replacing(" ", with: "%20"))
        Self.check(try study.client.get(path, ["Cookie": cookie]), path)
      }
    }
    #expect(try study.client.get("/api/study").status == 200)
  }

  @Test("in JSON")
  func json() throws {
    let study = try SmallStudy()
    let token = try study.join()
    try study.prepare(token)
    let letters = try study.trials(token)[0].letters
    let cookie = try cookie(study)
    func text(_ body: [String: Any]) throws -> String {
      String(decoding: try JSONSerialization.data(withJSONObject: body, options: .sortedKeys), as: UTF8.self)
    }
    let key = SmallStudy.key()
    let bodies = try [
      ("/api/sessions", text(["key": key, "language": "en", "consent": true, "external_id": "x"])),
      ("/api/sessions/\(token)/responses", text(SmallStudy.trialBody(1, letters).merging(["key": key]) { $1 })),
      (
        "/api/sessions/\(token)/responses",
        text(["key": key, "step": "headphones", "answers": [1, 2, 3], "response_ms": 5])
      ),
      (
        "/api/sessions/\(token)/responses",
        text(["key": key, "step": "questionnaire", "answers": ["age": 31, "remark": "x"], "response_ms": 5])
      ),
      (
        "/api/sessions/\(token)/events",
        text(["key": key, "events": [["at_ms": 1, "kind": "play", "trial": 1, "stimulus": "A", "value": 1]]])
      ),
      (
        "/api/sessions/\(token)/refused",
        text(["key": key, "step": "trial", "trial": 1, "status": 422, "code": "invalid", "body": "{}"])
      ),
      ("/lab/api/pause", text(["paused": false])),
    ]
    for (path, body) in bodies {
      // Each value that is a number or a flag is replaced in turn, and each text is replaced by a number.
      let values = body.matches(of: /[:\[,](-?[0-9.]+|true|false|"[^"]*")(?=[,}\]])/).map {
        $0.1.startIndex..<$0.1.endIndex
      }
      for (i, value) in values.enumerated() {
        for number in Self.numbers {
          let changed = body.replacingCharacters(in: value, with: number)
          let reply = try study.client.request(
            "POST", path, ["Cookie": cookie, "Content-Type": "application/json"], body: Data(changed.utf8))
          Self.check(reply, "\(path) value \(i): \(changed)")
        }
      }
    }
    // The session can go on, and everything that was stored can be exported.
    #expect(try study.client.get("/api/sessions/\(token)").status == 200)
    for table in ["participants.csv", "ratings.csv", "events.csv"] {
      #expect(try study.client.get("/lab/export/\(table)", ["Cookie": cookie]).status == 200)
    }
    #expect(try study.client.get("/lab/api/status", ["Cookie": cookie]).status == 200)
  }

  @Test("in several places at once, at random", arguments: [1, 2, 3, 4] as [UInt64])
  func drawn(seed: UInt64) throws {
    let study = try SmallStudy()
    let token = try study.takePart()
    var random = SeededRandom(seed: seed, "extreme numbers")
    func digits() -> String {
      let value = UInt64.max >> UInt64(random.below(64))
      return [
        "\(value)", "-\(value)", "\(value &+ 1)", "\(value)\(value)", "\(Int64(bitPattern: value))",
        random.pick(Self.numbers),
      ][random.below(6)]
    }
    for _ in 0..<300 {
      let path =
        random.pick(Self.paths(token)) + (random.below(3) == 0 ? "?a=\(digits())" : "").replacing(" ", with: "+")
      let head =
        "GET \(path) HTTP/1.1\r\nHost: x\r\nRange: bytes=\(digits())-\(digits())\r\nIf-Range: \(digits())\r\n"
        + "X-Forwarded-For: \(digits())\r\nConnection: close\r\n\r\n"
      let connection = try WireClient.Connection(port: study.server.port)
      connection.write(Data(head.utf8))
      Self.check(try connection.read(), head)
    }
    #expect(try study.client.get("/api/study").status == 200)
  }
}
