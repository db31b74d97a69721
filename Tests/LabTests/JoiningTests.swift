import Basics
import Foundation
import Records
import RecordsSQLite
import Testing
import TestSupport

@Suite("Joining: what a link says, and the same person again")
struct JoiningTests {
  /// The participants table after one newcomer by each of the links, in their order.
  private func people(_ links: [[[String]]]) throws -> [TableRow] {
    let study = try SmallStudy {
      $0.joining.id = ["rid"]
      $0.joining.keep = ["batch"]
    }
    for link in links {
      #expect(try study.joining(link: link).status == 201, "\(link.map { $0.map { $0.prefix(30) } })")
    }
    return try study.table("participants")
  }

  @Test("each panel's own parameter names fill the same columns, whatever their capitals and hyphens")
  func panels() throws {
    let cases =
      [
        ([["PROLIFIC_PID", "p1"], ["STUDY_ID", "s1"], ["SESSION_ID", "x1"]], "p1", "prolific", "s1", "x1"),
        ([["prolific_pid", "p2"], ["studyId", "s1"], ["session-id", "x1"]], "p2", "prolific", "s1", "x1"),
        ([["workerId", "w"], ["assignmentId", "a"], ["hitId", "h"]], "w", "mturk", "h", "a"),
        ([["participantId", "c"], ["assignmentId", "a"], ["projectId", "p"]], "c", "cloudresearch", "p", "a"),
        ([["survey_code", "4711"]], "4711", "sona", nil, nil),
        ([["id", "4712"], ["from", "flyer"]], "4712", "flyer", nil, nil),
        ([["rid", "r"], ["id", "x"], ["PROLIFIC_PID", "z"]], "r", "prolific", nil, nil),
        ([["id", "study3"], ["PROLIFIC_PID", "y"]], "y", "prolific", nil, nil),
        ([["utm_source", "x"], ["fbclid", "y"]], nil, nil, nil, nil),
        ([], nil, nil, nil, nil),
      ] as [([[String]], String?, String?, String?, String?)]
    let rows = try people(cases.map(\.0) + [[["BATCH", "7"]]])
    for ((link, id, from, panelStudy, panelSession), row) in zip(cases, rows) {
      func cell(_ name: String) -> String? { row[name].flatMap { $0.isEmpty ? nil : $0 } }
      #expect(cell("external_id") == id, "\(link)")
      #expect(cell("recruited_from") == from, "\(link)")
      #expect(cell("panel_study") == panelStudy, "\(link)")
      #expect(cell("panel_session") == panelSession, "\(link)")
      #expect(cell("link_notes") == nil, "\(link)")
    }
    #expect(rows.last?["batch"] == "7")
  }

  @Test("every link lets its listener in, and what was wrong with it is noted")
  func spoiltLinks() throws {
    let long = String(repeating: "x", count: 5000)
    let cases =
      [
        ([["PROLIFIC_PID", "{{%PROLIFIC_PID%}}"]], nil, "PROLIFIC_PID was not filled in: {{%PROLIFIC_PID%}}"),
        ([["id", "${e://Field/PROLIFIC_PID}"]], nil, "id was not filled in: ${e://Field/PROLIFIC_PID}"),
        ([["survey_code", "%SURVEY_CODE%"]], nil, "survey_code was not filled in: %SURVEY_CODE%"),
        ([["id", "[ID]"], ["id", "p"]], "p", "id was not filled in: [ID]"),
        ([["id", "undefined"]], nil, "id was not filled in: undefined"),
        (
          [["assignmentId", "ASSIGNMENT_ID_NOT_AVAILABLE"], ["hitId", "h"]], nil,
          "the link of a preview: the task had not been accepted"
        ),
        ([["id", long]], String(long.prefix(2000)), "id was cut from 5000 characters to 2000"),
        ([["id", "a"], ["ID", "b"]], "a", "id has several values; the first was used"),
        ([["id", "d"], ["id", "d"], ["id", ""]], "d", nil), ([["id", " \u{0}\u{200b}\u{a0}"]], nil, nil),
        ([["id", "a\u{0}b\nc"]], "a b c", nil), ([["id", "e\u{301}"]], "é", nil), ([["id"], [], ["", "x"]], nil, nil),
        ([["id", "x", "y"]], "x", nil), ([["id", "50%"]], "50%", nil), ([["id", "🥁"]], "🥁", nil),
      ] as [([[String]], String?, String?)]
    for ((link, id, note), row) in zip(cases, try people(cases.map(\.0))) {
      #expect((row["external_id"] ?? "") == (id ?? ""), "\(link.map { $0.map { $0.prefix(30) } })")
      #expect((row["link_notes"] ?? "") == (note ?? ""), "\(link.map { $0.map { $0.prefix(30) } })")
    }
  }

  @Test("a link of any size is read at once, whatever marks it is full of")
  func hugeLinks() throws {
    let study = try SmallStudy()
    for mark in ["{{", "${", "[%", "%%", "{%", "__", "<", "x"] {
      let long = String(repeating: mark, count: 100_000)
      #expect(try study.joining(link: [["id", long]]).status == 201, "\(mark)")
      let many = [[String]](repeating: ["id", mark], count: 8_000)
      #expect(
        try study.client.post(
          "/api/leave", ["outcome": "no_consent", "language": "en", "parameters": many]
        ).status == 200, "\(mark)")
    }
  }

  @Test("the experimenter is told of faulty links, and gets the right one for each panel")
  func toldToTheExperimenter() throws {
    let study = try SmallStudy { $0.joining.keep = ["batch"] }
    _ = try study.join(link: [["PROLIFIC_PID", "{{%PROLIFIC_PID%}}"]])
    _ = try study.join(external: "P1")
    _ = try study.join(external: "p1")
    let status = try study.client.get("/lab/api/status", ["Cookie": try LabTests.cookie(study)]).json()
    let records = try #require(status["records"] as? [String: Any])
    #expect(records["spoilt_links"] as? Int == 2)
    let notes = (records["participants"] as? [[String: Any]] ?? []).map { $0["link_notes"] as? String }
    #expect(notes[0] == "external_id differs from that of participant 2 only in capitals")
    #expect(notes[1] == nil)
    #expect(notes[2]?.contains("{{%PROLIFIC_PID%}}") == true)
    let links = (status["invitations"] as? [[String: String]] ?? []).compactMap { $0["link"] }
    #expect(
      links.contains(
        "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}&batch=…"))
  }

  @Test("similar ids are two people, and the experimenter is told how they differ")
  func lookAlikes() throws {
    let study = try SmallStudy()
    let ids = ["anna", "\u{430}nna", "ＡＮＮＡ", "ann\u{430}", "hanna", "ánna", "\u{430}nna"]
    for id in ids.dropLast() { #expect(try study.joining(external: id).status == 201) }
    #expect(try study.joining(external: ids[6]).status == 200, "the same letters are the same person")
    let people = try study.table("participants")
    #expect(
      people.map { $0["link_notes"] ?? "" } == [
        "", "external_id differs from that of participant 1 only in characters that look alike (U+0430 and 'a')",
        "external_id differs from that of participant 1 only in characters that look alike (U+FF21 and 'a')",
        "external_id differs from that of participant 1 only in characters that look alike (U+0430 and 'a')", "", "",
      ])
  }

  @Test("the same id continues its session, from any browser and with the same plan; both links stay valid")
  func goesOn() throws {
    let study = try SmallStudy()
    let first = try study.join(external: "p1")
    try study.prepare(first)
    let letters = try study.trials(first)
    #expect(try study.respond(first, SmallStudy.trialBody(1, letters[0].letters)).status == 201)
    // Ids that look the same: with spaces or zero-width characters.
    for again in ["p1", " p1\u{a0}", "\u{feff}p1"] {
      let reply = try study.joining(external: again)
      #expect(reply.status == 200)
      let token = try #require(try reply.json()["token"] as? String)
      #expect(token != first)
      let (old, new) = (try study.state(first), try study.state(token))
      #expect((new["done"] as? [String: Any])?["trials"] as? [Int] == [1])
      func plan(_ state: [String: Any]) -> [String] {
        (state["trials"] as? [[String: Any]] ?? []).map { "\($0["index"] ?? 0) \($0["condition"] ?? "")" }
      }
      #expect(plan(old) == plan(new))
      // The same request again counts as the same browser.
      #expect(try study.state(token)["state"] as? String == "active")
    }
    let key = SmallStudy.key()
    let token = try study.join(key: key, external: "p1")
    #expect(try study.join(key: key, external: "p1") == token)
    #expect(try study.respond(token, SmallStudy.trialBody(2, letters[1].letters)).status == 201)
    #expect(try study.respond(first, SmallStudy.trialBody(3, letters[2].letters)).status == 201)
    #expect(try study.respond(token, SmallStudy.trialBody(3, letters[2].letters)).errorCode == "already_answered")
    let people = try study.table("participants")
    #expect(people.count == 1 && people[0]["sitting"] == "1" && people[0]["further_browsers"] == "4")
    // Other ids are other people.
    #expect(try study.joining(external: "p2").status == 201)
    #expect(try study.joining(external: "P1").status == 201)
    #expect(try study.joining().status == 201)
    #expect(try study.joining().status == 201)
  }

  @Test("two long ids with a common beginning are two people")
  func longIDs() throws {
    let study = try SmallStudy()
    let long = String(repeating: "x", count: 3000)
    #expect(try study.joining(external: long + "a").status == 201)
    #expect(try study.joining(external: long + "b").status == 201)
    #expect(try study.joining(external: long + "a").status == 200)
  }

  @Test("those who have finished are told so and get nothing else; a pause stops newcomers only")
  func finished() throws {
    let study = try SmallStudy()
    let token = try study.takePart(external: "p1")
    let reply = try study.joining(external: "p1 ")
    #expect(reply.status == 409 && reply.errorCode == "already_finished")
    #expect(!reply.text.contains("example.org") && !reply.text.contains("token"))
    #expect(try study.state(token)["finish"] is [String: Any])
    #expect(try study.records.overview().joined == 1)
    let begun = try study.join(external: "p2")
    _ = try study.client.post("/lab/api/pause", ["paused": true], ["Cookie": try LabTests.cookie(study)])
    #expect(try study.joining(external: "p3").errorCode == "closed")
    #expect(try study.joining(external: "p1").errorCode == "already_finished")
    let again = try study.joining(external: "p2")
    #expect(again.status == 200)
    try study.prepare(begun)
  }

  @Test("where the study allows it, a further sitting is its own participant, marked in every table")
  func repeats() throws {
    let study = try SmallStudy { $0.joining.repeats = true }
    _ = try study.takePart(external: "other")
    for _ in 0..<2 {
      let token = try study.takePart(external: "p1")
      _ = try study.client.post(
        "/api/sessions/\(token)/events", ["key": SmallStudy.key(), "events": [["at_ms": 5, "kind": "blur"]]])
    }
    let begun = try study.join(external: "p1")
    #expect(try study.joining(external: "p1").status == 200)
    let people = try study.table("participants")
    #expect(people.map { $0["participant"] } == ["1", "2", "3", "4"])
    #expect(people.map { $0["sitting"] } == ["1", "1", "2", "3"])
    #expect(people.map { $0["first_participant"] } == ["1", "2", "2", "2"])
    let ratings = try study.table("ratings")
    #expect(Set(ratings.map { "\($0["participant"] ?? "") \($0["sitting"] ?? "")" }) == ["1 1", "2 1", "3 2"])
    #expect(try study.table("events").map { $0["sitting"] } == ["1", "2"])
    #expect(try study.records.overview().furtherSittings == 2)
    #expect(!begun.isEmpty)
  }

  @Test("after a change of the study, unfinished sessions start over, marked as such; finished ones stay finished")
  func changedStudy() throws {
    let folder = try TemporaryFolder()
    var study: SmallStudy? = try SmallStudy(in: folder)
    _ = try study?.takePart(external: "p1")
    _ = try study?.join(external: "p2")
    study = nil
    let changed = try SmallStudy(version: "v2", in: folder)
    #expect(try changed.joining(external: "p1").errorCode == "already_finished")
    #expect(try changed.joining(external: "p2").status == 201)
    #expect(try changed.table("participants").map { $0["sitting"] } == ["1", "1", "2"])
  }

  @Test("the completion's words and address are sent only after everything is saved, and are in no export")
  func completion() throws {
    let study = try SmallStudy {
      $0.texts.finish = ["en": "Your code is WOMBAT-4711.", "de": "Der Code ist WOMBAT-4711."]
      $0.finish.redirect = "https://panel.example/done?cc=WOMBAT-4711&id={external_id}&s={panel_study}&b={batch}"
      $0.joining.keep = ["batch"]
    }
    let token = try study.join(link: [["PROLIFIC_PID", "p1"], ["STUDY_ID", "s 1"], ["batch", "7"]])
    func expectNothing(_ reply: WireClient.Reply, _ what: String) {
      #expect(!reply.text.contains("WOMBAT") && !reply.text.contains("panel.example"), "\(what)")
    }
    expectNothing(try study.client.get("/api/study"), "study")
    let trials = try study.trials(token)
    for body in [
      ["step": "questionnaire", "answers": SmallStudy.answers], ["step": "volume"],
      ["step": "headphones", "answers": [1, 1, 1]], ["step": "instructions"],
    ] + trials.dropLast().map({ SmallStudy.trialBody($0.index, $0.letters) }) as [[String: Any]] {
      expectNothing(try study.client.get("/api/sessions/\(token)"), "session")
      expectNothing(try study.client.get("/t/\(token)"), "page")
      expectNothing(try study.respond(token, body), "response")
    }
    // Answers that come out of order, or twice, do not reveal it either.
    let last = try #require(trials.last)
    expectNothing(try study.respond(token, SmallStudy.trialBody(trials[0].index, trials[0].letters)), "again")
    expectNothing(try study.respond(token, SmallStudy.trialBody(last.index, Array(last.letters.dropLast()))), "in part")
    let reply = try study.respond(token, SmallStudy.trialBody(last.index, last.letters))
    let finish = try #require(try reply.json()["finish"] as? [String: Any])
    #expect(finish["text"] as? String == "<p>Your code is WOMBAT-4711.</p>\n")
    #expect(finish["redirect"] as? String == "https://panel.example/done?cc=WOMBAT-4711&id=p1&s=s%201&b=7")
    expectNothing(try study.joining(link: [["PROLIFIC_PID", "p1"]]), "joining again")
    let cookie = ["Cookie": try LabTests.cookie(study)]
    for name in ExportTests.export(study).fileNames {
      expectNothing(try study.client.get("/lab/export/\(name)", cookie), name)
    }
    expectNothing(try study.client.get("/lab/api/status", cookie), "status")
  }
}
