import Synchronization
import GRDB
import Basics
import Foundation
import Records
import RecordsSQLite
import Testing
import TestSupport

@Suite("The export")
struct ExportTests {
  static func export(_ study: SmallStudy) -> Export {
    Export(
      study.records,
      of: .init(
        name: study.stage.name, design: study.design, stimuli: study.stage.stimuliTable,
        rankings: study.stage.rankingsTable))
  }

  @Test("the export holds every acknowledged rating, with what was shown on its page")
  func ratings() throws {
    let study = try SmallStudy()
    let token = try study.takePart(external: "x,\"y\"z")
    _ = try study.join()
    let out = study.folder.url.appending(path: "out")
    let counts = try Self.export(study).write(to: out)
    let rows = try TableReader.rows(out.appending(path: "ratings.csv"))
    #expect(counts["ratings"] == rows.count)
    let plan = study.stage.plan(1, study.design.definition.trials.seed)
    #expect(rows.count == plan.trials.reduce(0) { $0 + $1.candidates.count })
    var place = 0
    for trial in plan.trials {
      for (i, candidate) in trial.candidates.enumerated() {
        let row = rows[place]
        place += 1
        #expect(try row.integer("trial_index") == trial.index)
        #expect(row["query"] == trial.query)
        #expect(row["condition"] == trial.condition)
        #expect(row["candidate"] == candidate.candidate)
        #expect(try row.integer("position") == i + 1)
        #expect(try row.number("rating") == Double(10 * i))
        #expect(try row.flag("is_reference") == candidate.isReference)
        #expect(try row.flag("is_anchor") == candidate.isAnchor)
        #expect(try row.flag("is_catch") == trial.isCatch)
        #expect(try row.flag("is_repeat") == trial.isRepeat)
        #expect(try row.flag("is_training") == trial.isTraining)
        #expect(try row.number("listened_s") == 1.31)
      }
    }
    let people = try TableReader.rows(out.appending(path: "participants.csv"))
    #expect(people.map { $0["state"] } == ["finished", "unfinished"])
    #expect(people[0]["external_id"] == "x,\"y\"z")
    #expect(people[0]["age"] == "31")
    #expect(people[0]["gear"] == "studio;stage")
    #expect(people[0]["remark"] == "a \"b\", c")
    #expect(["passed", "failed"].contains(people[0]["headphone_check"]))
    #expect(!token.isEmpty)
  }

  @Test("the export lists the study's analysis plans and when each was first seen")
  func analysisPlans() throws {
    let study = try SmallStudy()
    func plans() throws -> [[String: String]] {
      let out = study.folder.url.appending(path: "out")
      try Self.export(study).write(to: out)
      let package = try JSONSerialization.jsonObject(
        with: Data(contentsOf: out.appending(path: "datapackage.json")))
      return try #require((package as? [String: Any])?["analysis_plans"] as? [[String: String]])
    }
    #expect(try plans().isEmpty)
    try study.records.register(plan: "one")
    let first = try plans()
    #expect(first.count == 1 && first[0]["sha256"] == "one")
    // A plan that is seen again keeps its time; a new one follows it.
    try study.records.register(plan: "one")
    try study.records.register(plan: "two")
    let both = try plans()
    #expect(both.first == first[0] && both.count == 2)
    #expect((both[0]["first_seen_at"] ?? "") <= (both[1]["first_seen_at"] ?? ""))
  }

  @Test("an archive holds all tables as of one moment, even while answers are saved")
  func archive() throws {
    let study = try SmallStudy()
    _ = try study.takePart()
    let cookie = ["Cookie": try LabTests.cookie(study)]
    let isOver = Atomic(false)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while !isOver.load(ordering: .relaxed) { _ = try? study.takePart() }
      ended.signal()
    }
    defer {
      isOver.store(true, ordering: .relaxed)
      ended.wait()
    }
    for number in 0..<3 {
      let reply = try study.client.get("/lab/export/export.zip", cookie)
      #expect(reply.status == 200 && reply["Content-Disposition"] == "attachment; filename=\"export.zip\"")
      let file = study.folder.url.appending(path: "\(number).zip")
      try reply.body.write(to: file)
      let folder = study.folder.url.appending(path: "unpacked-\(number)")
      let unpack = Process()
      unpack.executableURL = URL(filePath: "/usr/bin/python3")
      unpack.arguments = [
        "-c",
        "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])",
        file.path, folder.path,
      ]
      try unpack.run()
      unpack.waitUntilExit()
      #expect(unpack.terminationStatus == 0)
      // Every session of one table is in the other, with as many trials as it has answered.
      let people = try TableReader.rows(folder.appending(path: "participants.csv"))
      let ratings = try TableReader.rows(folder.appending(path: "ratings.csv"))
      let rated = Dictionary(grouping: ratings) { $0["session"] ?? "" }.mapValues { Set($0.map { $0["trial"] }).count }
      let trials = try study.trials(study.join()).count
      #expect(Set(rated.keys).isSubset(of: people.map { $0["session"] ?? "" }))
      for person in people where person["state"] == "finished" { #expect(rated[person["session"] ?? ""] == trials) }
    }
  }

  @Test("an excluded session stays in the tables with its reason, and only the experimenter can exclude one")
  func excluded() throws {
    let study = try SmallStudy { $0.joining.listeners = 1 }
    _ = try study.takePart()
    let cookie = ["Cookie": try LabTests.cookie(study)]
    func exclude(_ session: Int, _ excluded: Bool, _ reason: String, _ headers: [String: String]) throws
      -> WireClient.Reply
    {
      try study.client.post("/lab/api/exclude", ["session": session, "excluded": excluded, "reason": reason], headers)
    }
    #expect(try exclude(1, true, "a bot", [:]).status == 401)
    #expect(try exclude(2, true, "a bot", cookie).status == 404)
    for reason in ["", " \u{200b}", String(repeating: "x", count: 501)] {
      #expect(try exclude(1, true, reason, cookie).status == 422)
    }
    #expect(try study.joining().errorCode == "quota_full")
    #expect(try exclude(1, true, " a bot ", cookie).status == 200)
    var row = try study.rows("participants")[0]
    #expect(row["excluded"] == "true" && row["exclusion_reason"] == "a bot")
    #expect(!(try study.rows("ratings").isEmpty))
    // Its place is given to the next listener.
    #expect(try study.joining().status == 201)
    #expect(try exclude(1, false, "", cookie).status == 200)
    row = try study.rows("participants")[0]
    #expect(row["excluded"] == "false" && row["exclusion_reason"] == nil)
  }

  @Test("the same records give the same bytes, whether downloaded or written by the command")
  func sameBytes() throws {
    let study = try SmallStudy()
    _ = try study.takePart()
    let cookie = try LabTests.cookie(study)
    let (first, second) = (study.folder.url.appending(path: "a"), study.folder.url.appending(path: "b"))
    try Self.export(study).write(to: first)
    try Self.export(study).write(to: second)
    for name in Self.export(study).fileNames {
      let bytes = try Data(contentsOf: first.appending(path: name))
      #expect(try Data(contentsOf: second.appending(path: name)) == bytes, "\(name)")
      let download = try study.client.get("/lab/export/\(name)", ["Cookie": cookie])
      #expect(download.status == 200)
      #expect(download["Content-Disposition"] == "attachment; filename=\"\(name)\"")
      #expect(download.body == bytes, "\(name)")
    }
    for name in ["records.sqlite", "secret", "..%2fsecret", ".hidden"] {
      #expect(try study.client.get("/lab/export/\(name)", ["Cookie": cookie]).status != 200, "\(name)")
    }
  }

  @Test("Frictionless finds the package valid, keys included, and invalid when a row is corrupted")
  func frictionless() throws {
    let study = try SmallStudy()
    for _ in 0..<3 { _ = try study.takePart() }
    let token = try study.join(language: "de")
    _ = try study.client.post(
      "/api/sessions/\(token)/events",
      ["key": SmallStudy.key(), "events": [["at_ms": 5, "kind": "play", "trial": 1, "stimulus": "A"]]])
    let out = study.folder.url.appending(path: "out")
    try Self.export(study).write(to: out)
    let good = try Self.validate(out)
    #expect(good.status == 0, "\(good.output)")
    let file = out.appending(path: "ratings.csv")
    let spoilt = try String(contentsOf: file, encoding: .utf8).replacing(",walrus-1,", with: ",nowhere,")
    try Data(spoilt.utf8).write(to: file)
    #expect(try Self.validate(out).status != 0)
  }

  /// Runs Frictionless with the Python of `EARSHOT_PYTHON`, which must have it; by default the one that `make test`
  /// installs.
  private static func validate(_ folder: URL) throws -> (status: Int32, output: String) {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
    let python =
      ProcessInfo.processInfo.environment["EARSHOT_PYTHON"] ?? root.appending(path: ".venv/bin/python").path
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = ["-m", "frictionless", "validate", folder.appending(path: "datapackage.json").path]
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  @Test("the exported sounds are those that were heard, even if another design was prepared in the folder since")
  func sounds() throws {
    let study = try SmallStudy()
    let table = study.data.appending(path: "stimuli.csv")
    let before = try TableReader.rows(table).map { $0["sha256"] }
    try Data("stimulus,sha256\nanother,0\n".utf8).write(to: table)
    let out = study.folder.url.appending(path: "out")
    try Self.export(study).write(to: out)
    #expect(try TableReader.rows(out.appending(path: "stimuli.csv")).map { $0["sha256"] } == before)
  }

  @Test("simultaneous exports into one folder all finish and leave complete tables")
  func together() throws {
    let study = try SmallStudy()
    _ = try study.join()
    let out = study.folder.url.appending(path: "together")
    let export = Export(
      study.records,
      of: .init(
        name: study.stage.name, design: study.design, stimuli: study.stage.stimuliTable,
        rankings: study.stage.rankingsTable))
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 12) { _ in
      do { try export.write(to: out) } catch { failures.withLock { $0.append("\(error)") } }
    }
    #expect(failures.withLock(\.self) == [])
    #expect(try TableReader.rows(out.appending(path: "participants.csv")).count == 1)
  }

  @Test("the experimenter is told when the database is gone; the link of a deleted session opens nothing")
  func displaced() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let file = study.data.appending(path: "records.sqlite").path
    let cookie = try LabTests.cookie(study)
    #expect(rename(file, file + ".away") == 0)
    let reply = try study.respond(token, ["step": "volume"])
    #expect(reply.status == 503 && reply.errorCode == "saving_stopped")
    #expect(try reply.json()["retry"] as? Bool == true)
    let status = try study.client.get("/lab/api/status", ["Cookie": cookie])
    #expect(status.status == 503 && status.text.contains("Nothing is being saved"))
    #expect(rename(file + ".away", file) == 0)
    #expect(try study.client.get("/lab/api/status", ["Cookie": cookie]).status == 200)
    let queue = try DatabaseQueue(path: file)
    try queue.write { try $0.execute(sql: "DELETE FROM session; DELETE FROM participant") }
    try queue.close()
    _ = try study.join()
    #expect(try study.respond(token, ["step": "volume"]).errorCode == "unknown_token")
    #expect(try study.client.get("/api/sessions/\(token)").errorCode == "unknown_token")
    #expect(try study.records.overview().responses == 0)
  }
}
