import Basics
import Foundation
import Stimuli
import Study
import Testing
import TestSupport

/// Nothing that a browser can see reveals which system proposed a candidate, which candidate is the reference or an
/// anchor, or which trial is an attention check or a repeat.
@Suite("Blind")
struct BlindTests {
  /// Everything that a participant's browser can request in a session, unchanged: addresses, headers, bodies.
  private static func everything(_ study: SmallStudy, _ token: String) throws -> [(
    path: String, reply: WireClient.Reply
  )] {
    var paths = ["/", "/t/\(token)", "/api/study", "/api/sessions/\(token)"]
    let state = try study.client.get("/api/sessions/\(token)").json()
    for trial in state["trials"] as? [[String: Any]] ?? [] {
      paths.append(trial["query"] as? String ?? "")
      paths += (trial["candidates"] as? [[String: Any]] ?? []).compactMap { $0["audio"] as? String }
    }
    let headphones = (state["study"] as? [String: Any])?["headphones"] as? [String: Any]
    paths += (headphones?["rounds"] as? [[String: Any]] ?? []).compactMap { $0["audio"] as? String }
    if let files = FileManager.default.enumerator(at: SmallStudy.pages, includingPropertiesForKeys: [.isRegularFileKey])
    {
      for case let file as URL in files
      where try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
        paths.append("/assets/" + file.standardizedFileURL.path.dropFirst(SmallStudy.pages.path.count + 1))
      }
    }
    // The part behind # never leaves the browser.
    return try paths.map { ($0, try study.client.get(String($0.prefix { $0 != "#" }))) }
  }

  /// Everything that a finished session can see, including every reply that it got during the session.
  private static func seen(_ study: SmallStudy) throws -> [(path: String, reply: WireClient.Reply)] {
    let token = try study.join()
    var replies: [(path: String, reply: WireClient.Reply)] = []
    func respond(_ body: [String: Any]) throws { replies.append(("responses", try study.respond(token, body))) }
    try respond(["step": "questionnaire", "answers": SmallStudy.answers])
    try respond(["step": "volume"])
    try respond(["step": "headphones", "answers": [9, 9, 9]])
    try respond(["step": "headphones", "answers": [1, 2, 3]])
    try respond(["step": "instructions"])
    for trial in try study.trials(token) {
      try respond(SmallStudy.trialBody(trial.index, Array(trial.letters.dropLast())))
      try respond(SmallStudy.trialBody(trial.index, trial.letters))
      try respond(SmallStudy.trialBody(trial.index, trial.letters))
    }
    replies.append(
      (
        "events",
        try study.client.post(
          "/api/sessions/\(token)/events",
          ["key": SmallStudy.key(), "events": [["at_ms": 1, "kind": "play", "trial": 1, "stimulus": "ZZZ"]]])
      ))
    return replies + (try everything(study, token))
  }

  @Test("no name of a system, candidate, query, file or source, no file hash and no mark is ever sent")
  func words() throws {
    let study = try SmallStudy()
    let table = try TableReader.rows(study.data.appending(path: "stimuli.csv"))
    let stems = table.compactMap { $0["file"] }.flatMap { file in
      [file, URL(filePath: file).deletingPathExtension().lastPathComponent]
    }
    let hashes = table.compactMap { $0["sha256"] }
    let forbidden =
      SmallStudy.secrets + stems + hashes + [
        study.design.version, "is_reference", "is_anchor", "is_catch", "is_repeat", "isReference", "isCatch",
        "\"rank\"",
        "\"system\"", "\"participant\"", "\"seed\"", study.folder.url.path,
      ]
    for (path, reply) in try Self.seen(study) {
      let head = path + "\n" + reply.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n") + "\n"
      let bytes = lowercased(Array(head.utf8) + reply.body)
      let isPage = path.hasPrefix("/assets/")
      for word in forbidden where contains(bytes, lowercased(Array(word.utf8))) {
        // The pages' own source may name the columns of an export, but nothing from a study.
        if isPage, word.hasPrefix("is") || word.hasPrefix("\"") { continue }
        Issue.record("'\(word)' is in \(path)")
      }
      #expect(reply.status < 500, "\(path)")
    }
  }

  @Test("a trial's description has only known keys, whatever the trial is for")
  func keys() throws {
    let study = try SmallStudy()
    let state = try study.state(study.join())
    let trials = try #require(state["trials"] as? [[String: Any]])
    let plan = study.stage.plan(1, study.design.definition.trials.seed)
    #expect(plan.trials.contains { $0.isCatch } && plan.trials.contains { $0.isRepeat })
    for trial in trials {
      #expect(
        Set(trial.keys) == [
          "index", "kind", "block", "training", "condition", "condition_text", "query", "candidates", "seconds",
        ])
      for candidate in trial["candidates"] as? [[String: Any]] ?? [] {
        #expect(Set(candidate.keys) == ["position", "audio"])
      }
    }
    #expect(Set(state.keys) == ["study", "state", "done", "trials", "blocks", "parts", "finish", "elapsed_ms"])
  }

  @Test("all trials' sounds have the same headers and size, and so do all sounds of the headphone check")
  func headers() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let trials = try study.trials(token)
    var tags: Set<String> = []
    var count = 0
    func shape(_ path: String, _ request: [String: String] = [:]) throws -> String {
      let reply = try study.client.get(path, request)
      if let tag = reply["ETag"] { tags.insert(tag) }
      count += 1
      return "\(reply.status) \(reply.body.count) "
        + reply.headers.filter { !["ETag", "Date"].contains($0.name) }.map { "\($0.name): \($0.value)" }
        .joined(separator: "; ")
    }
    var whole: Set<String> = []
    var ranges: Set<String> = []
    for trial in trials {
      whole.insert(try shape("/t/\(token)/audio/\(trial.index)"))
      ranges.insert(
        try shape("/t/\(token)/audio/\(trial.index)", ["Range": "bytes=10-99"]).replacing(/bytes.*?;/, with: ""))
    }
    #expect(whole.count == 1, "\(whole)")
    #expect(ranges.count == 1, "\(ranges)")
    // Repeats have their own tags.
    #expect(tags.count == trials.count)
    let headphones = try Set((1...3).map { try shape("/t/\(token)/audio/headphones/\($0)") })
    #expect(headphones.count == 1, "\(headphones)")
  }

  @Test("two listeners get different tags for the same sounds, and no link of one works with the other's token")
  func tagsDiffer() throws {
    let study = try SmallStudy()
    let (one, other) = (try study.join(), try study.join())
    func tags(_ token: String) throws -> Set<String> {
      try Set(
        study.trials(token).map { trial in
          try study.client.get("/t/\(token)/audio/\(trial.index)", method: "HEAD")["ETag"] ?? ""
        })
    }
    #expect(try tags(one).isDisjoint(with: tags(other)))
    let swapped = String(one.dropLast()) + (one.last == "A" ? "B" : "A")
    for path in [
      "/t/\(swapped)/audio/1", "/t/x/audio/1", "/t/\(one)/audio/0", "/t/\(one)/audio/999", "/t/\(one)/audio/-1",
      "/t/\(one)/audio/9223372036854775808", "/t/\(one)/audio/A", "/t/\(one)/audio/1/A",
      "/t/\(one)/audio/headphones/0", "/t/\(one)/audio/headphones/4",
    ] { #expect(try study.client.get(path).status == 404, "\(path)") }
  }

  @Test("a parcel holds the trial's loop and candidates in page order, and any range of it can be requested again")
  func parcels() throws {
    let study = try SmallStudy()
    let token = try study.join()
    let plan = study.stage.plan(1, study.design.definition.trials.seed)
    for trial in plan.trials {
      let names = [trial.query] + trial.candidates.map(\.candidate)
      let files = try names.map { try Data(contentsOf: URL(filePath: #require(study.stage.sound($0)).item.path)) }
      #expect(try study.sounds(token, trial.index) == files)
    }
    let whole = try study.client.get("/t/\(token)/audio/1")
    let tag = try #require(whole["ETag"])
    for start in [1, 77, whole.body.count / 2, whole.body.count - 1] {
      let rest = try study.client.get("/t/\(token)/audio/1", ["Range": "bytes=\(start)-", "If-Range": tag])
      #expect(rest.status == 206 && rest.body == whole.body[start...])
    }
    #expect(try study.client.get("/t/\(token)/audio/1", ["Range": "bytes=5-", "If-Range": "\"x\""]).body == whole.body)
    // A prepared sound that vanishes while the server runs is unavailable for now; it existed at the start.
    try FileManager.default.removeItem(
      atPath: #require(study.stage.sound(plan.trials[1].candidates[0].candidate)).item.path)
    // A parcel that was sent stays cached for plain requests; a request that names another version has it made anew.
    #expect(try study.client.get("/t/\(token)/audio/2", ["If-None-Match": "\"x\""]).status == 503)
  }

  @Test("the answer to a rating is the same, whatever was rated and however")
  func answers() throws {
    let study = try SmallStudy()
    var bodies: [Set<Data>] = []
    for rating in [0, 50, 100] {
      let token = try study.join()
      try study.prepare(token)
      for (i, trial) in try study.trials(token).enumerated() {
        let reply = try study.respond(token, SmallStudy.trialBody(trial.index, trial.letters) { _ in rating })
        if bodies.count <= i { bodies.append([]) }
        // The redirect at the end names the participant.
        let text = reply.text.replacing(/&n=[0-9]+/, with: "")
        bodies[i].insert(Data(text.utf8))
      }
    }
    for (i, set) in bodies.enumerated() { #expect(set.count == 1, "trial \(i + 1)") }
  }

  @Test("the right answers of the headphone check differ by round and session, and only the server knows them")
  func headphones() throws {
    let study = try SmallStudy()
    var contents: Set<Data> = []
    for _ in 0..<6 {
      let token = try study.join()
      for round in 1...3 {
        contents.formUnion(try Parcel.open(study.client.get("/t/\(token)/audio/headphones/\(round)").body))
      }
    }
    #expect((3...6).contains(contents.count))
  }
}
