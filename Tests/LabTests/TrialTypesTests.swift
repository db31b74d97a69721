import Basics
import Foundation
import Interface
import Records
import RecordsSQLite
import Study
import TestSupport
import Testing
import Trials

/// What holds for every trial type: each is tested as one block of a small study, between a break and a question.
@Suite("Every trial type")
struct TrialTypesTests {
  static let names = TrialTypes.all.map(\.name)

  /// A study with one block for each type, with practice, repeats and attention checks.
  static func study(_ types: [String], order: StudyDefinition.BlockOrder = .written) throws -> SmallStudy {
    try SmallStudy(
      { definition in
        definition.blockOrder = order
        definition.blocks = types.map { type in
          var block = StudyDefinition.Block()
          (block.name, block.type) = ("block_of_\(type)", type)
          block.question = ["en": "What of the {condition}?", "de": "Was an der {condition}?"]
          block.instructions = ["en": "How \(type) works: {condition}.", "de": "So geht \(type)."]
          block.pause = ["en": "Rest before \(type).", "de": "Pause."]
          (block.trials.perParticipant, block.trials.repeats, block.trials.catches) = (6, 2, 2)
          var ease = StudyDefinition.Question()
          (ease.id, ease.kind, ease.text) = ("ease_\(type)", .number, ["en": "How easy?", "de": "Wie leicht?"])
          block.questionnaire = [ease]
          return block
        }
      }, workshop: types.joined(separator: " "))
  }

  /// The similarity that a perfect listener hears: 1 for a reference, and the same value for copies of the same sound.
  static func attentive(_ candidate: PlannedCandidate) -> Double {
    guard !candidate.isReference else { return 1 }
    let made = candidate.source.flatMap { $0.lowpass == nil ? $0.rendering : nil } ?? candidate.candidate
    var random = SeededRandom(seed: 1, made)
    return 0.1 + 0.2 * random.unit()
  }

  /// A listener who rates references worst, and hears two copies of the same sound as different.
  private static func inattentive(_ candidate: PlannedCandidate) -> Double {
    candidate.isReference || candidate.candidate.hasSuffix(".again") ? 0 : 0.8
  }

  /// The answer to a trial by a simulated listener who hears each candidate as `similarity` says.
  static func body(
    _ study: SmallStudy, _ trial: Trial, hearing similarity: (PlannedCandidate) -> Double = attentive
  ) throws -> [String: Any] {
    func encoded<T: TrialType>(_ type: T) throws -> Data {
      let block = study.design.definition.runs[trial.block]
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      return try encoder.encode(
        TrialAnswerBody(
          ResponseBody(key: SmallStudy.key(), step: .trial(trial.index), responseMs: Measured(9000)),
          type.answer(hearing: trial.candidates.map(similarity), in: block)))
    }
    let type = try #require(TrialTypes.named(trial.type))
    return try #require(try JSONSerialization.jsonObject(with: encoded(type)) as? [String: Any])
  }

  /// Answers every part, in the order of the list of parts.
  private static func takePart(
    _ study: SmallStudy, hearing similarity: (PlannedCandidate) -> Double = attentive
  ) throws -> String {
    let token = try study.join()
    let session = try #require(try study.records.session(tokenHash: ContentHash.of(token)))
    let plan = study.stage.plan(session.place, group: session.group, session.seed)
    for part in try #require(try study.state(token)["parts"] as? [[String: Any]]) {
      let (step, number) = (part["step"] as? String ?? "", part["number"] as? Int ?? 0)
      var body: [String: Any] = ["step": step, "number": number]
      switch step {
      case "questionnaire":
        let asked = (part["questions"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
        body["answers"] = asked.contains("age") ? SmallStudy.answers : Dictionary(asked.map { ($0, 3) }) { a, _ in a }
      case "headphones": body["answers"] = [1, 1, 1]
      case "trial": body = try Self.body(study, plan.trials[number - 1], hearing: similarity)
      default: break
      }
      let reply = try study.respond(token, body)
      guard reply.status == 201 else { throw WireClient.Failure(description: "\(body): \(reply.status) \(reply.text)") }
    }
    return token
  }

  @Test("a session can be completed by following the list of parts, and gives nothing away", arguments: names)
  func wholeWay(type: String) throws {
    let study = try Self.study([type])
    let token = try study.join()
    let state = try study.client.get("/api/sessions/\(token)")
    for secret in SmallStudy.secrets + ["is_catch", "is_reference", "system"] {
      #expect(!state.text.contains(secret), "\(secret)")
    }
    let parts = try #require(try state.json()["parts"] as? [[String: Any]])
    let steps = parts.compactMap { $0["step"] as? String }
    #expect(
      steps.filter { $0 != "trial" } == [
        "questionnaire", "volume", "headphones", "instructions", "break", "instructions", "questionnaire",
      ])
    #expect((parts[5]["html"] as? String)?.contains("How \(type) works: hi-hat / kick.") == true)
    // Descriptions and parcels have the same shape for every purpose of a trial.
    let trials = try #require(try state.json()["trials"] as? [[String: Any]])
    #expect(trials.count == 11 && trials.allSatisfy { $0["kind"] as? String == type })
    let keys = Set(trials.map { Set($0.keys) }), counts = Set(trials.map { ($0["candidates"] as? [Any])?.count })
    #expect(keys.count == 1)
    #expect(counts.count == 1)
    let sizes = try trials.map { trial in
      try study.client.get("/t/\(token)/audio/\(trial["index"] ?? 0)", method: "HEAD")["Content-Length"]
    }
    #expect(Set(sizes).count == 1)
    let finished = try Self.takePart(study)
    #expect(try study.state(finished)["state"] as? String == "finished")
  }

  @Test("an answer is stored once, and an incomplete one is refused", arguments: names)
  func answers(type: String) throws {
    let study = try Self.study([type])
    let token = try study.join()
    try study.prepare(token)
    for (step, number) in [("break", 1), ("instructions", 1)] {
      #expect(try study.respond(token, ["step": step, "number": number]).status == 201)
    }
    let trial = study.stage.plan(1, 1).trials[0]
    let whole = try Self.body(study, trial)
    let own = Set(whole.keys).subtracting(["key", "step", "trial", "response_ms"])
    #expect(!own.isEmpty)
    for name in own {
      for value in [nil, NSNull(), [] as [Any], 4000, "x"] as [Any?] {
        var body = whole
        body["key"] = SmallStudy.key()
        body[name] = value
        let reply = try study.respond(token, body)
        #expect(reply.status == 400 || reply.status == 422, "\(name): \(String(describing: value)) \(reply.text)")
      }
    }
    let first = try study.client.post("/api/sessions/\(token)/responses", whole)
    let again = try study.client.post("/api/sessions/\(token)/responses", whole)
    #expect(first.status == 201 && again.status == 200 && first.body == again.body)
    var other = whole
    other["key"] = SmallStudy.key()
    #expect(try study.client.post("/api/sessions/\(token)/responses", other).errorCode == "already_answered")
  }

  @Test("answers are exported as declared, and a listener who hears passes the attention check", arguments: names)
  func export(type: String) throws {
    let study = try Self.study([type])
    _ = try Self.takePart(study)
    _ = try Self.takePart(study, hearing: Self.inattentive)
    let checks = try study.records.overview().checks
    #expect(checks.catches == 4 && checks.catchesPassed == 2)
    let out = study.folder.url.appending(path: "out")
    let export = ExportTests.export(study)
    let counts = try export.write(to: out)
    let table = try #require(TrialTypes.named(type)).table
    #expect(export.fileNames.contains("\(table.name).csv"))
    let rows = try TableReader.rows(out.appending(path: "\(table.name).csv"))
    #expect(counts[table.name] == rows.count && rows.count >= 22)
    for row in rows {
      for column in table.columns where column.field.constraints?.required == true {
        #expect(row[column.field.name] != nil, "\(column.field.name)")
      }
      #expect(row["trial_type"] == type)
    }
    let keys = rows.map { row in table.key.map { row[$0] ?? "" } }
    #expect(Set(keys).count == rows.count)
    let people = try TableReader.rows(out.appending(path: "participants.csv"))
    #expect(people.map { $0["ease_\(type)"] } == ["3", "3"])
  }

  @Test("practice shows the right answer where the block says so, and nothing else does", arguments: [true, false])
  func feedback(isTold: Bool) throws {
    let types = ["abx", "bs1116", "triplet", "acr"]
    let study = try SmallStudy(
      { definition in
        definition.blocks = types.map { type in
          var block = StudyDefinition.Block()
          (block.name, block.type, block.question) = (type, type, ["en": "What of the {condition}?"])
          (block.trials.perParticipant, block.trials.training, block.trials.repeats, block.trials.catches) = (
            2, 2, 0, 0
          )
          block.givesFeedback = isTold
          return block
        }
      }, workshop: "feedback")
    let token = try study.join()
    try study.prepare(token)
    var told: [String: [Bool]] = [:]
    for trial in study.stage.plan(1, 1).trials {
      let reply = try study.respond(token, Self.body(study, trial))
      #expect(reply.status == 201)
      let right = try reply.json()["right"] as? Bool
      #expect(right == nil || (isTold && trial.isTraining))
      if let right { told[trial.type, default: []].append(right) }
    }
    // An attentive listener is right; a category rating of a single sound has no right answer.
    #expect(told["bs1116"] == (isTold ? [true, true] : nil) && told["acr"] == nil)
    #expect(told["abx"]?.count == (isTold ? 2 : nil))
  }

  @Test("a block may have breaks and take remarks, which have their own table")
  func restsAndRemarks() throws {
    let study = try SmallStudy(
      { definition in
        definition.blocks = ["similarity", "triplet"].map { type in
          var block = StudyDefinition.Block()
          (block.name, block.type, block.question) = (type, type, ["en": "What of the {condition}?"])
          (block.trials.perParticipant, block.trials.training, block.trials.repeats, block.trials.catches) = (
            4, 1, 0, 0
          )
          (block.pauseEvery, block.takesComments) = (type == "triplet" ? 2 : 3, type == "triplet")
          block.pause = type == "triplet" ? ["en": "Rest **well**."] : [:]
          return block
        }
      }, workshop: "rests")
    let token = try study.join()
    let parts = try #require(try study.state(token)["parts"] as? [[String: Any]])
    let rests = parts.filter { $0["step"] as? String == "break" }
    // After the third of four trials; before the second block, and after its second of four. Practice is not counted.
    #expect(rests.map { $0["number"] as? Int } == [3, 2, 4])
    #expect(rests.map { ($0["html"] as? String)?.contains("<strong>well</strong>") } == [false, true, true])
    let steps = parts.compactMap { $0["step"] as? String }.drop { $0 != "trial" }
    #expect(steps.split(separator: "break").map { $0.count(where: { $0 == "trial" }) } == [4, 1, 3, 2])
    for part in parts {
      let (step, number) = (part["step"] as? String ?? "", part["number"] as? Int ?? 0)
      var body: [String: Any] = ["step": step, "number": number]
      switch step {
      case "questionnaire": body["answers"] = SmallStudy.answers
      case "headphones": body["answers"] = [1, 1, 1]
      case "trial":
        body = try Self.body(study, study.stage.plan(1, 1).trials[number - 1])
        body["comment"] = number == 3 ? "not asked" : number == 7 ? "  a \"remark\",\nof two lines " : " "
        if number == 8 {
          let long = body.merging(["comment": String(repeating: "x", count: 5001)]) { $1 }
          #expect(try study.respond(token, long).status == 422)
        }
      default: break
      }
      #expect(try study.respond(token, body).status == 201)
    }
    #expect(try study.state(token)["state"] as? String == "finished")
    let out = study.folder.url.appending(path: "out")
    let export = ExportTests.export(study)
    _ = try export.write(to: out)
    #expect(export.fileNames.contains("comments.csv"))
    let rows = try TableReader.rows(out.appending(path: "comments.csv"))
    #expect(rows.map { $0["comment"] } == ["a \"remark\",\nof two lines"])
    #expect(rows.map { [$0["trial"], $0["trial_type"]] } == [["7", "triplet"]])
  }

  @Test("comments and the names of groups are guarded as formulas, and a control character loses nothing of them")
  func listenersWords() throws {
    let study = try SmallStudy(
      { definition in
        var block = StudyDefinition.Block()
        (block.name, block.type, block.question, block.takesComments) = ("kinds", "sort", ["en": "Sort."], true)
        (block.trials.perParticipant, block.trials.training, block.trials.repeats, block.trials.catches) = (1, 0, 0, 0)
        definition.blocks = [block]
      }, workshop: "listeners' words")
    let token = try study.join()
    try study.prepare(token)
    let trial = try #require(try study.trials(token).first)
    let group: [String: Any] = ["positions": trial.letters, "name": "@home\u{0}now"]
    let heard: [[String: Any]] = trial.letters.map { ["position": $0, "plays": 1, "listened_ms": 9] }
    let body: [String: Any] = [
      "step": "trial", "trial": trial.index, "groups": [group], "heard": heard, "comment": "=1+1\u{0}or so",
    ]
    #expect(try study.respond(token, body).status == 201)
    let cookie = ["Cookie": try LabTests.cookie(study)]
    let tables = try study.client.get("/lab/api/status", cookie).json()["tables"] as? [String]
    #expect(tables == ["sortings", "comments"], "the lab's page offers these")
    for table in tables ?? [] { #expect(try study.client.get("/lab/export/\(table).csv", cookie).status == 200) }
    let out = study.folder.url.appending(path: "out")
    _ = try ExportTests.export(study).write(to: out)
    for (table, column, words) in [("comments", "comment", "=1+1 or so"), ("sortings", "group_name", "@home now")] {
      let file = out.appending(path: "\(table).csv")
      #expect(String(decoding: try Data(contentsOf: file), as: UTF8.self).contains(",'\(words),"))
      #expect(Set(try TableReader.rows(file).map { $0[column] }) == [words])
    }
  }

  @Test("the final questionnaire comes after all blocks, whatever their order")
  func closing() throws {
    let study = try SmallStudy(
      { definition in
        definition.blockOrder = .shuffled
        definition.blocks = ["similarity", "triplet"].map { type in
          var block = StudyDefinition.Block()
          (block.name, block.type, block.question) = (type, type, ["en": "What of the {condition}?"])
          (block.trials.perParticipant, block.trials.training, block.trials.repeats, block.trials.catches) = (
            1, 0, 0, 0
          )
          return block
        }
        var remark = StudyDefinition.Question()
        (remark.id, remark.kind, remark.text) = ("ease", .number, ["en": "How easy?"])
        definition.closing = [remark]
      }, workshop: "closing")
    let token = try study.join()
    let parts = try #require(try study.state(token)["parts"] as? [[String: Any]])
    #expect(parts.last?["step"] as? String == "questionnaire" && parts.last?["number"] as? Int == 3)
    #expect((parts.last?["questions"] as? [[String: Any]])?.first?["id"] as? String == "ease")
    #expect(try study.respond(token, ["step": "questionnaire", "number": 4, "answers": ["ease": 1]]).status >= 400)
    #expect(try study.state(Self.takePart(study))["state"] as? String == "finished")
    let out = study.folder.url.appending(path: "out")
    _ = try ExportTests.export(study).write(to: out)
    #expect(try TableReader.rows(out.appending(path: "participants.csv")).map { $0["ease"] ?? "" } == ["", "3"])
  }

  private static func block(scales: [StudyDefinition.RatingScale]) -> StudyDefinition.Block {
    var block = StudyDefinition.Block()
    (block.name, block.type, block.question, block.scales) = ("quality", "acr", ["en": "How is it?"], scales)
    (block.trials.perParticipant, block.trials.training, block.trials.repeats, block.trials.catches) = (4, 0, 0, 2)
    return block
  }

  @Test("an attention check on one scale of the study's own is passed in the lower half of its words, and exported so")
  func ownScale() throws {
    var scale = StudyDefinition.RatingScale()
    (scale.name, scale.question) = ("signal", ["en": "The signal?", "de": "Das Signal?"])
    scale.labels = (0..<11).map { ["en": "\(10 - $0)"] }
    let block = Self.block(scales: [scale])
    let study = try SmallStudy({ $0.blocks = [block] }, workshop: "own scale")
    for level in [0.4, 0.5] { _ = try Self.takePart(study) { Self.attentive($0) < 0.3 ? level : 0.8 } }
    let checks = try study.records.overview().checks
    #expect(checks.catches == 4 && checks.catchesPassed == 2)
    let out = study.folder.url.appending(path: "out")
    _ = try ExportTests.export(study).write(to: out)
    let rows = try TableReader.rows(out.appending(path: "scores.csv"))
    #expect(rows.allSatisfy { ($0.name(ifAny: "is_passed") == nil) == ($0["is_catch"] == "false") })
    for row in rows where row["is_catch"] == "true" {
      #expect(row["is_passed"] == (row["score"] == "5" ? "true" : "false"))
    }
  }

  @Test("a sound is rated on several category scales of different lengths, and each rating is a row")
  func scales() throws {
    var scales = ["signal", "noise"].map { name in
      var scale = StudyDefinition.RatingScale()
      (scale.name, scale.question) = (name, ["en": "The \(name)?", "de": "Das \(name)?"])
      return scale
    }
    scales[1].labels = ["none", "some", "much"].map { ["en": $0] }
    let block = Self.block(scales: scales)
    let study = try SmallStudy({ $0.blocks = [block] }, workshop: "scales")
    let state = try study.state(study.join(language: "de"))
    let told = try #require(((state["blocks"] as? [[String: Any]])?.first?["scales"]) as? [[String: Any]])
    #expect(told.map { $0["question"] as? String } == ["Das signal?", "Das noise?"])
    #expect(told.map { ($0["labels"] as? [String])?.count } == [0, 3])
    let token = try study.join()
    try study.prepare(token)
    let whole = try Self.body(study, study.stage.plan(2, 1).trials[0])
    let ratings = try #require(whole["ratings"] as? [[String: Any]])
    #expect(ratings.count == 2)
    let strange = ratings[1].merging(["scale": "overall"]) { $1 }
    let high = ratings[1].merging(["rating": 4]) { $1 }
    for wrong in [[ratings[0]], [ratings[0], strange], [ratings[0], high], ratings + [ratings[0]]] {
      let body = whole.merging(["ratings": wrong, "key": SmallStudy.key()]) { $1 }
      #expect(try study.respond(token, body).status == 422, "\(wrong)")
    }
    _ = try Self.takePart(study)
    _ = try Self.takePart(study, hearing: Self.inattentive)
    // A low-passed copy has no more noise, so nobody can say which scales it must be low on.
    #expect(try study.records.overview().checks.catches == 0)
    let out = study.folder.url.appending(path: "out")
    _ = try ExportTests.export(study).write(to: out)
    let rows = try TableReader.rows(out.appending(path: "scores.csv"))
    #expect(rows.allSatisfy { $0.name(ifAny: "is_passed") == nil })
    #expect(rows.count == 2 * 6 * 2 && Set(rows.compactMap { $0["scale"] }) == ["signal", "noise"])
    #expect(rows.allSatisfy { Double($0["score"] ?? "") ?? 9 <= ($0["scale"] == "noise" ? 3 : 5) })
  }

  @Test("all types in one session: blocks in order, each with its own texts, and open trials continue")
  func together() throws {
    let study = try Self.study(Self.names, order: .balanced)
    var orders: [[String]] = []
    for participant in 1...Self.names.count {
      let trials = study.design.plan(participant: participant).trials
      #expect(trials.map(\.index) == Array(1...trials.count))
      orders.append(trials.reduce(into: []) { if $0.last != $1.type { $0.append($1.type) } })
    }
    // Each block occurs once per session, and each is first as often as last.
    #expect(orders.allSatisfy { Set($0) == Set(Self.names) && $0.count == Self.names.count })
    #expect(Set(orders.compactMap(\.first)) == Set(Self.names))
    let token = try study.join()
    try study.prepare(token)
    let state = try study.state(token)
    let blocks = try #require(state["blocks"] as? [[String: Any]])
    #expect(blocks.map { $0["name"] as? String } == Self.names.map { "block_of_\($0)" })
    let next = try #require((state["parts"] as? [[String: Any]])?.dropFirst(4).first)
    #expect(next["step"] as? String == "break")
    #expect(try study.respond(token, ["step": "break", "number": next["number"] ?? 0]).status == 201)
    let done = try #require(try study.state(token)["done"] as? [String: Any])
    #expect((done["further"] as? [[String: Any]])?.first?["step"] as? String == "break")
    #expect(try study.state(Self.takePart(study))["state"] as? String == "finished")
  }
}
