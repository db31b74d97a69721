import Basics
import Foundation
import Records
import RecordsSQLite
import Testing
import TestSupport

@Suite("Refused answers hold nothing up and are kept")
struct RefusedTests {
  private static func report(
    _ study: SmallStudy, _ token: String, _ body: [String: Any], key: String = SmallStudy.key(),
    code: String = "invalid"
  ) throws -> WireClient.Reply {
    let sent = String(decoding: try JSONSerialization.data(withJSONObject: body, options: .sortedKeys), as: UTF8.self)
    var report: [String: Any] = ["key": key, "status": 422, "code": code, "body": sent]
    report["step"] = body["step"]
    report["trial"] = body["trial"]
    return try study.client.post("/api/sessions/\(token)/refused", report)
  }

  @Test("on a page that was open for days, implausible times are no reason to refuse an answer")
  func timing() throws {
    let study = try SmallStudy()
    let token = try study.join()
    try study.prepare(token)
    let trials = try study.trials(token)
    let leapYear = 31_622_400_000
    for (trial, (sent, stored)) in zip(
      trials,
      [
        (108_000_000, 108_000_000), (-5, 0), (1e300, leapYear), (2.75, 2), (Int.max, leapYear), (Int.min, 0),
      ] as [(Any, Int)])
    {
      var body = SmallStudy.trialBody(trial.index, trial.letters)
      var ratings = try #require(body["ratings"] as? [[String: Any]])
      ratings[0]["listened_ms"] = sent
      ratings[0]["plays"] = sent
      body["ratings"] = ratings
      body["response_ms"] = sent
      let reply = try study.respond(token, body)
      #expect(reply.status == 201, "\(stored): \(reply.text)")
      let row = try #require(try study.rows("ratings").first { $0["trial"] == String(trial.index) })
      #expect(try row.integer("response_ms") == stored)
      #expect(try row.integer("plays") == stored)
      #expect(try row.number("listened_s") == Double(stored) / 1000)
    }
  }

  @Test("events of a second day, from before the consent or with odd texts are stored")
  func events() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let events: [[String: Any]] = [
      ["at_ms": 200_000_000, "kind": "focus"], ["at_ms": -7, "kind": "blur"], ["at_ms": 1e200, "kind": "blur"],
      ["at_ms": 3, "kind": "error", "value": "a\u{0}b" + String(repeating: "x", count: 600)],
    ]
    let reply = try study.client.post("/api/sessions/\(token)/events", ["key": SmallStudy.key(), "events": events])
    #expect(reply.status == 201)
    let rows = try study.rows("events")
    #expect(rows.map { $0["at_ms"] } == ["200000000", "0", "31622400000", "3"])
    #expect(rows[3]["value"] == "a b" + String(repeating: "x", count: 497))
  }

  @Test("a control character does not lose an answer")
  func controlCharacters() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let answers: [String: Any] = ["age": 31, "remark": "a\u{0}b\u{b}c"]
    #expect(try study.respond(token, ["step": "questionnaire", "answers": answers]).status == 201)
    #expect(try study.rows("participants")[0]["remark"] == "a b c")
  }

  @Test("a refused trial is skipped, the session runs to its end, and all of it is in refused.csv")
  func passedOver() throws {
    let study = try SmallStudy()
    let token = try study.join()
    try study.prepare(token)
    let trials = try study.trials(token)
    let last = try #require(trials.last)
    for trial in trials {
      let body = SmallStudy.trialBody(trial.index, trial.letters)
      if trial.index == 2 || trial.index == last.index {
        let reply = try Self.report(study, token, body)
        #expect(reply.status == 201, "\(reply.text)")
        #expect((try reply.json()["done"] as? [String: Any])?["trials"] as? [Int] == Array(1...trial.index))
        #expect((try reply.json()["finish"] is NSNull) == (trial.index != last.index))
      } else {
        #expect(try study.respond(token, body).status == 201)
      }
    }
    #expect(try study.state(token)["state"] as? String == "finished")
    #expect(try study.records.overview().answersRefused == 2)
    let rows = try study.rows("refused")
    #expect(rows.map { $0["trial"] } == ["2", String(last.index)])
    #expect(rows.allSatisfy { $0["step"] == "trial" && $0["status"] == "422" && $0["code"] == "invalid" })
    #expect(rows[0]["body"]?.contains("\"listened_ms\":1310") == true)
    let rated = Set(try study.rows("ratings").map { $0["trial"] })
    let others = trials.map(\.index).filter { $0 != 2 && $0 != last.index }
    #expect(rated == Set(others.map { String($0) }))
  }

  @Test("a session is finished once no step is open, and not by a refusal of its last one")
  func lastAlone() throws {
    let study = try SmallStudy()
    let token = try study.join(external: "idle")
    let (trials, key) = (try study.trials(token), SmallStudy.key())
    let last = try #require(trials.last)
    let body = SmallStudy.trialBody(last.index, last.letters)
    #expect(try Self.report(study, token, body, key: key).status == 201)
    #expect(try study.state(token)["state"] as? String == "active")
    // Nor by an answer to it, behind a refusal of the step before it.
    let before = SmallStudy.trialBody(trials[trials.count - 2].index, trials[trials.count - 2].letters)
    #expect(try Self.report(study, token, before).status == 201)
    #expect(try study.respond(token, body.merging(["key": key]) { $1 }).status == 201)
    #expect(try study.state(token)["state"] as? String == "active")
    #expect(try study.records.submissions().isEmpty)
    #expect(try study.records.overview().finished == 0)
    try study.prepare(token)
    for trial in trials.dropLast(2) {
      #expect(try study.respond(token, SmallStudy.trialBody(trial.index, trial.letters)).status == 201)
    }
    #expect(try study.state(token)["state"] as? String == "finished")
    #expect(try study.records.submissions().map(\.externalID) == ["idle"])
  }

  @Test("a refusal is stored once, and is withdrawn when its answer is accepted after all")
  func takenLater() throws {
    let study = try SmallStudy()
    let token = try study.join()
    try study.prepare(token)
    let trial = try study.trials(token)[0]
    let key = SmallStudy.key()
    let body = SmallStudy.trialBody(trial.index, trial.letters).merging(["key": key]) { $1 }
    #expect(try Self.report(study, token, body, key: key).status == 201)
    #expect(try Self.report(study, token, body, key: key).status == 200)
    #expect(try study.records.overview().answersRefused == 1)
    #expect(try study.respond(token, body).status == 201)
    #expect(try study.records.overview().answersRefused == 0)
    #expect(try study.rows("refused").isEmpty)
    let done = try study.state(token)["done"] as? [String: Any]
    #expect(done?["trials"] as? [Int] == [1])
  }

  @Test("after a change of the study, answers waiting in a browser are still kept")
  func changedStudy() throws {
    let folder = try TemporaryFolder()
    var study: SmallStudy? = try SmallStudy(in: folder)
    let token = try #require(try study?.join())
    study = nil
    let later = try SmallStudy(version: "another-version", in: folder)
    #expect(try later.respond(token, ["step": "volume"]).errorCode == "study_changed")
    #expect(try Self.report(later, token, ["step": "volume"], code: "study_changed").status == 201)
    #expect(try later.records.overview().answersRefused == 1)
  }

  @Test("a session cannot store more than its share, and invalid reports are refused")
  func bounds() throws {
    let study = try SmallStudy()
    let token = try study.join()
    for body in [
      ["step": "lunch"], ["step": "trial"], ["step": "trial", "trial": 0], ["step": "trial", "trial": -1],
    ] as [[String: Any]] {
      #expect(try Self.report(study, token, body).errorCode == "invalid", "\(body)")
    }
    #expect(
      try Self.report(study, token, ["answers": String(repeating: "x", count: 100_001)]).errorCode == "invalid")
    #expect(try Self.report(study, String(repeating: "A", count: 32), ["step": "volume"]).errorCode == "unknown_token")
    for _ in 1...Refused.mostOfSession { #expect(try Self.report(study, token, [:]).status == 201) }
    #expect(try Self.report(study, token, [:]).errorCode == "invalid")
    let overview = try study.records.overview()
    #expect(overview.answersRefused == 0 && overview.eventsRefused == Refused.mostOfSession)
  }

  @Test("the session's time continues in every browser, and never runs backwards")
  func elapsed() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let first = try #require(try study.state(token)["elapsed_ms"] as? Int)
    let body: [String: Any] = ["key": SmallStudy.key(), "events": [["at_ms": 4_000_000, "kind": "blur"]]]
    #expect(try study.client.post("/api/sessions/\(token)/events", body).status == 201)
    let second = try #require(try study.state(token)["elapsed_ms"] as? Int)
    #expect(first >= 0 && first < 4_000_000 && second >= 4_000_000)
  }
}
