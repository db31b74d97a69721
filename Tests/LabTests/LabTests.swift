import Foundation
import Lab
import Testing
import TestSupport

@Suite("The experimenter's area, and what all answers have in common")
struct LabTests {
  static func cookie(_ study: SmallStudy) throws -> String {
    let reply = try study.client.get("/lab?secret=\(SmallStudy.secret)")
    let cookie = try #require(reply["Set-Cookie"])
    return String(cookie.prefix { $0 != ";" })
  }

  @Test("only the secret opens it, by a cookie that does not contain the secret")
  func secret() throws {
    let study = try SmallStudy()
    let reply = try study.client.get("/lab?secret=\(SmallStudy.secret)")
    #expect(reply.status == 303)
    #expect(reply["Location"] == "lab")
    let cookie = try #require(reply["Set-Cookie"])
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("Path"))
    #expect(!cookie.contains(SmallStudy.secret))
    let mine = try Self.cookie(study)
    #expect(try study.client.get("/lab", ["Cookie": mine]).status == 200)
    #expect(try study.client.get("/lab/api/status", ["Cookie": "a=b; \(mine)"]).status == 200)
    // The browser may hold another cookie for a narrower path, which it sends first.
    let name = mine.prefix { $0 != "=" }
    #expect(try study.client.get("/lab", ["Cookie": "\(name)=old; \(mine)"]).status == 200)
    #expect(try study.client.get("/lab/?secret=\(SmallStudy.secret)")["Location"] == "../lab")
    for path in ["/lab", "/lab/api/status", "/lab/export/ratings.csv", "/lab?secret=wrong", "/lab?secret="] {
      #expect(try study.client.get(path).status == 401, "\(path)")
      #expect(try study.client.get(path, ["Cookie": "\(name)=\(SmallStudy.secret)"]).status == 401, "\(path)")
    }
    #expect(try study.client.post("/lab/api/pause", ["paused": true]).status == 401)
    let form = try study.client.request(
      "POST", "/lab/api/pause", ["Cookie": mine, "Content-Type": "text/plain"], body: Data(#"{"paused":true}"#.utf8))
    #expect(form.status == 415)
    #expect(try study.records.isPaused() == false)
  }

  @Test("every page finds its files from wherever it is served, and no address in it starts at the host's root")
  func relativeAddresses() throws {
    let study = try SmallStudy()
    let cookie = ["Cookie": try Self.cookie(study)]
    for (path, way) in [
      ("/", ""), ("/?id=50%", ""), ("/t/anything", "../"), ("/t/anything/", "../../"), ("/lab", ""), ("/lab/", "../"),
    ] {
      let page = try study.client.get(path, cookie)
      #expect(page.status == 200)
      let addresses = page.text.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.1) }
      #expect(addresses.count >= 4)
      for address in addresses {
        #expect(address.hasPrefix("\(way)assets/"), "\(path): \(address)")
        #expect(try study.client.get("/" + address.trimmingPrefix(way)).status == 200)
      }
    }
  }

  @Test("the status counts people and what they did")
  func status() throws {
    let study = try SmallStudy()
    _ = try study.takePart()
    _ = try study.join()
    let status = try study.client.get("/lab/api/status", ["Cookie": try Self.cookie(study)]).json()
    let records = try #require(status["records"] as? [String: Any])
    #expect(records["joined"] as? Int == 2)
    #expect(records["finished"] as? Int == 1)
    #expect(records["active"] as? Int == 1)
    #expect(status["errors"] as? Int == 0)
    #expect(status["saves"] as? Int == 2 + 4 + (try study.trials(study.join()).count))
  }

  @Test("the status shows what has been rated, what has not, and how the checks went")
  func coverageAndChecks() throws {
    let study = try SmallStudy {
      $0.trials.perParticipant = 2
      $0.trials.catches = 1
      $0.trials.repeats = 1
    }
    _ = try study.takePart()
    let records = try #require(
      try study.client.get("/lab/api/status", ["Cookie": try Self.cookie(study)]).json()["records"] as? [String: Any])
    let coverage = try #require(records["coverage"] as? [[String: Any]])
    #expect(coverage.count == study.design.items.count)
    #expect(coverage.map { $0["query"] as? String } == study.design.items.map(\.query))
    #expect(coverage.reduce(0) { $0 + ($1["pages"] as? Int ?? 0) } == 2)
    #expect(coverage.contains { $0["pages"] as? Int == 0 })
    let checks = try #require(records["checks"] as? [String: Any])
    #expect(checks["headphones"] as? Int == 1)
    #expect(checks["catches"] as? Int == 1)
    #expect(checks["repeats"] as? Int == 1)
    #expect(checks["repeat_difference"] is Double)
  }

  @Test("the secret's file is readable by its owner only, and never changes")
  func secretFile() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "secret")
    let made = try ExperimenterSecret.load(file)
    #expect(made.text.utf8.count == 32 && made.isNew)
    let again = try ExperimenterSecret.load(file)
    #expect(again.text == made.text && !again.isNew)
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    try Data("short\n".utf8).write(to: file)
    #expect(throws: (any Error).self) { try ExperimenterSecret.load(file) }
  }

  @Test("every response has strict headers, even errors")
  func headers() throws {
    let study = try SmallStudy()
    let token = try study.join()
    for path in [
      "/", "/t/\(token)", "/assets/icon.svg", "/api/study", "/api/sessions/\(token)", "/t/\(token)/audio/1",
      "/nowhere",
      "/api/sessions/wrong", "/lab", "/assets/../x",
    ] {
      let reply = try study.client.get(path)
      if reply.status == 400 { continue }
      #expect(reply["Content-Security-Policy"]?.hasPrefix("default-src 'self'") == true, "\(path)")
      #expect(reply["X-Content-Type-Options"] == "nosniff", "\(path)")
      #expect(reply["X-Frame-Options"] == "DENY", "\(path)")
      #expect(reply["Referrer-Policy"] == "no-referrer", "\(path)")
      #expect(reply["Permissions-Policy"] != nil, "\(path)")
      #expect(reply["Server"] == nil, "\(path)")
    }
    #expect(try study.client.get("/api/study")["Cache-Control"] == "no-store")
    let audio = try study.client.get("/t/\(token)/audio/1")
    #expect(audio["Cache-Control"] == "private, max-age=31536000, immutable")
    let tag = try #require(audio["ETag"])
    #expect(try study.client.get("/t/\(token)/audio/1", ["If-None-Match": tag]).status == 304)
    #expect(try study.client.get("/t/\(token)/audio/1", ["Range": "bytes=0-9"]).body == audio.body.prefix(10))
  }
}
