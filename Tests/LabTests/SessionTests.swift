import Foundation
import Testing
import TestSupport

@Suite("Taking part")
struct SessionTests {
  @Test("before joining: texts in every language, rendered, without raw HTML")
  func study() throws {
    let study = try SmallStudy()
    let view = try study.client.get("/api/study").json()
    #expect(view["open"] as? Bool == true)
    #expect(view["languages"] as? [String] == ["en", "de"])
    #expect(view["questions"] as? Int == 4)
    let texts = try #require(view["texts"] as? [String: [String: String]])
    #expect(texts["en"]?["welcome"]?.contains("<h1>Hello</h1>") == true)
    #expect(texts["en"]?["welcome"]?.contains("script") == false)
    #expect(texts["de"]?["welcome"] == "<h1>Hallo</h1>\n")
    #expect(texts["en"]?["consent"]?.contains("<strong>answers</strong>") == true)
  }

  @Test("a whole session, from joining to the redirect")
  func wholeWay() throws {
    let study = try SmallStudy()
    let token = try study.takePart(external: "a b&c")
    let state = try study.state(token)
    #expect(state["state"] as? String == "finished")
    let finish = try #require(state["finish"] as? [String: Any])
    #expect(finish["redirect"] as? String == "https://example.org/?id=a%20b%26c&n=1")
    let overview = try study.records.overview()
    #expect(overview.finished == 1)
    let trials = try study.trials(token)
    #expect(overview.ratings == trials.reduce(0) { $0 + $1.letters.count })
  }

  @Test("the state says where to continue")
  func state() throws {
    let study = try SmallStudy()
    let token = try study.join(language: "de")
    func done() throws -> [String: Any] { try #require(try study.state(token)["done"] as? [String: Any]) }
    #expect(try done()["questionnaire"] as? Bool == false)
    #expect(try study.state(token)["finish"] is NSNull)
    try study.prepare(token)
    let first = try #require(try study.trials(token).first)
    #expect(try study.respond(token, SmallStudy.trialBody(first.index, first.letters)).status == 201)
    let after = try done()
    #expect(after["questionnaire"] as? Bool == true)
    #expect(after["headphones"] as? Bool == true)
    #expect(after["trials"] as? [Int] == [1])
    let view = try study.state(token)
    #expect((view["study"] as? [String: Any])?["language"] as? String == "de")
    let conditions = Set((view["trials"] as? [[String: Any]] ?? []).compactMap { $0["condition_text"] as? String })
    #expect(conditions == ["Hi-Hat", "kick"])
  }

  @Test("joining again with the same key gives the same session; numbers count up")
  func joinAgain() throws {
    let study = try SmallStudy()
    let key = SmallStudy.key()
    let token = try study.join(key: key)
    #expect(token.utf8.count == 32)
    #expect(try study.join(key: key) == token)
    #expect(try study.join(key: key.uppercased()) == token)
    #expect(try study.join() != token)
    #expect(try study.records.overview().participants.map(\.participant) == [2, 1])
  }

  @Test("the same response again gets the same reply and counts once; a different one for the step is refused")
  func idempotence() throws {
    let study = try SmallStudy()
    let token = try study.join()
    try study.prepare(token)
    let trials = try study.trials(token)
    var bodies: [[String: Any]] = []
    var replies: [Data] = []
    for trial in trials {
      let body = SmallStudy.trialBody(trial.index, trial.letters).merging(["key": SmallStudy.key()]) { a, _ in a }
      let reply = try study.respond(token, body)
      #expect(reply.status == 201)
      bodies.append(body)
      replies.append(reply.body)
    }
    let ratings = try study.records.overview().ratings
    for (body, first) in zip(bodies, replies) {
      let again = try study.respond(token, body)
      #expect(again.status == 200)
      #expect(again.body == first)
      let other = try study.respond(token, body.merging(["key": SmallStudy.key()]) { _, new in new })
      #expect(other.status == 409)
      #expect(other.errorCode == "already_answered")
    }
    #expect(try study.records.overview().ratings == ratings)
  }

  @Test("steps are answered in order")
  func order() throws {
    let study = try SmallStudy()
    let token = try study.join()
    #expect(try study.respond(token, ["step": "volume"]).errorCode == "out_of_order")
    try study.prepare(token)
    let trials = try study.trials(token)
    #expect(try study.respond(token, SmallStudy.trialBody(2, trials[1].letters)).errorCode == "out_of_order")
    #expect(try study.records.overview().ratings == 0)
  }

  @Test("the server marks the headphone check, and turns listeners away only where the study says so")
  func headphones() throws {
    let study = try SmallStudy { $0.headphones.required = true }
    var outcomes: Set<Bool> = []
    for choice in 1...3 {
      for _ in 0..<4 {
        let token = try study.join()
        _ = try study.respond(token, ["step": "questionnaire", "answers": SmallStudy.answers])
        _ = try study.respond(token, ["step": "volume"])
        let reply = try study.respond(token, ["step": "headphones", "answers": [choice, choice, choice]])
        let passed = try #require((try reply.json()["passed"]) as? Bool as Bool?)
        outcomes.insert(passed)
        let next = try study.respond(token, ["step": "instructions"])
        #expect(next.status == (passed ? 201 : 403))
        #expect(try study.state(token)["state"] as? String == (passed ? "active" : "screened_out"))
      }
    }
    // Three rounds with three choices each, two to pass: a guesser passes in 7 of 27 cases.
    #expect(outcomes.contains(false))
  }

  @Test("a failed check may be repeated with other rounds, and a passed one cannot be spoilt")
  func attempts() throws {
    let study = try SmallStudy {
      $0.headphones.attempts = 3
      $0.headphones.required = true
      $0.headphones.kind = .huggins
      $0.finish.code = "C1DONE"
    }
    var outcomes: [Int: Int] = [:]
    for number in 0..<9 {
      let token = try study.join()
      _ = try study.respond(token, ["step": "questionnaire", "answers": SmallStudy.answers])
      _ = try study.respond(
        token, ["step": "volume", "device": ["rate_hz": 48000.2, "channels": 1e300, "latency_ms": -5]])
      let check = try #require((try study.state(token)["study"] as? [String: Any])?["headphones"] as? [String: Any])
      #expect(
        (check["rounds"] as? [Any])?.count == 9 && check["attempts"] as? Int == 3
          && check["kind"] as? String == "huggins")
      var made = 0
      var passed = false
      while !passed, made < 3 {
        #expect(try study.respond(token, ["step": "instructions"]).errorCode == "out_of_order")
        #expect(
          try study.respond(token, ["step": "headphones", "number": made + 1, "answers": [1, 1, 1]]).status >= 400)
        let reply = try study.respond(
          token, ["step": "headphones", "number": made, "answers": [1, 1 + number % 3, 2]])
        passed = try #require((try reply.json()["passed"]) as? Bool as Bool?)
        made += 1
      }
      outcomes[made, default: 0] += 1
      if passed, made < 3 {
        let spoilt = try study.respond(token, ["step": "headphones", "number": made, "answers": [1, 1, 1]])
        #expect(spoilt.errorCode == "already_answered")
        let done = try #require(try study.state(token)["done"] as? [String: Any])
        #expect((done["further"] as? [[String: Any]])?.count == 2, "what is left of it is as good as done")
      }
      #expect(try study.state(token)["state"] as? String == (passed ? "active" : "screened_out"))
      #expect(try study.respond(token, ["step": "instructions"]).status == (passed ? 201 : 403))
      let row = try #require(try study.table("participants").last)
      #expect(row["headphone_check"] == (passed ? "passed" : "failed") && row["headphone_attempts"] == "\(made)")
      #expect(row["device_rate_hz"] == "48000" && row["device_channels"] == nil && row["device_latency_ms"] == nil)
      guard passed else { continue }
      try study.finish(token)
      let state = try study.state(token)
      #expect(state["state"] as? String == "finished")
      #expect((state["finish"] as? [String: Any])?["code"] as? String == "C1DONE", "passed at attempt \(made)")
    }
    #expect(outcomes.count > 1, "\(outcomes)")
  }

  @Test("events name what was heard, and are stored once")
  func events() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let body: [String: Any] = [
      "key": SmallStudy.key(),
      "events": [
        ["at_ms": 5, "kind": "play", "trial": 1, "stimulus": "A", "value": NSNull()],
        ["at_ms": 6, "kind": "play", "trial": 1, "stimulus": "query"], ["at_ms": 9, "kind": "blur", "value": 3.5],
      ],
    ]
    #expect(try study.client.post("/api/sessions/\(token)/events", body).status == 201)
    #expect(try study.client.post("/api/sessions/\(token)/events", body).status == 200)
    #expect(try study.records.overview().events == 3)
  }

  @Test("after a change of the study, sessions under way are told so and keep their answers")
  func changedStudy() throws {
    let folder = try TemporaryFolder()
    var study: SmallStudy? = try SmallStudy(in: folder)
    let token = try #require(try study?.join())
    try study?.prepare(token)
    study = nil
    let same = try SmallStudy(in: folder)
    #expect((try same.state(token)["done"] as? [String: Any])?["instructions"] as? Bool == true)
    let changed = try SmallStudy(version: "v2", in: folder)
    #expect(try changed.records.stranded(otherThan: "v2").all == 1)
    #expect(try changed.respond(token, ["step": "volume"]).errorCode == "study_changed")
    let state = try changed.state(token)
    #expect(state["state"] as? String == "ended")
    #expect((state["trials"] as? [Any])?.isEmpty == true && (state["parts"] as? [Any])?.isEmpty == true)
    let out = try #require(state["finish"] as? [String: Any])
    // Sessions that a change ends leave as if they had finished.
    #expect(out["outcome"] as? String == "study_changed")
    #expect(out["redirect"] as? String == "https://example.org/?id=&n=1")
    #expect(try changed.records.stranded(otherThan: "v2").all == 0)
    #expect(try changed.records.overview().ended == 1 && changed.records.overview().active == 0)
    #expect(try changed.records.overview().responses == 4)
    _ = try changed.join()
    #expect(try changed.records.overview().participants.map(\.participant) == [2, 1])
  }

  @Test("a study can set the text, code and address for sessions that its change ends")
  func changedStudyWords() throws {
    let folder = try TemporaryFolder()
    var study: SmallStudy? = try SmallStudy(in: folder)
    let token = try #require(try study?.join(external: "p 7"))
    let done = try #require(try study?.takePart(external: "p 8"))
    study = nil
    let changed = try SmallStudy(
      {
        $0.leaving.studyChanged.text = ["en": "We are *sorry*.", "de": "Verzeihung."]
        $0.leaving.studyChanged.code = "C3PARTLY"
        $0.leaving.studyChanged.redirect = "https://example.org/partly?id={external_id}"
      }, version: "v2", in: folder)
    let out = try #require(try changed.state(token)["finish"] as? [String: Any])
    #expect(out["text"] as? String == "<p>We are <em>sorry</em>.</p>\n")
    #expect(out["code"] as? String == "C3PARTLY")
    #expect(out["redirect"] as? String == "https://example.org/partly?id=p%207")
    // Those who had finished see the last page again.
    let last = try changed.state(done)
    #expect(last["state"] as? String == "finished")
    #expect((last["finish"] as? [String: Any])?["redirect"] as? String == "https://example.org/?id=p%208&n=2")
    #expect((last["finish"] as? [String: Any])?["outcome"] == nil)
  }

  @Test(
    "a change of wording ends no session: the design's version stays, and each session records its wording")
  func rewordedStudy() throws {
    let folder = try TemporaryFolder()
    var study: SmallStudy? = try SmallStudy(version: "v1", design: "d", in: folder)
    let token = try #require(try study?.join(external: "who"))
    try study?.prepare(token)
    study = nil
    let later = try SmallStudy({ $0.title = "Another title" }, version: "v2", design: "d", in: folder)
    #expect(later.lab.version == "v1")
    #expect(try later.records.stranded(otherThan: "d").all == 0)
    #expect((try later.state(token)["study"] as? [String: Any])?["title"] as? String == "Another title")
    #expect(try later.join(external: "who") != token)  // The same session, in another browser.
    try later.finish(token)
    _ = try later.takePart()
    let cookie = ["Cookie": try LabTests.cookie(later)]
    let status = try later.client.get("/lab/api/status", cookie).json()
    #expect(status["study_version"] as? String == "v1" && status["title"] as? String == "Another title")
    let people = try later.rows("participants")
    #expect(people.map { $0["texts_version"] } == ["v1", "v2"])
    #expect(people.map { $0["outcome"] } == ["completed", "completed"])
    let ratings = try later.rows("ratings")
    #expect(Set(ratings.map { $0["study_version"] }) == ["v1"])
  }

  @Test("new wording is adopted while a study is served; another design is not")
  func reworded() throws {
    let study = try SmallStudy(design: "d")
    let token = try study.join()
    var design = study.design
    design.definition.title = "Reworded"
    (design.version, design.textsVersion) = ("v2", "v2")
    #expect(try study.lab.reword(design))
    #expect(try study.client.get("/api/study").json()["title"] as? String == "Reworded")
    #expect((try study.state(token)["study"] as? [String: Any])?["title"] as? String == "Reworded")
    #expect(study.lab.version == "version-of-the-first-study")
    try study.prepare(token)
    design.designVersion = "another"
    design.definition.title = "Another design"
    #expect(try !study.lab.reword(design))
    #expect(try study.client.get("/api/study").json()["title"] as? String == "Reworded")
    try study.finish(token)
  }

  @Test("those who fail a required headphone check are told the way out, and this is recorded")
  func screenedOut() throws {
    let study = try SmallStudy {
      $0.headphones.required = true
      $0.headphones.pass = 3
      $0.leaving.screenedOut.code = "C2SCREENED"
    }
    var (token, reply) = ("", [String: Any]())
    // A guesser passes three rounds of three in 1 of 27 cases.
    for _ in 0..<20 where reply["passed"] as? Bool != false {
      token = try study.join()
      _ = try study.respond(token, ["step": "questionnaire", "answers": SmallStudy.answers])
      _ = try study.respond(token, ["step": "volume"])
      reply = try study.respond(token, ["step": "headphones", "answers": [1, 1, 1]]).json()
    }
    #expect(reply["passed"] as? Bool == false)
    let out = try #require(reply["finish"] as? [String: Any])
    #expect(out["code"] as? String == "C2SCREENED" && out["outcome"] as? String == "screened_out")
    #expect(out["redirect"] is NSNull)
    #expect(try study.state(token)["state"] as? String == "screened_out")
    #expect(try study.records.overview().participants.first?.outcome == "screened_out")
  }

  @Test("a closed study admits nobody new, and sessions under way continue")
  func pause() throws {
    let study = try SmallStudy()
    let key = SmallStudy.key()
    let token = try study.join(key: key)
    let cookie = try LabTests.cookie(study)
    let reply = try study.client.post("/lab/api/pause", ["paused": true], ["Cookie": cookie])
    #expect(reply.status == 200)
    #expect(try study.client.get("/api/study").json()["open"] as? Bool == false)
    let body: [String: Any] = ["key": SmallStudy.key(), "language": "en", "consent": true]
    #expect(try study.client.post("/api/sessions", body).errorCode == "closed")
    #expect(try study.join(key: key) == token)
    try study.prepare(token)
  }
}
