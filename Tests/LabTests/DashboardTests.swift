import Foundation
import HTTP
import Lab
import Logging
import Records
import RecordsSQLite
import Synchronization
import TestSupport
import Testing

@Suite("What the dashboard shows and does")
struct DashboardTests {
  private let clock = RecruitingTests.Clock()

  private func study() throws -> SmallStudy { try SmallStudy(workshop: "lab", now: { [clock] in clock.now }) }

  private func ask(_ study: SmallStudy, _ path: String, _ headers: [String: String] = [:]) throws -> WireClient.Reply {
    try study.client.get(path, headers.merging(["Cookie": try LabTests.cookie(study)]) { a, _ in a })
  }

  private func list(_ reply: WireClient.Reply) throws -> [[String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: reply.body) as? [[String: Any]])
  }

  @Test("people can be found by number, id, group and origin")
  func find() throws {
    let study = try study()
    for id in ["5f3a9c", "Żółć 12", "100%"] { _ = try study.join(external: id) }
    _ = try study.join(link: [["from", "poster"]])
    func found(_ text: String) throws -> [Int] {
      var query = CharacterSet.alphanumerics
      query.remove(charactersIn: "+")
      let text = text.addingPercentEncoding(withAllowedCharacters: query) ?? ""
      return try list(ask(study, "/lab/api/participants?text=\(text)")).compactMap { $0["participant"] as? Int }
    }
    #expect(try found("3A9") == [1])
    #expect(try found("12") == [2])
    #expect(try found("ółć") == [2] && found("żÓŁĆ") == [2])
    #expect(try found("2") == [2])
    #expect(try found("%") == [3])
    #expect(try found("poster") == [4])
    for text in ["nobody", "' OR 1=1 --", "99999999999999999999"] { #expect(try found(text) == [], "\(text)") }
    #expect(try found("") == [4, 3, 2, 1])
    let records = try ask(study, "/lab/api/status").json()["records"] as? [String: Any]
    let people = try #require(records?["participants"] as? [[String: Any]])
    #expect(people.map { $0["external_id"] as? String } == [nil, "100%", "Żółć 12", "5f3a9c"])
    #expect(try study.client.get("/lab/api/participants?text=1").status == 401)
  }

  @Test("the dashboard shows where listeners left, and the time per page")
  func pages() throws {
    let study = try study()
    _ = try study.join()
    let second = try study.join()
    _ = try study.respond(second, ["step": "questionnaire", "answers": SmallStudy.answers, "response_ms": 1000])
    let third = try study.join()
    _ = try study.respond(third, ["step": "questionnaire", "answers": SmallStudy.answers, "response_ms": 4000])
    _ = try study.respond(third, ["step": "volume"])
    let fourth = try study.join()
    _ = try study.respond(fourth, ["step": "questionnaire", "answers": SmallStudy.answers])
    clock.pass(minutes: 11)
    // An active listener has not left anywhere.
    _ = try study.respond(fourth, ["step": "volume"])
    _ = try study.takePart()
    let pages = try list(ask(study, "/lab/api/pages"))
    func row(_ page: [String: Any]) -> [AnyHashable?] {
      [
        page["step"] as? String, page["answered"] as? Int, page["left"] as? Int, page["median_seconds"] as? Double,
      ]
    }
    #expect(row(pages[0]) == ["welcome", 5, 1, nil])
    #expect(row(pages[1]) == ["questionnaire", 4, 1, 2.5])
    #expect(row(pages[2]) == ["volume", 3, 1, nil])
    #expect(pages.dropFirst(3).allSatisfy { $0["left"] as? Int == 0 })
    let trials = pages.filter { $0["step"] as? String == "trial" }
    #expect(trials.map { $0["number"] as? Int } == Array(1...trials.count))
    #expect(trials.allSatisfy { $0["median_seconds"] as? Double == 31.8 })
  }

  @Test("a session is shown from its beginning to its end, with who decided what")
  func timeline() throws {
    let study = try study()
    let token = try study.join(external: "p1")
    clock.pass(minutes: 1)
    _ = try study.respond(token, ["step": "questionnaire", "answers": SmallStudy.answers, "response_ms": 1234])
    clock.pass(minutes: 1)
    _ = try study.client.post(
      "/lab/api/exclude", ["session": 1, "excluded": true, "reason": "spoke all the time"],
      ["Cookie": try LabTests.cookie(study)])
    let told = try ask(study, "/lab/api/sessions/1").json()
    let entries = try #require(told["entries"] as? [[String: Any]])
    #expect(entries.map { $0["what"] as? String } == ["began", "answered", "excluded"])
    #expect(entries[1]["step"] as? String == "questionnaire" && entries[1]["response_ms"] as? Int == 1234)
    #expect(entries[2]["why"] as? String == "spoke all the time")
    for nowhere in ["2", "0", "-1", "x", "99999999999999999999"] {
      #expect(try ask(study, "/lab/api/sessions/\(nowhere)").status == 404, "\(nowhere)")
    }
  }

  @Test(
    "withdrawing deletes the data once the number is typed; the act is kept, and the number is never used again")
  func purge() throws {
    let study = try study()
    let kept = try study.takePart(external: "stays")
    let token = try study.takePart(external: "goes away")
    let cookie = ["Cookie": try LabTests.cookie(study)]
    let wrong = try study.client.post("/lab/api/purge", ["session": 2, "participant": 1], cookie)
    #expect(wrong.status == 422)
    #expect(try study.client.post("/lab/api/purge", ["session": 9, "participant": 9], cookie).status == 404)
    #expect(try study.client.post("/lab/api/purge", ["session": 2, "participant": 2]).status == 401)
    #expect(try study.rows("participants").count == 2)
    #expect(try study.isOnDisk("goes away"))
    #expect(try study.client.post("/lab/api/purge", ["session": 2, "participant": 2], cookie).status == 200)
    for table in ["participants", "ratings", "events"] {
      #expect(try study.rows(table).allSatisfy { $0["participant"] == "1" }, "\(table)")
    }
    #expect(try !study.isOnDisk("goes away") && study.isOnDisk("stays"))
    #expect(try study.client.get("/api/sessions/\(token)").errorCode == "unknown_token")
    #expect(try study.respond(token, ["step": "volume"]).errorCode == "unknown_token")
    #expect(try study.client.get("/api/sessions/\(kept)").status == 200)
    #expect(try study.records.acts(.purged).map(\.about) == ["2"])
    _ = try study.join(external: "goes away")
    #expect(try study.rows("participants").map { $0["participant"] } == ["1", "3"])
  }

  @Test("those who are turned away read the study team's own words, and nobody else does")
  func message() throws {
    let study = try study()
    let cookie = ["Cookie": try LabTests.cookie(study)]
    func told() throws -> String? { try study.client.get("/api/study").json()["message"] as? String }
    #expect(try study.client.post("/lab/api/message", ["message": " Back on Monday. "], cookie).status == 200)
    #expect(try told() == nil)
    _ = try study.client.post("/lab/api/pause", ["paused": true], cookie)
    #expect(try told() == "Back on Monday.")
    #expect(try study.client.post("/lab/api/message", ["message": "a\u{0}b"], cookie).status == 422)
    #expect(
      try study.client.post("/lab/api/message", ["message": String(repeating: "x", count: 501)], cookie).status == 422)
    #expect(try study.client.post("/lab/api/message", ["message": "x"]).status == 401)
    #expect(try study.client.post("/lab/api/message", ["message": ""], cookie).status == 200)
    #expect(try told() == nil)
  }

  @Test("an unchanged status is not sent again")
  func unchanged() throws {
    let study = try study()
    let first = try ask(study, "/lab/api/status")
    let tag = try #require(first["ETag"])
    let again = try ask(study, "/lab/api/status", ["If-None-Match": tag])
    #expect(again.status == 304 && again.body.isEmpty && again["ETag"] == tag)
    _ = try study.join()
    let changed = try ask(study, "/lab/api/status", ["If-None-Match": tag])
    #expect(changed.status == 200 && changed["ETag"] != tag)
  }

  @Test("a report is made on request, and the request is logged")
  func report() throws {
    let study = try study()
    let (begun, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let fails = Mutex(false)
    let people = Mutex([Int]())
    let lab = try Lab(
      stage: study.stage, records: study.records, pages: SmallStudy.pages, data: study.data, secret: SmallStudy.secret,
      report: { data, folder in
        begun.signal()
        mayEnd.wait()
        let table = try String(contentsOf: data.appending(path: "export/participants.csv"), encoding: .utf8)
        people.withLock { $0.append(table.split(whereSeparator: \.isNewline).count - 1) }
        if fails.withLock(\.self) { throw WireClient.Failure(description: "too few ratings") }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("<p>who leads".utf8).write(to: folder.appending(path: "report.html"))
        let block = folder.appending(path: "blocks/first", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: block, withIntermediateDirectories: true)
        try Data("<p>of the first".utf8).write(to: block.appending(path: "report.html"))
      }, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let server = try Server(port: 0, handler: lab.handler)
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let cookie = ["Cookie": try LabTests.cookie(study)]
    func state() throws -> String? {
      (try client.get("/lab/api/status", cookie).json()["report"] as? [String: Any])?["state"] as? String
    }
    func wait(for wanted: String) throws {
      var asked = 0
      while try state() == "working", asked < 100_000 { asked += 1 }
      #expect(try state() == wanted)
    }
    #expect(try state() == nil)
    #expect(try client.get("/lab/report", cookie).status == 404)
    #expect(try client.post("/lab/api/report", [String: String]()).status == 401)
    #expect(try client.post("/lab/api/report", [String: String](), cookie).status == 200)
    begun.wait()
    #expect(try state() == "working")
    // A table that is downloaded meanwhile knows of a newcomer; the report's tables are all of the moment of its request.
    let before = try study.records.overview().joined
    _ = try study.join()
    #expect(try client.get("/lab/export/participants.csv", cookie).status == 200)
    mayEnd.signal()
    try wait(for: "ready")
    let page = try client.get("/lab/report", cookie)
    #expect(page.status == 200 && page.text == "<p>who leads" && page["Cache-Control"] == "no-store")
    #expect(page["Content-Security-Policy"]?.hasPrefix("sandbox ") == true)
    #expect(try client.get("/lab/report").status == 401)
    // Each block has its own report.
    let told = try client.get("/lab/api/status", cookie).json()["report"] as? [String: Any]
    #expect(told?["blocks"] as? [String] == ["first"])
    #expect(try client.get("/lab/blocks/first/report.html", cookie).text == "<p>of the first")
    #expect(try client.get("/lab/blocks/second/report.html", cookie).status == 404)
    #expect(try client.get("/lab/blocks/first/report.html").status == 401)
    // Links in the report, which is sandboxed, are sent without the cookie, so the reply makes the browser ask again.
    let linked = ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"]
    let asksAgain = try client.get("/lab/blocks/first/report.html", linked)
    #expect(
      asksAgain.status == 200 && asksAgain.text.contains("url=?again=1") && !asksAgain.text.contains("of the first"))
    #expect(try client.get("/lab/blocks/first/report.html?again=1", linked).status == 401)
    #expect(try client.get("/lab/blocks/first/report.html?again=1", cookie).text == "<p>of the first")
    fails.withLock { $0 = true }
    #expect(try client.post("/lab/api/report", [String: String](), cookie).status == 200)
    begun.wait()
    mayEnd.signal()
    try wait(for: "failed")
    #expect(try study.records.acts(.reported).count == 2)
    #expect(people.withLock(\.self) == [before, before + 1])
  }

  @Test("a full group is announced with its exit, and so is a study whose groups are all full")
  func fullGroup() throws {
    let study = try SmallStudy {
      $0.groups = ["a", "b"]
      $0.joining.perGroup = 1
      $0.leaving.quotaFull.code = "FULL"
    }
    func leave(_ link: [[String]]) throws -> WireClient.Reply {
      try study.client.post("/api/leave", ["outcome": "quota_full", "language": "en", "parameters": link])
    }
    _ = try study.join(link: [["group", "a"]])
    #expect(try study.joining(link: [["group", "a"]]).errorCode == "quota_full")
    #expect(try leave([["group", "a"]]).json()["code"] as? String == "FULL")
    #expect(try leave([["group", "b"]]).errorCode == "not_so")
    #expect(try study.client.get("/api/study").json()["closed"] == nil)
    _ = try study.join()
    #expect(try study.joining().errorCode == "quota_full")
    #expect(try study.client.get("/api/study").json()["closed"] as? String == "full")
    #expect(try leave([]).json()["code"] as? String == "FULL")
  }
}
