import Basics
import Foundation
import Records
import RecordsSQLite
import Study
import Synchronization
import TestSupport
import Testing

/// Who is admitted and when, who counts, and what those who leave early are told.
@Suite("Recruiting")
struct RecruitingTests {
  final class Clock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
    var now: Date { time.withLock(\.self) }
    func pass(minutes: Double) { time.withLock { $0.addTimeInterval(60 * minutes) } }
  }

  let clock = Clock()

  private func study(_ change: @escaping (inout StudyDefinition) -> Void) throws -> SmallStudy {
    try SmallStudy(change, workshop: "recruiting", now: { [clock] in clock.now })
  }

  private func closed(_ study: SmallStudy) throws -> String? {
    let view = try study.client.get("/api/study").json()
    #expect(view["open"] as? Bool == (view["closed"] == nil))
    return view["closed"] as? String
  }

  private func leave(_ study: SmallStudy, _ outcome: String, _ link: [[String]] = [], language: String = "en") throws
    -> WireClient.Reply
  {
    try study.client.post("/api/leave", ["outcome": outcome, "language": language, "parameters": link])
  }

  // MARK: Places

  @Test("a place is held for an active session, freed after silence, given to the next, and gone once filled")
  func places() throws {
    let study = try study {
      $0.joining.listeners = 2
      $0.joining.lease = 30
      $0.leaving.quotaFull.code = "C4FULL"
      $0.leaving.quotaFull.redirect = "https://panel.example/full?id={external_id}"
    }
    let (first, second) = (try study.join(external: "a"), try study.join(external: "b"))
    #expect(try study.joining(external: "c").errorCode == "places_taken")
    #expect(try closed(study) == "taken")
    #expect(try leave(study, "quota_full").errorCode == "not_so")
    try study.prepare(first)
    try study.finish(first)
    #expect(try study.joining(external: "c").errorCode == "places_taken")
    clock.pass(minutes: 29)
    #expect(try study.joining(external: "c").errorCode == "places_taken")
    // Known listeners may continue, whether there is a place or not.
    #expect(try study.joining(external: "b").status == 200)
    clock.pass(minutes: 2)
    #expect(try closed(study) == nil)
    let third = try study.join(external: "c")
    #expect(try study.joining(external: "d").errorCode == "places_taken")
    try study.prepare(third)
    try study.finish(third)
    #expect(try study.joining(external: "d").errorCode == "quota_full")
    #expect(try closed(study) == "full")
    // A silent listener may still finish.
    try study.prepare(second)
    try study.finish(second)
    let out = try leave(study, "quota_full", [["id", "d 1"]]).json()
    #expect(out["code"] as? String == "C4FULL")
    #expect(out["redirect"] as? String == "https://panel.example/full?id=d%201")
    let status = try study.client.get("/lab/api/status", ["Cookie": LabTests.cookie(study)]).json()
    #expect(status["places"] as? [String: Int] == ["wanted": 2, "passed": 3, "held": 0])
    #expect(status["closed"] as? String == "full")
  }

  @Test("a session that the study's rules flag fills no place, and the tables say why")
  func flags() throws {
    let study = try study {
      $0.joining.listeners = 1
      $0.flags.minutes = 3
      $0.flags.heard = 0.9
      $0.flags.checksFailed = 0
      $0.flags.headphones = true
      $0.headphones.pass = 3
    }
    let token = try study.join()
    try study.prepare(token, headphones: [1, 2, 1])
    try study.finish(token, plays: 0)
    #expect(try closed(study) == nil)
    let second = try study.join()
    try study.prepare(second, headphones: [1, 2, 1])
    clock.pass(minutes: 5)
    try study.finish(second)
    let flags = try study.rows("participants").map { ($0["flags"] ?? "").split(separator: ";").map(String.init) }
    #expect(flags[0].contains("too_fast") && flags[0].contains("unheard"))
    #expect(!flags[1].contains("too_fast") && !flags[1].contains("unheard"))
    #expect(flags[0].contains("inattentive") == flags[1].contains("inattentive"))
    #expect(try study.records.overview().flagged == flags.count { !$0.isEmpty })
  }

  @Test("forged refusals of answers fill no place, and are for the study team to judge")
  func skipped() throws {
    let study = try study { $0.joining.listeners = 1 }
    let token = try study.join(external: "cheat")
    for part in try #require(study.state(token)["parts"] as? [[String: Any]]) {
      let step = try #require(part["step"] as? String)
      var body: [String: Any] = ["key": SmallStudy.key(), "step": step, "status": 422, "code": "x", "body": "{}"]
      if let number = part["number"] as? Int, number > 0 { body["trial"] = number }
      #expect(try study.client.post("/api/sessions/\(token)/refused", body).status == 201)
    }
    #expect(try study.state(token)["state"] as? String == "finished")
    #expect(try closed(study) == nil)
    #expect(try study.rows("participants").map { $0["flags"] } == ["skipped"])
    let cookie = ["Cookie": try LabTests.cookie(study)]
    let list = try study.client.get("/lab/export/submissions.csv", cookie).text
    #expect(list.split(separator: "\n").last == "cheat,review,skipped")
  }

  @Test("an excluded session in progress gives its place to the next")
  func excludedUnderWay() throws {
    let study = try study { $0.joining.listeners = 1 }
    _ = try study.join(external: "a")
    #expect(try study.joining(external: "b").errorCode == "places_taken")
    let session = try #require(try study.records.overview().participants.first?.session)
    let cookie = ["Cookie": try LabTests.cookie(study)]
    let excluded = try study.client.post(
      "/lab/api/exclude", ["session": session, "excluded": true, "reason": "test"], cookie)
    #expect(excluded.status == 200)
    #expect(try study.joining(external: "b").status == 201)
  }

  @Test("a clock that is set back in mid-session makes nobody too fast, and no session end before it began")
  func clockSetBack() throws {
    let study = try study { $0.flags.minutes = 3 }
    let token = try study.join()
    clock.pass(minutes: 4)
    try study.prepare(token)
    clock.pass(minutes: -300)
    try study.finish(token)
    let row = try study.rows("participants")[0]
    #expect(row["flags"] == nil)
    #expect(try #require(row["finished_at"]) > #require(row["started_at"]))
    #expect(try #require(study.records.overview().medianMinutes) > 3.99)
  }

  @Test("without rules nothing is flagged")
  func noRules() throws {
    let study = try study { _ in }
    let token = try study.join()
    try study.prepare(token)
    try study.finish(token, plays: 0)
    #expect(try study.rows("participants")[0]["flags"] == nil)
    #expect(try study.records.overview().flagged == 0)
  }

  // MARK: Hours

  @Test("a study opens, keeps its hours and closes by itself; sessions under way continue")
  func hours() throws {
    // The clock starts at 08:00 UTC.
    let study = try study {
      $0.joining.opens = Moment("2027-01-15T09:30+01:00")
      $0.joining.hours = Hours("10:00-18:00")
      $0.joining.timeZone = "Europe/Berlin"
      $0.joining.closes = Moment("2027-01-16T10:00Z")
    }
    #expect(try closed(study) == "early")
    #expect(try study.client.get("/api/study").json()["opens_at"] as? String == "2027-01-15T08:30:00Z")
    #expect(try study.joining().errorCode == "closed")
    clock.pass(minutes: 45)
    #expect(try closed(study) == "hours")
    #expect(try study.client.get("/api/study").json()["opens_at"] as? String == "2027-01-15T09:00:00Z")
    clock.pass(minutes: 15)
    #expect(try closed(study) == nil)
    let token = try study.join(external: "a")
    clock.pass(minutes: 26 * 60)
    #expect(try closed(study) == "over")
    #expect(try study.joining(external: "b").errorCode == "closed")
    #expect(try study.joining(external: "a").status == 200)
    try study.prepare(token)
    try study.finish(token)
  }

  // MARK: Who joins

  @Test("newcomers from one address are rate-limited; sessions under way are not held up")
  func rate() throws {
    let study = try study { $0.joining.perMinute = 2 }
    let token = try study.join()
    _ = try study.join()
    let reply = try study.joining()
    #expect(reply.status == 429 && reply.errorCode == "too_many_joins")
    #expect(try reply.json()["retry"] as? Bool == true)
    #expect((Int(reply["Retry-After"] ?? "") ?? 0) > 0)
    // A web server in front names other addresses, each with its own rate.
    let body: [String: Any] = ["key": SmallStudy.key(), "language": "en", "consent": true]
    let other = try study.client.request(
      "POST", "/api/sessions", ["Content-Type": "application/json", "X-Forwarded-For": "192.0.2.7"],
      body: try JSONSerialization.data(withJSONObject: body))
    #expect(other.status == 201)
    try study.prepare(token)
    #expect(try study.records.overview().joined == 3)
  }

  @Test("where a study needs an id, a link without one admits nobody")
  func needsID() throws {
    let study = try study { $0.joining.needsID = true }
    #expect(try study.joining().errorCode == "id_required")
    #expect(try study.joining(link: [["PROLIFIC_PID", "{{%PROLIFIC_PID%}}"]]).errorCode == "id_required")
    #expect(try study.joining(link: [["PROLIFIC_PID", "p1"]]).status == 201)
    #expect(try study.records.overview().joined == 1)
  }

  @Test("of 500 with a third dropping out, those who finish rate each item equally often, within 2")
  func balance() throws {
    let study = try study {
      $0.trials.perParticipant = 2
      $0.joining.listeners = 280
    }
    let seed = study.design.definition.trials.seed
    let places = Places(wanted: 280, lease: 900)
    var random = SeededRandom(seed: 20, "who drops out")
    var pages: [String: Int] = [:]
    var refused = 0
    // A session takes ten minutes, and newcomers arrive every minute. On average, every third is abandoned.
    var underWay: [(session: Session, left: Int)] = []
    for number in 0..<500 {
      clock.pass(minutes: 1)
      for place in underWay.indices { underWay[place].left -= 1 }
      for one in underWay where one.left == 0 {
        let last = Answered(session: one.session.id, key: "last", step: .volume)
        _ = try Self.wait { study.records.save(last, after: nil, finishes: true, then: $0) }
        for trial in study.stage.plan(one.session.place, seed).trials
        where !trial.isTraining && !trial.isCatch && !trial.isRepeat {
          pages["\(trial.query) \(trial.condition)", default: 0] += 1
        }
      }
      underWay.removeAll { $0.left == 0 }
      let newcomer = Newcomer(
        keyHash: "key \(number)", tokenHash: "token \(number)", studyVersion: study.lab.version, seed: seed,
        language: "en")
      do {
        let session = try Self.wait { study.records.join(newcomer, places: places, then: $0) }.session
        if random.uniform(0...1) > 1.0 / 3 { underWay.append((session, 10)) }
      } catch RecordsError.taken, RecordsError.full { refused += 1 }
    }
    #expect(refused > 0 && pages.values.reduce(0, +) >= 2 * 275)
    let (fewest, most) = (pages.values.min() ?? 0, pages.values.max() ?? 0)
    let planned = study.design.blocks.joined().map { "\($0.query) \($0.condition)" }
    #expect(pages.count == Set(planned).count)
    #expect(most - fewest <= 2, "\(pages)")
    #expect(try study.rows("participants").allSatisfy { (Int($0["plan"] ?? "") ?? 0) >= 1 })
  }

  private static func wait<T: Sendable>(
    _ start: (@escaping @Sendable (Result<T, any Error>) -> Void) -> Void
  ) throws -> T {
    let box = Mutex<Result<T, any Error>?>(nil)
    let came = DispatchSemaphore(value: 0)
    start { result in
      box.withLock { $0 = result }
      came.signal()
    }
    came.wait()
    let result = box.withLock { $0 }
    return try #require(result).get()
  }

  @Test(
    "a single-use link admits one person once, from any browser; no link or an invented one admits nobody")
  func invitations() throws {
    let study = try study {
      $0.joining.byInvitation = true
      $0.joining.repeats = true
    }
    let cookie = ["Cookie": try LabTests.cookie(study)]
    #expect(try study.client.get("/lab/export/invitations.csv").status == 401)
    let list = try study.client.get("/lab/export/invitations.csv?count=3", cookie).text.split(separator: "\n")
    #expect(list.count == 4 && list[0] == "number,link")
    let codes = list.dropFirst().compactMap { $0.split(separator: "=").last.map(String.init) }
    #expect(Set(codes).count == 3)
    for forged in [
      "", "1", "1-", "0-x", "-1-x", "1-\(codes[1].dropFirst(2))", "01-\(codes[0].dropFirst(2))", codes[0] + "x",
    ] {
      #expect(try study.joining(link: [["invite", forged]]).errorCode == "not_invited", "\(forged)")
    }
    #expect(try study.joining().errorCode == "not_invited")
    let token = try study.join(link: [["invite", codes[0]]])
    #expect(try study.joining(link: [["invite", codes[0]]]).status == 200)
    try study.prepare(token)
    try study.finish(token)
    #expect(try study.joining(link: [["invite", codes[0]]]).errorCode == "already_finished")
    #expect(try study.joining(link: [["invite", codes[0]], ["id", "else"]]).errorCode == "already_finished")
    #expect(try study.joining(link: [["invite", codes[1]], ["id", "anna"]]).status == 201)
    #expect(try study.rows("participants").map { $0["external_id"] } == ["invitation 1", "anna"])
  }

  // MARK: Leaving

  @Test("a listener who does not consent is told the way out, and nothing is stored")
  func noConsent() throws {
    let study = try study {
      $0.leaving.noConsent.text = ["en": "Until *next* time.", "de": "Bis bald."]
      $0.leaving.noConsent.redirect = "https://panel.example/no?id={external_id}&s={panel_study}"
    }
    #expect(try study.client.get("/api/study").json()["declines"] as? Bool == true)
    let out = try leave(study, "no_consent", [["PROLIFIC_PID", "p1"], ["STUDY_ID", "s/1"]], language: "de").json()
    #expect(out["text"] as? String == "<p>Bis bald.</p>\n")
    #expect(out["redirect"] as? String == "https://panel.example/no?id=p1&s=s%2F1")
    #expect(out["outcome"] as? String == "no_consent")
    for outcome in ["completed", "screened_out", "withdrawn", "study_changed", "quota_full"] {
      #expect(try leave(study, outcome).errorCode == "not_so", "\(outcome)")
    }
    #expect(try leave(study, "lunch").status == 400)
    #expect(try study.records.overview().joined == 0)
  }

  @Test(
    "after withdrawing, listeners get the way out; answers are kept, no more are taken, and they cannot rejoin"
  )
  func withdrawn() throws {
    let study = try study { $0.leaving.withdrawn.code = "C5STOPPED" }
    let token = try study.join(external: "a")
    #expect((try study.state(token)["study"] as? [String: Any])?["may_withdraw"] as? Bool == true)
    try study.prepare(token)
    let out = try study.client.post("/api/sessions/\(token)/withdraw", [:]).json()
    #expect(out["code"] as? String == "C5STOPPED" && out["redirect"] is NSNull)
    let state = try study.state(token)
    #expect(state["state"] as? String == "ended")
    #expect((state["finish"] as? [String: Any])?["outcome"] as? String == "withdrawn")
    let trial = try #require(try study.trials(token).first)
    let refused = try study.respond(token, SmallStudy.trialBody(trial.index, trial.letters))
    #expect(refused.status == 403 && refused.errorCode == "withdrawn")
    #expect(try study.joining(external: "a").errorCode == "withdrawn")
    #expect(try study.rows("participants").map { $0["outcome"] } == ["withdrawn"])
    #expect(try study.records.overview().responses == 4)
    // A finished session stays finished.
    let done = try study.takePart()
    let last = try study.client.post("/api/sessions/\(done)/withdraw", [:]).json()
    #expect(last["outcome"] == nil)
    #expect(try study.state(done)["state"] as? String == "finished")
  }

  @Test("on withdrawal, answers are deleted byte for byte where the study or the listener wants it")
  func forgotten() throws {
    let mark = "kept by nobody \(UUID().uuidString)"
    func answers(_ fate: StudyDefinition.Leaving.Answers, wish: Bool?) throws -> (rows: Int, isOnDisk: Bool) {
      let study = try study { ($0.leaving.withdrawn.code, $0.leaving.withdrawnAnswers) = ("C5STOPPED", fate) }
      let token = try study.join(external: "a")
      _ = try study.respond(
        token, ["step": "questionnaire", "answers": SmallStudy.answers.merging(["remark": mark]) { $1 }])
      _ = try study.respond(token, ["step": "volume"])
      _ = try study.client.post(
        "/api/sessions/\(token)/events",
        ["key": SmallStudy.key(), "events": [["at_ms": 3, "kind": "play", "stimulus": "volume"]]])
      // What is handed out stays with whoever downloads it, and not on the server.
      let cookie = ["Cookie": try LabTests.cookie(study)]
      for name in ["participants.csv", "export.zip"] {
        #expect(try study.client.get("/lab/export/\(name)", cookie).status == 200)
      }
      let told = try #require(try study.state(token)["study"] as? [String: Any])
      #expect(told["withdrawn_answers"] as? String == (fate == .kept ? nil : fate.rawValue))
      let body: [String: Any] = wish.map { ["delete": $0] } ?? [:]
      for _ in 1...2 {  // The reply may be lost on the way.
        let out = try study.client.post("/api/sessions/\(token)/withdraw", body).json()
        #expect(out["code"] as? String == "C5STOPPED")
      }
      let late = try study.respond(token, ["step": "headphones", "answers": [1, 1, 1]])
      #expect(late.errorCode == "withdrawn")
      #expect(try study.joining(external: "a").errorCode == "withdrawn")
      #expect(try study.rows("participants").map { $0["outcome"] } == ["withdrawn"])
      let overview = try study.records.overview()
      let rows = try study.rows("events").count
      #expect((rows == 0) == (overview.responses == 0))
      #expect(try study.records.acts(.forgot).map(\.about) == (rows == 0 ? ["1"] : []))
      // A late wish does not delete a finished session.
      let done = try study.takePart()
      _ = try study.client.post("/api/sessions/\(done)/withdraw", ["delete": true])
      #expect(try study.state(done)["state"] as? String == "finished")
      #expect(try study.rows("ratings").isEmpty == false)
      return (rows, try study.isOnDisk(mark))
    }
    for (fate, wish, isKept) in [
      (.kept, true, true), (.kept, nil, true), (.deleted, nil, false), (.asked, true, false), (.asked, false, true),
      (.asked, nil, true),
    ] as [(StudyDefinition.Leaving.Answers, Bool?, Bool)] {
      let (rows, isOnDisk) = try answers(fate, wish: wish)
      #expect((rows > 0) == isKept && isOnDisk == isKept, "\(fate) \(String(describing: wish))")
    }
  }

  // MARK: Coming back

  @Test(
    "a break's code opens the session on another device, however it is typed; wrong codes are slowed down")
  func returnCode() throws {
    let study = try study {
      var block = $0.runs[0]
      block.pauseEvery = 1
      $0.blocks = [block]
    }
    #expect(try study.client.get("/api/study").json()["takes_codes"] as? Bool == true)
    let token = try study.join()
    try study.prepare(token)
    let parts = try #require(try study.state(token)["parts"] as? [[String: Any]])
    let codes = Set(parts.filter { $0["step"] as? String == "break" }.compactMap { $0["code"] as? String })
    let code = try #require(codes.first)
    #expect(codes.count == 1 && code.wholeMatch(of: /[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}/) != nil)
    func back(_ code: String, key: String = SmallStudy.key()) throws -> WireClient.Reply {
      try study.client.post("/api/return", ["key": key, "code": code])
    }
    let other = try study.join()
    let otherCode = (try study.state(other)["parts"] as? [[String: Any]])?.compactMap { $0["code"] as? String }.first
    #expect(otherCode != nil && otherCode != code)
    let typed = [
      code, code.lowercased(), code.replacing("-", with: ""), " \(code.replacing("-", with: " ")) ",
      code.replacing("0", with: "O").replacing("1", with: "l"),
    ]
    var tokens: Set<String> = [token]
    for typed in typed {
      let reply = try back(typed)
      let further = try #require(try reply.json()["token"] as? String, "\(typed): \(reply.text)")
      #expect(tokens.insert(further).inserted)
      #expect((try study.state(further)["done"] as? [String: Any])?["instructions"] as? Bool == true)
    }
    // A retry gets the same token; the key of another session opens nothing.
    let key = SmallStudy.key()
    #expect(try back(code, key: key).text == back(code, key: key).text)
    #expect(try back(otherCode ?? "", key: key).errorCode == "unknown_code")
    #expect(try study.rows("participants").map { $0["further_browsers"] } == ["6", "0"])
    // All tokens belong to one session.
    let trial = try #require(try study.trials(token).first)
    #expect(
      try study.respond(tokens.first { $0 != token } ?? "", SmallStudy.trialBody(trial.index, trial.letters)).status
        == 201)
    #expect((try study.state(token)["done"] as? [String: Any])?["trials"] as? [Int] == [trial.index])

    var statuses: [Int] = []
    let last = code.hasSuffix("7") ? "8" : "7"
    for wrong in [
      "", "x", String(code.dropLast()) + last, "0" + code, "0000-" + code.dropFirst(5),
      String(repeating: "Z", count: 90),
      "ZZZZ-ZZZZ-ZZZZ", "🥁🥁🥁🥁-0000-0000", "0000-0000-0000", "-", "1",
    ] { statuses.append(try back(wrong).status) }
    #expect(statuses == [Int](repeating: 404, count: 10) + [429])
    #expect(try back(code).status == 200, "who has the right one is not slowed down")
    #expect(try back(String(repeating: "Z", count: 101)).status == 422)
  }

  @Test("without breaks there is no return code")
  func noReturnCode() throws {
    let study = try study { _ in }
    #expect(try study.client.get("/api/study").json()["takes_codes"] == nil)
  }

  // MARK: Panels

  struct PanelCase: Sendable, CustomTestStringConvertible {
    var name: String
    var link: [[String]]
    var id: String
    var study: String
    var session: String
    var testDescription: String { name }
  }

  static let panels = [
    PanelCase(
      name: "prolific", link: [["PROLIFIC_PID", "5f"], ["STUDY_ID", "61"], ["SESSION_ID", "62"]], id: "5f", study: "61",
      session: "62"),
    PanelCase(
      name: "mturk",
      link: [
        ["assignmentId", "3A"], ["hitId", "3H"], ["workerId", "A1"], ["turkSubmitTo", "https://www.mturk.com"],
      ],
      id: "A1", study: "3H", session: "3A"),
    PanelCase(
      name: "cloudresearch", link: [["participantId", "C1"], ["assignmentId", "CA"], ["projectId", "CP"]], id: "C1",
      study: "CP", session: "CA"),
    PanelCase(name: "sona", link: [["survey_code", "4711"]], id: "4711", study: "", session: ""),
    PanelCase(name: "", link: [["id", "anna"]], id: "anna", study: "", session: ""),
  ]

  @Test(
    "each panel's listeners bring its parameters, and each outcome has its own code and address", arguments: panels
  )
  func panel(_ panel: PanelCase) throws {
    let way = "https://panel.example/{external_id}/{panel_study}/{panel_session}?end="
    func filled(_ end: String) -> String {
      "https://panel.example/\(panel.id)/\(panel.study)/\(panel.session)?end=\(end)"
    }
    let study = try study {
      $0.joining.listeners = 1
      $0.headphones.required = true
      $0.headphones.pass = 3
      ($0.finish.redirect, $0.finish.code) = (way + "done", "C1")
      ($0.leaving.screenedOut.redirect, $0.leaving.screenedOut.code) = (way + "screened", "C2")
      ($0.leaving.quotaFull.redirect, $0.leaving.quotaFull.code) = (way + "full", "C4")
      ($0.leaving.noConsent.redirect, $0.leaving.noConsent.code) = (way + "no", "C0")
      ($0.leaving.withdrawn.redirect, $0.leaving.withdrawn.code) = (way + "stopped", "C5")
    }
    func check(_ out: [String: Any], _ end: String, _ code: String, _ outcome: String?) {
      #expect(out["redirect"] as? String == filled(end))
      #expect(out["code"] as? String == code)
      #expect(out["outcome"] as? String == outcome)
    }
    check(try leave(study, "no_consent", panel.link).json(), "no", "C0", "no_consent")
    // One person who fails the check, withdraws or finishes uses the same link each time; the places become free in
    // between.
    var ends: Set<String> = []
    for number in 0..<60 where ends.count < 2 {
      let link = panel.link + [["number", "\(number)"]]
      let token = try study.join(link: number == 0 ? link : link.map { [$0[0], "\($0[1])\(number)"] })
      _ = try study.respond(token, ["step": "questionnaire", "answers": SmallStudy.answers])
      _ = try study.respond(token, ["step": "volume"])
      let reply = try study.respond(token, ["step": "headphones", "answers": [1, 1, 1]]).json()
      let screened = reply["passed"] as? Bool == false
      let out =
        screened
        ? reply["finish"] as? [String: Any] ?? [:]
        : try study.client.post("/api/sessions/\(token)/withdraw", [:]).json()
      ends.insert(screened ? "screened" : "stopped")
      #expect(out["code"] as? String == (screened ? "C2" : "C5"))
      if number == 0 {
        check(out, screened ? "screened" : "stopped", screened ? "C2" : "C5", screened ? "screened_out" : "withdrawn")
      }
    }
    #expect(ends.contains("screened"))
    let rows = try study.rows("participants")
    #expect(rows[0]["external_id"] == panel.id)
    #expect(rows[0]["recruited_from"] ?? "" == panel.name)
    #expect(rows[0]["panel_study"] ?? "" == panel.study)
    #expect(rows[0]["panel_session"] ?? "" == panel.session)
  }

  @Test("an exit that the panel wants signed is signed over all before the signature; without a key nothing is served")
  func signed() throws {
    let folder = try TemporaryFolder()
    func change(_ definition: inout StudyDefinition) {
      definition.finish.redirect = "https://panel.example/done?id={external_id}&s=1&hash={signature}"
      definition.leaving.noConsent.redirect = "https://panel.example/no?sig={signature}&id={external_id}"
    }
    #expect(throws: Problem.self) { try SmallStudy(change, in: folder) }
    let data = folder.url.appending(path: "data")
    try Data("a key of the panel's own\n".utf8).write(to: data.appending(path: "panel-key"))
    let study = try SmallStudy(change, in: folder)
    func code(_ text: String) -> String {
      let check = Process()
      check.executableURL = URL(filePath: "/usr/bin/python3")
      check.arguments = [
        "-c",
        "import hashlib, hmac, sys; print(hmac.new(sys.argv[1].encode(), sys.argv[2].encode(), hashlib.sha256).hexdigest(), end='')",
        "a key of the panel's own", text,
      ]
      let pipe = Pipe()
      check.standardOutput = pipe
      try? check.run()
      return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
    let token = try study.join(external: "a b&c")
    try study.prepare(token)
    try study.finish(token)
    let out = try #require(try study.state(token)["finish"] as? [String: Any])
    let text = "https://panel.example/done?id=a%20b%26c&s=1"
    #expect(out["redirect"] as? String == "\(text)&hash=\(code(text))")
    let no = try leave(study, "no_consent", [["id", "b"]]).json()
    #expect(no["redirect"] as? String == "https://panel.example/no?sig=\(code("https://panel.example/no"))&id=b")
  }

  @Test("a redirect that is signed only since the study was read again is signed, too, or not adopted")
  func signedLater() throws {
    let folder = try TemporaryFolder()
    let study = try SmallStudy(
      { $0.leaving.noConsent.redirect = "https://panel.example/no?id={external_id}" }, in: folder)
    var design = study.design
    design.definition.leaving.noConsent.redirect = "https://panel.example/no?id={external_id}&sig={signature}"
    func redirect() throws -> String? { try leave(study, "no_consent", [["id", "b"]]).json()["redirect"] as? String }
    #expect(throws: Problem.self) { try study.lab.reword(design) }
    #expect(try redirect() == "https://panel.example/no?id=b")
    try Data("a key of the panel's own\n".utf8).write(to: folder.url.appending(path: "data/panel-key"))
    #expect(try study.lab.reword(design))
    #expect(try redirect()?.wholeMatch(of: /https:\/\/panel.example\/no\?id=b&sig=[0-9a-f]{64}/) != nil)
  }

  @Test("each panel's list says whom to approve, whom to reject and why, and whom to check")
  func submissions() throws {
    let study = try study {
      $0.flags.minutes = 3
      $0.joining.repeats = true
    }
    let cookie = ["Cookie": try LabTests.cookie(study)]
    for panel in Self.panels {
      for (number, minutes) in [5.0, 0, 5].enumerated() {
        let token = try study.join(link: panel.link.map { [$0[0], "\($0[1])\(number)"] })
        try study.prepare(token)
        clock.pass(minutes: minutes)
        try study.finish(token)
        guard number == 2 else { continue }
        let session = try #require(try study.records.overview().participants.first?.session)
        let reply = try study.client.post(
          "/lab/api/exclude", ["session": session, "excluded": true, "reason": "=silence"], cookie)
        #expect(reply.status == 200)
      }
      _ = try study.join(link: panel.link.map { [$0[0], "\($0[1])-under-way"] })
    }
    func list(_ name: String) throws -> [String] {
      try study.client.get("/lab/export/\(name)", cookie).text.split(separator: "\n").map(String.init)
    }
    #expect(
      try list("submissions-mturk.csv") == [
        "AssignmentId,WorkerId,HITId,Approve,Reject", "3A0,A10,3H0,x,", "3A1,A11,3H1,,", "3A2,A12,3H2,,'=silence",
      ])
    #expect(
      try list("submissions-prolific.csv") == [
        "Submission id,Participant id,Study id,Decision,Reason", "620,5f0,610,approve,", "621,5f1,611,review,too fast",
        "622,5f2,612,reject,'=silence",
      ])
    #expect(try list("submissions-cloudresearch.csv")[1] == "CA0,C10,CP0,approve,")
    #expect(try list("submissions-sona.csv").dropFirst() == ["47110,1,", "47111,,too fast", "47112,0,'=silence"])
    #expect(
      try list("submissions.csv") == [
        "external_id,decision,reason", "anna0,approve,", "anna1,review,too fast", "anna2,reject,'=silence",
      ])
    #expect(try study.client.get("/lab/export/submissions-else.csv", cookie).status == 404)
  }

  @Test("who left with a code is in the panel's list, too")
  func submissionsOfOthers() throws {
    let study = try study {
      $0.finish.code = "DONE"
      $0.leaving.withdrawn.code = "STOPPED"
    }
    let sessions = try ["changed", "stopped", "open"].map { name in
      let token = try study.join(external: name)
      return (token, try #require(try study.records.overview().participants.first?.session))
    }
    _ = try study.client.post("/api/sessions/\(sessions[1].0)/withdraw", [String: Bool]())
    _ = try Self.wait { study.records.end(session: sessions[0].1, as: .studyChanged, then: $0) }
    let cookie = ["Cookie": try LabTests.cookie(study)]
    let list = try study.client.get("/lab/export/submissions.csv", cookie).text
    #expect(
      list.split(separator: "\n").dropFirst() == ["changed,approve,study changed", "stopped,review,withdrawn"])
  }

  @Test("the last page's code and address come with the reply to the last answer, for each panel", arguments: panels)
  func finished(_ panel: PanelCase) throws {
    let study = try study {
      $0.joining.listeners = 1
      $0.finish.redirect = "https://panel.example/{external_id}/{panel_session}"
      $0.finish.code = "C1"
      $0.leaving.quotaFull.redirect = "https://panel.example/full/{external_id}/{panel_study}"
      $0.leaving.quotaFull.code = "C4"
    }
    let token = try study.join(link: panel.link)
    try study.prepare(token)
    #expect(try study.state(token)["finish"] is NSNull)
    try study.finish(token)
    let out = try #require(try study.state(token)["finish"] as? [String: Any])
    #expect(out["code"] as? String == "C1")
    #expect(out["redirect"] as? String == "https://panel.example/\(panel.id)/\(panel.session)")
    let full = try leave(study, "quota_full", panel.link).json()
    #expect(full["code"] as? String == "C4" && full["outcome"] as? String == "quota_full")
    #expect(full["redirect"] as? String == "https://panel.example/full/\(panel.id)/\(panel.study)")
  }
}
