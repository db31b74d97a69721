import Basics
import Foundation
import Stimuli
import TestSupport
import Testing

@Suite("Sounds that a web server sends")
struct DepotTests {
  /// The file that a trial's address redirects to, and the query behind its name.
  private func file(_ study: SmallStudy, _ token: String, _ trial: Int) throws -> (name: String, query: String) {
    let reply = try study.client.get("/t/\(token)/audio/\(trial)")
    #expect(reply.status == 303 && reply.body.isEmpty && reply["Cache-Control"] == "no-store")
    let parts = try #require(reply["Location"]).split(separator: "?")
    return (String(parts[0].trimmingPrefix("/listen/sounds/")), String(parts[1]))
  }

  private func places(_ study: SmallStudy, _ token: String) throws -> [[Int]] {
    let trials = try study.state(token)["trials"] as? [[String: Any]] ?? []
    return trials.map { trial in
      let addresses =
        [trial["query"] as? String].compactMap(\.self)
        + (trial["candidates"] as? [[String: Any]] ?? []).compactMap { $0["audio"] as? String }
      return addresses.compactMap { $0.split(separator: "#").last.flatMap { Int($0) } }
    }
  }

  @Test("each address leads to its trial's sounds, and no two files of a session share any content")
  func session() throws {
    let study = try SmallStudy(
      {
        $0.trials.repeats = 2
        $0.trials.catches = 1
      }, sounds: "/listen/sounds/")
    let token = try study.join()
    let plan = study.stage.plan(1, study.design.definition.trials.seed)
    #expect(plan.trials.count { $0.isRepeat } == 2)
    var (names, blocks, times, sizes) = (Set<String>(), Set<Data>(), Set<Date>(), Set<Int>())
    let places = try places(study, token)
    for (trial, places) in zip(plan.trials, places) {
      let (name, query) = try file(study, token, trial.index)
      #expect(try file(study, token, trial.index) == (name, query))
      names.insert(name)
      let file = study.depot.appending(path: name)
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      #expect(attributes[.posixPermissions] as? Int == 0o644)
      times.insert(try #require(attributes[.modificationDate] as? Date))
      let body = try Data(contentsOf: file)
      sizes.insert(body.count)
      for start in stride(from: 0, to: body.count - 31, by: 32) {
        #expect(blocks.insert(body.subdata(in: start..<start + 32)).inserted)
      }
      let sounds = try Parcel.open(body)
      #expect(places.sorted() == Array(trial.sounds.indices))
      for (stimulus, place) in zip(trial.sounds, places) {
        let item = try #require(study.stage.sound(stimulus)?.item)
        #expect(try sounds[place] == Data(contentsOf: URL(filePath: item.path)))
      }
    }
    #expect(names.count == plan.trials.count && times.count == 1 && sizes.count == 1)
    // The places of sounds vary as they would by chance.
    #expect(Set(places).count > 1 && Set(places.compactMap(\.first)).count > 1)
    #expect(try study.client.get("/t/\(token)/audio/99").status == 404)
    #expect(try study.client.get("/t/\(token)x/audio/1").status == 404)
    // Each session has its own headphone check.
    #expect(try study.client.get("/t/\(token)/audio/headphones/1").status == 200)
  }

  @Test("files are shared by all listeners, and rewritten if they are missing or have another size")
  func shared() throws {
    let study = try SmallStudy(sounds: "https://sounds.example.org/x", workshop: "depot")
    var asked = 0
    for _ in 1...12 {
      let token = try study.join()
      for trial in try study.trials(token) {
        _ = try study.client.get("/t/\(token)/audio/\(trial.index)")
        asked += 1
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: study.depot.path)
    #expect(names.count < asked && names.count <= 4 * study.design.pages.count)
    let token = try study.join()
    let address = try #require(try study.client.get("/t/\(token)/audio/1")["Location"])
    let name = try #require(address.firstMatch(of: /org\/x\/([A-Za-z0-9_-]{24})\?/)?.1)
    let file = study.depot.appending(path: String(name))
    let whole = try Data(contentsOf: file)
    try whole.dropLast().write(to: file)
    _ = try study.client.get("/t/\(token)/audio/1")
    #expect(try Data(contentsOf: file) == whole)
    let policy = try #require(try study.client.get("/")["Content-Security-Policy"])
    #expect(policy.contains("connect-src 'self' https://sounds.example.org;"))
    #expect(try study.client.get("/")["X-Frame-Options"] == "DENY")
  }

  @Test("addresses are signed with a key kept beside the records, and expire")
  func signed() throws {
    let study = try SmallStudy(sounds: "/listen/sounds/", workshop: "depot")
    let (name, query) = try file(study, try study.join(), 1)
    let secret = try String(contentsOf: study.data.appending(path: "sounds-secret"), encoding: .utf8)
    let values = try #require(query.wholeMatch(of: /md5=([A-Za-z0-9_-]{22})&expires=([0-9]+)/))
    let text = "\(values.2)/listen/sounds/\(name) \(secret.trimmingCharacters(in: .whitespacesAndNewlines))"
    #expect(String(values.1) == Secret.urlText(MD5.hash(Data(text.utf8))))
    let left = Double(values.2)! - Date().timeIntervalSince1970
    #expect(left > 3000 && left <= 7200)
  }
}
