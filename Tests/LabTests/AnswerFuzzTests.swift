import Basics
import Foundation
import TestSupport
import Testing

/// Answers of every step and trial type, and the experimenter's requests, corrupted at random as `FuzzTests` corrupts
/// files. Each is stored or refused with a reason, and what was stored can be exported.
@Suite("Corrupted answers")
struct AnswerFuzzTests {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
  /// Corrupted versions of each request: a sixth of those of a file, as there are many requests.
  private static let rounds = (number("EARSHOT_FUZZ_ROUNDS") ?? 60) / 6
  private static let seed = UInt64(number("EARSHOT_FUZZ_SEED") ?? 1)
  private static let oddities = [
    "null", "true", "-1", "1e308", "9223372036854775807", "9223372036854775808", "0.5", "\"\"", "[]", "{}", "[[]]",
    "\"\\u0000\"", "\"\\ud800\"", "\"a\"", "{\"a\":1}",
  ]

  private var random = SeededRandom(seed: Self.seed, "answers")

  /// Corrupts the body's bytes, or replaces one value with an odd one.
  private mutating func spoil(_ body: Data, others: [Data]) -> Data {
    let text = String(decoding: body, as: UTF8.self)
    let values = text.matches(of: /[:\[,]("[^"]*"(?!:)|[-0-9.eE]+|true|false|null|\[[^\[\]]*\])/)
      .map { $0.output.1.startIndex..<$0.output.1.endIndex }
    guard Bool.random(using: &random), !values.isEmpty else {
      return Spoiler.spoil(body, others: others, &random)
    }
    let place = values[Int.random(in: 0..<values.count, using: &random)]
    let oddity = Self.oddities[Int.random(in: 0..<Self.oddities.count, using: &random)]
    return Data(text.replacingCharacters(in: place, with: oddity).utf8)
  }

  /// Posts corrupted versions of `body`; none may cause a server error.
  /// - Returns: whether any of them was stored.
  private mutating func post(
    _ body: [String: Any], to path: String, of study: SmallStudy, others: [Data], _ headers: [String: String] = [:]
  ) throws -> Bool {
    let headers = headers.merging(["Content-Type": "application/json"]) { a, _ in a }
    var wasKept = false
    for _ in 0..<Self.rounds {
      var fresh = body
      fresh["key"] = SmallStudy.key()
      let whole = try JSONSerialization.data(withJSONObject: fresh, options: [.sortedKeys, .withoutEscapingSlashes])
      let spoilt = spoil(whole, others: others + [whole])
      let reply = try study.client.request("POST", path, headers, body: spoilt)
      #expect(reply.status < 500, "\(path): \(String(decoding: spoilt, as: UTF8.self)): \(reply.status) \(reply.text)")
      wasKept = wasKept || reply.status < 300
    }
    return wasKept
  }

  @Test("corrupted answers are stored or refused, and never cause a server error")
  mutating func spoilt() throws {
    let study = try TrialTypesTests.study(TrialTypesTests.names)
    let token = try study.join()
    let session = try #require(try study.records.session(tokenHash: ContentHash.of(token)))
    let plan = study.stage.plan(session.place, group: session.group, session.seed)
    var (seen, bodies) = (Set<String>(), [Data]())
    for part in try #require(try study.state(token)["parts"] as? [[String: Any]]) {
      let (step, number) = (part["step"] as? String ?? "", part["number"] as? Int ?? 0)
      var (body, kind): ([String: Any], String) = (["step": step, "number": number], step)
      switch step {
      case "questionnaire":
        let asked = (part["questions"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        body["answers"] = asked.contains("age") ? SmallStudy.answers : Dictionary(asked.map { ($0, 3) }) { a, _ in a }
      case "headphones": body["answers"] = [1, 1, 1]
      case "trial":
        let trial = plan.trials[number - 1]
        (body, kind) = (try TrialTypesTests.body(study, trial), "trial of \(trial.type)")
      default: break
      }
      let path = "/api/sessions/\(token)/responses"
      var wasKept = false
      if seen.insert(kind).inserted {
        bodies.append(try JSONSerialization.data(withJSONObject: body))
        wasKept = try post(body, to: path, of: study, others: bodies)
      }
      let reply = try study.respond(token, body)
      #expect(reply.status == 201 || wasKept, "\(kind): \(reply.status) \(reply.text)")
    }
    #expect(TrialTypesTests.names.allSatisfy { seen.contains("trial of \($0)") })

    let entered = try study.client.post("/lab", ["secret": SmallStudy.secret])
    let mine = ["Cookie": String(try #require(entered["Set-Cookie"]).prefix { $0 != ";" })]
    let event: [String: Any] = ["kind": "output", "at_ms": 5, "value": "x"]
    let posts: [(String, [String: Any])] = [
      ("/api/sessions", ["language": "en", "consent": true, "external_id": "a", "parameters": [["batch", "1"]]]),
      ("/api/sessions/\(token)/events", ["events": [event]]), ("/api/return", ["code": "ABCDEFGHJKMN"]),
      ("/api/leave", ["outcome": "no_consent", "language": "en", "parameters": [["batch", "1"]]]),
      ("/lab/api/pause", ["paused": false]),
      ("/lab/api/exclude", ["session": 1, "excluded": true, "reason": "noise"]),
      ("/lab/api/purge", ["session": 99, "participant": 99]), ("/lab/api/message", ["message": "Back soon."]),
    ]
    for (path, body) in posts { _ = try post(body, to: path, of: study, others: bodies, mine) }
    #expect(try study.client.get("/lab/api/status", mine).status == 200)
    #expect(try study.client.get("/lab/export/ratings.csv", mine).status == 200)
  }
}
