import Basics
import Foundation
import Testing
import TestSupport

@Suite("Bad input gets a clear 4xx, stores nothing and crashes nothing")
struct BadInputTests {
  private static func counts(_ study: SmallStudy) throws -> [Int] {
    let overview = try study.records.overview()
    return [overview.joined, overview.responses, overview.ratings, overview.events]
  }

  static func check(_ reply: WireClient.Reply, _ what: String) {
    #expect((400...499).contains(reply.status), "\(what): \(reply.status) \(reply.text.prefix(200))")
    let error = (try? reply.json())?["error"] as? [String: Any]
    #expect(error?["code"] is String && error?["message"] is String && error?["mend"] is String, "\(what)")
    #expect(reply["Content-Type"] == "application/json", "\(what)")
  }

  @Test("joining")
  func join() throws {
    let study = try SmallStudy()
    let good: [String: Any] = ["key": SmallStudy.key(), "language": "en", "consent": true]
    func with(_ key: String, _ value: Any) -> [String: Any] { good.merging([key: value]) { $1 } }
    let bad: [[String: Any]] = [
      [:], with("key", "1"), with("key", 5), with("key", NSNull()), with("language", "xx"), with("consent", false),
      with("consent", "true"), with("external_id", ["a": 1]), with("parameters", [1]), with("parameters", "id"),
    ]
    for body in bad { Self.check(try study.client.post("/api/sessions", body), "\(body)") }
    for text in [
      "", "{", "[]", "null", "5", "\"x\"", "{\"key\":}", "\u{feff}{}", String(repeating: "[", count: 100_000),
    ] {
      Self.check(
        try study.client.request("POST", "/api/sessions", ["Content-Type": "application/json"], body: Data(text.utf8)),
        String(text.prefix(20)))
    }
    Self.check(
      try study.client.request(
        "POST", "/api/sessions", ["Content-Type": "application/json"], body: Data([0xff, 0xfe, 0x00])), "no UTF-8")
    #expect(try Self.counts(study) == [0, 0, 0, 0])
  }

  @Test("tokens")
  func tokens() throws {
    let study = try SmallStudy()
    let token = try study.join()
    for wrong in [
      "x", String(token.dropLast()), token + "A", token.lowercased() + "", String(token.reversed()),
      String(repeating: "A", count: 32), "%00", "'%20OR%201=1--", String(repeating: "A", count: 3000),
    ] where wrong != token {
      Self.check(try study.client.get("/api/sessions/\(wrong)"), wrong)
      Self.check(
        try study.client.post("/api/sessions/\(wrong)/responses", ["key": SmallStudy.key(), "step": "volume"]), wrong)
      Self.check(try study.client.get("/t/\(wrong)/audio/1"), wrong)
    }
    #expect(try study.client.get("/api/sessions/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").errorCode == "unknown_token")
  }

  @Test("responses")
  func responses() throws {
    let study = try SmallStudy()
    let token = try study.join()
    Self.check(try study.respond(token, ["step": "questionnaire", "answers": ["age": 12]]), "too young")
    for answers in [
      [:], ["age": "31"], ["age": 31, "gear": "stage"], ["age": 31, "gear": ["tuba"]],
      ["age": 31, "gear": ["stage", "stage"]],
      ["age": 31, "role": "king"], ["age": 31, "else": 1], ["age": 31, "remark": String(repeating: "x", count: 5001)],
      ["age": NSNull()],
    ] as [[String: Any]] {
      Self.check(try study.respond(token, ["step": "questionnaire", "answers": answers]), "\(answers.keys)")
    }
    let before = try Self.counts(study)
    #expect(before[1] == 0)
    try study.prepare(token)
    let prepared = try Self.counts(study)
    let letters = try study.trials(token)[0].letters
    let good = SmallStudy.trialBody(1, letters)
    func ratings(_ change: (inout [[String: Any]]) -> Void) -> [String: Any] {
      var list = good["ratings"] as? [[String: Any]] ?? []
      change(&list)
      return good.merging(["ratings": list]) { $1 }
    }
    let bad: [(String, [String: Any])] = [
      ("a rating is missing", ratings { $0.removeLast() }),
      ("no ratings", ratings { $0 = [] }),
      ("a rating too many", ratings { $0.append(["position": "Z", "rating": 5, "plays": 1, "listened_ms": 1]) }),
      ("a position twice", ratings { $0[1]["position"] = "A" }),
      ("above the scale", ratings { $0[0]["rating"] = 101 }),
      ("below the scale", ratings { $0[0]["rating"] = -1 }),
      ("between whole numbers", ratings { $0[0]["rating"] = 50.5 }),
      ("a text", ratings { $0[0]["rating"] = "50" }),
      ("a huge number", ratings { $0[0]["rating"] = 1e300 }),
      ("null", ratings { $0[0]["rating"] = NSNull() }),
      ("a flag", ratings { $0[0]["rating"] = true }),
      ("plays that are text", ratings { $0[0]["plays"] = "many" }),
      ("another trial", good.merging(["trial": 99]) { $1 }),
      ("trial 0", good.merging(["trial": 0]) { $1 }),
      ("a trial that is text", good.merging(["trial": "1"]) { $1 }),
      ("a time that is text", good.merging(["response_ms": "5"]) { $1 }),
      ("no such step", good.merging(["step": "lunch"]) { $1 }),
      ("a bad key", good.merging(["key": "x"]) { $1 }),
    ]
    for (what, body) in bad { Self.check(try study.respond(token, body), what) }
    #expect(try Self.counts(study) == prepared)
    #expect(try study.respond(token, good).status == 201)
  }

  @Test("events")
  func events() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let event: [String: Any] = ["at_ms": 1, "kind": "play", "trial": 1, "stimulus": "A"]
    func with(_ key: String, _ value: Any) -> [String: Any] { event.merging([key: value]) { $1 } }
    for events in [
      [with("kind", "explode")], [with("at_ms", "1")], [with("trial", 99)], [with("stimulus", "ZZ")],
      [event, with("kind", 5)],
      Array(repeating: event, count: 501),
    ] {
      Self.check(
        try study.client.post("/api/sessions/\(token)/events", ["key": SmallStudy.key(), "events": events]),
        "\(events.count) \(events[0].keys)")
    }
    #expect(try Self.counts(study)[3] == 0)
  }

  /// Valid requests of every kind, changed at random: bytes flipped, cut off, duplicated, or replaced with what breaks
  /// parsers.
  @Test(
    "whatever is changed in a valid request, the answer is no 5xx and the server stays up",
    arguments: [1, 2, 3] as [UInt64])
  func mutations(seed: UInt64) throws {
    let study = try SmallStudy()
    var random = SeededRandom(seed: seed, "mutations")
    let token = try study.join()
    try study.prepare(token)
    let letters = try study.trials(token)[0].letters
    func json(_ body: [String: Any]) throws -> String {
      String(decoding: try JSONSerialization.data(withJSONObject: body, options: .sortedKeys), as: UTF8.self)
    }
    let bodies = try [
      ("/api/sessions", json(["key": SmallStudy.key(), "language": "en", "consent": true, "external_id": "x"])),
      (
        "/api/sessions/\(token)/responses",
        json(SmallStudy.trialBody(1, letters).merging(["key": SmallStudy.key()]) { $1 })
      ),
      (
        "/api/sessions/\(token)/events",
        json([
          "key": SmallStudy.key(), "events": [["at_ms": 1, "kind": "play", "trial": 1, "stimulus": "A", "value": 1.5]],
        ])
      ),
    ]
    let nasty: [[UInt8]] = [
      [0], [0xff], Array("\"".utf8), Array("\\u0000".utf8), Array("\\ud800".utf8), Array("1e999".utf8),
      Array("-0".utf8),
      Array("null".utf8), Array("{}".utf8), Array("[[[[".utf8), Array("'; DROP TABLE rating; --".utf8),
      Array("..%2f".utf8), Array("\r\n\r\n".utf8), Array("99999999999999999999".utf8), Array("é🥁".utf8),
    ]
    func mutate(_ bytes: inout [UInt8]) {
      for _ in 0...random.below(3) where !bytes.isEmpty {
        let at = random.below(bytes.count)
        switch random.below(5) {
        case 0: bytes[at] ^= UInt8(1 << random.below(8))
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + 1 + random.below(20)))
        case 2: bytes.insert(contentsOf: random.pick(nasty), at: at)
        case 3: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + random.below(30))], at: at)
        default: bytes.replaceSubrange(at..<min(bytes.count, at + 1 + random.below(6)), with: random.pick(nasty))
        }
      }
    }
    for round in 0..<250 {
      let (path, body) = random.pick(bodies)
      var content = Array(body.utf8)
      var head = Array(
        "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n".utf8)
      let changesHead = random.below(4) == 0
      if changesHead { mutate(&head) } else { mutate(&content) }
      // A corrupted head may promise more bytes than are sent; the end of the stream ends the server's wait.
      let connection = try WireClient.Connection(port: study.server.port)
      connection.write(Data(head) + Data("Content-Length: \(content.count)\r\n\r\n".utf8) + Data(content))
      if changesHead { connection.finishWriting() }
      let reply = changesHead && random.below(2) == 0 ? nil : try connection.read()
      if let reply {
        #expect(
          reply.status < 500 || reply.status == 505 || reply.status == 501,
          "round \(round): \(reply.status) \(String(decoding: content, as: UTF8.self))")
      }
    }
    // Everything that was accepted is complete, and the session can go on.
    let overview = try study.records.overview()
    #expect(overview.ratings == 0 || overview.ratings == letters.count)
    #expect(try study.client.get("/api/sessions/\(token)").status == 200)
  }
}
